package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// longUp makes the server one that has run for days.
var longUp = [2]string{`uptime_in_seconds:\d+`, "uptime_in_seconds:400000"}

func versioned(version string) [2]string {
	return [2]string{`redis_version:\S+`, "redis_version:" + version}
}

// refusing answers these commands, or these with their second word, with a text that has the command in it.
func refusing(format string, commands ...string) func([]string) string {
	return func(words []string) string {
		name := strings.ToUpper(words[0])
		both := name
		if len(words) > 1 {
			both += " " + strings.ToUpper(words[1])
		}
		if slices.Contains(commands, name) || slices.Contains(commands, both) {
			if format == hangUp {
				return hangUp
			}
			return redistest.ErrorReply(fmt.Sprintf(format, words[0]))
		}
		return ""
	}
}

// only lets these commands through and answers all others with that.
func only(otherwise func([]string) string, commands ...string) func([]string) string {
	return func(words []string) string {
		if slices.Contains(commands, strings.ToUpper(words[0])) {
			return ""
		}
		return otherwise(words)
	}
}

// unknown5 is how Redis 5 and the proxies that follow it refuse a command.
func unknown5(words []string) string {
	quoted := strings.Join(words[1:], "`, `")
	return redistest.ErrorReply("ERR unknown command `" + words[0] + "`, with args beginning with: `" + quoted + "`, ")
}

// redis5 refuses what came later.
func redis5(words []string) string {
	switch name := strings.ToUpper(words[0]); {
	case name == "HELLO", name == "ACL":
		return unknown5(words)
	case name == "AUTH" && len(words) == 3:
		return redistest.ErrorReply("ERR wrong number of arguments for 'auth' command")
	case name == "CONFIG" && len(words) > 3:
		return redistest.ErrorReply("ERR Unknown subcommand or wrong number of arguments for 'GET'. Try CONFIG HELP.")
	}
	return ""
}

var info5 = [][2]string{longUp, versioned("5.0.14"), {`errorstat_.*\r\n`, ""}, {`total_error_replies.*\r\n`, ""}}

// infoDragonfly is what Dragonfly tells, with fields of its own and few of Redis's.
const infoDragonfly = "# Server\r\nredis_version:7.4.0\r\ndragonfly_version:df-v1.25.2\r\nredis_mode:standalone\r\narch_bits:64\r\n" +
	"thread_count:4\r\nuptime_in_seconds:400000\r\n\r\n# Clients\r\nconnected_clients:3\r\nmax_clients:64000\r\n\r\n# Memory\r\n" +
	"used_memory:1024000\r\nused_memory_rss:9024000\r\nmaxmemory:1073741824\r\nmaxmemory_policy:eviction\r\ncache_mode:cache\r\n\r\n" +
	"# Stats\r\ntotal_connections_received:3\r\nkeyspace_hits:0\r\nkeyspace_misses:0\r\n\r\n# Persistence\r\nloading:0\r\nsaving:0\r\n" +
	"last_failed_save:0\r\n\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n# Keyspace\r\n" +
	"db0:keys=0,expires=0,avg_ttl=-1\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n"

func dragonfly(words []string) string {
	switch name := strings.ToUpper(words[0]); {
	case name == "INFO":
		return redistest.BulkReply(infoDragonfly)
	case name == "CONFIG" && len(words) > 3:
		return redistest.ErrorReply("ERR wrong number of arguments for 'config|get' command")
	case name == "MEMORY" && strings.EqualFold(words[1], "STATS"):
		return redistest.ErrorReply("ERR Unknown subcommand or wrong number of arguments for 'STATS'. Try MEMORY HELP.")
	}
	return ""
}

// upstash answers as its documentation says: few commands for the server, and INFO of its own.
func upstash(words []string) string {
	switch strings.ToUpper(words[0]) {
	case "INFO":
		return redistest.BulkReply("# Server\r\nupstash_version:1.16.3\r\nredis_version:6.2.6\r\nredis_mode:standalone\r\n" +
			"uptime_in_seconds:400000\r\n\r\n# Clients\r\nconnected_clients:1\r\n\r\n# Data\r\ntotal_data_size:0\r\n\r\n" +
			"# Keyspace\r\ndb0:keys=0,expires=0\r\n")
	case "CONFIG":
		return "*0\r\n"
	case "CLIENT", "SLOWLOG", "LATENCY", "MEMORY", "DEBUG", "ACL":
		return redistest.ErrorReply("ERR Command is not available: '" + words[0] + "'. See https://upstash.com/docs/redis/overall/" +
			"rediscompatibility for details")
	}
	return ""
}

// product is a server that works and is no Redis 7.0.
type product struct {
	disguise
	loud []string // what doctor is to say all the same
}

