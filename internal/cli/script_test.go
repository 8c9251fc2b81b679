package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/demo"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

func TestMain(m *testing.M) {
	testscript.Main(wholeCatalogue{m}, map[string]func(){"olymp-cache": func() { os.Exit(cli.Main()) }})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			// A place without a locale's, a shell's or a CI's own opinions.
			e.Setenv("LANG", "C.UTF-8")
			// The race detector waits a second at every exit, for reports that a program of ours would have made by then.
			e.Setenv("GORACE", "atexit_sleep_ms=20")
			for _, name := range []string{"GITHUB_ACTIONS", "NO_COLOR", "REDIS_URL", "REDIS_ENABLED", "LC_ALL", "LC_MESSAGES"} {
				e.Setenv(name, "")
			}
			e.Values[serversKey{}] = map[string]*servers{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"redis": startServer, "demo": startDemo, "keys": countKeys, "sent": commandsSent, "code": exitCode, "jsonpath": jsonPath,
			"schema": validate, "fault": breakServer, "nosecret": noSecret, "lines": countLines, "schema-lines": validateLines,
			"backup": makeBackup,
		},
	})
}

// tb lets redistest work for a script.
type tb struct {
	ts *testscript.TestScript
	mu *sync.Mutex // a cluster's servers start side by side
}

func (b tb) Helper() {}
func (b tb) Cleanup(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ts.Defer(f)
}
func (b tb) Fatalf(f string, args ...any) { b.ts.Fatalf(f, args...) }
func (b tb) Logf(f string, args ...any)   { b.ts.Logf(f, args...) }
func (b tb) Name() string                 { return "script" }
func (b tb) TempDir() string {
	dir, err := os.MkdirTemp("", "olymp-script-")
	b.ts.Check(err)
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

type serversKey struct{}

// servers is what one `redis` line of a script started.
type servers struct {
	all    []*redistest.Server // those that hold keys
	before int                 // commands processed when it was started or last counted
	leave  func()
}

func known(ts *testscript.TestScript) map[string]*servers {
	return ts.Value(serversKey{}).(map[string]*servers)
}

// startServer: redis NAME KIND [options] starts a deployment and sets $NAME_URL, $NAME_ADDR and, with TLS, $NAME_CA.
func startServer(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: redis NAME plain|password|user|tls|mtls|replica|sentinel|cluster|fake [more]")
	}
	name, kind, more := args[0], args[1], args[2:]
	t, s := tb{ts, &sync.Mutex{}}, &servers{}
	url, addr := "", ""
	var one *redistest.Server
	switch kind {
	case "plain":
		one = redistest.Start(t, redistest.WithArgs(more...))
	case "password":
		one = redistest.Start(t, redistest.WithPassword(more[0]))
	case "user": // NAME PASSWORD RULES
		one = redistest.Start(t, redistest.WithUser(more[0], more[1], strings.Join(more[2:], " ")))
		url = one.URLOf(more[0], more[1], one.Addr())
	case "socket":
		one = redistest.Start(t, redistest.WithSocket())
		url = "unix://" + one.Socket
	case "tls":
		one = redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{}))
	case "mtls":
		one = redistest.Start(t, redistest.WithTLS(redistest.TLSOptions{ClientCertRequired: true}))
	case "replica":
		one = redistest.StartReplica(t, known(ts)[more[0]].all[0])
	case "loading":
		one, s.leave = redistest.StartLoading(t)
		ts.Defer(s.leave)
	case "sentinel":
		of := known(ts)[more[0]].all[0]
		trio := redistest.StartSentinels(t, of, 3, "vitrine")
		url, s.all = trio.URL(), []*redistest.Server{of}
	case "cluster":
		c := redistest.StartCluster(t, 3)
		url, addr, s.all = c.URL(), c.Nodes[0].Addr(), c.Nodes
	case "silent":
		addr = redistest.Silent(t)
		url = "redis://" + addr
	case "refused":
		addr = redistest.Refused(t)
		url = "redis://" + addr
	case "http":
		addr = redistest.HTTP(t)
		url = "redis://" + addr
	default:
		ts.Fatalf("no such kind: %s", kind)
	}
	if one != nil {
		s.all, addr = []*redistest.Server{one}, one.Addr()
		if url == "" {
			url = one.URL()
		}
		if one.TLS != nil {
			ts.Setenv(name+"_CA", one.TLS.CA)
			ts.Setenv(name+"_CERT", one.TLS.ClientCert)
			ts.Setenv(name+"_KEY", one.TLS.ClientKey)
		}
	}
	ts.Setenv(name+"_URL", url)
	ts.Setenv(name+"_ADDR", addr)
	known(ts)[name] = s
	s.before = processed(ts, s)
}

