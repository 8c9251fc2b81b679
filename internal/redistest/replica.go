package redistest

import (
	"fmt"
	"strconv"
	"strings"
)

// StartReplica starts a replica of a primary, with the primary's credentials and TLS unless options say otherwise, and
// waits until the link is up and the primary counts it as online.
func StartReplica(t TB, of *Server, opts ...Option) *Server {
	t.Helper()
	set := newSettings(append([]Option{of.set.inherit(), withConf(of.replicaLines()...)}, opts...))
	replica, err := launch(t, set)
	if err != nil {
		t.Fatalf("redistest: start replica: %v", err)
	}
	if err := poll(bootWait, "replication link", func() error { return linked(of, replica) }); err != nil {
		t.Fatalf("redistest: %v; the replica's log ends with:\n%s", err, replica.logTail())
	}
	return replica
}

// replicaLines makes a server a replica of s.
func (s *Server) replicaLines() [][]string {
	lines := [][]string{{"replicaof", s.Host(), strconv.Itoa(s.mainPort())}}
	return append(lines, s.masterAuth()...)
}

// masterAuth is how a replica, or a cluster node, logs in to s.
func (s *Server) masterAuth() [][]string {
	switch admin := s.set.admin; {
	case admin.password == "":
		return nil
	case admin.name == "default":
		return [][]string{{"masterauth", admin.password}}
	default:
		return [][]string{{"masteruser", admin.name}, {"masterauth", admin.password}}
	}
}

// linked tells whether both ends see the link.
func linked(primary, replica *Server) error {
	reply, err := replica.Do("INFO", "replication")
	if err != nil {
		return err
	}
	if status := parseInfo(reply)["master_link_status"]; status != "up" {
		return fmt.Errorf("master_link_status is %q", status)
	}
	if reply, err = primary.Do("INFO", "replication"); err != nil {
		return err
	}
	if !strings.Contains(reply, fmt.Sprintf("port=%d,state=online", replica.mainPort())) {
		return fmt.Errorf("the primary does not list port %d as online", replica.mainPort())
	}
	return nil
}
