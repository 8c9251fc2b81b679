package config_test

import (
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/config"
)

func TestMaskArgument(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"redis://:pw@h:1":           "redis://***",
		"redis://h:1:pw":            "redis://***", // where the password ends is anybody's guess
		"--rediss://pw@h":           "--rediss://***",
		"https://u:pw@example.com":  "https://***",
		"pw://h":                    "***", // no scheme that is known may be a password
		"REDIS_URL=redis://:pw@h":   "***",
		"redis//:pw@h:1":            "***",
		"u:pw@h:1":                  "***",
		":pw@h":                     "***",
		"h:1@pw":                    "***",
		"localhost:6379:pw":         "***",
		"cache.example.com:6379:pw": "***",
		"REDIS_PASSWORD=pw":         "REDIS_PASSWORD=***",
		"redis-cli -a pw":           "***",
		"user:42:profile":           "user:42:profile",
		"me@here/evidence.json":     "me@here/evidence.json",
		"localhost:6379":            "localhost:6379",
		"--limitt":                  "--limitt",
		"":                          "",
	} {
		if got := config.MaskArgument(given); got != want {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
}

func TestLoginArgument(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]bool{
		"redis://:pw@h:1": true, ":pw@h:1": true, "default:pw@h:6379/0": true, "https://u:pw@h/page": false,
		"session:bob@10.0.0.1:5000": false, "redis://h:1": false, "user:*": false,
	} {
		if got := config.LoginArgument(given); got != want {
			t.Errorf("%q: %v", given, got)
		}
	}
}
