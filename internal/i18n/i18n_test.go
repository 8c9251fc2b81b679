package i18n

import (
	"errors"
	"testing"
	"time"
)

func TestChoose(t *testing.T) {
	for _, tc := range []struct {
		name, flag string
		env        map[string]string
		want       Lang
		fails      bool
	}{
		{name: "nothing says French", want: French},
		{name: "flag", flag: "en", env: map[string]string{"OLYMP_CACHE_LANG": "fr", "LANG": "fr_FR.UTF-8"}, want: English},
		{name: "flag with a territory", flag: "fr_BJ.UTF-8", want: French},
		{name: "variable beats locale", env: map[string]string{"OLYMP_CACHE_LANG": "en", "LANG": "fr_FR.UTF-8"}, want: English},
		{name: "English locale", env: map[string]string{"LANG": "en_GB.UTF-8"}, want: English},
		{name: "LC_ALL decides", env: map[string]string{"LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}, want: French},
		{name: "LC_MESSAGES before LANG", env: map[string]string{"LC_MESSAGES": "en_US", "LANG": "fr_FR"}, want: English},
		{name: "another locale is French", env: map[string]string{"LANG": "de_DE.UTF-8"}, want: French},
		{name: "unknown flag", flag: "de", fails: true},
		{name: "unknown variable", env: map[string]string{"OLYMP_CACHE_LANG": "klingon"}, fails: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Choose(tc.flag, func(name string) (string, bool) { v, ok := tc.env[name]; return v, ok })
			var unknown *UnknownLangError
			if tc.fails != errors.As(err, &unknown) {
				t.Fatalf("error = %v, want failure %v", err, tc.fails)
			}
			if !tc.fails && got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestFillIsOnePass(t *testing.T) {
	if got := fill("{a} and {b}", []any{"a", "{b}", "b", 2}); got != "{b} and 2" {
		t.Errorf("a value was filled in itself: %q", got)
	}
}

func TestUnknownIDIsShown(t *testing.T) {
	if got := New(French).T("no.such.id", "a", 1); got != "no.such.id" {
		t.Errorf("got %q", got)
	}
}

func TestPlural(t *testing.T) {
	for _, tc := range []struct {
		lang Lang
		n    int
		want string
	}{
		{French, 0, "0 commande envoyée, x"},
		{French, 1, "1 commande envoyée, x"},
		{French, 2, "2 commandes envoyées, x"},
		{English, 0, "0 commands sent, x"},
		{English, 1, "1 command sent, x"},
		{English, 2, "2 commands sent, x"},
	} {
		if got := New(tc.lang).N("check.sent", tc.n, "n", tc.n, "took", "x"); got != tc.want {
			t.Errorf("%s %d: got %q, want %q", tc.lang, tc.n, got, tc.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	fr, en := New(French), New(English)
	for _, tc := range []struct{ got, want string }{
		{fr.Int(1234567), "1\u202f234\u202f567"},
		{en.Int(1234567), "1,234,567"},
		{en.Int(-1234), "-1,234"},
		{fr.Float(1234.56, 1), "1\u202f234,6"},
		{en.Float(1234.56, 1), "1,234.6"},
		{en.Float(-0.04, 1), "0.0"},
		{en.Float(-0.5, 1), "-0.5"},
		{en.Float(1e30, 1), "1e+30"},
		{fr.Percent(0.805, 1), "80,5\u00a0%"},
		{en.Percent(0.805, 1), "80.5%"},
		{fr.Bytes(0), "0\u00a0o"},
		{fr.Bytes(1023), "1\u202f023\u00a0o"},
		{fr.Bytes(1536), "1,5\u00a0ko"},
		{en.Bytes(1536), "1.5\u00a0KB"},
		{en.Bytes(1<<20 - 1), "1.0\u00a0MB"},
		{en.Bytes(256 << 20), "256\u00a0MB"},
		{en.Bytes(-1536), "-1.5\u00a0KB"},
		{en.Duration(870 * time.Nanosecond), "0.9\u00a0µs"},
		{en.Duration(42 * time.Microsecond), "42\u00a0µs"},
		{fr.Duration(420 * time.Microsecond), "0,42\u00a0ms"},
		{en.Duration(12340 * time.Microsecond), "12.3\u00a0ms"},
		{en.Duration(345 * time.Millisecond), "345\u00a0ms"},
		{en.Duration(1500 * time.Millisecond), "1.5\u00a0s"},
		{en.Duration(90 * time.Second), "1\u00a0min\u00a030\u00a0s"},
		{en.Span(59 * time.Second), "59\u00a0s"},
		{en.Span(2 * time.Hour), "2\u00a0h"},
		{fr.Span(50 * time.Hour), "2\u00a0j\u00a02\u00a0h"},
		{en.Span(49 * time.Hour), "2\u00a0d\u00a01\u00a0h"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}
