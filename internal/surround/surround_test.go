package surround

import (
	"encoding/json"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestLook asks everything at once, on recordings and one real server.
func TestLook(t *testing.T) {
	t.Parallel()
	f := play(t, "docker_exited", "systemd_failed")
	port := redistest.Start(t).Port
	opts := f.options("RENDER=true", "REDIS_URL=redis://:S3cretOwn@h")
	opts.Ports, opts.EnvFiles = []int{port}, []string{".env", "b/.env"}
	f.write("git.-c.out", ".env\n")
	s := Look(t.Context(), opts)
	noSecrets(t, s)
	if runtime.GOOS == "linux" && len(s.Units.Value) != 2 {
		t.Errorf("units: %+v", s.Units)
	}
	if len(s.Docker.Containers.Value) != 3 || len(s.EnvFiles) != 2 || !s.EnvFiles[1].Value.Tracked || len(s.Platforms.Value) != 1 {
		t.Errorf("%+v", s)
	}
	answered := false
	for _, a := range s.Answers.Value {
		answered = answered || a.Port == port && a.Kind == AnswerPong
	}
	if !answered {
		t.Errorf("answers: %+v", s.Answers)
	}
	if strings.Contains(f.noted("environment")+f.noted("calls"), "S3cretOwn") {
		t.Error("a child was given the target's secret")
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Surroundings
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(raw), string(again)); diff != "" {
		t.Errorf("saved and loaded: %s", diff)
	}
}

// TestPublishedPortsAreAsked finds the port of a container that no one named.
func TestPublishedPortsAreAsked(t *testing.T) {
	t.Parallel()
	s := Look(t.Context(), play(t, "docker_running").options())
	found := 0
	for _, a := range s.Answers.Value {
		if a.Port == 6390 {
			found++
		}
		if a.Address != "127.0.0.1" && a.Address != "::1" {
			t.Errorf("%s was asked", a.Address)
		}
	}
	if found != 2 {
		t.Errorf("port 6390 was asked %d times: %+v", found, s.Answers)
	}
}

func TestFactJSON(t *testing.T) {
	t.Parallel()
	for want, fact := range map[string]any{
		`{"status":"ok","source":"s","value":0}`:               seen("s", 0),
		`{"status":"ok","source":"s","value":[]}`:              seen("s", []int{}),
		`{"status":"not-asked"}`:                               Fact[int]{},
		`{"status":"timed-out","source":"s","words":"w"}`:      unseen[int](TimedOut, "s", "w"),
		`{"status":"denied","source":"s"}`:                     unseen[[]Socket](Denied, "s", ""),
		`{"status":"ok","source":"s","value":{"inside":true}}`: seen("s", WSL{Inside: true}),
	} {
		raw, err := json.Marshal(fact)
		if err != nil || string(raw) != want {
			t.Errorf("got %s (%v), want %s", raw, err, want)
		}
	}
	var status Status
	if err := status.UnmarshalText([]byte("fine")); err == nil || status != NotAsked {
		t.Errorf("an unknown word is read as %v", status)
	}
	if got := Status(99).String(); got != "not-asked" {
		t.Error(got)
	}
	if _, ok := unseen[int](Failed, "", "").Get(); ok {
		t.Error("a failure has no value")
	}
}

// stuckFS hangs like a file on a dead mount, beyond the reach of any deadline, until the test ends.
type stuckFS struct{ end <-chan struct{} }

func (s stuckFS) Open(name string) (fs.File, error) {
	<-s.end
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func TestStuckFiles(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	defer close(end)
	opts := play(t).options()
	opts.Offline, opts.Timeout, opts.FS = true, 100*time.Millisecond, stuckFS{end}
	l := newLook(opts)
	l.goos = "linux"
	start := time.Now()
	s := l.all(t.Context())
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if s.Container.Status != TimedOut || s.Sockets.Status != TimedOut || s.Memory.Status != TimedOut || s.Programs.Status != OK {
		t.Errorf("%+v", s)
	}
}

// TestOtherSystems looks as on systems that have none of Linux's files.
func TestOtherSystems(t *testing.T) {
	t.Parallel()
	l := newLook(play(t, "systemd_failed").options())
	l.goos = "windows"
	s := l.all(t.Context())
	if s.Container.Status != NotAsked || s.WSL.Status != NotAsked || s.Units.Status != NotAsked || s.Memory.Status != NotAsked ||
		s.Sockets.Status != Missing || s.Docker.Client.Status != Missing || s.Answers.Status != OK {
		t.Errorf("%+v", s)
	}
}
