package cli_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// unfilled is a blank or a message id that no sentence should be left with.
var unfilled = regexp.MustCompile(`\{[a-z_]+\}|\[\[|\b(info|alert|column|skipped)\.[a-z]`)

// info runs every format on one server, side by side: each is whole, and nothing secret or raw is in it.
func (p place) info(t *testing.T, secrets ...string) (d infoDoc, text string) {
	t.Helper()
	formats := [][]string{{"-o", "json"}, {"-o", "prometheus"}, {"--lang", "fr"}, {"--lang", "en"}}
	outs, diags, codes := make([]string, len(formats)), make([]string, len(formats)), make([]int, len(formats))
	var all sync.WaitGroup
	for k, format := range formats {
		all.Go(func() { outs[k], diags[k], codes[k] = p.run(t, append([]string{"info"}, format...)...) })
	}
	all.Wait()
	for k, format := range formats {
		if codes[k] != cli.ExitOK || diags[k] != "" {
			t.Errorf("%q: exit code %d, stderr %s", format, codes[k], diags[k])
		}
		for _, secret := range secrets {
			if strings.Contains(outs[k], secret) {
				t.Errorf("%q: the secret is in it", format)
			}
		}
		if format[0] == "--lang" {
			wantTidyText(t, outs[k], diags[k], 200, secrets...)
			if found := unfilled.FindString(outs[k]); found != "" {
				t.Errorf("%q is in the text:\n%s", found, outs[k])
			}
		}
	}
	readMetrics(t, outs[1])
	return readInfo(t, outs[0], diags[0]), outs[3]
}

// told are the sections that have at least one value.
func (d infoDoc) told() []string {
	var all []string
	for name, values := range d.Sections {
		if len(values) > 0 {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// lacks are the questions that were refused, as «section: question».
func (d infoDoc) lacks() []string {
	var all []string
	for _, r := range d.Refused {
		question, _, _ := strings.Cut(r.Detail, ":")
		all = append(all, r.ID+": "+question+": "+r.Reason)
	}
	slices.Sort(all)
	return all
}

// TestInfoProducts: a server that is no Redis 7.0 tells what it tells. Nothing is made up for what it does not.
func TestInfoProducts(t *testing.T) {
	t.Parallel()
	s := advised(t)
	do(t, s, "SET", "k", "v")
	for name, c := range products() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := at(s.URLOf("", s.Password, c.behind(t, s))).patient().info(t, s.Password)
			if d.Sections["latency"]["ping_p99_ms"] == nil {
				t.Error("no round trip was measured")
			}
			want := strings.ToLower(strings.Split(strings.Split(name, " ")[0], ",")[0])
			if slices.Contains([]string{"valkey", "keydb", "dragonfly"}, want) && d.Sections["server"]["product"] != want {
				t.Errorf("the product is %v", d.Sections["server"]["product"])
			}
			_, counted := d.Sections["errors"]["total"]
			if old := name == "Redis 5" || want == "dragonfly" || want == "upstash"; counted && old {
				t.Error("errors are counted that the server does not tell")
			}
		})
	}
}

// TestInfoRefused: what a user may not ask is said at its place; what was told is there all the same.
func TestInfoRefused(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-of-app"
	t.Run("some", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t, redistest.WithUser("app", secret, "~* +@all -config -slowlog -latency -client"))
		d, text := at(s.URLOf("app", secret, s.Addr())).info(t, secret)
		want := []string{
			"clients: CLIENT LIST: refused", "latency: LATENCY LATEST: refused", "persistence: CONFIG GET save: refused",
			"stats: SLOWLOG LEN: refused",
		}
		if got := d.lacks(); !slices.Equal(got, want) {
			t.Errorf("refused are %q, want %q", got, want)
		}
		if d.Sections["memory"]["used_bytes"] == nil || d.Sections["clients"]["clients"] == nil || d.Status != "ok" {
			t.Errorf("status %s, sections %v", d.Status, d.Sections)
		}
		if n := strings.Count(text, "the server refused the question"); n != 4 {
			t.Errorf("%d refusals in\n%s", n, text)
		}
	})
	t.Run("dangerous", func(t *testing.T) {
		t.Parallel()
		s := redistest.Start(t, redistest.WithUser("app", secret, "~* +@all -@dangerous"))
		do(t, s, "SET", "k", "v")
		p := at(s.URLOf("app", secret, s.Addr()))
		d, text := p.info(t, secret)
		if raw, diag, code := p.run(t, "info", "--raw"); raw != "" || !strings.Contains(diag, "[auth-no-permission]") ||
			code != cli.ExitFailed {
			t.Errorf("INFO that is refused: exit code %d, stdout %q, stderr %s", code, raw, diag)
		}
		if got := d.told(); !slices.Equal(got, []string{"keyspace", "latency"}) || d.Sections["keyspace"]["db_keys"] != 1.0 {
			t.Errorf("told are %q: %v", got, d.Sections)
		}
		if d.alert("memory-high").State != "unknown" || d.alert("memory-high").Reason != "refused" ||
			d.alert("latency-high").State != "ok" {
			t.Errorf("alerts %+v", d.Alerts)
		}
		if n := strings.Count(text, "INFO everything: NOPERM"); n > 2 {
			t.Errorf("the same refusal %d times in\n%s", n, text)
		}
		if all, _ := p.metrics(t); series(t, all, "redis_db_keys", "db", "db0") != 1 {
			t.Error("the number of keys is missing")
		}
	})
}

