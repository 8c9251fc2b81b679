package diagnosis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/diagnosis"
	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

const password = "S3cretWord"

func unset(string) (string, bool) { return "", false }

func load(t *testing.T, url string) *config.Config {
	t.Helper()
	cfg, err := config.Load(config.Input{URL: url, URLSet: true, LookupEnv: unset})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func options() diagnosis.Options {
	return diagnosis.Options{
		Conn: redisconn.Options{Timeout: 2 * time.Second}, Version: "test", LookupEnv: unset, Now: time.Now,
	}
}

func gather(t *testing.T, url string, opts diagnosis.Options) *evidence.Evidence {
	t.Helper()
	e, err := diagnosis.Gather(t.Context(), load(t, url), opts)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func names(steps []finding.Step) []string {
	var all []string
	for _, s := range steps {
		all = append(all, s.Name+" "+s.Status.String())
	}
	return all
}

func TestGatherHealthy(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword(password))
	for i := range 200 {
		if _, err := s.Do("SET", fmt.Sprintf("page:%d", i), "x", "EX", "100"); err != nil {
			t.Fatal(err)
		}
	}
	var stages []diagnosis.Stage
	opts := options()
	opts.OnStage = func(s diagnosis.Stage) { stages = append(stages, s) }
	e := gather(t, s.URL(), opts)
	if e.Trace.Failure != nil || e.Server == nil || !e.Pings.Known() || !e.Keys.Known() || e.Keys.Value.Scanned != 200 {
		t.Errorf("failure %+v, pings %v, keys %+v", e.Trace.Failure, e.Pings.Status, e.Keys)
	}
	if e.CommandsSent > 40 || e.CommandsSent < 20 {
		t.Errorf("%d commands", e.CommandsSent)
	}
	if got := strings.Join(names(e.Trace.Steps), ", "); !strings.HasPrefix(got, "config ok") || strings.Contains(got, "fail") ||
		!strings.Contains(got, "state ok") || !strings.Contains(got, "write ok") {
		t.Errorf("steps: %s", got)
	}
	if !slices.Equal(stages, []diagnosis.Stage{diagnosis.StageClimb, diagnosis.StageFacts}) {
		t.Errorf("stages: %q", stages)
	}
	if e.Around.Answers.Status != scene.NotAsked {
		t.Error("the ports of this machine were talked to, its own among them")
	}
	wantNoSecret(t, e)
}

func wantNoSecret(t *testing.T, e *evidence.Evidence) {
	t.Helper()
	var file bytes.Buffer
	if err := evidence.Encode(&file, e); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.String(), password) {
		t.Errorf("the evidence holds the password:\n%s", file.String())
	}
	again, err := evidence.Decode(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var second bytes.Buffer
	if err := evidence.Encode(&second, again); err != nil {
		t.Fatal(err)
	}
	if second.String() != file.String() {
		t.Error("evidence that was read and written again is not the same")
	}
}

func TestGatherUnreachable(t *testing.T) {
	t.Parallel()
	e := gather(t, "redis://:"+password+"@"+redistest.Refused(t), options())
	f := e.Trace.Failure
	if f == nil || f.Rung != trace.TCP || f.Finding.ID != "tcp-refused" || !f.Unreachable || e.Server != nil {
		t.Fatalf("failure %+v", f)
	}
	if e.Around.Answers.Status != scene.OK || e.Around.Programs.Status != scene.OK {
		t.Errorf("nobody looked around: %+v", e.Around)
	}
	wantNoSecret(t, e)
	opts := options()
	opts.Offline = true
	if e := gather(t, "redis://"+redistest.Refused(t), opts); e.Around.Answers.Status != scene.NotAsked {
		t.Error("--offline talked to the ports of this machine")
	}
}

// TestGatherStartsMeanwhile: a server that comes up between the climb and the look around is no riddle.
func TestGatherStartsMeanwhile(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	s.Stop()
	opts, climbs := options(), 0
	opts.OnStage = func(stage diagnosis.Stage) {
		switch stage {
		case diagnosis.StageClimb:
			climbs++
		case diagnosis.StageAround:
			s.Restart()
		}
	}
	if e := gather(t, s.URL(), opts); e.Trace.Failure != nil || e.Server == nil || climbs != 2 {
		t.Errorf("after %d climbs: %+v", climbs, e.Trace.Failure)
	}
}

// TestSilentServer: what accepts and never answers costs less than two time-outs, for doctor and behind a failed step of test.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	const timeout = 2 * time.Second
	for _, scheme := range []string{"redis://", "rediss://"} {
		cfg, opts := load(t, scheme+redistest.Silent(t)), options()
		opts.Conn.Timeout = timeout
		start := time.Now()
		e, err := diagnosis.Gather(t.Context(), cfg, opts)
		took := time.Since(start)
		if err != nil || e.Trace.Failure == nil || e.Trace.Failure.Finding.ID != "tcp-silent" || took >= 3*timeout {
			t.Fatalf("%s: %v after %v: %+v", scheme, err, took, e.Trace.Failure)
		}
		var sum time.Duration
		for _, s := range e.Trace.Steps {
			sum += s.Duration
		}
		if sum < timeout || sum > took || e.Around.Answers.Status != scene.OK {
			t.Errorf("%s: %v in steps, %v in all; answers %v", scheme, sum, took, e.Around.Answers.Status)
		}
		start = time.Now()
		e = diagnosis.AfterFailure(t.Context(), cfg, trace.TCP, e.Trace.Failure.Finding, true, opts)
		if took := time.Since(start); e == nil || e.Trace.Failure.Finding.ID != "tcp-silent" || took >= 2*timeout {
			t.Errorf("%s: a second look took %v", scheme, took)
		}
	}
}

