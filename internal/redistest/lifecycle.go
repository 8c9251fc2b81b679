package redistest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// boot starts the process and waits until ready says so, or it has ended.
func (s *Server) boot(ready func() error) error {
	log, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the child has its own handle
	before := len(s.Log())
	args := append([]string{s.confPath()}, s.set.args...)
	if s.set.sentinel {
		args = append(args, "--sentinel")
	}
	//nolint:gosec // G204: the developer's own choice of server
	cmd := exec.CommandContext(context.Background(), s.binary, args...) // Cleanup ends it
	cmd.Stdout, cmd.Stderr = log, log
	p, err := spawn(cmd)
	if err != nil {
		return fmt.Errorf("start %s: %w", s.binary, err)
	}
	s.mu.Lock()
	s.proc = p
	s.mu.Unlock()
	ended := false
	err = poll(bootWait, "server to answer", func() error {
		if ended = !p.running(); ended {
			return nil
		}
		return ready()
	})
	switch {
	case ended && strings.Contains(s.Log()[before:], "Address already in use"):
		return errPortTaken
	case ended:
		return fmt.Errorf("server ended at once (%s); its log ends with:\n%s", p.state(), s.logTail())
	case err != nil:
		return errors.Join(fmt.Errorf("%w; the server's log ends with:\n%s", err, s.logTail()), s.end(0))
	}
	return nil
}

// ready tells whether the process that answers is ours and has loaded its data. A lost race for the port may leave a
// stranger there.
func (s *Server) ready() error {
	reply, err := s.Do("INFO")
	if words, said := errors.AsType[ReplyError](err); said && strings.Contains(string(words), "unknown command") {
		return nil // a test may rename INFO away, as some providers do
	}
	if err != nil {
		return err
	}
	info := parseInfo(reply)
	if pid := info["process_id"]; pid != strconv.Itoa(s.Pid()) {
		return fmt.Errorf("process %q answers on our port, not %d", pid, s.Pid())
	}
	if info["loading"] == "1" {
		return errors.New("server is loading")
	}
	return nil
}

// parseInfo reads the lines "name:value" of INFO.
func parseInfo(reply string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(reply) {
		if name, value, found := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); found {
			info[name] = value
		}
	}
	return info
}

// Info is the fields of one or more sections of INFO.
func (s *Server) Info(sections ...string) map[string]string {
	s.t.Helper()
	return parseInfo(s.must(append([]string{"INFO"}, sections...)...))
}

func (s *Server) process() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc
}

// Pid is the number of the latest process, also after it has ended; 0 if none was started.
func (s *Server) Pid() int {
	if p := s.process(); p != nil {
		return p.pid()
	}
	return 0
}

// Running tells whether the process lives; a paused one does.
func (s *Server) Running() bool {
	p := s.process()
	return p != nil && p.running()
}

// Stop asks the server to end as systemd does (SIGTERM) and kills it if it does not. Data is lost unless the server was
// told to save it.
func (s *Server) Stop() {
	s.t.Helper()
	if err := s.end(stopWait); err != nil {
		s.t.Fatalf("redistest: stop server: %v", err)
	}
}

// Kill ends the server at once (SIGKILL): nothing is saved, nobody is told.
func (s *Server) Kill() {
	s.t.Helper()
	if err := s.end(0); err != nil {
		s.t.Fatalf("redistest: kill server: %v", err)
	}
}

// Pause freezes the server (SIGSTOP): the kernel still accepts connections, nobody answers.
func (s *Server) Pause() {
	s.t.Helper()
	if err := s.process().pause(); err != nil {
		s.t.Fatalf("redistest: pause server: %v", err)
	}
}

// Resume lets a paused server go on.
func (s *Server) Resume() {
	s.t.Helper()
	if err := s.process().resume(); err != nil {
		s.t.Fatalf("redistest: resume server: %v", err)
	}
}

// Restart stops the server if it runs and starts it again on the same ports, with the configuration as it is on disk
// (CONFIG REWRITE counts). It returns when the data is loaded.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.end(stopWait); err != nil {
		s.t.Fatalf("redistest: stop server: %v", err)
	}
	if err := s.boot(s.ready); err != nil {
		s.t.Fatalf("redistest: restart server: %v", err)
	}
}

// end stops the process, by force if it is still there after patience, and returns when it is gone.
func (s *Server) end(patience time.Duration) error {
	p := s.process()
	if p == nil || !p.running() {
		return nil
	}
	if patience > 0 {
		if err := p.terminate(); err != nil {
			return err
		}
		if p.waitFor(patience) {
			return nil
		}
	}
	if err := p.kill(); err != nil {
		return err
	}
	if !p.waitFor(stopWait) {
		return fmt.Errorf("process %d survives SIGKILL", p.pid())
	}
	return nil
}

func (s *Server) logPath() string { return filepath.Join(s.Dir, "server.log") }

// Log is everything the server has logged, over all its restarts.
func (s *Server) Log() string {
	log, err := os.ReadFile(s.logPath())
	if err != nil {
		return ""
	}
	return string(log)
}

// logTail is the last lines of the log, fit for a failure message.
func (s *Server) logTail() string {
	const keep = 15
	lines := strings.Split(strings.TrimSpace(s.Log()), "\n")
	return s.redact(strings.Join(lines[max(0, len(lines)-keep):], "\n"))
}

// redact hides the server's passwords: a configuration error quotes its line.
func (s *Server) redact(text string) string {
	for _, secret := range s.set.secrets() {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}