// TestInfoReplica: both ends of a link, and an end without one.
func TestInfoReplica(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	replica := redistest.StartReplica(t, primary)
	_, port, _ := strings.Cut(primary.Addr(), ":")
	d, _ := at(primary.URL()).info(t)
	rows := d.rows("replication", "links", "addr")
	row := rows[replica.Addr()]
	if len(rows) != 1 || row["state"] != "online" || d.Sections["replication"]["replicas"] != 1.0 {
		t.Errorf("the primary tells %v", d.Sections["replication"])
	}
	if lag, ok := row["lag_s"].(float64); !ok || lag > 5 {
		t.Errorf("the replica lags %v", row["lag_s"])
	}
	if behind, ok := row["behind_bytes"].(float64); !ok || behind < 0 {
		t.Errorf("the replica is %v behind", row["behind_bytes"])
	}

	p := at(replica.URL())
	d, text := p.info(t)
	r := d.Sections["replication"]
	if d.Target.Mode != "replica" || r["role"] != "replica" || r["link"] != "up" || r["primary"] != primary.Addr() ||
		r["down_s"] != nil || !strings.Contains(text, "link up") {
		t.Errorf("mode %s, the replica tells %v\n%s", d.Target.Mode, r, text)
	}
	all, _ := p.metrics(t)
	if series(t, all, "redis_master_link_up", "master_host", "127.0.0.1", "master_port", port) != 1 {
		t.Error("the link is not up")
	}

	primary.Kill()
	deadline := time.Now().Add(20 * time.Second)
	for replica.Info("replication")["master_link_status"] != "down" {
		if time.Now().After(deadline) {
			t.Fatal("the replica does not notice")
		}
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(1100 * time.Millisecond) // it counts whole seconds
	d, text = p.info(t)
	r = d.Sections["replication"]
	if down, ok := r["down_s"].(float64); r["link"] != "down" || !ok || down < 1 || !strings.Contains(text, "link down, down for") {
		t.Errorf("the replica tells %v\n%s", r, text)
	}
	all, _ = p.metrics(t)
	if series(t, all, "redis_master_link_up", "master_host", "127.0.0.1", "master_port", port) != 0 {
		t.Error("the link is up")
	}
}

// TestInfoDeployments: Sentinel, the server that demo has inside, and a cluster of which a node is down.
func TestInfoDeployments(t *testing.T) {
	t.Parallel()
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		primary := redistest.Start(t)
		d, text := at(redistest.StartSentinels(t, primary, 3, "vitrine").URL()).patient().info(t)
		if d.Target.Mode != "sentinel" || d.Sections["server"]["role"] != "primary" || !strings.Contains(text, "through Sentinel") {
			t.Errorf("mode %s, %v\n%s", d.Target.Mode, d.Sections["server"], text)
		}
	})
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		s := miniredis.RunT(t)
		if err := s.Set("k", "v"); err != nil {
			t.Fatal(err)
		}
		d, _ := at("redis://" + s.Addr()).patient().info(t)
		if d.Sections["keyspace"]["db_keys"] != 1.0 || d.Sections["keyspace"]["keys"] != nil {
			t.Errorf("one key is there, told is %v", d.Sections["keyspace"])
		}
		if d.alert("memory-high").Reason != "unsupported" || len(d.lacks()) < 5 {
			t.Errorf("alerts %+v, refused %v", d.Alerts, d.Refused)
		}
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		c := redistest.StartCluster(t, 3)
		p := at(c.URL()).patient()
		d, _ := p.info(t)
		if rows := d.rows("nodes", "nodes", "addr"); len(rows) != 3 || rows[c.Nodes[1].Addr()] == nil || d.Status != "ok" {
			t.Errorf("status %s, nodes %v", d.Status, rows)
		}
		raw, _, code := p.run(t, "info", "--raw", "--section", "server,memory")
		for _, n := range c.Nodes {
			if !strings.Contains(raw, "# "+n.Addr()+"\n") {
				t.Errorf("exit code %d, no heading for %s in\n%s", code, n.Addr(), raw)
			}
		}
		if strings.Count(raw, "maxmemory_policy:") != 3 || strings.Contains(raw, "# Stats") {
			t.Errorf("INFO as sent:\n%s", raw)
		}

		c.Nodes[1].Kill()
		d, text := p.info(t)
		row := d.rows("nodes", "nodes", "addr")[c.Nodes[1].Addr()]
		if d.Status != "warning" || row["problem"] != "server-cluster-unreachable" || d.alert("memory-high").Reason != "unreachable" {
			t.Errorf("status %s, the node is %v, alerts %+v", d.Status, row, d.Alerts)
		}
		if !strings.Contains(text, "1 node does not answer (olymp-cache doctor tells why)") || strings.Contains(text, "No alert") {
			t.Errorf("the last line does not say it:\n%s", text)
		}
		raw, diag, code := p.run(t, "info", "--raw", "--section", "memory")
		if strings.Count(raw, "maxmemory_policy:") != 2 || !strings.Contains(diag, "[server-cluster-unreachable]") ||
			code != cli.ExitUnreachable {
			t.Errorf("INFO of the two that are left: exit code %d, stdout %s, stderr %s", code, raw, diag)
		}
		all, _ := p.metrics(t)
		if series(t, all, "redis_up", "node", c.Nodes[1].Addr()) != 0 || series(t, all, "redis_up", "node", c.Nodes[0].Addr()) != 1 {
			t.Error("redis_up does not tell the node that is down")
		}
	})
}