// products are those that are to be told apart and served, by name.
func products() map[string]product {
	valkey := func(version string) [][2]string {
		return [][2]string{longUp, {
			`redis_version:\S+`, "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:" + version + "\r\nvalkey_release_stage:ga",
		}}
	}
	return map[string]product{
		"Redis 7.2": {disguise{[][2]string{longUp, versioned("7.2.99")}, says("redis", "7.2.99"), nil}, nil},
		"Redis 8": {disguise{[][2]string{
			longUp, versioned("8.2.99"), {"# Keyspace", "# Keysizes\r\ndb0_distrib_strings_sizes:1=1,2=3\r\n\r\n# Keyspace"},
		}, says("redis", "8.2.99"), nil}, nil},
		"Redis of the future": {disguise{[][2]string{longUp, versioned("19.1.0")}, says("redis", "19.1.0"), nil}, nil},
		"Redis 7.4, unmended": {disguise{[][2]string{longUp, versioned("7.4.0")}, says("redis", "7.4.0"), nil}, []string{"security-outdated"}},
		"Redis 6.0": {
			disguise{[][2]string{longUp, versioned("6.0.16")}, says("redis", "6.0.16"), nil}, []string{"server-old-version"},
		},
		"Redis 5":              {disguise{info5, "", redis5}, []string{"server-old-version"}},
		"Valkey 8":             {disguise{valkey("8.1.99"), says("valkey", "8.1.99"), nil}, nil},
		"Valkey 9":             {disguise{valkey("9.9.0"), says("valkey", "9.9.0"), nil}, nil},
		"Valkey as Redis":      {disguise{valkey("8.1.99"), says("redis", "7.2.4"), nil}, nil}, // extended-redis-compatibility
		"Valkey 8.0, unmended": {disguise{valkey("8.0.1"), says("valkey", "8.0.1"), nil}, []string{"security-outdated"}},
		"KeyDB": {disguise{[][2]string{
			longUp, versioned("6.3.4"), {"# Memory", "# KeyDB\r\nmvcc_depth:0\r\n\r\n# Memory"},
		}, says("redis", "6.3.4"), redis5only("CONFIG")}, nil},
		"Dragonfly":        {disguise{nil, says("redis", "7.4.0"), dragonfly}, nil},
		"Dragonfly, named": {disguise{nil, says("dragonfly", "df-v1.25.2"), dragonfly}, nil},
		"Redis Enterprise": {disguise{
			[][2]string{longUp, {`redis_version:\S+`, "redis_version:7.4.0\r\nrlec_version:7.8.2-34"}, {`(executable|config_file|os):.*\r\n`, ""}},
			says("redis", "7.4.0"),
			refusing("ERR unknown command '%s'", "LATENCY", "MEMORY STATS", "ACL LOG", "ACL LIST", "CONFIG"),
		}, nil},
		"Upstash":  {disguise{nil, says("redis", "6.2.6"), upstash}, nil},
		"an Envoy": {disguise{nil, "", only(unknown5, "PING", "AUTH", "GET", "SET", "DEL", "UNLINK", "PTTL", "EXISTS", "TTL", "EXPIRE")}, nil},
		"a twemproxy": {disguise{nil, "", only(func([]string) string { return hangUp },
			"PING", "AUTH", "GET", "SET", "DEL", "UNLINK", "PTTL", "EXISTS", "TTL", "EXPIRE")}, nil},
		"RESP 2 only":   {disguise{[][2]string{longUp}, "", refusing("NOPROTO unsupported protocol version", "HELLO")}, nil},
		"an empty INFO": {disguise{[][2]string{{`(?s).*`, ""}}, "", nil}, nil},
		"a missing INFO": {disguise{nil, "", func(words []string) string {
			if strings.EqualFold(words[0], "INFO") {
				return "$-1\r\n"
			}
			return ""
		}}, nil},
		"an endless INFO": {disguise{[][2]string{longUp, {"# Keyspace", longStats() + "# Keyspace"}}, "", nil}, nil},
	}
}

// TestDoctorProducts: what is no Redis 7.0 and works is fine, and is asked no more than the contract says.
func TestDoctorProducts(t *testing.T) {
	t.Parallel()
	s := advised(t)
	for name, c := range products() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := at(s.URLOf("", s.Password, c.behind(t, s)), "--offline").patient() // what this machine runs is another matter
			d, code := p.doctor(t)
			if !slices.Equal(d.loud(), c.loud) || code != cli.ExitOK || d.root() != "" {
				t.Errorf("status %s, exit code %d, found %q, want %q", d.Status, code, d.ids(), c.loud)
			}
			if d.CommandsSent > 40 {
				t.Errorf("%d commands were sent", d.CommandsSent)
			}
			for _, step := range d.Steps {
				if step.Status == "fail" || step.Status == "warn" && len(c.loud) == 0 {
					t.Errorf("step %s: %s", step.Name, step.Status)
				}
			}
		})
	}
}

// redis5only refuses as Redis 5 does, of one command.
func redis5only(command string) func([]string) string {
	return func(words []string) string {
		if strings.EqualFold(words[0], command) {
			return redis5(words)
		}
		return ""
	}
}

// longStats are two megabytes of commands that were called once.
func longStats() string {
	var b strings.Builder
	b.WriteString("# Commandstats\r\n")
	for i := range 40000 {
		fmt.Fprintf(&b, "cmdstat_x%d:calls=1,usec=1,usec_per_call=1.00\r\n", i)
	}
	return b.String() + "\r\n"
}

