// Package diagnosis gathers all that doctor judges: it climbs the ladder, asks the server about itself, glances at its keys
// and looks around. It has no opinion and prints nothing.
package diagnosis

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/probe"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/smoke"
	"github.com/olympiades-ia/olymp-cache/internal/surround"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

const (
	// commandBudget is how many commands a healthy server gets in one diagnosis (the contract's number).
	commandBudget = 40
	// leastKeys is what the glance at the keys may cost where the budget is spent: old servers, clusters.
	leastKeys = 6
	// apiCommands are those that the look at the API sends to Redis.
	apiCommands = 2
	// pings is how many PINGs measure a server that answers in time; morePings measure one that does not, as one late
	// answer of five proves nothing. Both fit into the budget.
	pings, morePings = 5, 12
)

// Stage is a part of a diagnosis that may take a while.
type Stage string

// The stages.
const (
	StageClimb  Stage = "climb"
	StageAround Stage = "around"
	StageFacts  Stage = "facts"
	StageWindow Stage = "window"
	StageAPI    Stage = "api"
)

// Options are how to look. Now is needed; the zero value of the rest looks at everything once.
type Options struct {
	Conn       redisconn.Options
	ReadOnly   bool
	Offline    bool          // start no local program, open no socket but the target's
	LadderOnly bool          // the climb, and what stands around where it broke: what `test` asks for after a failure
	Window     time.Duration // between two samples of INFO; 0 means none
	API        *smoke.API    // nil: no API is called
	Version    string        // of the program
	LookupEnv  func(string) (string, bool)
	Now        func() time.Time
	OnStep     func(finding.Step)
	OnStage    func(Stage)
}

// Gather looks. The error is ctx's cause or a *redisconn.TLSFileError; the evidence is then what was seen until then.
func Gather(ctx context.Context, cfg *config.Config, opts Options) (*evidence.Evidence, error) {
	g := &gathering{cfg: cfg, opts: opts, e: Fresh(cfg, opts)}
	err := g.all(ctx)
	g.e.Duration = opts.Now().Sub(g.e.Taken)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return g.e, err
}

// Fresh is the evidence of a diagnosis that has only read the configuration.
func Fresh(cfg *config.Config, opts Options) *evidence.Evidence {
	s := cfg.Settings
	return &evidence.Evidence{
		Schema: evidence.Schema, Version: opts.Version, Taken: opts.Now(), ReadOnly: opts.ReadOnly, Offline: opts.Offline,
		Target: evidence.TargetOf(cfg.Target), Config: cfg.Findings,
		Settings: evidence.Settings{
			Enabled: s.Enabled, AlertMemory: s.AlertMemory, AlertClients: s.AlertClients, AlertHitRate: s.AlertHitRate,
			AlertP99: s.AlertP99, Groups: s.Groups, APIURL: smoke.MaskURL(s.APIURL),
		},
	}
}

type gathering struct {
	cfg    *config.Config
	opts   Options
	e      *evidence.Evidence
	beside <-chan scene.Surroundings // what stands around, if that is looked at beside the climb
}

func (g *gathering) stage(s Stage) {
	if g.opts.OnStage != nil {
		g.opts.OnStage(s)
	}
}

func (g *gathering) step(s finding.Step) {
	if g.opts.OnStep != nil {
		g.opts.OnStep(s)
	}
}

func (g *gathering) all(ctx context.Context) error {
	conn, err := g.climb(ctx)
	if err != nil {
		return err
	}
	if conn == nil {
		g.stage(StageAround)
		if g.beside != nil {
			g.e.Around = <-g.beside
		} else {
			g.e.Around = surround.Look(ctx, g.lookOptions(false))
		}
		if !g.listensNow() {
			return nil
		}
		// The server came up while we looked around: what was seen before is of no use to anybody.
		if conn, err = g.climb(ctx); err != nil || conn == nil {
			return err
		}
	}
	defer conn.Close()
	if !g.opts.LadderOnly {
		g.reached(ctx, conn)
	}
	g.e.CommandsSent += conn.CommandsSent()
	return nil
}

// climb climbs the ladder; conn is nil where a rung broke.
func (g *gathering) climb(ctx context.Context) (*redisconn.Conn, error) {
	configured := finding.Step{Name: trace.Config, Status: finding.OK, Evidence: []finding.Evidence{
		{Name: "source", Value: g.e.Target.Source},
	}}
	g.step(configured)
	g.stage(StageClimb)
	seen, conn, err := probe.Climb(ctx, g.cfg.Target, probe.Options{
		Conn: g.opts.Conn, ReadOnly: g.opts.ReadOnly, OnStep: g.step, OnBroken: func(id string) { g.lookBeside(ctx, id) },
	})
	g.e.Trace = seen
	g.e.Trace.Steps = slices.Insert(g.e.Trace.Steps, 0, configured)
	g.e.CommandsSent += seen.ExtraCommands
	return conn, err
}

// lookBeside looks around beside the second looks where the first has waited in vain: the operator has waited as well.
func (g *gathering) lookBeside(ctx context.Context, id string) {
	if !waited(id) || g.beside != nil {
		return
	}
	opts, around := g.lookOptions(false), make(chan scene.Surroundings, 1)
	g.beside = around
	go func() { around <- surround.Look(ctx, opts) }()
}

