package redistest

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Sentinels is a group of Sentinel processes that watch one primary.
type Sentinels struct {
	Nodes   []*Server
	Name    string  // what they call the primary
	Primary *Server // the primary at the start; Master tells the current one
	t       TB
}

// StartSentinels starts n Sentinels that watch primary under a name, with a quorum of the majority, and waits until
// each knows the primary, its replicas and all the others. Options are for the Sentinels themselves: WithPassword
// protects them, not the primary. They call the primary down after two seconds of silence (six under -race).
func StartSentinels(t TB, primary *Server, n int, name string, opts ...Option) *Sentinels {
	t.Helper()
	s := &Sentinels{Name: name, Primary: primary, t: t}
	conf := primary.sentinelLines(n, name)
	var base []Option
	if primary.TLS != nil {
		base = append(base, WithTLSFrom(primary)) // else they could not speak to it
	}
	own := newSettings(slices.Concat(base, opts))
	if own.password != "" {
		conf = append(conf, []string{"sentinel", "sentinel-pass", own.password})
	}
	kind := []Option{withConf(conf...), func(s *settings) { s.sentinel = true }}
	var err error
	if s.Nodes, err = launchAll(t, n, slices.Concat(base, opts, kind)); err != nil {
		t.Fatalf("redistest: start Sentinels: %v", err)
	}
	for _, node := range s.Nodes {
		node.hurrySentinel()
	}
	replicas := primary.Info("replication")["connected_slaves"]
	for _, node := range s.Nodes {
		err := poll(bootWait, "Sentinels to know each other", func() error { return node.watches(name, n-1, replicas) })
		if err != nil {
			t.Fatalf("redistest: %v; the Sentinel's log ends with:\n%s", err, node.logTail())
		}
	}
	return s
}

// launchAll starts n servers at once with the same options.
func launchAll(t TB, n int, opts []Option) ([]*Server, error) {
	nodes, errs := make([]*Server, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { nodes[i], errs[i] = launch(t, newSettings(opts)) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// sentinelLines makes a Sentinel watch s.
func (s *Server) sentinelLines(n int, name string) [][]string {
	lines := [][]string{
		{"sentinel", "monitor", name, s.Host(), strconv.Itoa(s.mainPort()), strconv.Itoa(n/2 + 1)},
		{"sentinel", "down-after-milliseconds", name, strconv.Itoa(2000 * slowdown)},
		{"sentinel", "failover-timeout", name, strconv.Itoa(10000 * slowdown)},
	}
	admin := s.set.admin
	if admin.password != "" {
		lines = append(lines, []string{"sentinel", "auth-pass", name, admin.password})
		if admin.name != "default" {
			lines = append(lines, []string{"sentinel", "auth-user", name, admin.name})
		}
	}
	return lines
}

// hurrySentinel shortens the periods after which a Sentinel looks around (2 s and 10 s): the wait is then shorter, the
// outcome the same. SENTINEL DEBUG exists since Redis 7.0.
func (s *Server) hurrySentinel() {
	_, err := s.Do("SENTINEL", "DEBUG", "PUBLISH-PERIOD", "200", "INFO-PERIOD", "500", "PING-PERIOD", "200")
	if err != nil {
		s.t.Logf("redistest: SENTINEL DEBUG: %v", err)
	}
}

// watches tells whether a Sentinel sees the primary up, with so many other Sentinels and replicas.
func (s *Server) watches(name string, others int, replicas string) error {
	reply, err := s.Do("SENTINEL", "MASTER", name)
	if err != nil {
		return err
	}
	fields := parsePairs(reply)
	if fields["flags"] != "master" || fields["num-other-sentinels"] != strconv.Itoa(others) ||
		fields["num-slaves"] != replicas {
		return fmt.Errorf("flags %q, %s of %d other Sentinels, %s of %s replicas",
			fields["flags"], fields["num-other-sentinels"], others, fields["num-slaves"], replicas)
	}
	_, err = s.Do("SENTINEL", "CKQUORUM", name)
	return err
}

// parsePairs reads names and values on alternate lines.
func parsePairs(reply string) map[string]string {
	lines := strings.Split(reply, "\n")
	pairs := make(map[string]string, len(lines)/2)
	for i := 0; i+1 < len(lines); i += 2 {
		pairs[lines[i]] = lines[i+1]
	}
	return pairs
}

// Addrs is host:port of every Sentinel.
func (s *Sentinels) Addrs() []string {
	addrs := make([]string, len(s.Nodes))
	for i, node := range s.Nodes {
		addrs[i] = node.Addr()
	}
	return addrs
}

// URL is redis+sentinel://[credentials of the primary@]host:port,…/name/0, with rediss+sentinel for TLS.
func (s *Sentinels) URL() string {
	u := url.URL{Scheme: "redis+sentinel", Host: strings.Join(s.Addrs(), ","), Path: "/" + s.Name + "/0"}
	if s.Nodes[0].TLSPort != 0 {
		u.Scheme = "rediss+sentinel"
	}
	if admin := s.Primary.set.admin; admin.password != "" {
		u.User = url.UserPassword(admin.name, admin.password)
	}
	return u.String()
}

// Master is host:port of the current primary, as the first running Sentinel says.
func (s *Sentinels) Master() string {
	s.t.Helper()
	for _, node := range s.Nodes {
		if node.Running() {
			host, port, _ := strings.Cut(node.must("SENTINEL", "GET-MASTER-ADDR-BY-NAME", s.Name), "\n")
			return net.JoinHostPort(host, port)
		}
	}
	s.t.Fatalf("redistest: no Sentinel is running")
	return ""
}

// Failover makes the Sentinels promote a replica and waits until all of them name another primary, whose address it
// returns.
func (s *Sentinels) Failover() string {
	s.t.Helper()
	before := s.Master()
	s.Nodes[0].must("SENTINEL", "FAILOVER", s.Name)
	return s.WaitForNewMaster(before)
}

// WaitForNewMaster waits until all running Sentinels name one primary that is not the given one, and returns its
// address. After the primary's death this takes some seconds: down-after-milliseconds, an election, a promotion.
func (s *Sentinels) WaitForNewMaster(old string) string {
	s.t.Helper()
	var master string
	err := poll(3*bootWait, "failover", func() error {
		master = ""
		for _, node := range s.Nodes {
			if !node.Running() {
				continue
			}
			host, port, _ := strings.Cut(node.must("SENTINEL", "GET-MASTER-ADDR-BY-NAME", s.Name), "\n")
			addr := net.JoinHostPort(host, port)
			if addr == old || (master != "" && addr != master) {
				return fmt.Errorf("a Sentinel still names %s", addr)
			}
			master = addr
		}
		return nil
	})
	if err != nil {
		s.t.Fatalf("redistest: %v; a Sentinel's log ends with:\n%s", err, s.Nodes[0].logTail())
	}
	return master
}
