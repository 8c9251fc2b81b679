package cli_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// infoDoc is what a test reads of `info -o json`.
type infoDoc struct {
	Status    string  `json:"status"`
	RootCause *string `json:"root_cause"`
	Target    struct {
		Mode   string `json:"mode"`
		Server string `json:"server"`
	} `json:"target"`
	Alerts   []infoAlert               `json:"alerts"`
	Sections map[string]map[string]any `json:"sections"`
	Refused  []struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
		Detail string `json:"detail"`
	} `json:"refused"`
	CommandsSent int `json:"commands_sent"`
}

type infoAlert struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Value  any    `json:"value"`
	Reason string `json:"reason"`
}

// alert is one of the four.
func (d infoDoc) alert(id string) infoAlert {
	for _, a := range d.Alerts {
		if a.ID == id {
			return a
		}
	}
	return infoAlert{}
}

// infoJSON runs `info -o json`, whose answer follows the schema whatever the server is, and reads it.
func (p place) infoJSON(t *testing.T, more ...string) (infoDoc, int) {
	t.Helper()
	out, diag, code := p.run(t, append([]string{"info", "-o", "json"}, more...)...)
	return readInfo(t, out, diag), code
}

// readInfo reads the document.
func readInfo(t *testing.T, out, diag string) infoDoc {
	t.Helper()
	var d infoDoc
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("info -o json: %v; stdout %q, stderr %q", err, out, diag)
	}
	if err := matchSchema(filepath.Join("..", "..", "docs", "schema", "info.schema.json"), []byte(out)); err != nil {
		t.Errorf("info -o json does not follow its schema: %v\n%s", err, out)
	}
	return d
}

// rows are a table's, by the cell that names them.
func (d infoDoc) rows(section, table, by string) map[string]map[string]any {
	all := map[string]map[string]any{}
	list, _ := d.Sections[section][table].([]any)
	for _, one := range list {
		row, _ := one.(map[string]any)
		all[fmt.Sprint(row[by])] = row
	}
	return all
}

// busyServer is a server that has something to say under every heading, and says nothing more by itself.
func busyServer(t *testing.T) (*redistest.Server, *rawClient) {
	t.Helper()
	s := redistest.Start(t, redistest.WithArgs(
		"--maxmemory", "200mb", "--maxmemory-policy", "allkeys-lru", "--save", "3600 1000000", "--appendonly", "yes", "--maxclients", "500",
	))
	c := dialRaw(t, s.Addr())
	// Evicted: room is made as the limit falls.
	c.ask("SET", "big", strings.Repeat("x", 1<<20))
	c.ask("CONFIG", "SET", "maxmemory", "1500000")
	c.ask("SET", "one", "more")
	c.ask("CONFIG", "SET", "maxmemory", "209715200")
	// Rejected: there is room for this connection only.
	c.ask("CONFIG", "SET", "maxclients", "1")
	if _, err := s.Do("PING"); err == nil {
		t.Fatal("a second client got in")
	}
	c.ask("CONFIG", "SET", "maxclients", "500")
	// Keys, so many bytes that what our own connection takes is no hundredth of them.
	for n := range 24 {
		c.ask("SET", fmt.Sprintf("page:%d", n), strings.Repeat("y", 1<<20), "EX", "3600")
	}
	for n := range 5 {
		c.ask("SET", fmt.Sprintf("session:%d", n), "z")
	}
	c.ask("SET", "brief", "x", "PX", "1")
	c.ask("SELECT", "3")
	c.ask("SET", "other", "x", "EX", "100")
	c.ask("SELECT", "0")
	for n := range 10 {
		c.ask("GET", fmt.Sprintf("page:%d", n))
	}
	for n := range 4 {
		c.ask("GET", fmt.Sprintf("missing:%d", n))
	}
	// Errors, each of another kind.
	c.ask("LPUSH", "page:1", "x")
	c.ask("INCR", "page:1")
	c.ask("NOSUCHCOMMAND")
	// A spike, and slow commands.
	c.ask("CONFIG", "SET", "latency-monitor-threshold", "5")
	c.ask("DEBUG", "SLEEP", "0.02")
	c.ask("CONFIG", "SET", "latency-monitor-threshold", "10000")
	c.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
	c.ask("GET", "page:1")
	c.ask("GET", "page:2")
	c.ask("CONFIG", "SET", "slowlog-log-slower-than", "10000000")
	c.ask("BGSAVE")
	blocked := dialRaw(t, s.Addr())
	if _, err := blocked.conn.Write([]byte(encode("BLPOP", "nothing", "0"))); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		i := c.info()
		if i["blocked_clients"] == "1" && i["rdb_bgsave_in_progress"] == "0" && i.number(t, "expired_keys") > 0 &&
			i.part(t, "db3", "avg_ttl") > 0 && i.part(t, "db0", "avg_ttl") > 0 && i["latest_fork_usec"] != "0" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not settle: %v", i)
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.ask("SET", "changed", "x") // since the save
	time.Sleep(time.Second)      // the AOF is synced, cron has seen it
	return s, c
}

