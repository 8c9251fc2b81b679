package cli_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/cli"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// TestDoctorClusterMended: slots that nobody serves are given to somebody.
func TestDoctorClusterMended(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, redistest.WithPassword("S3cretWord"))
	for _, node := range c.Nodes {
		do(t, node, "CLUSTER", "DELSLOTS", "0", "7", "8")
	}
	until(t, "a cluster that is down", func() bool {
		reply, err := c.Nodes[0].Do("CLUSTER", "INFO")
		return err == nil && strings.Contains(reply, "cluster_state:fail")
	})
	d := wantRoot(t, at(c.URL()), "server-cluster-down", cli.ExitFailed)
	at(c.URL()).wantTidy(t, failureLines, "S3cretWord")
	paste(t, d.shown(t, "server-cluster-down", "--cluster fix"), "yes\nyes\nyes\n", "REDIS_PASSWORD=S3cretWord")
	wantMended(t, at(c.URL()), "server-cluster-down")
}

// TestDoctorClusterAlone: a server that was made a cluster node by mistake, or never got its slots.
func TestDoctorClusterAlone(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.WithPassword("S3cretWord"), redistest.WithArgs("--cluster-enabled", "yes"))
	d := wantRoot(t, at(s.URL()), "server-cluster-down", cli.ExitFailed)
	paste(t, d.shown(t, "server-cluster-down", "--cluster fix"), "yes\n", "REDIS_PASSWORD=S3cretWord")
	wantMended(t, at(s.URL()), "server-cluster-down")
}

// TestDoctorClusterNodeDown: a replica that fails leaves the cluster whole, and comes back.
func TestDoctorClusterNodeDown(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3)
	spare := redistest.Start(t, redistest.WithArgs("--cluster-enabled", "yes", "--cluster-node-timeout", "2000"))
	first := c.Nodes[0]
	for _, node := range c.Nodes {
		do(t, node, "CONFIG", "SET", "cluster-node-timeout", "2000")
	}
	do(t, spare, "CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(first.Port))
	id := do(t, first, "CLUSTER", "MYID")
	until(t, "a replica", func() bool {
		_, err := spare.Do("CLUSTER", "REPLICATE", id)
		return err == nil
	})
	until(t, "a replica that is known", func() bool { return strings.Contains(do(t, first, "CLUSTER", "NODES"), " slave "+id) })
	spare.Kill()
	until(t, "a failed node", func() bool { return strings.Contains(do(t, first, "CLUSTER", "NODES"), "slave,fail ") })
	wantFound(t, at(c.URL()), "warning", "server-cluster-node-down")
	at(c.URL()).wantTidy(t, 45)
	spare.Restart()
	wantMended(t, at(c.URL()), "server-cluster-node-down")
}

// TestDoctorClusterAnnounces: an address that means nothing here.
func TestDoctorClusterAnnounces(t *testing.T) {
	t.Parallel()
	_, port, _ := net.SplitHostPort(redistest.Refused(t))
	s := redistest.Start(t, redistest.WithArgs("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1",
		"--cluster-announce-port", port))
	do(t, s, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	until(t, "a cluster that is ok", func() bool { return strings.Contains(do(t, s, "CLUSTER", "INFO"), "cluster_state:ok") })
	wantRoot(t, at(s.URL()), "server-cluster-unreachable", cli.ExitFailed)
	at(s.URL()).wantTidy(t, failureLines)
	do(t, s, "CONFIG", "SET", "cluster-announce-port", strconv.Itoa(s.Port)) // as the page says
	wantMended(t, at(s.URL()), "server-cluster-unreachable")
}

// TestDoctorSentinelPrimaryDown: the Sentinel answers, the primary that it names does not.
func TestDoctorSentinelPrimaryDown(t *testing.T) {
	t.Parallel()
	primary := advised(t)
	sentinels := redistest.StartSentinels(t, primary, 1, "vitrine")
	primary.Kill()
	until(t, "a Sentinel that knows", func() bool {
		return strings.Contains(do(t, sentinels.Nodes[0], "SENTINEL", "MASTER", "vitrine"), "s_down")
	})
	p := at(sentinels.URL())
	d := wantRoot(t, p, "sentinel-master-down", cli.ExitUnreachable)
	p.wantTidy(t, failureLines, "S3cretWord")
	if said := paste(t, d.shown(t, "sentinel-master-down", "SENTINEL MASTER"), ""); !strings.Contains(said, "s_down") {
		t.Errorf("the Sentinel says %s", said)
	}
	primary.Restart()
	wantMended(t, p, "sentinel-master-down")
}

// TestDoctorSentinelAlone: no Sentinel answers, and one that wants another password.
func TestDoctorSentinelAlone(t *testing.T) {
	t.Parallel()
	p := at("redis+sentinel://" + redistest.Refused(t) + "/vitrine/0")
	d := wantRoot(t, p, "tcp-refused", cli.ExitUnreachable)
	if strings.Contains(strings.Join(d.commands("tcp-refused"), "\n"), "docker run") {
		t.Errorf("a container on a Sentinel's port: %q", d.commands("tcp-refused"))
	}
	locked := redistest.StartSentinels(t, advised(t), 1, "vitrine", redistest.WithPassword("another"))
	d = wantRoot(t, at(locked.URL()), "auth-wrong", cli.ExitUnreachable)
	if !strings.Contains(d.Findings[0].Cause, "Sentinel "+locked.Addrs()[0]) {
		t.Errorf("the cause is %q", d.Findings[0].Cause)
	}
}

// until waits for a state that servers come to by themselves.
func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for range 300 {
		if reached() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no sight of %s", what)
}
