package vitals

import (
	"net"
	"strconv"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func (v view) persistence() Section {
	return v.fromInfo(Persistence, func(s *Section, all []*snapshot.Info) {
		on := anyOf(all, func(i *snapshot.Info) snapshot.Opt[bool] { return i.Persistence.AOF })
		s.add("aof", on, "")
		if on == true {
			s.add("aof_status", worstWord(all, func(i *snapshot.Info) string { return i.Persistence.AOFWriteStatus }), "")
			s.add("aof_bytes", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Persistence.AOFCurrentSize }), "bytes")
		}
		s.add("rdb", v.savePoints(), "")
		s.add("rdb_status", worstWord(all, func(i *snapshot.Info) string { return i.Persistence.LastSaveStatus }), "")
		v.lastSave(s, all)
		s.add("rdb_changes", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Persistence.Changes }), finding.Count)
		if anyOf(all, func(i *snapshot.Info) snapshot.Opt[bool] { return i.Persistence.Saving }) == true {
			s.add("saving", true, "")
		}
		if usec, ok := most(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.LatestForkUsec }).(int64); ok && usec > 0 {
			s.add("fork_ms", float64(usec)/1000, "ms")
		}
		if anyOf(all, func(i *snapshot.Info) snapshot.Opt[bool] { return i.Persistence.Loading }) == true {
			s.add("loading", true, "")
			loading(s, all)
		}
		lacksAny(s, v.Server.Nodes, func(n *snapshot.Node) snapshot.Fact[snapshot.Text] { return n.Setting("save") })
	})
}

// loading is how far the node is that has the most left to load.
func loading(s *Section, all []*snapshot.Info) {
	var slowest *snapshot.PersistenceInfo
	for _, i := range all {
		p := &i.Persistence
		if p.Loading.Or(false) && (slowest == nil || p.LoadingPercent.Or(0) < slowest.LoadingPercent.Or(0)) {
			slowest = p
		}
	}
	if percent, ok := slowest.LoadingPercent.Get(); ok {
		s.add("loading_share", percent/100, "ratio")
	}
	s.add("loading_left_s", seconds(slowest.LoadingETASeconds), "s")
}

// savePoints is whether every server saves RDB files by itself; nil where one does not tell its «save».
func (v view) savePoints() any {
	for i := range v.Server.Nodes {
		n := &v.Server.Nodes[i]
		if !n.Info.Known() {
			continue
		}
		points := n.Setting("save")
		if !points.Known() {
			return nil
		}
		if points.Value == "" {
			return false
		}
	}
	return true
}

// lastSave is how long ago the last RDB save succeeded, the longest of all nodes. A server that has not saved since it
// started gives its start as the time of the last save.
func (v view) lastSave(s *Section, all []*snapshot.Info) {
	var oldest any
	for _, i := range all {
		at, ok := i.Persistence.LastSave.Get()
		if !ok || at <= 0 {
			continue
		}
		now := v.Taken.Unix()
		if usec, ok := i.Server.ServerTimeUsec.Get(); ok {
			now = usec / int64(time.Second/time.Microsecond)
		}
		up, told := i.Server.UptimeSeconds.Get()
		const slack = 2 // s, between the two clocks that Redis reads as it starts
		if i.Persistence.LastSaveSeconds.Or(0) == -1 && told && at <= now-up+slack {
			s.add("rdb_never", true, "")
			return
		}
		if age := float64(max(now-at, 0)); oldest == nil || age > oldest.(float64) { //nolint:forcetypeassert // only ages are stored
			oldest = age
		}
	}
	s.add("rdb_age_s", oldest, "s")
}

// word is a status as INFO has it, or nil.
func word(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (v view) replication() Section {
	return v.fromInfo(Replication, func(s *Section, all []*snapshot.Info) {
		if len(all) > 1 {
			s.add("replicas", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Replication.ConnectedSlaves }), finding.Count)
			return
		}
		r := &all[0].Replication
		s.add("role", word(roleOf(r.Role)), "")
		s.add("replicas", value(r.ConnectedSlaves), finding.Count)
		if r.MasterHost != "" {
			s.add("primary", hostPort(r.MasterHost, r.MasterPort), "")
			s.add("link", word(r.MasterLink), "")
			s.add("last_io_s", seconds(r.MasterLastIO), "s")
			s.add("down_s", seconds(r.LinkDownSeconds), "s")
		}
		if len(r.Replicas) == 0 {
			return
		}
		t := Table{Name: "links"}
		for _, one := range r.Replicas {
			behind := any(nil)
			if ours, ok := r.Offset.Get(); ok {
				if its, ok := one.Offset.Get(); ok {
					behind = max(ours-its, 0)
				}
			}
			t.Rows = append(t.Rows, row(cell("addr", hostPort(one.Host, one.Port), ""), cell("state", word(one.State), ""),
				cell("lag_s", seconds(one.Lag), "s"), cell("behind_bytes", behind, "bytes")))
		}
		s.Tables = []Table{t}
	})
}

func hostPort(host snapshot.Text, port snapshot.Opt[int64]) string {
	return net.JoinHostPort(string(host), strconv.FormatInt(port.Or(0), 10))
}
