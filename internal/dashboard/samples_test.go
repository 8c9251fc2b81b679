package dashboard_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/dashboard"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/term"
	"github.com/olympiades-ia/olymp-cache/internal/watch"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(second int) time.Time { return start.Add(time.Duration(second) * time.Second) }

func history() *watch.History {
	return watch.New(&evidence.Evidence{
		Target:   evidence.Target{Host: "cache.example.org", Port: 6379, Address: "cache.example.org:6379"},
		Settings: evidence.Settings{AlertMemory: 0.8, AlertClients: 1000, AlertHitRate: 0.7, AlertP99: 100 * time.Millisecond},
	})
}

// server is what a made-up server counts after that many seconds.
type server struct {
	second, commands, hits, misses int
	used, limit, clients           int64
	databases                      []int64
	more                           string
}

func (s server) node(addr string) watch.Node {
	var b strings.Builder
	fmt.Fprintf(&b, "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrun_id:a\r\nuptime_in_seconds:%d\r\n", 273_000+s.second)
	fmt.Fprintf(&b, "# Clients\r\nconnected_clients:%d\r\nmaxclients:10000\r\n", s.clients)
	fmt.Fprintf(&b, "# Memory\r\nused_memory:%d\r\nmaxmemory:%d\r\n", s.used, s.limit)
	fmt.Fprintf(&b, "# Stats\r\ntotal_commands_processed:%d\r\nkeyspace_hits:%d\r\nkeyspace_misses:%d\r\ntotal_error_replies:0\r\n",
		s.commands, s.hits, s.misses)
	b.WriteString("# Replication\r\nrole:master\r\n" + s.more + "# Keyspace\r\n")
	for db, keys := range s.databases {
		fmt.Fprintf(&b, "db%d:keys=%d,expires=%d,avg_ttl=90000\r\n", db, keys, keys/4*3)
	}
	n := watch.Node{Time: at(s.second), Node: snapshot.Node{Addr: addr}}
	n.Info = snapshot.Fact[snapshot.Info]{Status: snapshot.OK, Source: "INFO", Value: snapshot.ParseInfo(b.String())}
	n.Slowlog = snapshot.Fact[[]snapshot.SlowCommand]{Status: snapshot.OK, Source: "SLOWLOG GET 16"}
	return n
}

func beatOf(second int, nodes ...watch.Node) watch.Beat {
	return watch.Beat{
		Time: at(second), Nodes: nodes, Server: trace.Server{Product: "redis", Version: "7.0.15", Mode: "standalone", Role: "master"},
		Ping:  snapshot.Fact[time.Duration]{Status: snapshot.OK},
		Pings: []time.Duration{time.Duration(300+40*(second%7)) * time.Microsecond, 420 * time.Microsecond},
	}
}

// busy is a server in an incident: every list has more than there is room for, every number is long.
func busy() watch.State {
	h := history()
	commands := 0
	for second := range 90 {
		wave := (second * second) % 23
		commands += 100_000 * (10 + wave)
		s := server{
			second: second, commands: commands, hits: 600_000 * second, misses: 700_000 * second,
			used: 80_000_000_000 + int64(second)*190_000_000, limit: 100_000_000_000, clients: 1_200 + int64(wave)*400,
		}
		for db := range 16 {
			s.databases = append(s.databases, 1_000_000_000>>db)
		}
		s.more = fmt.Sprintf("# Commandstats\r\ncmdstat_get:calls=%d,usec=%d,failed_calls=%d\r\ncmdstat_set:calls=%d,usec=%d\r\n"+
			"cmdstat_config|get:calls=%d,usec=%d,rejected_calls=%d\r\ncmdstat_hgetall:calls=%d,usec=%d\r\n",
			second*1_300_000, second*900_000, second*1_200, second*200_000, second*300_000, second, second*100, second, second*3, second*90_000)
		s.more += fmt.Sprintf("# Errorstats\r\nerrorstat_WRONGTYPE:count=%d\r\nerrorstat_OOM:count=%d\r\nerrorstat_evil\x1b[31m:count=3\r\n",
			100+second/30*12_345, second/80)
		n := s.node("cache.example.org:6379")
		n.Slowlog.Value = []snapshot.SlowCommand{{
			ID: int64(second / 10), Time: at(second/10*10 - 1).Unix(), Took: snapshot.Millis(time.Duration(12+second) * time.Millisecond),
			Args: []snapshot.Text{"EVAL", "return redis.call('KEYS', '*')\x1b]0;title\a", "0"}, Addr: "10.0.0.12:50112", ClientName: "vitrine-api",
		}}
		h.Add(beatOf(second, n))
	}
	return h.State()
}

