package cli_test

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// roomy is a server as the guide wants it, with room for what fills a memory.
func roomy(t *testing.T) *redistest.Server {
	t.Helper()
	return advised(t, redistest.WithArgs("--maxmemory", "1gb"))
}

// alone is a run that looks at the server and nothing around it, which takes no time.
func alone(url string) place { return at(url, "--offline") }

// filled makes n keys «name0», «name1»… with values of that size and that TTL (0 for none), inside the server, some at a time.
func filled(t *testing.T, s *redistest.Server, name string, n, size, ttl int) {
	t.Helper()
	const script = `local v = string.rep('x', ARGV[3])
for i = ARGV[1], ARGV[2] do
	if ARGV[4] == '0' then redis.call('SET', KEYS[1] .. i, v) else redis.call('SET', KEYS[1] .. i, v, 'PX', ARGV[4]) end
end`
	const batch = 20_000
	for from := 0; from < n; from += batch {
		do(t, s, "EVAL", script, "1", name, strconv.Itoa(from), strconv.Itoa(min(from+batch, n)-1), strconv.Itoa(size), strconv.Itoa(ttl*1000))
	}
}

// mended types each command of a finding that holds part, and wants the finding gone.
func mended(t *testing.T, p place, id, part string) {
	t.Helper()
	d, _ := p.doctor(t)
	typedAny := false
	for _, command := range d.commands(id) {
		if !strings.Contains(command, part) {
			continue
		}
		typedAny = true
		if words, ours := strings.CutPrefix(command, "olymp-cache "); ours { // in the surroundings of the run that says so
			if out, diag, code := (place{env: p.env, dir: p.dir}).run(t, strings.Fields(words)...); code != cli.ExitOK {
				t.Errorf("%s: exit code %d: %s%s", command, code, out, diag)
			}
			continue
		}
		typed(t, command, "S3cretWord")
	}
	if !typedAny {
		t.Fatalf("no command with %q among %q of %s; found %q", part, d.commands(id), id, d.ids())
	}
	for range 20 { // the server measures what it holds a few times a second
		if d, _ = p.doctor(t); !slices.Contains(d.ids(), id) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s is still found after what was typed", id)
}

// TestDoctorMended: a cache that works and is not as it should be; what doctor says to type mends it.
func TestDoctorMended(t *testing.T) {
	t.Parallel()
	for id, c := range map[string]struct {
		make  func(t *testing.T) *redistest.Server
		types string // part of the commands that mend it
	}{
		"memory-volatile-no-ttl": {func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "CONFIG", "SET", "maxmemory-policy", "volatile-lru")
			filled(t, s, "session:", 200, 10, 0)
			return s
		}, "CONFIG SET maxmemory-policy"},
		"memory-noeviction": {func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "CONFIG", "SET", "maxmemory-policy", "noeviction")
			return s
		}, "CONFIG "}, // SET and REWRITE
		"memory-no-limit": {func(t *testing.T) *redistest.Server {
			return redistest.Start(t, redistest.WithPassword("S3cretWord"))
		}, "CONFIG "},
		"cache-long-ttl": {func(t *testing.T) *redistest.Server {
			s := advised(t)
			do(t, s, "SET", "vitrine_cache", "page", "EX", "3600")
			return s
		}, "invalidate vitrine_cache"},
		"security-default-maxclients": {func(t *testing.T) *redistest.Server { return advised(t) }, "CONFIG SET maxclients 1000"},
		"memory-fragmented": {func(t *testing.T) *redistest.Server {
			// What is deleted in one piece can be given back, what lies between living values cannot.
			s := roomy(t)
			filled(t, s, "page:", 300_000, 1000, 300)
			do(t, s, "EVAL", "for i = 0, 299999 do if i < 240000 or i % 8 > 0 then redis.call('DEL', 'page:' .. i) end end", "0")
			return s
		}, "MEMORY PURGE"},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := c.make(t)
			alone(s.URL()).wantTidy(t, 60, "S3cretWord")
			mended(t, alone(s.URL()), id, c.types)
		})
	}
}