// TestDoctorOldServer: users and passwords before Redis 6.
func TestDoctorOldServer(t *testing.T) {
	t.Parallel()
	s := advised(t)
	old := disguise{info5, "", redis5}.behind(t, s)
	d := wantRoot(t, at(s.URLOf("app", s.Password, old)), "auth-user-unsupported", cli.ExitUnreachable)
	mended, _ := strings.CutPrefix(d.shown(t, "auth-user-unsupported", "REDIS_URL="), "REDIS_URL=")
	again, _ := at(strings.Replace(mended, "***", s.Password, 1)).doctor(t)
	if again.Status != "warning" || !slices.Contains(again.ids(), "proto-old-server") {
		t.Errorf("%s: %s, %q", mended, again.Status, again.ids())
	}
	wantRoot(t, at("redis://"+old), "auth-required", cli.ExitUnreachable)
	for words, root := range map[string]string{
		"ERR invalid password":                         "auth-wrong",
		"ERR Client sent AUTH, but no password is set": "auth-not-configured",
	} {
		refuse := func(w []string) string {
			if strings.EqualFold(w[0], "AUTH") {
				return redistest.ErrorReply(words)
			}
			return redis5(w)
		}
		wantRoot(t, at(s.URLOf("default", "another", disguise{info5, "", refuse}.behind(t, s))), root, cli.ExitUnreachable)
	}
}

// TestDoctorWords: each product says in its own words what is wrong.
func TestDoctorWords(t *testing.T) {
	t.Parallel()
	const protected = "DENIED Valkey is running in protected mode because protected mode is enabled " +
		"and no password is set for the default user."
	for words, root := range map[string]string{
		"LOADING Valkey is loading the dataset in memory":                                                   "server-loading",
		"BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.":           "server-busy",
		"MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk.": "server-misconf",
		"ERR max number of clients reached":                                                                 "server-max-clients",
		"ERR max number of clients + cluster connections reached":                                           "server-max-clients",
		protected: "server-protected-mode",
		"WRONGPASS invalid or missing auth token":                          "auth-wrong",
		"ERR max daily request limit exceeded. Limit: 10000, Usage: 10001": "server-quota-requests",
	} {
		code := cli.ExitFailed
		if root == "server-max-clients" || root == "server-protected-mode" || root == "auth-wrong" {
			code = cli.ExitUnreachable
		}
		p := at("redis://default:S3cretWord@"+redistest.FakeRESP(t, func(cmd []string) string {
			if strings.EqualFold(cmd[0], "HELLO") {
				return says("valkey", "8.1.99")
			}
			return redistest.ErrorReply(words)
		}), "--offline")
		wantRoot(t, p, root, code)
	}
	s := advised(t)
	for words, root := range map[string]string{
		"READONLY You can't write against a read only slave.":                   "server-readonly",
		"NOREPLICAS Not enough good slaves to write.":                           "server-noreplicas",
		"ERR DB capacity quota exceeded":                                        "server-quota-size",
		"ERR max database size exceeded. Limit: 256MB, Usage: 257MB":            "server-quota-size",
		"TRYAGAIN Multiple keys request during rehashing of slot":               "server-try-again",
		"ERR unknown command 'SET', with args beginning with: 'x' ":             "server-unknown-command",
		"NOPERM User default has no permissions to run the 'set' command":       "auth-no-permission",
		"ERR internal failure 42":                                               "server-error",
		"CLUSTERDOWN The cluster is down and only accepts read commands":        "server-cluster-down",
		"OOM command not allowed when used memory > 'maxmemory'. script: x, on": "server-oom",
	} {
		refuse := refusing(strings.ReplaceAll(words, "%", "%%")+"%.0s", "SET", "DEL")
		p := at(s.URLOf("default", s.Password, disguise{refuse: refuse}.behind(t, s)), "--offline")
		wantRoot(t, p, root, cli.ExitFailed)
	}
}

// TestDoctorStrangeWrites: something answers in Redis's place and does not do what it says.
func TestDoctorStrangeWrites(t *testing.T) {
	t.Parallel()
	s := advised(t)
	with := func(command, reply string) place {
		refuse := func(w []string) string {
			if strings.EqualFold(w[0], command) {
				return reply
			}
			return ""
		}
		return at(s.URLOf("default", s.Password, disguise{refuse: refuse}.behind(t, s)))
	}
	wantRoot(t, with("SET", "$-1\r\n"), "write-key-exists", cli.ExitFailed)
	wantRoot(t, with("SET", "+OK\r\n"), "write-vanished", cli.ExitFailed)
	for id, p := range map[string]place{
		"write-mismatch": with("GET", redistest.BulkReply("another")),
		"write-ttl":      with("PTTL", ":-1\r\n"),
		"write-vanished": with("GET", "_\r\n"),
	} {
		out, _, code := p.run(t, "test", "-o", "json")
		if code != cli.ExitFailed || !strings.Contains(out, `"`+id+`"`) {
			t.Errorf("%s: exit code %d: %s", id, code, out)
		}
	}
}
