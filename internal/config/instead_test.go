package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInstead: the address stands under another name.
func TestInstead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		env             []string
		name, corrected string
	}{
		{[]string{"REDIS_HOST", "cache", "REDIS_PORT", "6380", "REDIS_PASSWORD", "geheim"}, "REDIS_HOST", "redis://:***@cache:6380/0"},
		{[]string{"REDIS_HOST", "127.0.0.1", "REDIS_PORT", "6379", "REDIS_PASSWORD", "null"}, "", ""}, // the default of Laravel
		{[]string{"REDIS_SERVICE_HOST", "10.0.0.9", "REDIS_PORT", "tcp://10.0.0.9:6379"}, "REDIS_SERVICE_HOST", "redis://10.0.0.9:6379/0"},
		{[]string{"REDIS_TLS_URL", "rediss://:geheim@h:1"}, "REDIS_TLS_URL", "rediss://:***@h:1/0"},
		{[]string{"SPRING_DATA_REDIS_HOST", "h", "SPRING_DATA_REDIS_SSL_ENABLED", "true"}, "SPRING_DATA_REDIS_HOST", "rediss://h:6379/0"},
		{[]string{"CELERY_BROKER_URL", "amqp://guest:geheim@h"}, "", ""},
		{[]string{"CELERY_BROKER_URL", "redis://h/1"}, "CELERY_BROKER_URL", "redis://h:6379/1"},
		{[]string{"REDIS_HOST", "${HOST}"}, "", ""},
		{[]string{"REDIS_URL", "", "REDIS_HOST", "h"}, "", ""}, // where it is empty the place is the news
	} {
		c, err := Load(Input{LookupEnv: env(tc.env...)})
		if err != nil || len(c.Findings) != 1 || c.Findings[0].ID != "config-url-missing" {
			t.Errorf("%q: %v, %+v", tc.env, err, c)
			continue
		}
		name, _ := c.Findings[0].Value("instead").(string)
		corrected, _ := c.Findings[0].Value("corrected").(string)
		if name != tc.name || corrected != tc.corrected || strings.Contains(fmt.Sprint(c.Findings), "geheim") {
			t.Errorf("%q: %q, %q", tc.env, name, corrected)
		}
	}
}

// TestMisspelt: the address stands under a name that is almost the right one.
func TestMisspelt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ line, name, corrected string }{
		{"REDIS_ULR=redis://:geheim@cache:6380/1", "REDIS_ULR", "redis://:***@cache:6380/1"},
		{"REDISURL=rediss://:geheim@cache:6380", "REDISURL", "rediss://:***@cache:6380/0"},
		{"RDIS_URL=redis://cache", "RDIS_URL", "redis://cache:6379/0"},
		{"Redis_Url=redis://cache", "Redis_Url", "redis://cache:6379/0"},
		{"REDIS_ULR=cache:6379", "REDIS_ULR", ""},
		{"REDIS_ULR=redis://:gehe im@:x", "REDIS_ULR", ""},
		{"REDIS_TTL=300", "", ""},
		{"REDIS_CRL=yes", "", ""},
		{"REDIS_ULR=", "", ""},
		{"REDIS_ULR=redis://localhost:6379/0", "", ""}, // says no more than the default
		{"DATABASE_URL=redis://cache", "", ""},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, ".env"), "A=1\n"+tc.line+"\n")
		name, value, _ := strings.Cut(tc.line, "=")
		for where, in := range map[string]Input{
			"file":        {LookupEnv: env(), Dir: dir},
			"environment": {LookupEnv: env(name, value), Environ: []string{"A=1", tc.line}},
		} {
			c, err := Load(in)
			if err != nil || len(c.Findings) == 0 || c.Findings[0].ID != "config-url-missing" {
				t.Errorf("%s, %s: %v, %+v", tc.line, where, err, c)
				continue
			}
			f := c.Findings[0]
			got, _ := f.Value("instead").(string)
			corrected, _ := f.Value("corrected").(string)
			line, inFile := f.Value("instead_line").(int)
			if got != tc.name || corrected != tc.corrected || strings.Contains(fmt.Sprint(c.Findings), "gehe") {
				t.Errorf("%s, %s: %q, %q in %+v", tc.line, where, got, corrected, c.Findings)
			}
			if placed := where == "file" && tc.name != ""; inFile != placed || placed && (line != 2 || f.Value("instead_file") != ".env") {
				t.Errorf("%s, %s: found in line %d of %v", tc.line, where, line, f.Value("instead_file"))
			}
		}
	}
}

// TestFileSecrets: every .env file that has the password of a Redis, also one that another file hides.
func TestFileSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".git", "HEAD"), "")
	write(t, filepath.Join(dir, ".env"), "A=1\nREDIS_PASSWORD=geheim\nREDIS_URL=redis://:geheim@h\n")
	write(t, filepath.Join(dir, "backend", ".env"), "\ufeffCACHE_URL=redis://:geheim@h\n")
	write(t, filepath.Join(dir, "app", ".env"), "REDIS_URL=redis://h\n")
	write(t, filepath.Join(dir, "other.env"), "SECRET_KEY=geheim\nDATABASE_URL=postgres://u:geheim@h/db\nREDIS_URL=redis://:<password>@h\n")
	for _, tc := range []struct {
		in   Input
		want []FileSecret
	}{
		{Input{Dir: dir}, []FileSecret{{".env", 2}, {filepath.Join("backend", ".env"), 1}}},
		{Input{Dir: filepath.Join(dir, "app")}, []FileSecret{{filepath.Join(dir, ".env"), 2}, {filepath.Join(dir, "backend", ".env"), 1}}},
		{Input{Dir: dir, EnvFiles: []string{"app/.env", "other.env", "backend/.env"}}, []FileSecret{{"backend/.env", 1}}},
	} {
		tc.in.LookupEnv, tc.in.URL, tc.in.URLSet = env(), "redis://h", true
		c, err := Load(tc.in)
		if err != nil || !slices.Equal(c.Secrets, tc.want) {
			t.Errorf("%+v: %v, %+v, want %+v", tc.in, err, c.Secrets, tc.want)
		}
	}
}
