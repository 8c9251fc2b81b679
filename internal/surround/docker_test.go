package surround

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDockerRunning(t *testing.T) {
	t.Parallel()
	f := play(t, "docker_running")
	l := newLook(f.options("DOCKER_HOST=ssh://me:S3cretHost@far", "REDIS_URL=redis://:S3cretOwn@h"))
	d := l.docker(t.Context())
	noSecrets(t, d)
	if c, ok := d.Client.Get(); !ok || c.Engine != "docker" || c.Version != "28.2.2" || c.HostScheme != "ssh" {
		t.Errorf("client: %+v", d.Client)
	}
	if d.Plugin.Value != "2.27.0" || d.Standalone.Value != "1.29.2" {
		t.Errorf("compose: %+v, %+v", d.Plugin, d.Standalone)
	}
	if n := len(d.Containers.Value); n != 3 || d.Containers.Status != OK {
		t.Fatalf("%d containers: %+v", n, d.Containers)
	}
	redis := byName(t, d, "shop-redis-1")
	want := []string{
		"docker-entrypoint.sh", "redis-server", "--requirepass", "***", "--masterauth", "***",
		"--user", "app on >*** ~* +@all", "--appendonly", "yes",
	}
	if diff := cmp.Diff(want, redis.Command); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]PublishedPort{{Port: 6379, Protocol: "tcp", HostIP: "127.0.0.1", HostPort: 6379}}, redis.Ports); diff != "" {
		t.Error(diff)
	}
	labels := ComposeLabels{Project: "shop", Service: "redis", WorkingDir: "/srv/shop", ConfigFiles: "/srv/shop/compose.yaml"}
	networks := []DockerNetwork{{Name: "shop_default", Address: "172.20.0.2", Aliases: []string{"shop-redis-1", "redis"}}}
	if redis.Compose != labels || !cmp.Equal(networks, redis.Networks) {
		t.Errorf("compose %+v, networks %+v", redis.Compose, redis.Networks)
	}
	if redis.Health != "unhealthy" || redis.HealthOutput != "NOAUTH Authentication required.\ntried ***" {
		t.Errorf("health: %q %q", redis.Health, redis.HealthOutput)
	}
	if redis.MemoryLimitBytes != 256<<20 || redis.RestartPolicy != "unless-stopped" || redis.Logs.Status != NotAsked {
		t.Errorf("%+v", redis)
	}
	valkey := byName(t, d, "other-valkey")
	if len(valkey.Ports) != 2 || !valkey.Ports[0].EveryAddress() || valkey.Product != "valkey" || redis.Ports[0].EveryAddress() {
		t.Errorf("%+v", valkey)
	}
	if diff := cmp.Diff([]string{"VALKEY_PASSWORD", "VALKEY_URL"}, valkey.Variables); diff != "" {
		t.Error(diff)
	}
	if web := byName(t, d, "shop-redis-commander-1"); web.Product != "" || redis.Product != "redis" {
		t.Errorf("products: %q, %q", web.Product, redis.Product)
	}
	if diff := cmp.Diff([]int{6390}, hostPorts(d, []int{6379})); diff != "" {
		t.Error(diff)
	}
	for i := range d.Containers.Value {
		d.Containers.Value[i].Product = "" // as redis-commander: its name and variables alone
	}
	if got := hostPorts(d, nil); len(got) > 0 {
		t.Errorf("ports of what is no Redis are asked: %v", got)
	}
	// What the programs were given: no secret of ours, English, and their own settings.
	if env := f.noted("environment"); strings.Contains(env, "S3cretOwn") || !strings.Contains(env, "LC_ALL=C") ||
		!strings.Contains(env, "DOCKER_HOST=ssh://") {
		t.Errorf("environment of the children:\n%s", env)
	}
	if calls := f.noted("calls"); strings.Contains(calls, "555555555555") || strings.Contains(calls, "logs") {
		t.Errorf("asked too much:\n%s", calls)
	}
}

func TestDockerUnpublished(t *testing.T) {
	t.Parallel()
	f := play(t, "docker_unpublished")
	d := newLook(f.options()).docker(t.Context())
	cache := byName(t, d, "shop-cache-1")
	if len(cache.Ports) != 0 || !slices.Equal(cache.Unpublished, []int{6379}) || cache.Product != "redis" || cache.State != "running" {
		t.Errorf("%+v", cache)
	}
	if d.Plugin.Status != Missing || d.Standalone.Status != Missing || hostPorts(d, nil) != nil {
		t.Errorf("compose: %+v, %+v", d.Plugin, d.Standalone)
	}
}

