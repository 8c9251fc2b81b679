package cli_test

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// exportersOwn are names of redis_exporter's that Prometheus's linter would have otherwise: dashboards know them.
var exportersOwn = []string{
	"redis_latest_fork_usec", "redis_instantaneous_ops_per_sec", "redis_uptime_in_seconds", "redis_aof_last_write_status",
	"redis_master_last_io_seconds_ago",
}

// readMetrics reads an exposition with the official parser, and wants what the format and its linter want.
func readMetrics(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	all, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for name, family := range all {
		for _, head := range []string{"# HELP " + name + " ", "# TYPE " + name + " "} {
			if n := strings.Count(text, head); n != 1 {
				t.Errorf("%s is there %d times", head, n)
			}
		}
		if counter := family.GetType() == dto.MetricType_COUNTER; counter != strings.HasSuffix(name, "_total") {
			t.Errorf("%s is a %v", name, family.GetType())
		}
		if family.GetHelp() == "" || len(family.GetMetric()) == 0 {
			t.Errorf("%s has the help %q and %d series", name, family.GetHelp(), len(family.GetMetric()))
		}
	}
	once := map[string]bool{}
	for line := range strings.Lines(text) {
		name := line[:strings.LastIndexByte(line, ' ')] // a label may hold blanks, a value none
		if strings.HasPrefix(line, "#") {
			name = line
		}
		if once[name] {
			t.Errorf("twice: %s", line)
		}
		once[name] = true
	}
	var some []*dto.MetricFamily
	for _, family := range all {
		// The linter compares every series with every other; it has names and types to judge, of which a few show enough.
		family := &dto.MetricFamily{Name: family.Name, Help: family.Help, Type: family.Type, Metric: family.GetMetric()}
		family.Metric = family.Metric[:min(len(family.Metric), 50)]
		some = append(some, family)
	}
	problems, err := promlint.NewWithMetricFamilies(some).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if !slices.Contains(exportersOwn, p.Metric) {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	return all
}

// metrics runs `info -o prometheus`.
func (p place) metrics(t *testing.T) (map[string]*dto.MetricFamily, int) {
	t.Helper()
	out, _, code := p.run(t, "info", "-o", "prometheus")
	return readMetrics(t, out), code
}

// series is the value of the series with these labels, in the order name, value, name, value.
func series(t *testing.T, all map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	t.Helper()
	for _, m := range all[name].GetMetric() {
		got := []string{}
		for _, l := range m.GetLabel() {
			got = append(got, l.GetName(), l.GetValue())
		}
		if slices.Equal(got, append([]string{}, labels...)) {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue() // one of them is nil, and 0
		}
	}
	t.Errorf("there is no series %s%q", name, labels)
	return 0
}

// fieldsOfInfo are metrics that are a field of INFO as it stands. What our own questions move lies between that before and after.
var fieldsOfInfo = map[string]string{
	"redis_uptime_in_seconds": "uptime_in_seconds", "redis_blocked_clients": "blocked_clients", "redis_max_clients": "maxclients",
	"redis_memory_max_bytes": "maxmemory", "redis_loading_dump_file": "loading", "redis_aof_enabled": "aof_enabled",
	"redis_rdb_changes_since_last_save":     "rdb_changes_since_last_save",
	"redis_rdb_bgsave_in_progress":          "rdb_bgsave_in_progress",
	"redis_rdb_last_save_timestamp_seconds": "rdb_last_save_time", "redis_aof_current_size_bytes": "aof_current_size",
	"redis_latest_fork_usec": "latest_fork_usec", "redis_connected_slaves": "connected_slaves",
	"redis_master_repl_offset": "master_repl_offset", "redis_memory_used_peak_bytes": "used_memory_peak",
	"redis_connections_received_total": "total_connections_received",
	"redis_commands_processed_total":   "total_commands_processed",
	"redis_rejected_connections_total": "rejected_connections", "redis_net_input_bytes_total": "total_net_input_bytes",
	"redis_net_output_bytes_total": "total_net_output_bytes", "redis_expired_keys_total": "expired_keys",
	"redis_evicted_keys_total": "evicted_keys", "redis_keyspace_hits_total": "keyspace_hits",
	"redis_keyspace_misses_total": "keyspace_misses", "redis_cpu_sys_seconds_total": "used_cpu_sys",
	"redis_cpu_user_seconds_total": "used_cpu_user",
}

// TestInfoMetrics compares what Prometheus is told with the server's own words.
func TestInfoMetrics(t *testing.T) {
	t.Parallel()
	s, c := busyServer(t)
	slowlog, latency := c.number("SLOWLOG", "LEN"), c.ask("LATENCY", "LATEST")
	before := c.info()
	all, code := at(s.URL()).patient().metrics(t)
	after := c.info()
	if code != cli.ExitOK {
		t.Errorf("exit code %d", code)
	}
	for name, field := range fieldsOfInfo {
		got, least, most := series(t, all, name), before.number(t, field), after.number(t, field)
		if got < least || got > most {
			t.Errorf("%s is %v, INFO has %s:%v to %v", name, got, field, least, most)
		}
	}
	same := func(want float64, name string, labels ...string) {
		t.Helper()
		if got := series(t, all, name, labels...); got != want {
			t.Errorf("%s%q is %v, want %v", name, labels, got, want)
		}
	}
	same(1, "redis_up")
	same(before.number(t, "connected_clients")+1, "redis_connected_clients") // and ours
	same(1, "redis_rdb_last_bgsave_status")
	same(1, "redis_aof_last_write_status")
	same(slowlog, "redis_slowlog_length")
	same(before.part(t, "db0", "keys"), "redis_db_keys", "db", "db0")
	same(before.part(t, "db3", "expires"), "redis_db_keys_expiring", "db", "db3")
	same(wire(t, latency[1]), "redis_latency_spike_last", "event_name", latency[0])
	same(wire(t, latency[2])/1000, "redis_latency_spike_duration_seconds", "event_name", latency[0])
	for field := range before {
		if name, ok := strings.CutPrefix(field, "errorstat_"); ok {
			same(before.part(t, field, "count"), "redis_errors_total", "err", name)
		}
		if name, ok := strings.CutPrefix(field, "cmdstat_"); ok && before[field] == after[field] {
			same(before.part(t, field, "calls"), "redis_commands_total", "cmd", name)
			same(before.part(t, field, "usec")/1e6, "redis_commands_duration_seconds_total", "cmd", name)
			same(before.part(t, field, "failed_calls"), "redis_commands_failed_calls_total", "cmd", name)
			same(before.part(t, field, "rejected_calls"), "redis_commands_rejected_calls_total", "cmd", name)
		}
	}
	started := before.number(t, "server_time_usec")/1e6 - before.number(t, "uptime_in_seconds")
	if got := series(t, all, "redis_start_time_seconds"); math.Abs(got-started) > 1.5 { // both count whole seconds
		t.Errorf("started at %v, want %v", got, started)
	}
	same(0, "olymp_cache_alert", "alert", "memory-high")
	same(0.8, "olymp_cache_alert_threshold", "alert", "memory-high")
	info := all["redis_instance_info"].GetMetric()
	if len(info) != 1 || !strings.Contains(info[0].String(), before["redis_version"]) {
		t.Errorf("redis_instance_info: %v", info)
	}
}

// TestTextfile: node_exporter never reads half a file, nor loses the old one to a run that failed.
func TestTextfile(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "redis.prom")
	p := at(s.URL())
	write := func(path string, more ...string) (string, int) {
		t.Helper()
		out, diag, code := p.run(t, append([]string{"info", "--textfile", path}, more...)...)
		if out != "" {
			t.Errorf("stdout: %s", out)
		}
		return diag, code
	}
	holds := func(names ...string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if !slices.Equal(got, names) {
			t.Errorf("the folder holds %q, want %q", got, names)
		}
	}
	if _, code := write(file); code != cli.ExitOK {
		t.Fatalf("exit code %d", code)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if all := readMetrics(t, string(text)); series(t, all, "redis_up") != 1 {
		t.Errorf("%v", slices.Sorted(maps.Keys(all)))
	}
	if stat, err := os.Stat(file); err != nil || stat.Mode().Perm() != 0o644 {
		t.Errorf("node_exporter is another user: %v, %v", stat.Mode(), err)
	}
	holds("redis.prom")

	// A link is followed, so that the file behind it is what changes.
	link := filepath.Join(dir, "link.prom")
	if err := os.Symlink("redis.prom", link); err != nil {
		t.Fatal(err)
	}
	if _, code := write(link); code != cli.ExitOK {
		t.Errorf("by a link: exit code %d", code)
	}
	if target, err := os.Readlink(link); err != nil || target != "redis.prom" {
		t.Errorf("the link became %q, %v", target, err)
	}
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}

	// What is no file stays what it is.
	for _, path := range []string{os.DevNull, dir} {
		if diag, code := write(path); code != cli.ExitUsage || !strings.Contains(diag, path) {
			t.Errorf("%s: exit code %d, %s", path, code, diag)
		}
	}
	if stat, err := os.Stat(os.DevNull); err != nil || stat.Mode()&os.ModeDevice == 0 {
		t.Fatalf("%s is %v, %v", os.DevNull, stat.Mode(), err)
	}
	if diag, code := write(filepath.Join(dir, "nowhere", "x.prom")); code != cli.ExitUsage || !strings.Contains(diag, "nowhere") {
		t.Errorf("no folder: exit code %d, %s", code, diag)
	}
	holds("redis.prom")

	// A server that is down leaves a file that says so, and the code of being down.
	p = at("redis://" + redistest.Refused(t))
	if _, code := write(file, "-q"); code != cli.ExitUnreachable {
		t.Errorf("down: exit code %d", code)
	}
	text, err = os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if all := readMetrics(t, string(text)); len(all) != 1 || series(t, all, "redis_up") != 0 {
		t.Errorf("down:\n%s", text)
	}
	holds("redis.prom")
	if regexp.MustCompile(`(?m)^redis_up\{`).Match(text) {
		t.Errorf("a label where there is one server:\n%s", text)
	}
}
