package explain

import (
	"regexp"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

// given are numbers and names that titles have of themselves.
var given = regexp.MustCompile(`IPv6|IPv4|base64|REDIS_URL|X-Cache|[pP]99|HOST:6379|ADDRESS:7001`)

// TestTitles: what differs from server to server is left open in a title, visibly.
func TestTitles(t *testing.T) {
	t.Parallel()
	want := map[i18n.Lang]map[string]string{
		i18n.French: {
			"cache-evicting": "Le cache est trop petit\u00a0: N clés évincées", "latency-big-key": "Clé énorme\u00a0: KEY (N\u00a0Mo)",
			"tcp-refused": "Connexion TCP refusée par HOST:PORT",
		},
		i18n.English: {
			"cache-evicting": "The cache is too small: N keys evicted", "cache-hit-rate-low": "The cache is of little use: hit rate of N%",
			"config-url-db": "Invalid database number in the address: …",
		},
	}
	for lang, titles := range want {
		cat := catalog(t, lang)
		for _, p := range Pages(cat) {
			if at := regexp.MustCompile(`[0-9]`).FindString(given.ReplaceAllString(p.Title, "")); at != "" {
				t.Errorf("%s, %s: %q looks real", lang, p.ID, p.Title)
			}
			if !cat.Has("category." + p.Category) {
				t.Errorf("%s, %s: the category %q has no name", lang, p.ID, p.Category)
			}
			if title := titles[p.ID]; title != "" && p.Title != title {
				t.Errorf("%s, %s: %q, want %q", lang, p.ID, p.Title, title)
			}
		}
	}
}
