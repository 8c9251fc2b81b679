// Package cli is the command line: one file a command, each from flags through one call to one report and an exit code.
// Nothing here talks to Redis.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The exit codes of the contract.
const (
	ExitOK          = 0
	ExitFailed      = 1 // the check failed
	ExitUsage       = 2 // wrong usage or configuration, nothing was contacted
	ExitUnreachable = 3 // Redis could not be reached or refused the login
	ExitRefused     = 4 // the operator said no, or a guard did
	ExitInterrupted = 130
	ExitTerminated  = 143
)

// exitCodes are those that a manual page explains.
var exitCodes = []int{ExitOK, ExitFailed, ExitUsage, ExitUnreachable, ExitRefused, ExitInterrupted, ExitTerminated}

// Stamped by the linker; see the Makefile and .goreleaser.yaml.
var (
	version = "dev"
	commit  = ""
	date    = ""
)

// Env is what a run needs of its surroundings, so that tests can give their own.
type Env struct {
	Args      []string // without the program's name
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer
	LookupEnv func(string) (string, bool)
	Environ   []string // NAME=value, all that there are
	Dir       string   // the current folder; "" where it cannot be read
	Home      string
	Now       func() time.Time
}

func (e Env) getenv(name string) string {
	v, _ := e.LookupEnv(name)
	return v
}

// Main runs the program on the process's own surroundings and returns its exit code.
func Main() int {
	dir, _ := os.Getwd()        // a deleted folder has no .env; nothing else needs it
	home, _ := os.UserHomeDir() // as above
	env := Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, Environ: os.Environ(), Dir: dir, Home: home, Now: time.Now,
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	// Without this, writing to a pipe that nobody reads any more would end the program on the spot, its test key left behind.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		sig := <-signals
		cancel(interruptedError{sig})
		// The next one kills at once: cleaning up must not be a trap. One that comes along with the first is the same wish:
		// `timeout` signals its child and then the child's group.
		time.Sleep(sameWish)
		signal.Reset(os.Interrupt, syscall.SIGTERM)
	}()
	return Run(ctx, env)
}

// sameWish is how close together signals are taken for one.
const sameWish = 500 * time.Millisecond

// interruptedError is the cause of a cancelled run.
type interruptedError struct{ sig os.Signal }

func (e interruptedError) Error() string { return e.sig.String() }

func (e interruptedError) exitCode() int {
	if e.sig == syscall.SIGTERM {
		return ExitTerminated
	}
	return ExitInterrupted
}

// Run executes one command line and returns its exit code.
func Run(ctx context.Context, env Env) int {
	if len(env.Args) > 0 && env.Args[0] == "--version" {
		// Answered before anything is read: scripts ask it in loops.
		if _, err := io.WriteString(env.Stdout, "olymp-cache "+versionText()+"\n"); err != nil {
			return ExitFailed
		}
		return ExitOK
	}
	a := newApp(env)
	if a.langErr != nil {
		return a.exitCode(a.langErr)
	}
	root := a.rootCommand() //nolint:contextcheck // commands get theirs from cobra when they run
	root.SetArgs(env.Args)
	return a.exitCode(root.ExecuteContext(ctx))
}

func versionText() string {
	text := version
	if commit != "" {
		text += " (" + commit
		if date != "" {
			text += ", " + date
		}
		text += ")"
	}
	return text
}
