package snapshot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// LatencyThreshold is the setting, in milliseconds, from where on LATENCY remembers an event; 0 is never.
const LatencyThreshold = "latency-monitor-threshold"

// Parameters are the settings that are asked for, all that a rule or a page looks at.
var Parameters = []string{
	"maxmemory", "maxmemory-policy", "maxclients", "timeout", "tcp-keepalive", "save", "appendonly", "appendfsync", "dir",
	"dbfilename", "requirepass", "bind", "protected-mode", "stop-writes-on-bgsave-error", "min-replicas-to-write",
	"replica-serve-stale-data", LatencyThreshold, "slowlog-log-slower-than", "slowlog-max-len",
	"databases", "hz", "logfile",
	"list-max-listpack-size", "hash-max-listpack-entries", "hash-max-listpack-value",
	// The names before Redis 7.0.
	"list-max-ziplist-size", "hash-max-ziplist-entries", "hash-max-ziplist-value",
}

// Patterns ask for the same where CONFIG GET takes one pattern only (before Redis 7.0, KeyDB, Dragonfly), in fewer
// commands than there are parameters.
var Patterns = []string{
	"maxmemory*", "maxclients", "timeout", "tcp-keepalive", "save", "append*", "d[ib]*", "databases", "requirepass",
	"bind", "protected-mode", "stop-writes-on-bgsave-error", "min-replicas-to-write", "replica-serve-stale-data",
	"slowlog-*", "hz", "hash-max-*",
	"l[aio]*", // latency-monitor-threshold, list-max-…, logfile
}

// Config is the server's configuration as CONFIG GET tells it. Passwords are not in it.
type Config struct {
	Values map[string]Text `json:"values,omitzero"`
	// PasswordLength is that of requirepass in bytes, 0 for none. Since Redis 6 an ACL file may set another one.
	PasswordLength Opt[int64] `json:"requirepass_length,omitzero"`
}

// Get is a parameter's text, and whether the server has it.
func (c *Config) Get(name string) (Text, bool) {
	v, ok := c.Values[name]
	return v, ok
}

// Int is a parameter as a number.
func (c *Config) Int(name string) (int64, bool) {
	n, err := strconv.ParseInt(string(c.Values[name]), 10, 64)
	return n, err == nil
}

// Bool is a parameter that is «yes» or «no».
func (c *Config) Bool(name string) (value, ok bool) { return boolean(string(c.Values[name])) }

// Add takes over what another answer has.
func (c *Config) Add(other Config) {
	for name, value := range other.Values {
		put(&c.Values, name, value)
	}
	if other.PasswordLength.Known() {
		c.PasswordLength = other.PasswordLength
	}
}

// ParseConfig reads CONFIG GET and keeps what is in Parameters.
func ParseConfig(reply any) (Config, error) {
	values, err := valuesOf(reply)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	var c Config
	for name, value := range values {
		switch {
		case name == "requirepass":
			c.PasswordLength = Some(int64(len(value)))
		case slices.Contains(Parameters, name):
			put(&c.Values, name, Text(value))
		}
	}
	return c, nil
}

// ParseClientLimit reads CONFIG GET client-output-buffer-limit, such as «normal 0 0 0 slave 268435456 67108864 60 …», and tells
// whether ordinary clients, MONITOR's among them, have a limit at all: hard, or soft for some seconds.
func ParseClientLimit(reply any) (bool, error) {
	values, err := valuesOf(reply)
	if err != nil {
		return false, fmt.Errorf("configuration: %w", err)
	}
	words := strings.Fields(values["client-output-buffer-limit"])
	at := slices.Index(words, "normal")
	if at < 0 || len(words) < at+4 {
		return false, fmt.Errorf("client-output-buffer-limit: %w", errShape)
	}
	return words[at+1] != "0" || words[at+2] != "0", nil
}
