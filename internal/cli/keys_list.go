package cli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// listOptions are the flags of `keys`.
type listOptions struct {
	filter   keyspace.Filter
	noTTL    bool
	minSize  sizeValue
	limit    int64
	limitSet bool // --limit was given
	order    string
	count    bool
	null     bool
	pace     keyspace.Pace
}

const (
	// usualLimit is how many keys, or elements of one, a terminal is given.
	usualLimit = 100
	// countOn is how long keys beyond the limit are counted.
	countOn = 2 * time.Second
)

func (a *app) checkList(o *listOptions) error {
	switch {
	case o.limit < 0:
		return a.usage("error.flag-positive", "flag", "--limit", "value", o.limit)
	case o.pace.MaxRate < 0:
		return a.usage("error.flag-positive", "flag", "--max-rate", "value", o.pace.MaxRate)
	case o.order != "" && !slices.Contains(keyspace.Orders(), keyspace.Order(o.order)):
		return a.usage("error.flag-choice", "flag", "--sort", "value", a.diag().Data(o.order), "choices", "key, ttl, size")
	}
	together := func(one, other string) error { return a.usage("error.flags-together", "one", one, "other", other) }
	format := a.flags.output
	switch plain := format == "" || format == "text"; {
	case o.count && o.limitSet:
		return together("--count", "--limit")
	case o.count && o.order != "":
		return together("--count", "--sort")
	case o.count && o.null:
		return together("--count", "--null")
	case o.count && !plain && format != "json":
		return together("--count", "--output "+format)
	case o.null && !plain:
		return together("--null", "--output "+format)
	case o.null && a.out().TTY:
		return a.usage("error.null-terminal")
	}
	return nil
}

// listOptions of the engine: what is asked about each key depends on what is shown.
func (o *listOptions) picking(facts bool, progress *keyspace.Progress) keyspace.PickOptions {
	return keyspace.PickOptions{
		ListOptions: keyspace.ListOptions{
			Filter: o.filter, NoTTL: o.noTTL, MinBytes: int64(o.minSize), Facts: facts, Pace: o.pace, Progress: progress,
		},
		Order: keyspace.Order(o.order), Limit: o.limit,
	}
}

func (a *app) runList(ctx context.Context, o listOptions) error {
	cfg, err := a.loadDatabase()
	if err != nil {
		return err
	}
	started := a.env.Now()
	conn, err := redisconn.Open(ctx, cfg.Target, a.connOptions())
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	defer conn.Close()
	k := &report.KeyList{
		Version: version, Target: reportTarget(cfg.Target, conn.Server()), Pattern: o.filter.Pattern, Type: o.filter.Type, NoTTL: o.noTTL,
		MinBytes: int64(o.minSize), Order: o.order,
	}
	finish := func() {
		k.CommandsSent, k.Duration = conn.CommandsSent(), a.env.Now().Sub(started)
	}
	if o.count {
		return a.countKeys(ctx, cfg, conn, o, k, finish)
	}
	return a.listKeys(ctx, cfg, conn, o, k, finish)
}

// listing is how a list is written on this stream, and what of it.
type listing struct {
	out   report.KeyWriter
	lines *report.KeyLines // out, where it writes names only
	text  bool             // people are told about the list on stdout, too
}

// listing picks the form: a table on a terminal, one name a line in a pipe, or the format asked for.
func (a *app) listing(o *listOptions, k *report.KeyList) listing {
	out := a.out()
	switch a.flags.output {
	case "json":
		return listing{out: report.NewKeyJSON(a.env.Stdout, k)}
	case "ndjson":
		return listing{out: report.NewKeyNDJSON(a.env.Stdout)}
	case "csv":
		data := func(s string) string { return s }
		if out.TTY {
			data = out.Data
		}
		return listing{out: report.NewKeyCSV(a.env.Stdout, data)}
	}
	if out.TTY {
		t := &report.Text{Screen: out, Words: report.Words{C: a.cat, Data: out.Data}, Quiet: a.flags.quiet}
		return listing{out: report.NewKeyTable(t), text: true}
	}
	lines := report.NewKeyLines(a.env.Stdout, o.null)
	return listing{out: lines, lines: lines}
}

func (a *app) listKeys(
	ctx context.Context,
	cfg *config.Config,
	conn *redisconn.Conn,
	o listOptions,
	k *report.KeyList,
	finish func(),
) error {
	form := a.listing(&o, k)
	if !form.text && !o.limitSet {
		o.limit = 0 // what programs read is not abridged
	}
	progress := &keyspace.Progress{}
	po := o.picking(form.lines == nil, progress)
	if form.text || a.flags.output == "json" {
		po.CountOn = countOn
	}
	stop := func() {}
	if o.order != "" || !a.out().TTY { // else rows come as they are read: a line of progress would run into them
		stop = sync.OnceFunc(a.watchProgress("stats.progress", progress))
	}
	po.Paged = form.out.Page
	picked, err := keyspace.Pick(ctx, conn, po, func(r profile.Record) error {
		if o.order != "" {
			stop()
		}
		return form.out.Key(r)
	})
	stop()
	if picked != nil {
		k.KeysTotal, k.Shown, k.More, k.AtLeast = picked.Total, picked.Shown, picked.More, picked.AtLeast
		k.Estimated, k.Hidden, k.Refused = picked.Estimated, picked.Hidden, refusedAsks(picked.Refused)
	}
	finish()
	return a.endList(ctx, cfg, form, k, err)
}