// TestInfoUnreachable: programs get a document, people a cause; the exit code tells a server that is not there from one that
// refuses to work.
func TestInfoUnreachable(t *testing.T) {
	t.Parallel()
	locked := redistest.Start(t, redistest.WithPassword("s3cret-of-ours"))
	full := redistest.Start(t)
	t.Cleanup(full.EnterMaxClients(1))
	for name, c := range map[string]struct {
		url, root string
		code      int
	}{
		"refused":        {"redis://" + redistest.Refused(t), "tcp-refused", cli.ExitUnreachable},
		"wrong password": {locked.URLOf("", "wr0ng-of-ours", locked.Addr()), "auth-wrong", cli.ExitUnreachable},
		"too many":       {full.URL(), "server-max-clients", cli.ExitUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := at(c.url)
			d, code := p.infoJSON(t)
			if d.RootCause == nil {
				t.Fatalf("status %s without a root cause, exit code %d", d.Status, code)
			}
			if d.Status != "unreachable" || !strings.HasPrefix(*d.RootCause, c.root) || code != c.code {
				t.Errorf("status %s, root cause %v, exit code %d, want %s and %d", d.Status, d.RootCause, code, c.root, c.code)
			}
			if len(d.Sections)+len(d.Alerts) != 0 {
				t.Errorf("something is told: %+v", d)
			}
			all, code := p.metrics(t)
			if series(t, all, "redis_up") != 0 || code != c.code {
				t.Errorf("exit code %d, metrics %v", code, all)
			}
			out, diag, code := p.run(t, "info", "-o", "json", "-q")
			if !json.Valid([]byte(out)) || strings.Count(diag, "\n") > 3 || !strings.Contains(diag, "["+*d.RootCause+"]") ||
				code != c.code {
				t.Errorf("exit code %d, stdout %s, stderr %s", code, out, diag)
			}
			if strings.Contains(out+diag, "of-ours") {
				t.Errorf("a secret is in %s%s", out, diag)
			}
		})
	}
}

// TestInfoLoading: a server that loads its data answers INFO, and how far it is.
func TestInfoLoading(t *testing.T) {
	t.Parallel()
	s, finish := redistest.StartLoading(t)
	t.Cleanup(finish)
	d, text := at(s.URL()).info(t)
	if share, ok := d.Sections["persistence"]["loading_share"].(float64); !ok || share < 0 || share > 1 || d.Status != "warning" {
		t.Errorf("status %s, %v", d.Status, d.Sections["persistence"])
	}
	if !strings.Contains(text, "Redis is still loading its data: ") || strings.Contains(text, "No alert") {
		t.Errorf("the last line does not say it:\n%s", text)
	}
}

// TestInfoUsage: what does not go together is said before anything is asked.
func TestInfoUsage(t *testing.T) {
	t.Parallel()
	p := at("redis://" + redistest.Refused(t))
	for _, args := range [][]string{
		{"--section", "memroy"},
		{"--section", ""},
		{"--section", "memory,"},
		{"--section", "memory", "-o", "prometheus"},
		{"--section", "memory", "--textfile", "x.prom"},
		{"--raw", "-o", "json"},
		{"--raw", "--textfile", "x.prom"},
		{"--textfile", "x.prom", "-o", "json"},
		{"--textfile", "x.prom", "-o", "text"},
		{"-o", "junit"},
		{"--textfile", ""},
		{"surplus"},
	} {
		out, diag, code := p.run(t, append([]string{"info"}, args...)...)
		if code != cli.ExitUsage || out != "" || !strings.Contains(diag, "info --help") {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q", args, code, out, diag)
		}
	}
}
