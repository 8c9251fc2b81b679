package keyname

import (
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		"user":                                 "user",
		"123":                                  "*",
		"-5":                                   "-*",
		"page12":                               "page*",
		"v2":                                   "v2",
		"v123":                                 "v*",
		"vitrine_cache":                        "vitrine_cache",
		"2024-01-31":                           "*",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf6": "*",
		"d41d8cd98f00b204":                     "*",
		"deadbeef":                             "deadbeef",
		"deadbee1":                             "*",
		"abcdefabcdefabcd":                     "*",
		"01ARZ3NDEKTSV4RRFFQ69G5FAV":           "*",
		"awa@example.org":                      "*",
		"@context":                             "@context",
		"{user1000}":                           "{user*}",
		"{42}":                                 "{*}",
		"é12":                                  "é*",
		"\x00\xff":                             "*",
		"*":                                    "*",
		"classement":                           "classement",
		strings.Repeat("mot", 40):              "*",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFamily(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"user:123": "user:*", "user:123:cart": "user:*:cart", "vitrine_cache": "vitrine_cache", "page1": "page*", "v2.page.10": "v2.page.*",
		"session:9f86d081884c7d65": "session:*", "s/3fa85f64-5717-4562-b3fc-2c963f66afa6": "s/*", "stats:2026-11-28": "stats:*",
		"tok:dQw4w9WgXcQ1a2B3c4": "tok:*", "shopping_cart_v2": "shopping_cart_v*", "face:cafe": "face:cafe", "user:12ab": "user:*ab",
		"": "", ":": ":", "a:": "a:", "é:1": "é:*", "a|1|b": "a|*|b",
	} {
		if got := string(Family(nil, []byte(key))); got != want {
			t.Errorf("the family of %q is %q, want %q", key, got, want)
		}
	}
}
