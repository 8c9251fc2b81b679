package redistest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	slots = 16384
	// joinTimeout is cluster-node-timeout (ms) while a cluster forms: nodes wait that long before they call it ok.
	joinTimeout = 2000 * slowdown
	// calmTimeout is cluster-node-timeout (ms) afterwards, Redis's default: no node is called dead because the machine
	// is busy.
	calmTimeout = 15000
)

// Cluster is a Redis Cluster of primaries that share the slots evenly.
type Cluster struct {
	Nodes []*Server
	t     TB
}

// StartCluster starts a cluster of so many primaries and waits until every node calls it ok. Options count for every
// node; with TLS all nodes share one certificate.
func StartCluster(t TB, primaries int, opts ...Option) *Cluster {
	t.Helper()
	set := newSettings(opts)
	shared := []Option{func(s *settings) { s.cluster = true }, withConf(clusterLines(&set)...)}
	if set.tls != nil && set.tlsFiles == nil {
		files := NewTLS(t, *set.tls)
		shared = append(shared, func(s *settings) { s.tlsFiles = files })
	}
	nodes, err := launchAll(t, primaries, slices.Concat(opts, shared))
	if err != nil {
		t.Fatalf("redistest: start cluster: %v", err)
	}
	c := &Cluster{Nodes: nodes, t: t}
	for i, node := range nodes {
		from, to := i*slots/primaries, (i+1)*slots/primaries-1
		node.must("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(from), strconv.Itoa(to))
		node.must("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
	}
	c.join()
	for _, node := range nodes {
		node.must("CONFIG", "SET", "cluster-node-timeout", strconv.Itoa(calmTimeout))
	}
	return c
}

// clusterLines is what all nodes have in common.
func clusterLines(set *settings) [][]string {
	lines := [][]string{{"cluster-node-timeout", strconv.Itoa(joinTimeout)}}
	return append(lines, (&Server{set: *set}).masterAuth()...)
}

// join introduces every node to every other and waits for the cluster to be ok everywhere. An introduction that came to
// nothing is repeated.
func (c *Cluster) join() {
	c.t.Helper()
	c.meet()
	looks := 0
	for _, node := range c.Nodes {
		err := poll(2*bootWait, "cluster to be ok", func() error {
			if looks++; looks%250 == 0 {
				c.meet()
			}
			return node.clusterOK(len(c.Nodes))
		})
		if err != nil {
			c.t.Fatalf("redistest: %v; the node's log ends with:\n%s", err, node.logTail())
		}
	}
}

func (c *Cluster) meet() {
	c.t.Helper()
	for i, node := range c.Nodes {
		for _, other := range c.Nodes[i+1:] {
			node.must("CLUSTER", "MEET", other.Host(), strconv.Itoa(other.mainPort()))
		}
	}
}

// clusterOK tells whether a node sees all slots served by so many nodes.
func (s *Server) clusterOK(nodes int) error {
	reply, err := s.Do("CLUSTER", "INFO")
	if err != nil {
		return err
	}
	info := parseInfo(reply)
	if info["cluster_state"] != "ok" || info["cluster_slots_ok"] != strconv.Itoa(slots) ||
		info["cluster_known_nodes"] != strconv.Itoa(nodes) {
		return fmt.Errorf("state %s, %s slots ok, %s of %d nodes known",
			info["cluster_state"], info["cluster_slots_ok"], info["cluster_known_nodes"], nodes)
	}
	return nil
}

// URL is the URL of the first node; the others are found from there.
func (c *Cluster) URL() string { return c.Nodes[0].URL() }

// DBSize is the number of keys in the whole cluster.
func (c *Cluster) DBSize() int {
	c.t.Helper()
	sum := 0
	for _, node := range c.Nodes {
		n, err := strconv.Atoi(node.must("DBSIZE"))
		if err != nil {
			c.t.Fatalf("redistest: DBSIZE: %v", err)
		}
		sum += n
	}
	return sum
}

// Do sends a command to the node that serves its key: it follows the first MOVED.
func (c *Cluster) Do(args ...string) (string, error) {
	reply, err := c.Nodes[0].Do(args...)
	words, said := errors.AsType[ReplyError](err)
	if !said || !strings.HasPrefix(string(words), "MOVED ") {
		return reply, err
	}
	fields := strings.Fields(string(words)) // MOVED slot host:port
	for _, node := range c.Nodes {
		if len(fields) == 3 && node.Addr() == fields[2] {
			return node.Do(args...)
		}
	}
	return "", fmt.Errorf("moved to an unknown node: %w", err)
}
