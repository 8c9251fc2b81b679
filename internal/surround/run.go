package surround

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"time"
)

const (
	// maxOutput bounds what one program may print; it is killed at the byte after.
	maxOutput = 256 << 10
	// pipeDelay is how long the pipes of a program that ended may stay open in the hands of its children.
	pipeDelay = 200 * time.Millisecond
)

// inherited are the variables a child may see: what docker, systemctl and git need to find their daemon and their
// configuration. Everything else stays here, REDIS_URL first of all.
var inherited = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TMP", "TEMP", "SSH_AUTH_SOCK",
	"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "DOCKER_API_VERSION",
	"CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINERS_CONF", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
	"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS",
	"SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES",
}

// errTooMuch is why a program that does not stop printing was ended.
var errTooMuch = errors.New("more output than can be read")

// output is what a program left.
type output struct {
	stdout, stderr string // stderr is empty where both were read as one
	cut            bool   // there was more
	code           int    // exit code; -1 where it did not exit by itself
	err            error  // it could not be started, met the deadline or was interrupted; nil where it exited by itself
}

// words is what the program said about a failure, still to be cleaned.
func (o output) words() string {
	switch {
	case strings.TrimSpace(o.stderr) != "":
		return o.stderr
	case strings.TrimSpace(o.stdout) != "":
		return o.stdout
	case o.err != nil && !errors.Is(o.err, context.DeadlineExceeded):
		return o.err.Error()
	default:
		return ""
	}
}

// status sorts a program that did not do what it was asked; patterns of each program are its caller's.
func (o output) status() Status {
	if o.err != nil {
		return statusOf(o.err)
	}
	return Failed
}

// run starts the program at path, with nothing on stdin and messages in English, and waits for its end or that of ctx.
// The whole process group is killed with it. merged reads stderr into stdout, in the order of writing.
func (l *look) run(ctx context.Context, merged bool, path string, args ...string) output {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var stdout, stderr capped
	stdout.full, stderr.full = func() { stop(errTooMuch) }, func() { stop(errTooMuch) }

	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // the path is from LookPath, the arguments are ours
	cmd.Env = l.childEnv()
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if merged {
		cmd.Stderr = &stdout
	}
	cmd.WaitDelay = pipeDelay
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	err := cmd.Run()

	out := output{stdout: stdout.text(), stderr: stderr.text(), cut: stdout.over || stderr.over, code: -1}
	if cmd.ProcessState != nil {
		out.code = cmd.ProcessState.ExitCode()
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		// It ended and left a child of its group behind, which holds the pipes.
		_ = killGroup(cmd) // gone meanwhile, or not ours: nothing more to do
		err = nil
	}
	var exited *exec.ExitError
	switch {
	case errors.Is(context.Cause(ctx), errTooMuch):
		// What was read may do; the caller sees that it was cut.
	case ctx.Err() != nil:
		out.err = ctx.Err()
	case err != nil && !errors.As(err, &exited):
		out.err = err
	}
	return out
}

func (l *look) childEnv() []string {
	env := []string{"LANG=C", "LC_ALL=C", "LANGUAGE=C", "GIT_OPTIONAL_LOCKS=0", "SYSTEMD_PAGER=", "NO_COLOR=1"}
	for _, name := range inherited {
		if value, ok := l.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// capped keeps the first maxOutput bytes and says when there are more.
type capped struct {
	mu   sync.Mutex
	kept bytes.Buffer
	over bool
	full func()
}

// Write never fails: a program must not see its pipe break before it is killed.
func (c *capped) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	room := maxOutput - c.kept.Len()
	c.kept.Write(p[:min(room, len(p))])
	if len(p) > room && !c.over {
		c.over = true
		c.full()
	}
	return len(p), nil
}

// text is what was kept. Of a text that was cut the last line goes: half a secret is not recognised as one.
func (c *capped) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := c.kept.String()
	if end := strings.LastIndexByte(text, '\n'); c.over && end >= 0 {
		return text[:end+1]
	}
	return text
}
