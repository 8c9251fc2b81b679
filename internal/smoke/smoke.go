// Package smoke runs the steps of `test`: PING, SET, GET, TTL and DEL on a throw-away key, the latency rounds and the
// X-Cache check of the API. It looks and judges each step by what came back; it prints nothing.
package smoke

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

const (
	// KeyPrefix starts the throw-away key.
	KeyPrefix = redisconn.TestKeyPrefix
	// KeyTTL is how long the key would live if we were killed before deleting it.
	KeyTTL = redisconn.TestKeyTTL
	// greeting is the guide's.
	greeting = "Hello from Olympiades IA!"
	// cleanupWait bounds the removal of the key after an interruption.
	cleanupWait = 2 * time.Second
)

// Options are what to test.
type Options struct {
	Conn     redisconn.Options
	ReadOnly bool              // PING and INFO only
	Count    int               // latency rounds; 0 means none
	AlertP99 time.Duration     // threshold for the latency rounds
	API      *API              // nil: the HTTP side is not tested
	OnStart  func(name string) // a step begins; one that is skipped never does
	OnStep   func(finding.Step)
	OnRound  func(done, of int)
}

// Result is what was seen.
type Result struct {
	Steps        []finding.Step
	Latency      []finding.Latency
	Server       redisconn.Server
	CommandsSent int
	// Unreachable means that Redis was not reached or refused the login; no step after «connect» ran.
	Unreachable bool
	// KeyLeft is the throw-away key if it may still be there, as the server could not be reached again; its TTL removes it.
	KeyLeft string
	// Err is what ended the run early: ctx's cause, or a *redisconn.TLSFileError; nil otherwise.
	Err error
}

// Failed tells whether a step failed.
func (r *Result) Failed() bool {
	for _, s := range r.Steps {
		if s.Status == finding.Fail {
			return true
		}
	}
	return false
}

// Problem is the first failure: what to mend first.
func (r *Result) Problem() *finding.Finding {
	for _, s := range r.Steps {
		if s.Status == finding.Fail && s.Problem != nil {
			return s.Problem
		}
	}
	return nil
}

// run is one test under way.
type run struct {
	target config.Target
	opts   Options
	conn   *redisconn.Conn
	key    string
	value  string
	wrote  bool // the key may exist
	broken bool // a step failed: those that build on it are skipped
	res    *Result
}

// Run tests the target. It removes its key whatever happens, also when ctx is cancelled.
func Run(ctx context.Context, target config.Target, opts Options) *Result {
	nonce := make([]byte, 8)
	_, _ = rand.Read(nonce) // never fails (Go 1.24)
	id := hex.EncodeToString(nonce)
	r := &run{target: target, opts: opts, key: KeyPrefix + id, value: greeting + " (" + id[:6] + ")", res: &Result{}}
	r.all(ctx)
	if r.conn != nil {
		r.cleanUp(ctx)
		if r.wrote {
			r.res.KeyLeft = r.key
		}
		r.res.CommandsSent += r.conn.CommandsSent()
		r.conn.Close()
	}
	return r.res
}

func (r *run) all(ctx context.Context) {
	if !r.connect(ctx) {
		return
	}
	r.ping()
	if r.opts.ReadOnly {
		r.step(ctx, "info", r.info)
	} else {
		r.step(ctx, "set", r.set)
		r.step(ctx, "get", r.get)
		r.step(ctx, "ttl", r.ttl)
	}
	if r.opts.Count > 0 && !r.broken {
		r.step(ctx, "latency", r.latency)
	}
	if !r.opts.ReadOnly {
		r.step(ctx, "del", r.del)
	}
	if r.opts.API != nil {
		r.api(ctx)
	}
}

