package redistest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// eventually polls for an answer.
func eventually(t *testing.T, s *Server, want string, args ...string) {
	t.Helper()
	var got string
	err := poll(bootWait, want, func() (err error) {
		if got, err = s.Do(args...); err == nil && got != want {
			err = ReplyError("got " + got)
		}
		return err
	})
	if err != nil {
		t.Errorf("%v: %v", args, err)
	}
}

func TestReplica(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		opts []Option
	}{
		{"plain", nil},
		{"password", []Option{WithPassword("p w#")}},
		{"ACL and TLS with client certificates", []Option{
			WithUser("default", "", "off"), WithAdmin("root", "secret"), WithTLS(TLSOptions{ClientCertRequired: true}),
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			primary := Start(t, c.opts...)
			replica := StartReplica(t, primary)
			if got := replica.Info("replication")["role"]; got != "slave" {
				t.Errorf("role is %q", got)
			}
			mustDo(t, primary.Do, "SET", "a", "1")
			eventually(t, replica, "1", "GET", "a")
			if _, err := replica.Do("SET", "b", "1"); err == nil || !strings.HasPrefix(err.Error(), "READONLY ") {
				t.Errorf("write on the replica: %v", err)
			}
		})
	}
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	primary := Start(t, WithPassword("pw"))
	replica := StartReplica(t, primary)
	s := StartSentinels(t, primary, 3, "cache")
	if got := s.Master(); got != primary.Addr() {
		t.Errorf("the master is %s, not %s", got, primary.Addr())
	}
	if want := "redis+sentinel://default:pw@" + strings.Join(s.Addrs(), ",") + "/cache/0"; s.URL() != want {
		t.Errorf("URL is %s, want %s", s.URL(), want)
	}
	for _, node := range s.Nodes {
		if got := node.Info("server")["redis_mode"]; got != "sentinel" {
			t.Errorf("mode is %q", got)
		}
		if _, err := node.Do("GET", "a"); err == nil || !strings.HasPrefix(err.Error(), "ERR unknown command") {
			t.Errorf("GET on a Sentinel: %v", err)
		}
	}
	primary.Kill()
	if got := s.WaitForNewMaster(primary.Addr()); got != replica.Addr() {
		t.Errorf("the new master is %s, not %s", got, replica.Addr())
	}
	eventually(t, replica, "OK", "SET", "a", "1")
}

func TestProtectedSentinelsOverTLS(t *testing.T) {
	t.Parallel()
	primary := Start(t, WithTLS(TLSOptions{}))
	replica := StartReplica(t, primary)
	s := StartSentinels(t, primary, 3, "cache", WithPassword("watch"))
	if _, err := ask(t, s.Nodes[0].Addr(), "PING"); err == nil {
		t.Error("a Sentinel answers in clear")
	}
	if !strings.HasPrefix(s.URL(), "rediss+sentinel://127.0.0.1:") {
		t.Errorf("URL is %s", s.URL())
	}
	if got := s.Failover(); got != replica.Addr() {
		t.Errorf("the new master is %s, not %s", got, replica.Addr())
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		opts []Option
	}{
		{"plain", nil},
		{"password and TLS", []Option{WithPassword("pw"), WithTLS(TLSOptions{})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cluster := StartCluster(t, 3, c.opts...)
			const keys = 60
			for i := range keys {
				mustDo(t, cluster.Do, "SET", strings.Repeat("k", i+1), "v")
			}
			if got := cluster.DBSize(); got != keys {
				t.Errorf("%d keys, want %d", got, keys)
			}
			for i, node := range cluster.Nodes {
				if got := mustDo(t, node.Do, "DBSIZE"); got == "0" {
					t.Errorf("no key on node %d", i)
				}
				if err := node.clusterOK(3); err != nil {
					t.Errorf("node %d: %v", i, err)
				}
			}
			moved := slices.ContainsFunc(cluster.Nodes, func(s *Server) bool {
				_, err := s.Do("GET", "k")
				return err != nil && strings.HasPrefix(err.Error(), "MOVED ")
			})
			if !moved {
				t.Error("every node serves every key")
			}
			if cluster.URL() != cluster.Nodes[0].URL() {
				t.Errorf("URL is %s", cluster.URL())
			}
		})
	}
}

func TestClusterLosesANode(t *testing.T) {
	t.Parallel()
	cluster := StartCluster(t, 2)
	mustDo(t, cluster.Nodes[0].Do, "CONFIG", "SET", "cluster-node-timeout", "300")
	cluster.Nodes[1].Kill()
	start := time.Now()
	cluster.Nodes[0].refuses("CLUSTERDOWN", "GET", "k")
	t.Logf("down after %s", time.Since(start))
}