// TestInfoNumbers compares every number of the document with what the same server tells a client of another make, before and
// after. What our own questions move lies between the two; all else is the very same.
func TestInfoNumbers(t *testing.T) {
	t.Parallel()
	s, c := busyServer(t)
	slowlog, dbsize := c.number("SLOWLOG", "LEN"), c.number("DBSIZE")
	maxclients, latency := c.config("maxclients"), c.ask("LATENCY", "LATEST")
	before := c.info()
	sent := c.sent
	start := time.Now()
	d, code := at(s.URL()).patient().infoJSON(t)
	took := time.Since(start).Seconds()
	ours := float64(c.sent - sent)
	after := c.info()
	if code != cli.ExitOK || d.Status != "ok" || len(d.Refused) != 0 {
		t.Errorf("exit code %d, status %s, refused %v", code, d.Status, d.Refused)
	}
	w := &compared{t: t, before: before, after: after, doc: d, seen: map[string]bool{}}

	w.word("server.product", "redis")
	w.word("server.version", before["redis_version"])
	w.word("server.mode", before["redis_mode"])
	w.word("server.role", "primary")
	w.between("server.uptime_s", "uptime_in_seconds", 1)

	// Our connection has buffers of its own, and the answers are made in the server's memory.
	w.near("memory.used_bytes", before.number(t, "used_memory"), 0.01)
	w.near("memory.rss_bytes", before.number(t, "used_memory_rss"), 0.05)
	w.between("memory.peak_bytes", "used_memory_peak", 1)
	w.near("memory.fragmentation", before.number(t, "mem_fragmentation_ratio"), 0.05)
	w.same("memory.limit_bytes", before.number(t, "maxmemory"))
	w.near("memory.used_share", w.get("memory.used_bytes")/before.number(t, "maxmemory"), 1e-9)
	w.word("memory.policy", before["maxmemory_policy"])
	w.same("memory.evicted", before.number(t, "evicted_keys"))

	limit, err := strconv.ParseFloat(maxclients, 64)
	if err != nil {
		t.Fatal(err)
	}
	w.same("clients.clients", before.number(t, "connected_clients")+1) // and ours
	w.same("clients.maxclients", limit)
	w.near("clients.clients_share", (before.number(t, "connected_clients")+1)/limit, 1e-9)
	w.same("clients.blocked", before.number(t, "blocked_clients"))
	w.same("clients.rejected", before.number(t, "rejected_connections"))
	w.same("clients.idle", 0) // nobody has been there for five minutes

	hits, misses := before.number(t, "keyspace_hits"), before.number(t, "keyspace_misses")
	w.between("stats.ops_per_s", "instantaneous_ops_per_sec", 50) // the server's average over 1.6 s, our questions in it
	w.between("stats.commands", "total_commands_processed", 0)
	w.same("stats.hits", hits)
	w.same("stats.misses", misses)
	w.near("stats.hit_rate", hits/(hits+misses), 1e-9)
	w.between("stats.in_bytes", "total_net_input_bytes", 0)
	w.between("stats.out_bytes", "total_net_output_bytes", 0)
	w.same("stats.expired", before.number(t, "expired_keys"))
	w.same("stats.evicted", before.number(t, "evicted_keys"))
	w.same("stats.slowlog", slowlog)
	w.within("stats.window_s", 1, took)
	w.same("stats.window_ops_per_s", 0)
	w.same("stats.window_lookups", 0)
	w.within("stats.window_in_bytes_per_s", 1, float64(len(encode("INFO"))))   // the window's own question
	w.within("stats.window_out_bytes_per_s", 1, 10000+float64(len(after)*100)) // and the answer to the first
	w.same("stats.window_expired_per_s", 0)
	w.same("stats.window_evicted_per_s", 0)

	// The round trips are ours to measure; that they were made the server knows.
	w.within("latency.ping_p50_ms", 0.001, w.get("latency.ping_p99_ms"))
	w.within("latency.ping_p99_ms", w.get("latency.ping_p50_ms"), w.get("latency.ping_max_ms"))
	w.within("latency.ping_max_ms", w.get("latency.ping_p99_ms"), took*1000)
	w.same("latency.rounds", after.part(t, "cmdstat_ping", "calls")-1) // one PING is the greeting's
	w.table("latency", "events", "event", map[string]map[string]float64{
		latency[0]: {"latest_ms": wire(t, latency[2]), "max_ms": wire(t, latency[3])},
	}, "age_s")
	w.within("latency.events."+latency[0]+".age_s", 0, float64(time.Now().Unix())-wire(t, latency[1]))

	w.word("persistence.aof", "true")
	w.word("persistence.aof_status", before["aof_last_write_status"])
	w.same("persistence.aof_bytes", before.number(t, "aof_current_size"))
	w.word("persistence.rdb", "true")
	w.word("persistence.rdb_status", before["rdb_last_bgsave_status"])
	w.within("persistence.rdb_age_s", before.number(t, "server_time_usec")/1e6-before.number(t, "rdb_last_save_time")-1,
		after.number(t, "server_time_usec")/1e6-before.number(t, "rdb_last_save_time"))
	w.same("persistence.rdb_changes", before.number(t, "rdb_changes_since_last_save"))
	w.same("persistence.fork_ms", before.number(t, "latest_fork_usec")/1000)

	w.word("replication.role", "primary")
	w.same("replication.replicas", before.number(t, "connected_slaves"))

	w.same("keyspace.keys", before.part(t, "db0", "keys")+before.part(t, "db3", "keys"))
	w.same("keyspace.keys_with_ttl", before.part(t, "db0", "expires")+before.part(t, "db3", "expires"))
	databases := map[string]map[string]float64{}
	for _, db := range []string{"0", "3"} {
		keys, expires := before.part(t, "db"+db, "keys"), before.part(t, "db"+db, "expires")
		databases[db] = map[string]float64{"keys": keys, "keys_with_ttl": expires, "ttl_share": expires / keys}
	}
	w.table("keyspace", "databases", "db", databases, "avg_ttl_ms")
	for db := range databases { // it runs down while we ask, and the server samples it now and then
		told := before.part(t, "db"+db, "avg_ttl")
		w.within("keyspace.databases."+db+".avg_ttl_ms", told-took*1000-5000, told)
	}
	w.same("keyspace.databases.0.keys", dbsize)

	var failures float64
	errors := map[string]map[string]float64{}
	for field := range before {
		if name, ok := strings.CutPrefix(field, "errorstat_"); ok {
			errors[name] = map[string]float64{"count": before.part(t, field, "count")}
			failures += errors[name]["count"]
		}
	}
	if len(errors) < 2 {
		t.Errorf("the server tells %d kinds of errors", len(errors))
	}
	w.same("errors.total", failures)
	w.table("errors", "errors", "error", errors)

	w.commands()
	w.allSeen()

	if grown := after.number(t, "total_commands_processed") - before.number(t, "total_commands_processed") - 1 - ours; float64(
		d.CommandsSent,
	) != grown {
		t.Errorf("commands_sent is %d, the server counted %v", d.CommandsSent, grown)
	}
	for id, path := range map[string]string{
		"memory-high": "memory.used_share", "clients-high": "clients.clients", "latency-high": "latency.ping_p99_ms",
	} {
		if d.alert(id).State != "ok" || d.alert(id).Value != w.value(path) {
			t.Errorf("%s is %+v, %s is %v", id, d.alert(id), path, w.value(path))
		}
	}
}

// wire is a number as RESP writes it.
func wire(t *testing.T, word string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimPrefix(word, ":"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
