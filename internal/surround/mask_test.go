package surround

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMaskText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`redis-server --requirepass hunter2 --port 1`:               `redis-server --requirepass *** --port 1`,
		`exec redis-server --requirepass "two words" --port 1`:      `exec redis-server --requirepass *** --port 1`,
		`--requirepass 'never closed --port 1`:                      `--requirepass ***`,
		`--requirepass=pw --dir /d`:                                 `--requirepass=*** --dir /d`,
		`["redis-server","--requirepass","pw"]`:                     `["redis-server","--requirepass",***`,
		`>>> 'requirepass a b c'`:                                   `>>> '***`,
		`sentinel auth-pass mymaster pw`:                            `sentinel auth-pass mymaster ***`,
		`rename-command CONFIG b840fc02`:                            `rename-command CONFIG ***`,
		`user app on >pw #0123abc ~* +@all`:                         `user app on >*** #*** ~* +@all`,
		`redis://u:p@ss/w#rd:1@host:6379/0 down`:                    `redis://***@host:6379/0 down`,
		`REDISCLI_AUTH=pw redis-cli ping`:                           `REDISCLI_AUTH=*** redis-cli ping`,
		`{"password": "pw", "x": 1}`:                                `{"password": *** "x": 1}`,
		`redis-cli -h h -a pw ping`:                                 `redis-cli -h h -a *** ping`,
		`redis-cli --pass pw ping`:                                  `redis-cli --pass *** ping`,
		`HELLO 3 AUTH default pw`:                                   `HELLO 3 AUTH *** ***`,
		`echo AUTH user pw`:                                         `echo AUTH *** ***`,
		`AUTH pw`:                                                   `AUTH ***`,
		`Unable to AUTH to MASTER: -WRONGPASS invalid`:              `Unable to AUTH to MASTER: -WRONGPASS invalid`,
		`-NOAUTH Authentication required.`:                          `-NOAUTH Authentication required.`,
		`1:M # Server initialized, 2>/dev/null`:                     `1:M # Server initialized, 2>/dev/null`,
		`Cannot connect to the Docker daemon at unix:///var/run/x.`: `Cannot connect to the Docker daemon at unix:///var/run/x.`,
	} {
		got := (&masker{}).text(text)
		if strings.HasPrefix(text, ">>>") {
			if strings.Contains(got, " b ") || !strings.Contains(got, "***") {
				t.Errorf("%q: %q", text, got)
			}
		} else if got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestMaskArgs(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"redis-server|--requirepass|--odd|more|--port|1": "redis-server|--requirepass|***|***|--port|1",
		"redis-server|--user|app|on|>pw|~*|--port|1":     "redis-server|--user|app|on|>***|~*|--port|1",
		"redis-cli|-a|pw|ping":                           "redis-cli|-a|***|ping",
		"redis-cli|auth|me|pw":                           "redis-cli|auth|***|***",
		"redis-cli|-u|redis://:pw@h":                     "redis-cli|-u|redis://***@h",
		"redis-sentinel|auth-pass|m|pw|--port|1":         "redis-sentinel|auth-pass|m|***|--port|1",
		"env|REDIS_PASSWORD=pw|redis-server":             "env|REDIS_PASSWORD=***|redis-server",
		"sh|-c|x pwpw|--masterauth|pwpw":                 "sh|-c|x ***|--masterauth|***",
		"echo|a|b|user|me":                               "echo|a|b|user|me",
	} {
		if got := strings.Join((&masker{}).args(strings.Split(line, "|")), "|"); got != want {
			t.Errorf("%q:\n got %q\nwant %q", line, got, want)
		}
	}
	if got := (&masker{}).args(slices.Repeat([]string{"x"}, 1000)); len(got) != maxArgs {
		t.Errorf("%d arguments are kept", len(got))
	}
}

func TestMaskerRemembers(t *testing.T) {
	t.Parallel()
	l := newLook(Options{Redact: func(s string) string { return strings.ReplaceAll(s, "OWN", "***") }})
	m := &masker{}
	for _, entry := range []string{
		"REDIS_URL=redis://default:s3cret/1@h:1/0", "APP_TOKEN=tok-123", "ALLOW_EMPTY_PASSWORD=yes", "KEYDB_VERSION=6.3.4", "EMPTY_PASSWORD=",
	} {
		m.variable(entry)
	}
	if got, want := l.cleanWith(m, "yes 6.3.4 s3cret/1 s3cret%2F1 tok-123 OWN \xff"), "yes 6.3.4 *** *** *** *** \uFFFD"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	if got := cut(strings.Repeat("é", 200)); len(got) > maxWords || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	l := newLook(Options{})
	// The secret lies across the cut: it is masked first.
	if got := l.clean(strings.Repeat("x", maxWords-18) + " requirepass hunter2hunter2"); strings.Contains(got, "hunt") {
		t.Errorf("half a secret: %q", got)
	}
}

func TestCapped(t *testing.T) {
	t.Parallel()
	stopped := 0
	c := capped{full: func() { stopped++ }}
	for range 3 {
		if n, err := c.Write([]byte(strings.Repeat("x", maxOutput-10) + "\nhalf a secret")); err != nil || n == 0 {
			t.Fatal(n, err)
		}
	}
	if stopped != 1 || strings.Contains(c.text(), "half") || len(c.text()) != maxOutput-9 {
		t.Errorf("stopped %d times, kept %d bytes", stopped, len(c.text()))
	}
}

// FuzzMask plants a secret where Redis, Docker and shells carry one, between foreign texts.
func FuzzMask(f *testing.F) {
	f.Add("a", "b")
	f.Add("redis-cli \"", "' user x >y")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "S3cretPlanted"
		for _, form := range []string{
			"--requirepass " + secret, "REDIS_PASSWORD=" + secret, "redis://u:" + secret + "@h",
			"\n>>> 'masterauth " + secret + "\n", "\nuser x on >" + secret,
		} {
			if got := (&masker{}).text(before + " " + form + " " + after); strings.Contains(got, secret) {
				t.Errorf("%q survives: %q", form, got)
			}
		}
		args := []string{before, "--requirepass", secret, after}
		m := &masker{}
		if strings.HasPrefix(before, "-") || secretWords[strings.ToLower(before)] != 0 {
			return // an option of its own takes what follows
		}
		if got := strings.Join(m.args(args), " "); strings.Contains(got, secret) {
			t.Errorf("%q survives: %q", args, got)
		}
	})
}
