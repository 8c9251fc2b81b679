package redisconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// watcher sees every command of a client, those of the login included: it counts and traces them and keeps what HELLO
// said, which saves asking again.
type watcher struct {
	redact func(string) string
	trace  func(Event)

	mu     sync.Mutex
	sent   int
	hello  map[string]any           // of the first connection; nil where HELLO is unknown
	failed string                   // the last command of a login that failed
	refuse error                    // what HELLO was refused with
	ready  time.Time                // when the last login was done; zero before the first
	times  map[string]time.Duration // of the first login, by command
}

// lastFailure is the last command of a login that failed, and what HELLO was refused with.
func (w *watcher) lastFailure() (name string, hello error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed, w.refuse
}

// DialHook passes; connections are traced by the dialer, step by step.
func (w *watcher) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook watches single commands.
func (w *watcher) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmd)
		w.saw(cmd, w.since(start), err)
		return err
	}
}

// ProcessPipelineHook watches pipelines; each command of one is counted.
func (w *watcher) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		start := time.Now()
		err := next(ctx, cmds)
		took := w.since(start)
		for _, cmd := range cmds {
			w.saw(cmd, took, cmd.Err())
		}
		return err
	}
}

// since is the time a command took without that of the connection which had to be made for it.
func (w *watcher) since(start time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ready.After(start) {
		start = w.ready
	}
	return time.Since(start)
}

func (w *watcher) saw(cmd redis.Cmder, took time.Duration, err error) {
	w.mu.Lock()
	if w.ready.IsZero() && !isLogin(cmd.Name()) {
		w.mu.Unlock()
		return // the connection failed before this command could be sent
	}
	w.sent++
	if w.ready.IsZero() {
		if w.times == nil {
			w.times = map[string]time.Duration{}
		}
		w.times[cmd.Name()] = took
	}
	if err != nil && !errors.Is(err, redis.Nil) {
		w.failed = cmd.Name()
		if cmd.Name() == "hello" {
			w.refuse = err
		}
	}
	if hello, ok := cmd.(*redis.MapStringInterfaceCmd); ok && cmd.Name() == "hello" && err == nil && w.hello == nil {
		w.hello = hello.Val()
	}
	w.mu.Unlock()
	if w.trace == nil {
		return
	}
	e := Event{Kind: "command", Detail: w.redact(commandText(cmd)), Duration: took}
	if err != nil && !errors.Is(err, redis.Nil) {
		e.Err = ErrorText(w.redact, err)
	}
	w.trace(e)
}

// isLogin tells the commands that the driver sends of itself while it logs in.
func isLogin(name string) bool {
	switch name {
	case "hello", "auth", "select", "client":
		return true
	}
	return false
}

// loggedIn is told by the driver when HELLO, AUTH and SELECT were accepted.
func (w *watcher) loggedIn(context.Context, *redis.Conn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ready = time.Now()
	return nil
}

// isLoggedIn tells whether a login was done.
func (w *watcher) isLoggedIn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.ready.IsZero()
}

// loginTimes is how long the commands of the first login took.
func (w *watcher) loginTimes() (hello, auth, selected time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.times["hello"], w.times["auth"], w.times["select"]
}

// helloUnknown tells a server that does not know HELLO from one that refused it.
func (w *watcher) helloUnknown() bool {
	_, refused := w.lastFailure()
	var reply redis.Error
	return errors.As(refused, &reply) && ReplyID(reply.Error()) == "server-unknown-command"
}

// forgetLogin makes ready for the login to another server; the count goes on.
func (w *watcher) forgetLogin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hello, w.ready, w.failed, w.refuse, w.times = nil, time.Time{}, "", nil, nil
}

// loginSoFar keeps what was seen of a login, for a restore after another attempt; the count goes on.
func (w *watcher) loginSoFar() (restore func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hello, ready, failed, refuse, times := w.hello, w.ready, w.failed, w.refuse, w.times
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.hello, w.ready, w.failed, w.refuse, w.times = hello, ready, failed, refuse, times
	}
}

func (w *watcher) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// word reads a text field of HELLO's answer.
func (w *watcher) word(field string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, ok := w.hello[field]
	if !ok {
		return ""
	}
	return fmt.Sprint(v)
}

// piped counts and traces commands that went past the driver.
func (w *watcher) piped(n int, what string, took time.Duration) {
	w.mu.Lock()
	w.sent += n
	w.mu.Unlock()
	if w.trace != nil {
		w.trace(Event{Kind: "command", Detail: w.redact(what), Duration: took})
	}
}