// connect opens the target; a failure here is «unreachable».
func (r *run) connect(ctx context.Context) bool {
	r.begin("connect")
	start := time.Now()
	conn, err := redisconn.Open(ctx, r.target, r.opts.Conn)
	s := finding.Step{Name: "connect", Status: finding.OK, Duration: time.Since(start)}
	if err != nil {
		var files *redisconn.TLSFileError
		switch {
		case ctx.Err() != nil:
			r.res.Err = context.Cause(ctx)
			s.Status, s.Reason = finding.Skip, "interrupted"
			r.report(s)
			return false
		case errors.As(err, &files):
			r.res.Err = err
			return false
		}
		s.Status, s.Problem = finding.Fail, problemOf(err)
		r.res.Unreachable = true
		r.report(s)
		return false
	}
	r.conn, r.res.Server = conn, conn.Server()
	t := conn.Timing()
	s.Duration -= t.Ping
	s.Evidence = append(s.Evidence,
		finding.Evidence{Name: "address", Value: r.res.Server.Addr},
		finding.Evidence{Name: "dns_ms", Value: finding.Millis(t.DNS), Unit: "ms"},
		finding.Evidence{Name: "tcp_ms", Value: finding.Millis(t.TCP), Unit: "ms"},
		finding.Evidence{Name: "tls_ms", Value: finding.Millis(t.TLS), Unit: "ms"},
		finding.Evidence{Name: "login_ms", Value: finding.Millis(t.Login), Unit: "ms"})
	r.report(s)
	return true
}

// ping reports the PING that opening the connection sent. A user who may not run PING may still use the cache.
func (r *run) ping() {
	rtt, err := r.conn.Ping()
	s := finding.Step{Name: "ping", Status: finding.OK, Duration: rtt}
	if err != nil {
		s.Status, s.Problem = finding.Fail, problemOf(err)
		if s.Problem.ID == "auth-no-permission" {
			s.Status = finding.Warn
		}
	}
	r.report(s)
}

// step runs one step and reports it, unless an earlier failure or an interruption makes it pointless. One that was interrupted
// has a duration, one that never began has none. The key is deleted all the same.
func (r *run) step(ctx context.Context, name string, f func(context.Context, *finding.Step)) {
	s := finding.Step{Name: name, Status: finding.OK}
	if ctx.Err() != nil {
		r.res.Err = context.Cause(ctx)
	}
	switch {
	case ctx.Err() != nil && (name != "del" || !r.wrote):
		s.Status, s.Reason = finding.Skip, "interrupted"
	case r.broken && (name != "del" || !r.wrote):
		s.Status, s.Reason = finding.Skip, "earlier-failure"
	default:
		r.begin(name)
		start := time.Now()
		f(ctx, &s)
		s.Duration = time.Since(start)
		if ctx.Err() != nil && s.Status == finding.Fail {
			s.Status, s.Reason, s.Problem = finding.Skip, "interrupted", nil
			r.res.Err = context.Cause(ctx)
		}
	}
	r.report(s)
}

func (r *run) begin(name string) {
	if r.opts.OnStart != nil {
		r.opts.OnStart(name)
	}
}

func (r *run) report(s finding.Step) {
	if s.Status == finding.Fail {
		r.broken = true
	}
	r.res.Steps = append(r.res.Steps, s)
	if r.opts.OnStep != nil {
		r.opts.OnStep(s)
	}
}

func (r *run) fail(s *finding.Step, err error) {
	s.Status = finding.Fail
	if errors.Is(err, redis.Nil) {
		s.Problem = r.vanished() // nil is an answer: the key that is there is not
		return
	}
	s.Problem = problemOf(r.conn.Named(err))
}

// said is the server's own text as evidence: cut to what a report shows, and free of the password, which a hostile or
// broken server may echo.
func (r *run) said(text string) string { return cut(r.target.Redact(text)) }