func calm() watch.State {
	h := history()
	for second := range 12 {
		s := server{
			second: second, commands: second * 40, hits: 30 * second, misses: second, used: 1_100_000, clients: 3, databases: []int64{812},
			more: fmt.Sprintf("# Commandstats\r\ncmdstat_get:calls=%d,usec=%d\r\n", second*31, second*62),
		}
		h.Add(beatOf(second, s.node("127.0.0.1:6379")))
	}
	return h.State()
}

// gone is a server that has been away for a while.
func gone() watch.State {
	h := history()
	for second := range 12 {
		s := server{second: second, commands: second * 40, used: 1_100_000, clients: 3, databases: []int64{812}}
		h.Add(beatOf(second, s.node("127.0.0.1:6379")))
	}
	h.Add(watch.Beat{Time: at(12), Failure: failure("tcp-closed")})
	h.Add(watch.Beat{Time: at(17), Failure: failure("tcp-refused")})
	return h.State()
}

func failure(id string) *finding.Finding {
	return &finding.Finding{ID: id, Severity: finding.Critical, Subject: "cache.example.org:6379"}
}

// mute is a server that refuses everything but PING.
func mute() watch.State {
	h := history()
	n := watch.Node{Time: start, Node: snapshot.Node{Addr: "127.0.0.1:6379"}}
	n.Info = snapshot.Fact[snapshot.Info]{Status: snapshot.Denied, Source: "INFO everything", Cause: "auth-no-permission", Reply: "NOPERM no"}
	n.Slowlog = snapshot.Fact[[]snapshot.SlowCommand]{Status: snapshot.Unsupported, Source: "SLOWLOG GET 16", Reply: "ERR unknown command"}
	h.Add(beatOf(0, n))
	return h.State()
}

// cluster has three primaries, one of which is silent.
func cluster() watch.State {
	h := history()
	for second := range 9 {
		b := beatOf(second)
		b.Server.Mode = "cluster"
		for k := range 2 {
			s := server{
				second: second, commands: second * 500 * (k + 1), used: 2_000_000, limit: 10_000_000, clients: 3, databases: []int64{4_000},
			}
			b.Nodes = append(b.Nodes, s.node(fmt.Sprintf("10.0.0.%d:6379", k+1)))
		}
		silent := watch.Node{Time: at(second), Node: snapshot.Node{Addr: "10.0.0.3:6379"}}
		silent.Info = snapshot.Fact[snapshot.Info]{Status: snapshot.Failed, Source: "INFO", Cause: "server-cluster-unreachable"}
		b.Nodes = append(b.Nodes, silent)
		h.Add(b)
	}
	return h.State()
}

var catalogues = map[i18n.Lang]*i18n.Catalog{i18n.French: i18n.New(i18n.French), i18n.English: i18n.New(i18n.English)}

// board is a frame of a state, as somebody sees it a moment after its last look.
func board(lang i18n.Lang, s watch.State, width, height int) *dashboard.Board {
	now := s.Time
	if now.IsZero() {
		now = start
	}
	return &dashboard.Board{
		Cat: catalogues[lang], State: s, Target: "cache.example.org:6379/0", Now: now, Interval: time.Second, Width: width, Height: height,
		Screen: term.Screen{TTY: true, Width: width},
	}
}