// startDemo: demo FILE starts the demo's server and API inside the test and writes their addresses to a .env file.
func startDemo(ts *testscript.TestScript, _ bool, args []string) {
	d, err := demo.Start(context.Background())
	ts.Check(err)
	ts.Defer(d.Close)
	text := "REDIS_URL=" + d.URL + "\nOLYMP_CACHE_API_URL=" + d.APIURL + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// breakServer: fault NAME oom|misconf|busy|pause|stop|mend.
func breakServer(ts *testscript.TestScript, _ bool, args []string) {
	s := known(ts)[args[0]]
	switch args[1] {
	case "oom":
		s.leave = s.all[0].EnterOOM()
	case "misconf":
		s.leave = s.all[0].EnterMisconf()
	case "busy":
		s.leave = s.all[0].EnterBusy()
	case "noreplicas":
		s.leave = s.all[0].EnterNoReplicas()
	case "pause":
		s.all[0].Pause()
		s.leave = s.all[0].Resume
	case "stop":
		s.all[0].Stop()
	case "restart":
		for range 1000 { // until what runs beside has begun: another client than ours
			if n, err := strconv.Atoi(s.all[0].Info("clients")["connected_clients"]); err == nil && n > 1 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(300 * time.Millisecond) // and has looked once
		s.all[0].Restart()
	case "do":
		_, err := s.all[0].Do(args[2:]...)
		ts.Check(err)
	case "mend":
		s.leave()
	default:
		ts.Fatalf("no such fault: %s", args[1])
	}
	if args[1] != "mend" && s.leave != nil {
		ts.Defer(s.leave)
	}
}

// countKeys: keys NAME N wants N keys in all the servers of NAME.
func countKeys(ts *testscript.TestScript, neg bool, args []string) {
	total := 0
	for _, s := range known(ts)[args[0]].all {
		reply, err := s.Do("DBSIZE")
		ts.Check(err)
		n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(reply), ":"))
		ts.Check(err)
		total += n
	}
	if want, err := strconv.Atoi(args[1]); err != nil || (total == want) == neg {
		ts.Fatalf("%s holds %d keys, want %s", args[0], total, args[1])
	}
}

func processed(ts *testscript.TestScript, s *servers) int {
	total := 0
	for _, one := range s.all {
		n, err := strconv.Atoi(one.Info("stats")["total_commands_processed"])
		ts.Check(err)
		total += n
	}
	return total
}

// commandsSent: sent NAME MAX wants at most MAX commands at the servers since the last count, by the servers' own counters.
func commandsSent(ts *testscript.TestScript, _ bool, args []string) {
	s := known(ts)[args[0]]
	first := processed(ts, s)
	second := processed(ts, s)
	own := second - first // what one count of ours costs
	got := first - s.before - own
	s.before = processed(ts, s)
	if most, err := strconv.Atoi(args[1]); err != nil || got > most || got < 1 {
		ts.Fatalf("%s saw %d commands, want 1 to %s", args[0], got, args[1])
	}
}

// exitCode: code N COMMAND… runs the program and wants that very exit code.
func exitCode(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		got = -1
		var exit interface{ ExitCode() int }
		if ok := asExit(err, &exit); ok {
			got = exit.ExitCode()
		}
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d (%v), want %s", got, err, args[0])
	}
}

func asExit(err error, target *interface{ ExitCode() int }) bool {
	e, ok := err.(interface{ ExitCode() int })
	*target = e
	return ok
}

// jsonPath: jsonpath FILE PATH VALUE compares one value of a JSON document; PATH is like steps.0.name.
func jsonPath(ts *testscript.TestScript, neg bool, args []string) {
	var doc any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	for _, part := range strings.Split(args[1], ".") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(v) {
				ts.Fatalf("%s: no element %s", args[1], part)
			}
			doc = v[i]
		default:
			ts.Fatalf("%s: nothing below %s", args[1], part)
		}
	}
	if got := fmt.Sprint(doc); (got == args[2]) == neg {
		ts.Fatalf("%s is %s, want %s", args[1], got, args[2])
	}
}

// noSecret: nosecret SECRET wants it in neither output of the last command.
func noSecret(ts *testscript.TestScript, _ bool, args []string) {
	for _, stream := range []string{"stdout", "stderr"} {
		if bytes.Contains([]byte(ts.ReadFile(stream)), []byte(args[0])) {
			ts.Fatalf("%s holds the secret", stream)
		}
	}
}

// validate: schema NAME FILE checks a document against docs/schema/NAME.schema.json.
func validate(ts *testscript.TestScript, _ bool, args []string) {
	schema, doc := filepath.Join(schemaDir(ts), args[0]+".schema.json"), []byte(ts.ReadFile(args[1]))
	ts.Check(matchSchema(schema, doc))
	if args[0] == "doctor" {
		var d diagnosed
		ts.Check(json.Unmarshal(doc, &d))
		noteRaised(d)
	}
}

// countLines: lines FILE N wants that many lines.
func countLines(ts *testscript.TestScript, _ bool, args []string) {
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(got) != args[1] {
		ts.Fatalf("%s has %d lines, want %s", args[0], got, args[1])
	}
}

// validateLines: schema-lines NAME FILE checks each line of a file as `schema` checks a document.
func validateLines(ts *testscript.TestScript, _ bool, args []string) {
	schema, all := filepath.Join(schemaDir(ts), args[0]+".schema.json"), ts.ReadFile(args[1])
	if all == "" {
		ts.Fatalf("%s is empty", args[1])
	}
	for line := range strings.Lines(all) {
		ts.Check(matchSchema(schema, []byte(line)))
	}
}