// endList writes the end of a list, also of one that has failed on the way, as much of it as holds all the same.
func (a *app) endList(ctx context.Context, cfg *config.Config, form listing, k *report.KeyList, err error) error {
	var stop interruptedError
	switch {
	case errors.Is(err, syscall.EPIPE):
		return err
	case errors.As(err, &stop):
		k.Partial = "interrupted"
	case err != nil:
		k.Partial = "failed"
	}
	if err != nil && k.Shown == 0 {
		if k.Partial == "failed" {
			return a.unreached(ctx, cfg, err)
		}
	} else if werr := form.out.End(k); werr != nil {
		return werr
	}
	s := a.diag()
	if k.Partial == "interrupted" {
		a.say(s, s.Sign(term.SymWarn)+" "+s.Wrap(a.cat.N("keys.interrupted", int(k.Shown), "n", a.cat.Int(k.Shown),
			"total", a.cat.Int(k.KeysTotal)), 3))
		return err
	}
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	if form.lines != nil {
		a.sayAboutLines(s, form.lines, k)
	}
	return nil
}

// sayAboutLines tells the person behind a pipe what the names alone do not.
func (a *app) sayAboutLines(s term.Screen, lines *report.KeyLines, k *report.KeyList) {
	if a.flags.quiet {
		return
	}
	w := a.words(s)
	say := func(sym term.Symbol, text string) { a.say(s, s.Sign(sym)+" "+s.Wrap(text, 3)) }
	for _, note := range w.KeyNotes(k) {
		say(term.SymInfo, note)
	}
	if lines.Quoted > 0 {
		say(term.SymInfo, a.cat.N("keys.quoted", int(lines.Quoted), "n", a.cat.Int(lines.Quoted)))
	}
	if k.Shown == 0 {
		say(term.SymInfo, w.Data(k.Target.Display)+a.cat.T("colon")+w.KeysShown(k))
	}
	if hint := w.KeysHint(k); hint != "" {
		say(term.SymHint, hint)
	}
}

func refusedAsks(all []keyspace.Refusal) []report.RefusedAsk {
	var out []report.RefusedAsk
	for _, r := range all {
		out = append(out, report.RefusedAsk{Command: r.Command, Reply: strings.TrimSpace(r.Reply)})
	}
	return out
}

// countKeys counts: by DBSIZE where all keys are meant, else one by one.
func (a *app) countKeys(
	ctx context.Context,
	cfg *config.Config,
	conn *redisconn.Conn,
	o listOptions,
	k *report.KeyList,
	finish func(),
) error {
	method := report.CountedDBSize
	var err error
	if k.Limited() {
		method = report.CountedScan
		progress := &keyspace.Progress{}
		stop := a.watchProgress("stats.progress", progress)
		var l *keyspace.Listing
		l, err = keyspace.List(ctx, conn, o.picking(false, progress).ListOptions, func(profile.Record) error {
			k.Shown++
			return nil
		})
		stop()
		if l != nil {
			k.KeysTotal, k.Hidden, k.Estimated, k.Refused = l.Total, l.Hidden, l.Estimated, refusedAsks(l.Refused)
		}
	} else {
		k.Shown, err = keyspace.Count(ctx, conn)
		k.KeysTotal = k.Shown
	}
	finish()
	s := a.diag()
	var stop interruptedError
	if errors.As(err, &stop) {
		a.say(s, s.Sign(term.SymWarn)+" "+s.Wrap(a.cat.N("keys.count-interrupted", int(k.Shown), "n", a.cat.Int(k.Shown)), 3))
		return err
	}
	if err != nil {
		return a.unreached(ctx, cfg, err)
	}
	return a.writeCount(s, k, method)
}

func (a *app) writeCount(s term.Screen, k *report.KeyList, method string) error {
	if a.flags.output == "json" {
		return report.KeyCountJSON(a.env.Stdout, k, method)
	}
	out := a.out()
	if !out.TTY {
		if err := a.print(strconv.FormatInt(k.Shown, 10) + "\n"); err != nil {
			return err
		}
	} else if err := a.print(a.cat.N("keys.shown", int(k.Shown), "n", a.cat.Int(k.Shown)) + "\n"); err != nil {
		return err
	}
	if a.flags.quiet {
		return nil
	}
	w := a.words(s)
	for _, note := range w.KeyNotes(k) {
		a.say(s, s.Sign(term.SymInfo)+" "+s.Wrap(note, 3))
	}
	if method == report.CountedDBSize && out.TTY {
		a.say(s, s.Paint(term.Dim, s.Wrap(a.cat.T("keys.count-dbsize"), 0)))
	}
	return nil
}
