package cli_test

import (
	"bytes"
	"math"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// load sends lookups at a steady rate: four that find their key, one that does not. When the machine stalls it catches up.
type load struct {
	conn net.Conn
	rate float64 // lookups a second
	sent atomic.Int64
	stop chan struct{}
	done chan error
}

const loadValue = 4096 // bytes of the value that is found

func startLoad(t *testing.T, addr string, rate float64) *load {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	l := &load{conn: conn, rate: rate, stop: make(chan struct{}), done: make(chan error, 1)}
	go func() { l.done <- l.run() }()
	t.Cleanup(l.end(t))
	return l
}

func (l *load) run() error {
	go func() { // the answers are of no interest
		drain := make([]byte, 1<<20)
		for {
			if _, err := l.conn.Read(drain); err != nil {
				return
			}
		}
	}()
	group := []byte(strings.Repeat(encode("GET", "found"), 4) + encode("GET", "lost!"))
	start, tick := time.Now(), time.NewTicker(2*time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return nil
		case <-tick.C:
		}
		due := int64(time.Since(start).Seconds()*l.rate)/5 - l.sent.Load()/5
		if _, err := l.conn.Write(bytes.Repeat(group, int(due))); err != nil {
			return err
		}
		l.sent.Add(5 * due)
	}
}

func (l *load) end(t *testing.T) func() {
	return func() {
		close(l.stop)
		if err := <-l.done; err != nil {
			t.Error(err)
		}
		_ = l.conn.Close()
	}
}

// TestInfoRates: under a known load the rates of the one-second window are right within 5 %. A machine that stalls in just
// that second may spoil one attempt; the load is known all the same, and the next one counts.
func TestInfoRates(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	do(t, s, "SET", "found", strings.Repeat("v", loadValue))
	const rate = 2000
	startLoad(t, s.Addr(), rate)
	time.Sleep(2 * time.Second) // the server's own average covers 1.6 s
	want := map[string]float64{
		"window_ops_per_s": rate, "window_hit_rate": 0.8, "hit_rate": 0.8, "ops_per_s": rate,
		"window_in_bytes_per_s":  rate * float64(len(encode("GET", "found"))),
		"window_out_bytes_per_s": rate * (0.8*float64(len("$4096\r\n\r\n")+loadValue) + 0.2*float64(len("$-1\r\n"))),
	}
	var wrong []string
	for range 4 {
		d, code := at(s.URL()).patient().infoJSON(t)
		if code != cli.ExitOK {
			t.Fatalf("exit code %d", code)
		}
		wrong = nil
		stats := d.Sections["stats"]
		window, _ := stats["window_s"].(float64)
		want["window_lookups"] = rate * window
		for name, value := range want {
			if got, _ := stats[name].(float64); math.Abs(got-value) > 0.05*value {
				wrong = append(wrong, name)
				t.Logf("%s is %v, want %v within 5 %%", name, got, value)
			}
		}
		if a := d.alert("cache-hit-rate-low"); a.State != "ok" || math.Abs(a.Value.(float64)-0.8) > 0.01 {
			t.Errorf("the alert on the hit rate: %+v", a)
		}
		if len(wrong) == 0 {
			return
		}
	}
	t.Errorf("not within 5 %% in any of four attempts, at last: %q", wrong)
}
