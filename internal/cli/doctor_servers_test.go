package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// paste runs a command as an operator would, who types what it asks for, with these variables set.
func paste(t *testing.T, command, types string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Env, cmd.Stdin = append(cmd.Environ(), env...), strings.NewReader(types)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil || strings.Contains(out.String(), "ERR ") {
		t.Errorf("%s: %v: %s", command, err, out.String())
	}
	return out.String()
}

// shown is the command of a finding that holds part.
func (d diagnosed) shown(t *testing.T, id, part string) string {
	t.Helper()
	for _, command := range d.commands(id) {
		if strings.Contains(command, part) {
			return command
		}
	}
	t.Fatalf("%s shows no command with %q: %q", id, part, d.commands(id))
	return ""
}

// wantMended waits until a diagnosis no longer finds it.
func wantMended(t *testing.T, p place, id string) {
	t.Helper()
	var ids []string
	for range 60 {
		again, _ := p.doctor(t)
		if ids = again.ids(); !slices.Contains(ids, id) {
			return
		}
		time.Sleep(250 * time.Millisecond) // what was mended takes effect
	}
	t.Errorf("%s is still found: %q", id, ids)
}

const adminIs = "REDIS_ADMIN_PASSWORD="

// TestDoctorUsers: what an ACL refuses has its name, and the administrator's command grants it.
func TestDoctorUsers(t *testing.T) {
	t.Parallel()
	s := advised(t, redistest.WithUser("noset", "S3cretUser", "~* +@all -set"), redistest.WithUser("nothing", "S3cretUser", "-@all"),
		redistest.WithUser("noping", "S3cretUser", "~* &* +@all -ping"), redistest.WithUser("nodel", "S3cretUser", "~* &* +@all -del -unlink"),
		redistest.WithUser("app", "S3cretUser", "~vitrine:* +@all -@dangerous"), redistest.WithUser("nosel", "S3cretUser", "~* +@all -select"))
	as := func(user string) place { return at(s.URLOf(user, "S3cretUser", s.Addr())) }
	t.Run("no SET", func(t *testing.T) {
		t.Parallel()
		d := wantRoot(t, as("noset"), "auth-no-permission", cli.ExitFailed)
		as("noset").wantTidy(t, failureLines, "S3cretUser")
		paste(t, d.shown(t, "auth-no-permission", "ACL SETUSER noset +set"), "", adminIs+s.Password)
		wantMended(t, as("noset"), "auth-no-permission")
	})
	t.Run("nothing at all", func(t *testing.T) {
		t.Parallel()
		wantRoot(t, as("nothing"), "auth-no-permission", cli.ExitFailed)
	})
	t.Run("no SELECT", func(t *testing.T) {
		t.Parallel()
		p := as("nosel")
		p.env["REDIS_URL"] += "/3"
		d := wantRoot(t, p, "auth-no-permission", cli.ExitUnreachable)
		for _, step := range d.Steps {
			if step.Name == "auth" && step.Status != "ok" {
				t.Errorf("the login is %s", step.Status)
			}
		}
	})
	t.Run("no PING", func(t *testing.T) { t.Parallel(); wantFound(t, as("noping"), "warning", "auth-no-permission") })
	t.Run("no DEL", func(t *testing.T) {
		t.Parallel()
		wantFound(t, as("nodel"), "warning", "auth-no-permission", "write-key-left")
	})
	t.Run("other keys", func(t *testing.T) { // a user as it should be
		t.Parallel()
		wantFound(t, as("app"), "ok", "auth-no-permission")
		out, _, code := as("app").run(t, "doctor", "--lang", "en")
		if code != cli.ExitOK || !strings.Contains(out, "nothing to report") && strings.Contains(out, "❌") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	})
}