// listensNow tells an address of this machine that refused the connection and accepted one a moment later.
func (g *gathering) listensNow() bool {
	f := g.e.Trace.Failure
	if f == nil || f.Finding.ID != "tcp-refused" {
		return false
	}
	answers, _ := g.e.Around.Answers.Get()
	return slices.ContainsFunc(g.e.Trace.Dials, func(d trace.Dial) bool {
		return slices.ContainsFunc(answers, func(a scene.Answer) bool {
			return a.Address == d.Address && a.Port == g.e.Trace.Port && accepted(a.Kind)
		})
	})
}

func accepted(k scene.AnswerKind) bool {
	return k != scene.AnswerRefused && k != scene.AnswerTimeout && k != scene.AnswerUnreachable
}

// reached asks a server that answers. What stands around is looked at beside that, without its ports: the known local
// ports are most likely its own.
func (g *gathering) reached(ctx context.Context, conn *redisconn.Conn) {
	var beside sync.WaitGroup
	beside.Go(func() { g.e.Around = surround.Look(ctx, g.lookOptions(true)) })
	defer beside.Wait()
	g.stage(StageFacts)
	snap := facts.Gather(ctx, conn, facts.Options{})
	g.e.Server = &snap
	g.state(&snap)
	g.pings(ctx, conn)
	if g.opts.Window > 0 {
		g.stage(StageWindow)
		w := facts.Window(ctx, conn, g.opts.Window)
		g.e.Window = &w
	}
	reserved := 0
	if g.opts.API != nil {
		reserved = apiCommands
	}
	g.e.Keys = keyspace.Peek(ctx, conn, keyspace.PeekOptions{
		Groups: g.cfg.Settings.Groups, Total: keysOf(&snap), Budget: max(commandBudget-reserved-conn.CommandsSent(), leastKeys),
	})
	if g.opts.API != nil {
		g.stage(StageAPI)
		g.e.API = smoke.CheckAPI(ctx, conn, g.opts.API)
	}
}

// state is the rung that says in what state the server is; rules judge it.
func (g *gathering) state(s *snapshot.Snapshot) {
	step := finding.Step{Name: trace.State, Status: finding.OK, Duration: s.Took.Duration()}
	i, ok := s.Nodes[0].Info.Get()
	if !ok {
		step.Status, step.Reason = finding.Skip, "refused"
	} else {
		step.Evidence = append(step.Evidence, finding.Evidence{Name: "role", Value: i.Replication.Role, Source: "INFO replication"})
		if up, ok := i.Server.UptimeSeconds.Get(); ok {
			step.Evidence = append(step.Evidence,
				finding.Evidence{Name: "uptime_s", Value: float64(up), Unit: "s", Source: "INFO server"})
		}
		if n, ok := s.Nodes[0].Keys.Get(); ok && len(s.Nodes) == 1 {
			step.Evidence = append(step.Evidence, finding.Evidence{Name: "keys", Value: n, Source: "DBSIZE"})
		}
		if len(s.Nodes) > 1 {
			step.Evidence = append(step.Evidence, finding.Evidence{Name: "nodes", Value: len(s.Nodes)})
		}
	}
	g.e.Trace.Steps = append(g.e.Trace.Steps, step)
	g.step(step)
}

func keysOf(s *snapshot.Snapshot) int64 {
	var total int64
	for i := range s.Nodes {
		n, ok := s.Nodes[i].Keys.Get()
		if !ok {
			return 1 // not told: worth a look
		}
		total += n
	}
	return total
}

// pings measures the round trip; one that is late is measured again at length.
func (g *gathering) pings(ctx context.Context, conn *redisconn.Conn) {
	g.e.Pings = facts.PingLatency(ctx, conn, pings)
	if g.e.Pings.Known() && g.e.Pings.Value.Max.Duration() > g.cfg.Settings.AlertP99 {
		g.e.Pings = facts.PingLatency(ctx, conn, morePings)
	}
}

// lookOptions say how far to look around. A server that works somewhere else needs no look at the containers of this machine.
func (g *gathering) lookOptions(works bool) surround.Options {
	t := g.cfg.Target
	o := surround.Options{
		Offline: g.opts.Offline, LookupEnv: g.opts.LookupEnv, Redact: t.Redact, EnvFiles: slices.Clone(g.cfg.EnvFiles), NoPorts: works,
		EnvSecrets: map[string]int{},
	}
	for _, s := range g.cfg.Secrets {
		o.EnvSecrets[s.File] = s.Line
		if !slices.Contains(o.EnvFiles, s.File) {
			o.EnvFiles = append(o.EnvFiles, s.File)
		}
	}
	for _, e := range t.Endpoints {
		o.Hosts, o.Ports = append(o.Hosts, e.Host), append(o.Ports, e.Port)
	}
	o.NoPrograms = works && !g.local()
	return o
}

// local tells a target on this machine, or in a container of it.
func (g *gathering) local() bool {
	return g.e.Target.Loopback || g.e.Target.Network == config.NetworkUnix || slices.ContainsFunc(g.e.Trace.Dials, inContainer)
}

// inContainer tells an address that answers out of a network that a container engine of this machine made.
func inContainer(d trace.Dial) bool {
	address := net.ParseIP(d.Address)
	interfaces, err := net.Interfaces()
	if err != nil || address == nil || d.Problem != "" {
		return false
	}
	for _, i := range interfaces {
		if !scene.Bridge(i.Name) {
			continue
		}
		own, err := i.Addrs()
		if err != nil {
			continue // gone meanwhile
		}
		if slices.ContainsFunc(own, func(a net.Addr) bool { n, ok := a.(*net.IPNet); return ok && n.Contains(address) }) {
			return true
		}
	}
	return false
}
