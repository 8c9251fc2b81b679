package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/facts"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
	"github.com/olympiades-ia/olymp-cache/internal/report"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// refusedError is a guard that stopped a destructive command, or an operator who said no. Its words are in the operator's language.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return e.text }

func (a *app) refuse(text string) error { return &refusedError{text: text} }

// mayWrite refuses what writes under --read-only, which OLYMP_CACHE_READ_ONLY may have set.
func (a *app) mayWrite(command string) error {
	if a.flags.readOnly {
		return a.refuse(a.cat.T("refused.read-only", "command", "olymp-cache "+command))
	}
	return nil
}

// onTerminal tells whether there is somebody to ask.
func (a *app) onTerminal() bool { return term.IsTerminal(a.env.Stdin) && term.IsTerminal(a.env.Stderr) }

// openForWriting connects, and gives nothing but a server that we are logged in to as the user that the URL names, and that answers.
func (a *app) openForWriting(ctx context.Context, cfg *config.Config) (*redisconn.Conn, error) {
	if cfg.Target.Username != "" && cfg.Target.Password == "" {
		// Without a password no client logs in as that user: all would be done as the default user.
		a.complain(a.diag(), a.cat.T("refused.user-without-password", "target", a.diag().Data(cfg.Target.URL)), "")
		return nil, verdict(ExitUnreachable)
	}
	conn, err := redisconn.Open(ctx, cfg.Target, a.connOptions())
	if err != nil {
		return nil, a.unreached(ctx, cfg, err)
	}
	if _, err := conn.Ping(); err != nil {
		conn.Close()
		return nil, a.unreached(ctx, cfg, err)
	}
	return conn, nil
}

// failed says why keys could not be deleted; what is a guard of ours is a refusal.
func (a *app) failed(ctx context.Context, cfg *config.Config, err error) error {
	var unasked *keyspace.ErrNotAsked
	switch {
	case errors.Is(err, keyspace.ErrRoleUnknown):
		a.complain(a.diag(), a.cat.T("refused.role-unknown"), "")
		return verdict(ExitFailed)
	case errors.Is(err, errLongName):
		a.complain(a.diag(), a.cat.T("error.long-name"), "")
		return verdict(ExitFailed)
	case errors.As(err, &unasked):
		s := a.diag()
		return a.refuse(
			a.cat.T("refused.not-asked", "command", unasked.Refusal.Command, "reply", s.Data(strings.TrimSpace(unasked.Refusal.Reply))),
		)
	}
	return a.unreached(ctx, cfg, err)
}

// standing gathers what the operator should see of the target before deleting.
func (a *app) standing(ctx context.Context, cfg *config.Config, conn *redisconn.Conn, all bool) *report.Standing {
	seen := facts.Stand(ctx, conn)
	s := &report.Standing{
		Target: reportTarget(cfg.Target, conn.Server()), Role: seen.Role, Keys: seen.Keys.Or(-1), NoTTL: seen.NoTTL.Or(-1),
		Bytes: seen.Bytes.Or(-1), Clients: seen.Clients.Or(-1), Names: map[string]int{}, SavedAgo: report.SaveUnknown,
	}
	if all {
		s.Keys, s.NoTTL = seen.AllKeys.Or(-1), seen.AllNoTTL.Or(-1)
	}
	if p, ok := provider.Lookup(cfg.Target.Provider); ok {
		s.Provider = p.Name
	}
	if at, ok := seen.LastSave.Get(); ok && at == 0 {
		s.SavedAgo = report.NeverSaved
	} else if ok {
		s.SavedAgo = max(a.env.Now().Sub(time.Unix(at, 0)), 0)
	}
	for name, n := range seen.ClientNames {
		s.Names[string(name)] = n
	}
	return s
}

// preview is the text on stderr that stands before a question.
func (a *app) preview() *report.Text {
	s := a.diag()
	return &report.Text{Screen: s, Words: a.words(s)}
}

// confirmed asks a question that is answered by yes or no; anything but yes is no.
func (a *app) confirmed(ctx context.Context, question string) error {
	a.clearLine()
	s := a.diag()
	yes, err := term.Confirm(ctx, a.env.Stdin, s.Out, s.Paint(term.Title, s.Wrap(question, 0)))
	if err == nil && !yes {
		return a.refuse(a.cat.T("refused.no"))
	}
	return err
}

// typedExactly asks to type a text, and takes nothing else.
func (a *app) typedExactly(ctx context.Context, question, wanted string) error {
	a.clearLine()
	s := a.diag()
	answer, err := term.Typed(ctx, a.env.Stdin, s.Out, s.Paint(term.Title, s.Wrap(question, 0)))
	switch {
	case errors.Is(err, term.ErrNoAnswer):
		return a.refuse(a.cat.T("refused.no"))
	case err != nil:
		return err
	case answer != wanted:
		return a.refuse(a.cat.T("refused.typed", "wanted", s.Data(wanted), "typed", s.Data(answer)))
	}
	return nil
}