// TestDoctorUserOff: a user who is off is told from a wrong password where anybody may ask.
func TestDoctorUserOff(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithUser("app", "S3cretUser", "off ~* &* +@all"),
		redistest.WithArgs("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
	p := at(s.URLOf("app", "S3cretUser", s.Addr()))
	d := wantRoot(t, p, "auth-user-disabled", cli.ExitUnreachable)
	p.wantTidy(t, failureLines, "S3cretUser")
	wantFound(t, at(s.URL()), "warning", "auth-user-disabled", "auth-failures-seen") // as others see it
	paste(t, d.shown(t, "auth-user-disabled", "ACL SETUSER app on"), "")
	wantMended(t, p, "auth-user-disabled")
	wantRoot(t, at(s.URLOf("app", "another", s.Addr())), "auth-wrong", cli.ExitUnreachable)
}

// TestDoctorScripts: functions and scripts that block, also those that have written.
func TestDoctorScripts(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-cli"); err != nil {
		t.Fatal("the commands shown need redis-cli")
	}
	block := func(t *testing.T, command ...string) (*redistest.Server, diagnosed) {
		t.Helper()
		s := advised(t, redistest.WithArgs("--busy-reply-threshold", "50"))
		do(t, s, "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('forever', function() while true do end end)")
		ended := make(chan struct{})
		go func() {
			_, _ = s.Do(command...) // ends when it is killed
			close(ended)
		}()
		t.Cleanup(func() { s.Kill(); <-ended })
		for range 100 {
			if _, err := s.Do("PING"); err != nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		return s, wantRoot(t, at(s.URL()), "server-busy", cli.ExitFailed)
	}
	t.Run("a function", func(t *testing.T) {
		t.Parallel()
		s, d := block(t, "FCALL", "forever", "0")
		paste(t, d.shown(t, "server-busy", "FUNCTION KILL"), "", "REDIS_PASSWORD="+s.Password)
		wantMended(t, at(s.URL()), "server-busy")
	})
	t.Run("a script that has written", func(t *testing.T) {
		t.Parallel()
		s, d := block(t, "EVAL", "redis.call('set', 'x', '1') while true do end", "0")
		said := paste(t, d.shown(t, "server-busy", "SCRIPT KILL"), "", "REDIS_PASSWORD="+s.Password)
		if !strings.Contains(said, "UNKILLABLE") {
			t.Errorf("SCRIPT KILL said %q", said)
		}
		paste(t, d.shown(t, "server-busy", "SHUTDOWN NOSAVE"), "", "REDIS_PASSWORD="+s.Password)
		for range 100 {
			if !s.Running() {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error("the server still runs")
	})
}

// TestDoctorPaused: PING is answered, a write is not.
func TestDoctorPaused(t *testing.T) {
	t.Parallel()
	s := advised(t)
	do(t, s, "CLIENT", "PAUSE", "120000", "WRITE")
	p := at(s.URL(), "--timeout", "1s")
	d := wantRoot(t, p, "write-paused", cli.ExitFailed)
	p.wantTidy(t, failureLines, "S3cretWord")
	paste(t, d.shown(t, "write-paused", "CLIENT UNPAUSE"), "", "REDIS_PASSWORD="+s.Password)
	wantMended(t, p, "write-paused")
}

// TestDoctorStatesMended: the states of TestDoctorStates for which a command, or what the command is about, is the remedy.
func TestDoctorStatesMended(t *testing.T) {
	t.Parallel()
	word := "REDIS_PASSWORD=S3cretWord"
	t.Run("RDB", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		s.EnterMisconf()
		d := wantRoot(t, at(s.URL()), "server-misconf", cli.ExitFailed)
		paste(t, d.shown(t, "server-misconf", "df -h"), "", word)
		paste(t, d.shown(t, "server-misconf", `CONFIG SET save ""`), "", word)
		wantMended(t, at(s.URL()), "server-misconf")
	})
	t.Run("RDB, and nobody cares", func(t *testing.T) {
		t.Parallel()
		s := advised(t, redistest.WithArgs("--save", "3600", "1"))
		s.EnterMisconf()
		do(t, s, "CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
		d := wantRoot(t, at(s.URL()), "persistence-failing", cli.ExitFailed)
		paste(t, d.shown(t, "persistence-failing", `CONFIG SET save ""`), "", word)
		wantMended(t, at(s.URL()), "persistence-failing")
	})
	t.Run("NOREPLICAS", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		s.EnterNoReplicas()
		d := wantRoot(t, at(s.URL()), "server-noreplicas", cli.ExitFailed)
		paste(t, d.shown(t, "server-noreplicas", "CONFIG SET min-replicas-to-write 0"), "", word)
		wantMended(t, at(s.URL()), "server-noreplicas")
	})
	t.Run("READONLY", func(t *testing.T) {
		t.Parallel()
		s := redistest.StartReplica(t, advised(t), redistest.WithArgs("--maxmemory", "100mb"))
		d := wantRoot(t, at(s.URL()), "server-readonly", cli.ExitFailed)
		url, _ := strings.CutPrefix(d.shown(t, "server-readonly", "REDIS_URL="), "REDIS_URL=")
		if again, _ := at(strings.Replace(url, "***", "S3cretWord", 1)).doctor(t); again.Status != "ok" {
			t.Errorf("%s does not mend it: %q", url, again.ids())
		}
	})
	t.Run("MASTERDOWN", func(t *testing.T) {
		t.Parallel()
		primary, s := redistest.StartMasterDown(t, redistest.WithPassword("S3cretWord"))
		d := wantRoot(t, at(s.URL(), "--read-only"), "server-masterdown", cli.ExitFailed)
		if said := paste(t, d.shown(t, "server-masterdown", "INFO replication"), "", word); !strings.Contains(said, "master_link_status:down") {
			t.Errorf("the link is said to be %s", said)
		}
		primary.Restart()
		wantMended(t, at(s.URL(), "--read-only"), "server-masterdown")
	})
	t.Run("LOADING", func(t *testing.T) {
		t.Parallel()
		s, finish := redistest.StartLoading(t)
		d := wantRoot(t, at(s.URL()), "server-loading", cli.ExitFailed)
		wait := strings.Fields(d.shown(t, "server-loading", "olymp-cache test --wait"))[1:]
		finish()
		if out, diag, code := at(s.URL()).run(t, wait...); code != cli.ExitOK {
			t.Errorf("%q: exit code %d: %s%s", wait, code, out, diag)
		}
	})
	t.Run("max clients", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		leave := s.EnterMaxClients(3)
		d := wantRoot(t, at(s.URL()), "server-max-clients", cli.ExitUnreachable)
		if _, err := exec.LookPath("ss"); err == nil {
			held := paste(t, d.shown(t, "server-max-clients", "ss -tnp"), "")
			if !strings.Contains(held, strconv.Itoa(s.Port)) {
				t.Errorf("nobody holds a connection: %s", held)
			}
		}
		leave() // as the application does that is told to
		wantMended(t, at(s.URL()), "server-max-clients")
	})
	t.Run("protected mode", func(t *testing.T) {
		t.Parallel()
		if runtime.GOOS != "linux" {
			t.Skip("a stranger is 127.0.0.2, which only Linux has")
		}
		s, stranger := redistest.StartProtected(t)
		d := wantRoot(t, at("redis://"+stranger.Addr()), "server-protected-mode", cli.ExitUnreachable)
		_, port, _ := strings.Cut(stranger.Addr(), ":")
		command := d.shown(t, "server-protected-mode", "CONFIG SET requirepass")
		// On the server itself the port is its own; without a terminal the password is read from the standard input.
		paste(t, "setsid -w sh -c "+quoted(strings.Replace(command, " -p "+port, " -p "+strconv.Itoa(s.Port), 1)), "S3cretWord\n")
		if again, _ := at("redis://:S3cretWord@" + stranger.Addr()).doctor(t); again.Status == "unreachable" {
			t.Errorf("%q does not mend it: %q", command, again.ids())
		}
	})
}

// quoted is a word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// TestDoctorAOF: the disk is full; room on it mends it.
func TestDoctorAOF(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a full disk needs the right to mount one: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	s := advised(t, redistest.WithArgs("--dir", dir, "--appendonly", "yes", "--appendfsync", "always"))
	big := filepath.Join(dir, "something-else")
	if err := os.WriteFile(big, bytes.Repeat([]byte("x"), 1500<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 20 { // with appendfsync always Redis ends itself; with everysec it waits for room
		if i == 0 {
			do(t, s, "CONFIG", "SET", "appendfsync", "everysec")
		}
		_, _ = s.Do("SET", "page:"+strconv.Itoa(i), strings.Repeat("y", 60<<10), "EX", "600") // refused at last
	}
	for range 100 {
		if _, err := s.Do("PING"); err != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	d := wantRoot(t, at(s.URL()), "server-misconf", cli.ExitFailed)
	at(s.URL()).wantTidy(t, failureLines, "S3cretWord")
	if said := paste(t, d.shown(t, "server-misconf", "df -h"), ""); !strings.Contains(said, "tmpfs") {
		t.Errorf("df says %s", said)
	}
	if err := os.Remove(big); err != nil {
		t.Fatal(err)
	}
	wantMended(t, at(s.URL()), "server-misconf")
}

// TestDoctorKept: what is kept over a restart, and what is not.
func TestDoctorKept(t *testing.T) {
	t.Parallel()
	s := advised(t)
	d, _ := at(s.URL()).doctor(t)
	if !slices.Contains(d.ids(), "persistence-off") || !slices.Contains(d.ids(), "server-restarted") {
		t.Errorf("found %q", d.ids())
	}
	paste(t, d.shown(t, "persistence-off", "CONFIG SET appendonly yes"), "", "REDIS_PASSWORD="+s.Password)
	wantMended(t, at(s.URL()), "persistence-off")
	mode, err := os.ReadFile("/proc/sys/vm/overcommit_memory")
	if err != nil || strings.TrimSpace(string(mode)) != "0" {
		t.Skipf("this kernel refuses Redis no memory: %q, %v", mode, err)
	}
	wantFound(t, at(s.URL()), "ok", "persistence-overcommit")
}
