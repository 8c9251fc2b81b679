package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/i18n"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// globals are the flags of every command.
type globals struct {
	url           string
	envFiles      []string
	output        string
	lang          string
	color         string
	timeout       time.Duration
	tlsCA         string
	tlsCert       string
	tlsKey        string
	tlsServerName string
	tlsInsecure   bool
	quiet         bool
	verbose       bool
	ascii         bool
	readOnly      bool

	urlSet bool // --url was given, even if empty
}

// app is one run: its surroundings, its language and the flags of every command.
type app struct {
	env Env
	// flags stand apart: cobra keeps the flags of every command line in a table that is never emptied, and with them what they are a
	// part of. Who runs many command lines in one process, as the tests do, would keep every catalogue.
	flags   *globals
	cat     *i18n.Catalog
	langErr error

	progress progress
}

func newApp(env Env) *app {
	a := &app{env: env, flags: &globals{}}
	lang, err := i18n.Choose(langFlag(env.Args), env.LookupEnv)
	a.langErr = err
	a.cat = i18n.New(lang)
	return a
}

// langFlag finds --lang before the flags are read, as help and errors about flags need it. What follows «--» is no flag.
func langFlag(args []string) string {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if v, ok := strings.CutPrefix(arg, "--lang="); ok {
			return v
		}
		if arg == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// screen is what a stream can show under the flags and the environment.
func (a *app) screen(w io.Writer) term.Screen {
	tty := term.IsTerminal(w)
	s := term.Screen{
		Out: w, TTY: tty, Width: term.PlainWidth,
		Color: term.WantColor(term.ColorMode(a.flags.color), tty, a.env.getenv),
		ASCII: a.flags.ascii || !term.UTF8Locale(a.env.getenv),
	}
	if tty {
		s.Width = term.WidthOf(w, a.env.getenv)
	}
	if s.ASCII {
		s.Out = term.ASCIIWriter(w)
	}
	return s
}

func (a *app) out() term.Screen  { return a.screen(a.env.Stdout) }
func (a *app) diag() term.Screen { return a.screen(a.env.Stderr) }

func (a *app) words(s term.Screen) report.Words { return report.Words{C: a.cat, Data: s.Data} }

// say writes one line for a person to stderr. There is nobody to tell if that fails.
func (a *app) say(s term.Screen, text string) { _, _ = io.WriteString(s.Out, text+"\n") }

// load reads the configuration. OLYMP_CACHE_LANG may stand in a .env file too, so the language is settled here.
func (a *app) load() (*config.Config, error) {
	cfg, err := config.Load(config.Input{
		URL: a.flags.url, URLSet: a.flags.urlSet, EnvFiles: a.flags.envFiles,
		TLSCA: a.flags.tlsCA, TLSCert: a.flags.tlsCert, TLSKey: a.flags.tlsKey,
		TLSServerName: a.flags.tlsServerName, TLSInsecure: a.flags.tlsInsecure,
		LookupEnv: a.env.LookupEnv, Environ: a.env.Environ, Dir: a.env.Dir, Home: a.env.Home,
	})
	if err != nil {
		return nil, err
	}
	if a.flags.lang == "" {
		lookup := func(name string) (string, bool) {
			v, _, ok := cfg.Lookup(name)
			return v, ok
		}
		lang, err := i18n.Choose("", func(name string) (string, bool) {
			if name == "OLYMP_CACHE_LANG" {
				return lookup(name)
			}
			return a.env.LookupEnv(name)
		})
		if err != nil {
			return nil, err
		}
		if lang != a.cat.Lang() {
			a.cat = i18n.New(lang)
		}
	}
	if cfg.Settings.ReadOnly {
		a.flags.readOnly = true
	}
	return cfg, nil
}

// loadDatabase is load for commands that show or change what a database holds: it must be named. An address whose database is no number is
// taken for that of database 0 by most clients; `test` and `doctor` say so, these stop.
func (a *app) loadDatabase() (*config.Config, error) {
	cfg, err := a.load()
	if err != nil {
		return nil, err
	}
	for _, f := range cfg.Findings {
		if f.ID == "config-url-db" {
			f.Severity = finding.Critical
			return nil, &config.Error{Findings: []finding.Finding{f}, Target: cfg.Target}
		}
	}
	return cfg, nil
}

// connOptions are the network's, with the trace of --verbose.
func (a *app) connOptions() redisconn.Options {
	o := redisconn.Options{Timeout: a.flags.timeout}
	if a.flags.verbose {
		s := a.diag()
		o.Trace = func(e redisconn.Event) { a.say(s, a.traceLine(s, e)) }
	}
	return o
}

func (a *app) traceLine(s term.Screen, e redisconn.Event) string {
	line := fmt.Sprintf("%10s  %-7s %s", a.cat.Duration(e.Duration), e.Kind, s.Data(e.Detail))
	if e.Err != "" {
		line += "  " + s.Paint(term.Bad, s.Data(e.Err))
	}
	return line
}

// reportTarget is the target as reports show it.
func reportTarget(t config.Target, s redisconn.Server) report.Target {
	r := report.Target{
		URL: t.URL, Source: t.Origin.String(), DB: t.DB, TLS: t.TLS != nil, Provider: t.Provider,
		Mode: string(redisconn.ModeUnknown), Server: "unknown", ServerVersion: s.Version, Display: t.Display(),
	}
	if len(t.Endpoints) > 0 {
		r.Host, r.Port = t.Endpoints[0].Host, t.Endpoints[0].Port
	} else {
		r.Host = t.Path
	}
	if s.Mode != "" {
		r.Mode, r.Server = string(s.Mode), s.Product
	}
	return r
}