// TestDoctorMemory: each of what MEMORY DOCTOR looks at, made on a real server.
func TestDoctorMemory(t *testing.T) {
	t.Parallel()
	t.Run("peak", func(t *testing.T) {
		t.Parallel()
		s := roomy(t)
		filled(t, s, "page:", 40_000, 4000, 300)
		do(t, s, "FLUSHALL")
		d, _ := alone(s.URL()).doctor(t)
		for _, id := range []string{"memory-peak", "cache-flush-seen"} {
			if !slices.Contains(d.ids(), id) {
				t.Errorf("%s was not found: %q", id, d.ids())
			}
		}
	})
	t.Run("overhead", func(t *testing.T) {
		t.Parallel()
		s := roomy(t)
		filled(t, s, "k", 1_000_000, 0, 300)
		d, _ := alone(s.URL()).doctor(t)
		if !slices.Contains(d.ids(), "memory-overhead") {
			t.Errorf("found %q", d.ids())
		}
	})
	t.Run("scripts", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		// Each SCRIPT LOAD of a script of its own is one more in memory.
		for i := range 1001 {
			do(t, s, "SCRIPT", "LOAD", fmt.Sprintf("return %d", i))
		}
		d, _ := alone(s.URL()).doctor(t)
		if !slices.Contains(d.ids(), "memory-scripts") || d.Status != "ok" {
			t.Errorf("status %s, found %q", d.Status, d.ids())
		}
	})
	t.Run("client buffers", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		filled(t, s, "big", 1, 4<<20, 300)
		leave := greedy(t, s, 8, "GET big0\r\nGET big0\r\n")
		for range 200 { // the server adds up what it keeps for clients now and then only
			if kept, err := strconv.Atoi(s.Info("memory")["mem_clients_normal"]); err == nil && kept > 8*4<<20 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		wantFound(t, alone(s.URL()), "warning", "memory-client-buffers")
		alone(s.URL()).wantTidy(t, 60, "S3cretWord")
		leave()
		if d, _ := alone(s.URL()).doctor(t); slices.Contains(d.ids(), "memory-client-buffers") {
			t.Errorf("the buffers of clients that have left: %q", d.ids())
		}
	})
	t.Run("swapping", func(t *testing.T) {
		t.Parallel()
		// No test can make the system swap: a real server's INFO, with the numbers of one that is half on disk.
		s := roomy(t)
		addr := redistest.Rewrite(t, s.Addr(), info(map[string]string{
			"used_memory": "524288000", "used_memory_rss": "157286400", "mem_fragmentation_ratio": "0.30",
		}))
		wantFound(t, alone(s.URLOf("default", "S3cretWord", addr)), "warning", "memory-swapping")
		alone(s.URLOf("default", "S3cretWord", addr)).wantTidy(t, 60, "S3cretWord")
	})
}

// info rewrites fields of INFO.
func info(fields map[string]string) func(cmd []string, reply string) string {
	return func(cmd []string, reply string) string {
		if !strings.EqualFold(cmd[0], "INFO") {
			return reply
		}
		return redistest.EditText(reply, func(text string) string {
			lines := strings.Split(text, "\r\n")
			for i, line := range lines {
				if name, _, ok := strings.Cut(line, ":"); ok && fields[name] != "" {
					lines[i] = name + ":" + fields[name]
				}
			}
			return strings.Join(lines, "\r\n")
		})
	}
}

// greedy are clients that ask and never read; the requests are inline commands. They leave at the latest with the test.
func greedy(t *testing.T, s *redistest.Server, n int, requests string) (leave func()) {
	t.Helper()
	before, err := strconv.Atoi(s.Info("clients")["connected_clients"])
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	leave = func() {
		for _, c := range conns {
			_ = c.Close()
		}
		conns = nil
		for range 100 { // until the server has noticed
			if s.Info("clients")["connected_clients"] == strconv.Itoa(before) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	t.Cleanup(func() {
		for _, c := range conns {
			_ = c.Close()
		}
	})
	for range n {
		c, err := net.DialTimeout("tcp", s.Addr(), 5*time.Second)
		if err == nil {
			conns = append(conns, c)
			_, err = c.Write([]byte("AUTH S3cretWord\r\n" + requests))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		if s.Info("clients")["connected_clients"] == strconv.Itoa(before+n) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return leave
}

func TestDoctorClients(t *testing.T) {
	t.Parallel()
	t.Run("many", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		do(t, s, "CONFIG", "SET", "maxclients", "50")
		leave := greedy(t, s, 42, "PING\r\n")
		d, _ := alone(s.URL()).doctor(t)
		i := slices.Index(d.ids(), "clients-high")
		if i < 0 || d.Findings[i].Evidence["busiest"] != "127.0.0.1" {
			t.Fatalf("found %q: %v", d.ids(), d.Findings)
		}
		for _, command := range d.commands("clients-high") {
			typed(t, command, "S3cretWord") // a timeout, and who they are
		}
		if got := do(t, s, "CONFIG", "GET", "timeout"); got != "timeout\n300" {
			t.Errorf("idle clients are closed after %q", got)
		}
		leave()
		if d, _ := alone(s.URL()).doctor(t); slices.Contains(d.ids(), "clients-high") {
			t.Errorf("found %q", d.ids())
		}
	})
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		idle := regexp.MustCompile(` idle=(\d) `)
		// Nobody waits for six minutes: real connections, and the server's list with their idle time made longer.
		s := advised(t)
		greedy(t, s, 25, "PING\r\n")
		addr := redistest.Rewrite(t, s.Addr(), func(cmd []string, reply string) string {
			if len(cmd) < 2 || !strings.EqualFold(cmd[0], "CLIENT") || !strings.EqualFold(cmd[1], "LIST") {
				return reply
			}
			return redistest.EditText(reply, func(text string) string { return idle.ReplaceAllString(text, " idle=36$1 ") })
		})
		d, _ := alone(s.URLOf("default", "S3cretWord", addr)).doctor(t)
		if !slices.Contains(d.ids(), "clients-idle") || d.Status != "ok" {
			t.Errorf("status %s, found %q", d.Status, d.ids())
		}
	})
	t.Run("waiting for a job", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		do(t, s, "CONFIG", "SET", "maxmemory-policy", "noeviction")
		greedy(t, s, 5, "BRPOP celery 0\r\n")
		do(t, s, "LPUSH", "other", "job")
		do(t, s, "BRPOP", "other", "1")
		d, _ := alone(s.URL()).doctor(t)
		if d.Status != "ok" || !slices.Contains(d.ids(), "memory-noeviction") {
			t.Errorf("status %s, found %q", d.Status, d.ids())
		}
		for _, command := range d.commands("memory-noeviction") {
			t.Errorf("a queue is told to %q", command)
		}
	})
}

