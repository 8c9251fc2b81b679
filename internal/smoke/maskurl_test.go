package smoke_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/smoke"
)

func TestMaskURL(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ in, want string }{
		{"https://api.example.com/api/v1/content/vitrine", "https://api.example.com/api/v1/content/vitrine"},
		{"http://localhost:8000", "http://localhost:8000"},
		{"http://[::1]:8000/x", "http://[::1]:8000/x"},
		{"https://bob:geheim@host/x", "https://bob:***@host/x"},
		{"https://bob:@host/x", "https://bob:***@host/x"},
		{"https://:geheim@host/x", "https://:***@host/x"},
		{"https://geheim@host/x", "https://***@host/x"}, // a token as the user
		{"https://bob:p%40ss%2Fw@host/x", "https://bob:***@host/x"},
		{"https://host/x?token=geheim&page=2", "https://host/x?token=***&page=***"},
		{"https://host/x?page=2&token=geheim", "https://host/x?page=***&token=***"}, // the order stays
		{"https://host/x?geheim", "https://host/x?***"},
		{"https://host/x?=geheim", "https://host/x?***"},
		{"https://host/x?a%20b=geheim", "https://host/x?***"},
		{"https://host/x?a=1;geheim=2", "https://host/x?a=***"},
		{"https://host/x?a=%zz", "https://host/x?a=***"},
		{"https://host/x?", "https://host/x?"},
		{"https://host/x#access_token=geheim", "https://host/x#***"},
		{"https://host/x y", "https://host/x%20y"},
		// Where does the password end?
		{"https://bob:ge/heim@host/x", "***"},
		{"https://bob:1/heim@host/x", "***"},
		{"https://bob:12#heim@host/x", "***"},
		{"https://bob:12?heim@host/x", "***"},
		{"https://bob:ge@im/geheim@host/x", "***"},
		{"https://host:geheim/x", "***"},
		{"https://[geheim/x", "***"},
		{"https:geheim", "***"},
		{"http://\x7f", "***"},
		{"%", "***"},
		{"", ""},
	} {
		if got := smoke.MaskURL(tc.in); got != tc.want {
			t.Errorf("MaskURL(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

// FuzzMaskURL puts a secret everywhere a URL may have one, encoded as it should be and as it should not.
func FuzzMaskURL(f *testing.F) {
	for _, s := range []string{"s3cret", "p@ss w/ord#1%", "a?b&c=d", "%2A%2A%2A", "x@y/z@q", "12/34", "é\x00", "::[]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		proper := url.URL{
			Scheme: "https", Host: "api.example.com", Path: "/v1", User: url.UserPassword("bob", secret),
			RawQuery: url.Values{"token": {secret}, "page": {"2"}}.Encode(), Fragment: secret,
		}
		token := proper
		token.User = url.User(secret)
		for _, raw := range []string{
			proper.String(), token.String(),
			"https://bob:" + secret + "@api.example.com/v1",
			"https://" + secret + "@api.example.com/v1",
			"https://api.example.com/v1?token=" + secret,
			"https://api.example.com/v1?" + secret,
			"https://api.example.com/v1#" + secret,
		} {
			const everyURL = "https://bob:***@api.example.com/v1?token=***&page=***#***"
			got := smoke.MaskURL(raw)
			if len(secret) < 4 || strings.Contains(everyURL, secret) {
				continue // in every URL of this test, secret or not
			}
			for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
				if strings.Contains(got, form) && !pairName(secret, raw) {
					t.Errorf("MaskURL(%q) = %q holds %q", raw, got, form)
				}
			}
			if smoke.MaskURL(got) != got && got != "***" {
				t.Errorf("MaskURL(%q) = %q, masked again %q", raw, got, smoke.MaskURL(got))
			}
		}
	})
}

// pairName tells a «secret» that reads as NAME=VALUE or several of them in a query: names are shown.
func pairName(secret, raw string) bool {
	return strings.HasSuffix(raw, secret) && strings.ContainsAny(secret, "=&")
}
