package surround

import (
	"strings"
	"testing"
)

func TestUnits(t *testing.T) {
	t.Parallel()
	f := play(t, "systemd_failed")
	got := newLook(f.options()).units(t.Context())
	noSecrets(t, got)
	if got.Status != OK || len(got.Value) != 2 { // two names of one, one that does not exist
		t.Fatalf("%+v", got)
	}
	redis, valkey := got.Value[0], got.Value[1]
	if redis.Name != "redis-server.service" || redis.ActiveState != "failed" || redis.Result != "exit-code" || redis.Restarts != 5 ||
		redis.ExecMainCode != 1 || redis.ExecMainStatus != 1 || redis.FragmentPath != "/lib/systemd/system/redis-server.service" {
		t.Errorf("%+v", redis)
	}
	if len(redis.Journal.Value) != 5 || !strings.HasSuffix(redis.Journal.Value[2], ">>> 'requirepass ***") {
		t.Errorf("%+v", redis.Journal)
	}
	if valkey.ActiveState != "active" || valkey.Journal.Status != NotAsked {
		t.Errorf("%+v", valkey)
	}
	if calls := f.noted("calls"); !strings.Contains(calls, "journalctl -u redis-server.service -n 5 --no-pager\n") {
		t.Error(calls)
	}
}

func TestUnitsTroubles(t *testing.T) {
	t.Parallel()
	got := newLook(play(t, "systemd_none").options()).units(t.Context())
	if got.Status != Missing || !strings.HasPrefix(got.Words, "System has not been booted") {
		t.Errorf("%+v", got)
	}
	if got := newLook(play(t).options()).units(t.Context()); got.Status != Missing || got.Words != "" {
		t.Errorf("%+v", got)
	}
	blind := newLook(play(t, "systemd_blind").options()).units(t.Context())
	if blind.Status != OK || blind.Value[0].Journal.Status != Denied || blind.Value[0].Journal.Words == "" {
		t.Errorf("%+v", blind)
	}
	f := play(t)
	f.write("systemctl.show.out", "hello PASSWORD=S3cret\n\n=\n")
	garbage := newLook(f.options()).units(t.Context())
	noSecrets(t, garbage)
	if garbage.Status != Failed {
		t.Errorf("%+v", garbage)
	}
}

func FuzzParseUnits(f *testing.F) {
	f.Add("Id=redis.service\nLoadState=loaded\nActiveState=failed\nExecMainStatus=[not set]\n\nId=-x.service\nLoadState=loaded\n")
	f.Fuzz(func(t *testing.T, text string) {
		units, ok := parseUnits(text)
		if len(units) > 0 && !ok || len(units) > maxUnits {
			t.Fatalf("%v %+v", ok, units)
		}
		for _, u := range units {
			if strings.HasPrefix(u.Name, "-") || u.LoadState == "not-found" || strings.Contains(u.Name, "\n") {
				t.Errorf("%+v", u) // the name goes to journalctl
			}
		}
	})
}
