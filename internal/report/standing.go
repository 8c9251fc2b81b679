package report

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
	"github.com/olympiades-ia/olymp-cache/internal/term"
)

// Standing is what somebody about to delete keys should see of the target. Numbers below 0 are unknown.
type Standing struct {
	Target   Target
	Provider string        // as people call it; "" for none
	Role     string        // "master", "replica" or ""
	Keys     int64         // of the database, or of all
	NoTTL    int64         // of these, keys that never expire
	Bytes    int64         // memory in use
	SavedAgo time.Duration // since the last save to disk, or NeverSaved, or SaveUnknown
	Clients  int
	Names    map[string]int // how many clients by name; "" for those without
}

// What Standing.SavedAgo says where there is no last save.
const (
	NeverSaved  time.Duration = -1 // not since the server started
	SaveUnknown time.Duration = -2
)

// tellingShare is the least share that one decimal of a percentage can tell from none.
const tellingShare = 0.001

// mostNames is how many names of clients are shown, the most frequent first.
const mostNames = 6

// Standing shows whose server it is.
func (t *Text) Standing(s *Standing) {
	cat := t.Words.C
	var parts []string
	if s.Target.Server != "unknown" {
		parts = append(parts, strings.TrimSpace(s.Target.Server+" "+s.Target.ServerVersion))
	}
	if s.Role != "" && cat.Has("role."+s.Role) {
		parts = append(parts, cat.T("role."+s.Role))
	}
	if s.Provider != "" {
		parts = append(parts, s.Provider)
	}
	server := ""
	if len(parts) > 0 {
		server = " (" + t.Words.Data(strings.Join(parts, ", ")) + ")"
	}
	t.bullet(cat.T("remove.server", "host", t.Words.Data(s.Target.Host), "db", s.Target.DB, "server", server))
	if s.Keys >= 0 {
		text := cat.N("remove.database", plural(s.Keys), "n", cat.Int(s.Keys))
		if s.NoTTL >= 0 && s.Keys > 0 {
			text += cat.T("remove.database-no-ttl", "n", cat.Int(s.NoTTL))
			if share := float64(s.NoTTL) / float64(s.Keys); share >= tellingShare {
				text += " (" + cat.Percent(share, 1) + ")"
			}
		}
		if s.Bytes >= 0 {
			text += cat.T("remove.memory", "bytes", cat.Bytes(s.Bytes))
		}
		t.bullet(text)
	}
	if s.Clients >= 0 {
		t.bullet(cat.N("remove.clients", s.Clients, "n", cat.Int(int64(s.Clients))) + t.clientNames(s.Names))
	}
	switch {
	case s.SavedAgo >= 0:
		t.bullet(cat.T("remove.saved", "ago", cat.Span(s.SavedAgo)))
	case s.SavedAgo == NeverSaved:
		t.bullet(cat.T("remove.never-saved"))
	}
}

// clientNames is «: api ×3, worker, without a name ×2».
func (t *Text) clientNames(names map[string]int) string {
	if len(names) == 0 {
		return ""
	}
	order := slices.Collect(maps.Keys(names))
	sorting.By(order, func(a, b string) int {
		if names[a] != names[b] {
			return names[b] - names[a]
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for i, name := range order {
		if i == mostNames {
			parts = append(parts, "…")
			break
		}
		text := t.Words.Data(name)
		if name == "" {
			text = t.Words.C.T("remove.nameless")
		}
		if names[name] > 1 {
			text += " ×" + t.Words.C.Int(int64(names[name]))
		}
		parts = append(parts, text)
	}
	return t.Words.C.T("colon") + strings.Join(parts, ", ")
}

// heading is the first line of a preview.
func (t *Text) heading(sym term.Symbol, id string, s *Standing) {
	t.item(sym, term.Title, t.Words.C.T(id, "target", t.Words.Data(s.Target.Display)))
}
