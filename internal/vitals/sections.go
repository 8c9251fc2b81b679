package vitals

import (
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// idleFor is from when on a connection counts as idle, as in doctor's clients-idle.
const idleFor = 300

func (v view) server() Section {
	return v.fromInfo(Server, func(s *Section, all []*snapshot.Info) {
		s.add("product", same(all, func(i *snapshot.Info) string { return i.Product }), "")
		s.add("version", same(all, func(i *snapshot.Info) string { return i.Version }), "")
		s.add("mode", v.Server.Mode, "")
		if len(all) == 1 {
			s.add("role", same(all, func(i *snapshot.Info) string { return roleOf(i.Replication.Role) }), "")
		}
		var up any // of a cluster, that of the node which started last
		for _, i := range all {
			n, told := seconds(i.Server.UptimeSeconds).(float64)
			if least, some := up.(float64); told && (!some || n < least) {
				up = n
			}
		}
		s.add("uptime_s", up, "s")
		if n := len(v.Server.Nodes); n > 1 {
			s.add("nodes", int64(n), finding.Count)
			if silent := n - len(all); silent > 0 {
				s.add("silent_nodes", int64(silent), finding.Count)
			}
		}
		if c, ok := v.first().ClusterInfo.Get(); ok && c.State != "" {
			s.add("cluster_state", c.State, "")
		}
		if p := v.Target.Provider; p != "" {
			s.add("provider", p, "")
		}
		lacks(s, v.Server.Primaries)
	})
}

// roleOf is the role in today's words.
func roleOf(role string) string {
	switch role {
	case "master":
		return "primary"
	case "slave":
		return "replica"
	}
	return role
}

func (v view) nodes() Section {
	s := Section{Name: Nodes}
	t := Table{Name: Nodes}
	for i := range v.Server.Nodes {
		n := &v.Server.Nodes[i]
		info, ok := n.Info.Get()
		if !ok {
			t.Rows = append(t.Rows, row(cell("addr", n.Addr, ""), cell("problem", n.Info.Cause, "")))
			continue
		}
		var keys int64
		for _, db := range info.Keyspace {
			keys += db.Keys.Or(0)
		}
		t.Rows = append(t.Rows, row(
			cell("addr", n.Addr, ""),
			cell("keys", keys, finding.Count),
			cell("used_bytes", value(info.Memory.Used), "bytes"),
			cell("limit_bytes", limit(info.Memory.Max), "bytes"),
			cell("clients", value(info.Clients.Connected), finding.Count),
			cell("ops_per_s", value(info.Stats.OpsPerSecond), finding.Count),
			cell("replicas", value(info.Replication.ConnectedSlaves), finding.Count),
		))
	}
	s.Tables = []Table{t}
	return s
}

// limit is maxmemory where there is a limit: 0 is none.
func limit(o snapshot.Opt[int64]) any {
	if n, ok := o.Get(); ok && n > 0 {
		return n
	}
	return nil
}

func (v view) memory() Section {
	return v.fromInfo(Memory, func(s *Section, all []*snapshot.Info) {
		used := sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.Used })
		most64 := sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.Max })
		limited := most64 != nil
		for _, i := range all {
			limited = limited && i.Memory.Max.Or(0) > 0
		}
		s.add("used_bytes", used, "bytes")
		if limited {
			s.add("limit_bytes", most64, "bytes")
			s.add("used_share", share(used, most64), "ratio")
		} else if most64 != nil {
			s.add("unlimited", true, "")
		}
		s.add("peak_bytes", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.Peak }), "bytes")
		s.add("rss_bytes", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.RSS }), "bytes")
		s.add("fragmentation", most(all, func(i *snapshot.Info) snapshot.Opt[float64] { return i.Memory.FragmentationRatio }), "")
		s.add("policy", same(all, func(i *snapshot.Info) string { return i.Memory.Policy }), "")
		s.add("evicted", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Evicted }), finding.Count)
	})
}

func (v view) clients() Section {
	return v.fromInfo(Clients, func(s *Section, all []*snapshot.Info) {
		connected := sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Clients.Connected })
		s.add("clients", connected, finding.Count)
		room := sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Clients.Max })
		if room == nil && len(all) == 1 {
			if n, ok := v.first().Config.Value.Int("maxclients"); ok && v.first().Config.Known() {
				room = n
			}
		}
		s.add("maxclients", room, finding.Count)
		s.add("clients_share", share(connected, room), "ratio")
		s.add("blocked", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Clients.Blocked }), finding.Count)
		s.add("rejected", sum(all, func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Rejected }), finding.Count)
		s.add("idle", v.idle(), finding.Count)
		lacksAny(s, v.Server.Nodes, func(n *snapshot.Node) snapshot.Fact[snapshot.ClientList] { return n.Clients })
	})
}

// idle counts connections that have said nothing for a while, blocked and subscribed ones left out; nil where a list was
// refused or is too long to be whole.
func (v view) idle() any {
	var count int64
	for i := range v.Server.Nodes {
		list, ok := v.Server.Nodes[i].Clients.Get()
		if !ok || list.Capped() {
			return nil
		}
		for j := range list.Listed {
			c := &list.Listed[j]
			if c.Idle.Or(0) >= idleFor && c.Sub.Or(0)+c.PSub.Or(0) == 0 && waitsForNothing(c.Flags) {
				count++
			}
		}
	}
	return count
}

// waitsForNothing tells a connection that is neither blocked (b), a replica's (S) nor a primary's (M), nor a monitor (O).
func waitsForNothing(flags string) bool {
	for _, f := range flags {
		switch f {
		case 'b', 'S', 'M', 'O', 'P':
			return false
		}
	}
	return true
}