func TestDockerStopped(t *testing.T) {
	t.Parallel()
	d := newLook(play(t, "docker_oom").options()).docker(t.Context())
	oom := byName(t, d, "olympiades-redis")
	if oom.State != "exited" || oom.ExitCode != 137 || !oom.OOMKilled || oom.FinishedAt.IsZero() || len(oom.Logs.Value) != 4 {
		t.Errorf("%+v", oom)
	}
	if len(oom.Ports) != 1 || oom.Ports[0].HostPort != 6379 { // what it will publish
		t.Errorf("%+v", oom.Ports)
	}
	if oom.Logs.Source != "docker logs --tail 5 olympiades-redis" || !strings.HasSuffix(oom.Logs.Value[3], "Ready to accept connections") {
		t.Errorf("%+v", oom.Logs)
	}

	d = newLook(play(t, "docker_exited").options()).docker(t.Context())
	noSecrets(t, d)
	aof := byName(t, d, "shop-redis-1")
	if aof.State != "restarting" || aof.RestartCount != 12 || aof.ExitCode != 1 || len(aof.Logs.Value) != 5 {
		t.Fatalf("%+v", aof)
	}
	if last := aof.Logs.Value[4]; !strings.Contains(last, "Bad file format reading the append only file") {
		t.Errorf("last line: %q", last)
	}
	if line := aof.Logs.Value[2]; !strings.HasSuffix(line, "connected with *** to redis://***@redis:6379/0") {
		t.Errorf("masked line: %q", line)
	}
	if conf := byName(t, d, "conf-redis"); len(conf.Logs.Value) != 4 || conf.Logs.Value[2] != ">>> 'requirepass ***" {
		t.Errorf("%+v", conf.Logs)
	}
	clash := byName(t, d, "clash-redis")
	if !strings.HasSuffix(clash.Error, "port is already allocated") || clash.Logs.Status != NotAsked {
		t.Errorf("%+v", clash)
	}
}

func TestPodman(t *testing.T) {
	t.Parallel()
	d := newLook(play(t, "podman").options()).docker(t.Context())
	noSecrets(t, d)
	cache := byName(t, d, "cache")
	if d.Client.Value.Engine != "podman" || d.Client.Value.Version != "4.9.3" || d.Plugin.Status != Missing {
		t.Errorf("%+v, %+v", d.Client, d.Plugin)
	}
	if cache.State != "exited" || cache.Health != "" || len(cache.Logs.Value) != 2 ||
		cache.Product != "redis" || cache.StartedAt.Hour() != 11 {
		t.Errorf("%+v", cache)
	}
}

func TestDockerTroubles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		client, containers Status
		words              string
	}{
		"docker_down":        {OK, Missing, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock."},
		"docker_denied":      {OK, Denied, "permission denied while trying"},
		"docker_garbage":     {Failed, Failed, "<html>REDIS_PASSWORD=***"},
		"docker_bad_inspect": {OK, Failed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newLook(play(t, name).options()).docker(t.Context())
			noSecrets(t, d)
			if d.Client.Status != want.client || d.Containers.Status != want.containers || !strings.HasPrefix(d.Containers.Words, want.words) {
				t.Errorf("client %+v\ncontainers %+v", d.Client, d.Containers)
			}
		})
	}
	d := newLook(play(t).options()).docker(t.Context())
	if d.Client.Status != Missing || d.Containers.Status != NotAsked || d.Plugin.Status != NotAsked {
		t.Errorf("without the program: %+v", d)
	}
}

func TestLooksLikeRedis(t *testing.T) {
	t.Parallel()
	l := newLook(Options{Hosts: []string{"Cache", "127.0.0.1", "localhost", ""}, Ports: []int{6400}})
	for row, want := range map[listed]bool{
		{Image: "redis:7", Names: "a"}:                                         true,
		{Image: "docker.dragonflydb.io/dragonflydb/dragonfly", Names: "a"}:     true,
		{Image: "x", Names: "my-KeyDB"}:                                        true,
		{Image: "x", Names: "a", Ports: "0.0.0.0:7777->6379/tcp"}:              true,
		{Image: "x", Names: "a", Ports: "0.0.0.0:6400->9999/tcp"}:              true,
		{Image: "x", Names: "a", Ports: "0.0.0.0:16379->16379/tcp, 26379/tcp"}: false,
		{Image: "x", Names: "shop-cache-1"}:                                    true,
		{Image: "x", Names: "shop_cache_1"}:                                    true,
		{Image: "x", Names: "cachet"}:                                          false,
		{Image: "nginx:1.27", Names: "localhost", Ports: "0.0.0.0:80->80/tcp"}: false,
	} {
		if got := l.looksLikeRedis(row); got != want {
			t.Errorf("%+v: %v", row, got)
		}
	}
}

func FuzzParseInspect(f *testing.F) {
	f.Add(`{"Id":"0123456789ab","Name":"/r","Path":"redis-server","Args":["--requirepass","x"],"State":{"Status":"running"}}`)
	f.Add(`{"Id":"0123456789ab","State":{"Status":"x"},"NetworkSettings":{"Ports":{"6379/tcp":null,"x":[{}]},"Networks":{"n":null}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		found, masks := newLook(Options{}).parseInspect(text)
		if len(found) != len(masks) {
			t.Fatalf("%d containers, %d masks", len(found), len(masks))
		}
		for _, c := range found {
			if c.ID == "" || c.State == "" || len(c.Ports) > 2*maxListed*maxListed {
				t.Errorf("%+v", c)
			}
		}
		_, _ = parseListed(text)
	})
}