// info is the read-only proof: the server answers about itself. A replica that has lost its primary answers too, with what
// grows older and older.
func (r *run) info(ctx context.Context, s *finding.Step) {
	text, err := r.conn.Seed().Info(ctx).Result()
	if err != nil {
		r.fail(s, err)
		if s.Problem.ID == "auth-no-permission" {
			s.Status = finding.Warn // --read-only is for restricted users too
		}
		return
	}
	s.Evidence = append(s.Evidence,
		finding.Evidence{Name: "version", Value: r.said(field(text, "redis_version")), Source: "INFO server"},
		finding.Evidence{Name: "role", Value: r.said(field(text, "role")), Source: "INFO replication"})
	if up, err := strconv.ParseInt(field(text, "uptime_in_seconds"), 10, 64); err == nil {
		s.Evidence = append(s.Evidence, finding.Evidence{Name: "uptime_s", Value: up, Unit: "s", Source: "INFO server"})
	}
	if field(text, "master_link_status") == "down" && field(text, "master_sync_in_progress") != "1" {
		s.Status, s.Problem = finding.Warn, r.linkProblem(text)
	}
}

// linkProblem says which primary a replica has lost, and since when.
func (r *run) linkProblem(info string) *finding.Finding {
	const source = "INFO replication"
	f := plain("server-masterdown", finding.Evidence{Name: "address", Value: r.res.Server.Addr},
		finding.Evidence{Name: "primary", Value: r.primaryIn(info), Source: source})
	f.Severity = finding.Warning
	since, never := "master_link_down_since_seconds", "uptime_in_seconds"
	if down, err := strconv.ParseInt(field(info, since), 10, 64); err == nil && down >= 0 {
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "down_s", Value: float64(down), Unit: "s", Source: source})
	} else if up, err := strconv.ParseInt(field(info, never), 10, 64); err == nil { // −1: there never was a link
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "never_s", Value: float64(up), Unit: "s", Source: "INFO server"})
	}
	return f
}

// primaryIn is the address of the primary that INFO replication tells.
func (r *run) primaryIn(info string) string {
	return r.said(net.JoinHostPort(field(info, "master_host"), field(info, "master_port")))
}

// replicaProblem says of which primary this server is a replica.
func (r *run) replicaProblem(ctx context.Context) *finding.Finding {
	f := plain("server-readonly", finding.Evidence{Name: "address", Value: r.res.Server.Addr})
	text, err := r.conn.Seed().Info(ctx, "replication").Result()
	if err != nil {
		return f // the role alone, known from the login, is proof enough
	}
	if field(text, "master_host") != "" {
		f.Evidence = append(f.Evidence, finding.Evidence{
			Name: "primary", Value: r.primaryIn(text), Source: "INFO replication",
		})
	}
	return f
}

// sentinelProblem says which primaries the Sentinel watches, so that the right URL can be shown.
func (r *run) sentinelProblem(ctx context.Context) *finding.Finding {
	f := plain("proto-sentinel", finding.Evidence{Name: "address", Value: r.res.Server.Addr})
	if names := redisconn.MastersOf(ctx, r.conn.Seed()); len(names) > 0 {
		f.Evidence = append(f.Evidence, finding.Evidence{
			Name: "masters", Value: r.said(strings.Join(names, ", ")), Source: "SENTINEL MASTERS",
		})
	}
	return f
}

// field reads one line of INFO.
func field(info, name string) string {
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimRight(v, "\r\n")
		}
	}
	return ""
}

func plain(id string, seen ...finding.Evidence) *finding.Finding {
	return &finding.Finding{ID: id, Severity: finding.Critical, Evidence: seen}
}

// problemOf is the finding of a named error.
func problemOf(err error) *finding.Finding {
	if e, ok := redisconn.AsError(err); ok {
		f := e.Finding()
		return &f
	}
	return plain("tcp-closed")
}

// maxShown is how much of a wrong value a report shows, in bytes.
const maxShown = 120

func cut(s string) string {
	if len(s) > maxShown {
		return s[:maxShown] + "…"
	}
	return s
}
