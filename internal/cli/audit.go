package cli

import (
	"cmp"
	"os"
	"os/user"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/report"
)

// auditLine is one run in OLYMP_CACHE_AUDIT_LOG: who did what, where, and how much of it was done.
type auditLine struct {
	Time    string   `json:"time"`
	User    string   `json:"user"`
	Host    string   `json:"host"`
	Command string   `json:"command"`
	Target  string   `json:"target"` // masked
	What    []string `json:"what"`   // patterns, names or options
	report.RemovalCounts
	Result string `json:"result"` // "done", "failed", "interrupted", "max-keys"
}

// audit is the log of who deleted what. Without one it does nothing.
type audit struct {
	app  *app
	file *os.File
	name string
	line auditLine
}

// openAudit opens the log before anything is deleted: what cannot be logged is not done.
func (a *app) openAudit(cfg *config.Config, command string, what []string) (*audit, error) {
	l := &audit{app: a, name: cfg.Settings.AuditLog}
	if l.name == "" {
		return l, nil
	}
	f, err := os.OpenFile(a.path(l.name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, ownerOnly)
	if err != nil {
		return nil, a.refuse(a.cat.T("refused.audit", "file", a.diag().Data(l.name), "reason", a.diag().Data(pathReason(err))))
	}
	l.file = f
	host, _ := os.Hostname() // a machine without a name is logged as such
	l.line = auditLine{User: a.userName(), Host: host, Command: command, Target: cfg.Target.URL, What: what}
	return l, nil
}

// userName is who runs this, as the system knows it.
func (a *app) userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return cmp.Or(a.env.getenv("USER"), a.env.getenv("USERNAME"), "?")
}

// close forgets a run that changed nothing.
func (l *audit) close() {
	if l.file != nil {
		_ = l.file.Close() // nothing was written, or its error was reported
	}
}

// write logs the run. Its failure is the run's: something was deleted that the log does not tell.
func (l *audit) write(counts report.RemovalCounts, result string) error {
	if l.file == nil {
		return nil
	}
	l.line.Time, l.line.RemovalCounts = l.app.env.Now().UTC().Format(time.RFC3339), counts
	l.line.Result = cmp.Or(result, "done")
	// One write a line: several runs may log to one file.
	err := report.WriteJSONLine(l.file, l.line)
	if err == nil {
		err = l.file.Sync()
	}
	if err == nil {
		return nil
	}
	s := l.app.diag()
	l.app.complain(s, l.app.cat.T("error.audit", "file", s.Data(l.name), "reason", s.Data(pathReason(err))), "")
	return verdict(ExitFailed)
}
