package facts_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestPulse takes one INFO and one SLOWLOG a look, in one round trip.
func TestPulse(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithArgs("--slowlog-log-slower-than", "0"))
	conn := open(t, s.URL())
	p := facts.NewPulse(conn)
	before := conn.CommandsSent()
	for range 3 {
		nodes, _ := p.Look(t.Context(), 4)
		n := nodes[0]
		if !n.Info.Known() || len(n.Info.Value.Commands) == 0 || !n.Slowlog.Known() || n.Time.IsZero() || n.Config.Known() {
			t.Errorf("a look: INFO %s, slow log %s, CONFIG %s", n.Info.Status, n.Slowlog.Status, n.Config.Status)
		}
		if len(n.Slowlog.Value) > 4 {
			t.Errorf("%d entries", len(n.Slowlog.Value))
		}
	}
	if sent := conn.CommandsSent() - before; sent != 6 {
		t.Errorf("%d commands for three looks", sent)
	}
	if nodes, _ := p.Look(t.Context(), 0); nodes[0].Slowlog.Status != snapshot.NotAsked || conn.CommandsSent()-before != 7 {
		t.Errorf("without the slow log: %s", nodes[0].Slowlog.Status)
	}
}

// TestPulseOfOldServers learns in the first look which INFO they understand, and asks CONFIG once for what it keeps to itself.
func TestPulseOfOldServers(t *testing.T) {
	t.Parallel()
	const info = "# Server\r\nredis_version:5.0.7\r\nrun_id:x\r\n# Clients\r\nconnected_clients:1\r\n"
	for name, everything := range map[string]string{
		"an empty answer": redistest.BulkReply(""), "an error": redistest.ErrorReply("ERR syntax error"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := redistest.StartFake(t, fakeRedis(info, map[string]string{
				"INFO EVERYTHING": everything, "INFO ALL": redistest.BulkReply(info), "SLOWLOG": redistest.ErrorReply("ERR unknown command 'SLOWLOG'"),
				"CONFIG GET MAXCLIENTS": "*2\r\n$10\r\nmaxclients\r\n$3\r\n500\r\n",
			}))
			p := facts.NewPulse(open(t, fake.URL()))
			for range 3 {
				nodes, _ := p.Look(t.Context(), 4)
				n := nodes[0]
				limit, ok := n.Config.Value.Int("maxclients")
				if !n.Info.Known() || n.Info.Value.Version != "5.0.7" || n.Slowlog.Status != snapshot.Unsupported || !ok || limit != 500 {
					t.Errorf("INFO %+v, slow log %s, limit %d", n.Info.Status, n.Slowlog.Status, limit)
				}
			}
			counts := map[string]int{}
			for _, cmd := range fake.Commands() {
				counts[strings.ToUpper(strings.Join(cmd, " "))]++
			}
			if counts["SLOWLOG GET 4"] != 1 || counts["CONFIG GET MAXCLIENTS"] != 1 || counts["INFO EVERYTHING"] != 1 || counts["INFO ALL"] != 3 {
				t.Errorf("asked: %v", counts)
			}
		})
	}
}

// TestPulseThatHangsUp: a server that closes the connection at SLOWLOG is not asked for it for ever.
func TestPulseThatHangsUp(t *testing.T) {
	t.Parallel()
	fake := redistest.StartFake(t, fakeRedis("# Server\r\nredis_version:7.2.0\r\nrun_id:x\r\n# Clients\r\nmaxclients:10\r\n", nil))
	p := facts.NewPulse(open(t, fake.URL()))
	for look := range 4 {
		if nodes, _ := p.Look(t.Context(), 4); !nodes[0].Info.Known() || nodes[0].Slowlog.Status != snapshot.Failed {
			t.Errorf("look %d: INFO %s, slow log %s", look, nodes[0].Info.Status, nodes[0].Slowlog.Status)
		}
	}
	asked := 0
	for _, cmd := range fake.Commands() {
		if slices.Equal(cmd, []string{"SLOWLOG", "GET", "4"}) {
			asked++
		}
	}
	if asked != 2 {
		t.Errorf("SLOWLOG was asked %d times", asked)
	}
}