func TestGatherWindow(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	opts := options()
	opts.Window = 200 * time.Millisecond
	e := gather(t, s.URL(), opts)
	if e.Window == nil || len(e.Window.Nodes) != 1 || e.Window.Nodes[0].Elapsed.Duration() < 150*time.Millisecond {
		t.Errorf("window %+v", e.Window)
	}
	if e.CommandsSent > 40 {
		t.Errorf("%d commands", e.CommandsSent)
	}
}

func TestGatherInterrupted(t *testing.T) {
	t.Parallel()
	stop := errors.New("the operator has seen enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(200*time.Millisecond, func() { cancel(stop) })
	start := time.Now()
	opts := options()
	opts.Conn.Timeout = 20 * time.Second
	_, err := diagnosis.Gather(ctx, load(t, "redis://"+redistest.Silent(t)), opts)
	if !errors.Is(err, stop) || time.Since(start) > 3*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

// TestAfterFailure: the cause behind a failed step costs a login and one INFO.
func TestAfterFailure(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	raw := finding.Finding{ID: "server-oom", Severity: finding.Critical}
	e := diagnosis.AfterFailure(t.Context(), load(t, s.URL()), trace.Write, raw, false, options())
	if e == nil || e.CommandsSent > 3 || e.Trace.Failure.Finding.ID != "server-oom" || !e.Server.Nodes[0].Info.Known() {
		t.Fatalf("evidence %+v", e)
	}
	if e := diagnosis.AfterFailure(t.Context(), load(t, s.URL()), trace.TCP, raw, true, options()); e != nil {
		t.Errorf("a server that is back gives %+v", e.Trace.Failure)
	}
	gone := "redis://" + redistest.Refused(t)
	e = diagnosis.AfterFailure(t.Context(), load(t, gone), trace.TCP, raw, true, options())
	if e == nil || e.Trace.Failure.Finding.ID != "tcp-refused" {
		t.Errorf("evidence %+v", e)
	}
}

func TestMisconfigured(t *testing.T) {
	t.Parallel()
	_, err := config.Load(config.Input{URL: "localhost:6379", URLSet: true, LookupEnv: unset})
	var bad *config.Error
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	e := diagnosis.Misconfigured(bad, options())
	if e.Trace.Failure.Rung != trace.Config || e.Trace.Failure.Finding.ID != "config-url-no-scheme" || e.Trace.Failure.Unreachable {
		t.Errorf("failure %+v", e.Trace.Failure)
	}
}