func TestDoctorCache(t *testing.T) {
	t.Parallel()
	t.Run("evicting", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		do(t, s, "CONFIG", "SET", "maxmemory", "5mb")
		filled(t, s, "page:", 20_000, 1000, 300)
		for range 200 { // a script makes no room meanwhile
			if n, err := strconv.Atoi(s.Info("memory")["used_memory"]); err == nil && n < 5<<20 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		do(t, s, "EVAL", "for i = 0, 2000 do redis.call('GET', 'page:' .. i) end", "0")
		wantFound(t, alone(s.URL()), "warning", "cache-evicting", "cache-hit-rate-low", "memory-high")
		alone(s.URL()).wantTidy(t, 60, "S3cretWord")
	})
	t.Run("no TTL in a group", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		filled(t, s, "stats:", 30, 10, 86_400)
		p := alone(s.URL())
		if d, _ := p.doctor(t); slices.Contains(d.ids(), "cache-long-ttl") {
			t.Errorf("a day is long for a key of no group: %q", d.ids())
		}
		p.env["OLYMP_CACHE_GROUPS"] = "stats=stats:*"
		wantFound(t, p, "ok", "cache-long-ttl")
		do(t, s, "SET", "vitrine_cache", "page")
		wantFound(t, p, "ok", "cache-long-ttl")
		p.wantTidy(t, 60)
	})
	t.Run("prefix", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{":1:vitrine_cache", "laravel_database_laravel_cache:vitrine_cache"} {
			s := advised(t)
			do(t, s, "SET", name, "page", "EX", "100")
			p := alone(s.URL())
			d, _ := p.doctor(t)
			commands := d.commands("cache-prefix")
			if len(commands) != 1 {
				t.Fatalf("%s: found %q, commands %q", name, d.ids(), commands)
			}
			variable, value, _ := strings.Cut(commands[0], "=")
			p.env[variable] = value
			if d, _ := p.doctor(t); slices.Contains(d.ids(), "cache-prefix") {
				t.Errorf("%s is still not known after %q", name, commands[0])
			}
		}
	})
	t.Run("big page", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		do(t, s, "SET", "vitrine_cache", strings.Repeat("x", 2<<20), "EX", "200")
		wantFound(t, alone(s.URL()), "ok", "cache-big-value")
	})
	t.Run("many databases", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		for _, db := range []string{"1", "5"} {
			do(t, s, "SET", "page", "x", "EX", "100")
			do(t, s, "MOVE", "page", db)
		}
		do(t, s, "SET", "page", "x", "EX", "100")
		wantFound(t, alone(s.URL()), "ok", "cache-many-dbs")
	})
	t.Run("an operator looked once", func(t *testing.T) {
		t.Parallel()
		s := advised(t)
		do(t, s, "KEYS", "*")
		addr := redistest.Rewrite(t, s.Addr(), info(map[string]string{"uptime_in_seconds": "864000"})) // ten days
		wantFound(t, alone(s.URLOf("default", "S3cretWord", addr)), "ok", "cache-keys-command")
	})
}
