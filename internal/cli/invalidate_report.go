package cli

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// show writes the report.
func (r *invalidation) show() error {
	if r.flags.output == "json" {
		return report.RemovalJSON(r.env.Stdout, r.res)
	}
	out := r.out()
	t := &report.Text{Screen: out, Words: r.words(out), Quiet: r.flags.quiet}
	t.Removal(r.res)
	return t.Err()
}

// fateFile is the file of --report; without one it does nothing.
type fateFile struct {
	app  *app
	name string
	file *os.File
	out  *bufio.Writer
}

// openFates opens the file before anything is deleted.
func (a *app) openFates(name string) (*fateFile, error) {
	f := &fateFile{app: a, name: name}
	if name == "" {
		return f, nil
	}
	file, err := os.OpenFile(a.path(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, ownerOnly)
	if err != nil {
		return nil, a.usage("error.write-file", "file", a.diag().Data(name), "reason", a.diag().Data(pathReason(err)))
	}
	f.file, f.out = file, bufio.NewWriterSize(file, 64<<10)
	return f, nil
}

func (f *fateFile) write(name []byte, fate string) error {
	if f.out == nil {
		return nil
	}
	return f.named(report.FateLine(f.out, name, fate))
}

// named says which file could not be written.
func (f *fateFile) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", f.app.diag().Data(f.name), f.app.diag().Data(pathReason(err)))
}

// finish writes what is still held back.
func (f *fateFile) finish() error {
	if f.file == nil {
		return nil
	}
	err := f.out.Flush()
	if cerr := f.file.Close(); err == nil {
		err = cerr
	}
	f.file = nil
	return f.named(err)
}

func (f *fateFile) close() {
	if f.file != nil {
		_ = f.finish() // a run that deleted nothing, or has reported its error
	}
}

// watchRemoval shows how far a deletion has come.
func (a *app) watchRemoval(p *keyspace.Progress) (stop func()) {
	return a.drawProgress(func(passed time.Duration) string {
		gone := p.Gone.Load()
		rate := float64(gone) / passed.Seconds()
		done, total := p.Keys.Load(), p.Total.Load()
		left := "?"
		if done > 0 && total >= done {
			left = a.cat.Span(time.Duration(float64(total-done) / float64(done) * float64(passed)))
		}
		return a.cat.T("remove.progress", "n", a.cat.Int(gone), "rate", a.cat.Int(int64(rate)), "left", left)
	})
}
