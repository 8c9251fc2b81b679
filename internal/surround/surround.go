// Package surround gathers what stands around when a Redis cannot be reached: containers, units, listening sockets, the
// platform, this host. It looks and never judges: every answer is a Fact, and what could not be asked is one too.
//
// Nothing here leaves the machine but what the operator's own docker client does; sockets are opened to loopback only.
package surround

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	// DefaultTimeout is the deadline of each source.
	DefaultTimeout = 2 * time.Second
	// grace is what a killed child and its pipes get to go away before its source is given up.
	grace = 700 * time.Millisecond
	// maxFile bounds what is read of one file.
	maxFile = 1 << 20
)

// Options says what to look at and through what. The zero value looks at this machine.
type Options struct {
	Offline    bool                                       // start no program, open no socket: files and variables only
	NoPorts    bool                                       // do not talk to the ports of this machine
	NoPrograms bool                                       // no containers and units: the target is elsewhere and works
	Timeout    time.Duration                              // deadline of each source; zero means DefaultTimeout
	LookupEnv  func(name string) (value string, ok bool)  // nil means os.LookupEnv
	LookPath   func(name string) (path string, err error) // nil means exec.LookPath
	FS         fs.FS                                      // the root of the file system; nil means the real one
	Redact     func(text string) string                   // masks the target's own secrets in foreign text; may be nil
	Hosts      []string                                   // of the target: a container of that name is looked at too
	Ports      []int                                      // of the target: also tried on loopback
	EnvFiles   []string                                   // .env files of which git is asked whether it tracks them
	EnvSecrets map[string]int                             // where those that have the password of a Redis have it: the line, from 1
}

// look is one run of Look.
type look struct {
	Options
	goos string
}

// Look asks every source at once and comes back when the slowest has answered or met its deadline: with two waves of
// sources (containers, then the ports they publish) a little over two timeouts at worst.
func Look(ctx context.Context, opts Options) Surroundings { return newLook(opts).all(ctx) }

func newLook(opts Options) *look {
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.LookupEnv == nil {
		opts.LookupEnv = os.LookupEnv
	}
	if opts.LookPath == nil {
		opts.LookPath = exec.LookPath
	}
	if opts.FS == nil {
		opts.FS = os.DirFS("/")
	}
	return &look{Options: opts, goos: runtime.GOOS}
}

func (l *look) all(ctx context.Context) Surroundings {
	s := Surroundings{OS: l.goos, Platforms: l.platforms(), EnvFiles: make([]Fact[EnvFile], len(l.EnvFiles))}
	var all sync.WaitGroup
	all.Go(func() { s.Programs = within(ctx, l, sourcePath, l.programs) })
	if l.goos == "linux" {
		all.Go(func() { s.Container = within(ctx, l, sourceCgroup, l.ownContainer) })
		all.Go(func() { s.WSL = within(ctx, l, sourceVersion, l.wsl) })
		all.Go(func() { s.Memory = within(ctx, l, sourceMeminfo, l.memory) })
		all.Go(func() { s.Overcommit = within(ctx, l, sourceOvercommit, l.overcommit) })
		all.Go(func() { s.HugePages = within(ctx, l, sourceHugePages, l.hugePages) })
	}
	if l.goos == "linux" || !l.Offline {
		all.Go(func() { s.Sockets = within(ctx, l, l.socketSource(), l.sockets) })
	}
	var known, published []Answer
	if !l.Offline {
		if l.goos == "linux" && !l.NoPrograms {
			all.Go(func() { s.Units = within(ctx, l, sourceUnits, l.units) })
		}
		for i, file := range l.EnvFiles {
			all.Go(func() {
				s.EnvFiles[i] = within(ctx, l, sourceTracked, func(ctx context.Context) Fact[EnvFile] {
					return l.tracked(ctx, file)
				})
			})
		}
		first := l.firstPorts()
		if !l.NoPorts {
			all.Go(func() { known = l.answers(ctx, first) })
		}
		if !l.NoPrograms {
			all.Go(func() {
				s.Docker = l.docker(ctx)
				if !l.NoPorts {
					published = l.answers(ctx, hostPorts(s.Docker, first))
				}
			})
		}
	}
	all.Wait()
	if !l.Offline && !l.NoPorts {
		s.Answers = seen(sourceAnswers, slices.Concat([]Answer{}, known, published))
	}
	return s
}

// within gives one source its deadline. A source that hangs where no deadline reaches (a file on a dead mount) is left
// behind with its goroutine: the caller is a program that ends soon.
func within[T any](ctx context.Context, l *look, source string, ask func(context.Context) Fact[T]) Fact[T] {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	answer := make(chan Fact[T], 1)
	go func() { answer <- ask(ctx) }()
	select {
	case got := <-answer:
		return got
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case got := <-answer:
		return got
	case <-late.C:
		return unseen[T](statusOf(ctx.Err()), source, "")
	}
}

// statusOf names what stopped a question.
func statusOf(err error) Status {
	switch {
	case err == nil:
		return OK
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return TimedOut
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, exec.ErrNotFound):
		return Missing
	case errors.Is(err, fs.ErrPermission):
		return Denied
	default:
		return Failed
	}
}

// read is at most maxFile bytes of one file, its path without the leading slash.
func (l *look) read(path string) (text string, err error) {
	file, err := l.FS.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	raw, err := io.ReadAll(io.LimitReader(file, maxFile))
	return string(raw), err
}

// readFact reads a file and makes a fact of what parse finds in it.
func readFact[T any](l *look, path string, parse func(string) (T, bool)) Fact[T] {
	text, err := l.read(path)
	if err != nil {
		return unseen[T](statusOf(err), "/"+path, l.clean(err.Error()))
	}
	value, ok := parse(text)
	if !ok {
		return unseen[T](Failed, "/"+path, l.clean(text))
	}
	return seen("/"+path, value)
}
