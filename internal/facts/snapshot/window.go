package snapshot

import "time"

// Sample is INFO of every node at one time.
type Sample struct {
	Nodes []NodeSample `json:"nodes"`
}

// NodeSample is INFO of one node.
type NodeSample struct {
	Addr string     `json:"addr"`
	Time time.Time  `json:"time"` // when the answer was here
	Info Fact[Info] `json:"info"`
}

// Window is what happened between two samples.
type Window struct {
	Elapsed Millis       `json:"elapsed_ms"` // the longest of the nodes
	Nodes   []NodeWindow `json:"nodes"`
	Total   Delta        `json:"total"` // of the nodes that can be compared
}

// NodeWindow is one node's part. Delta counts only when Status is OK.
type NodeWindow struct {
	Addr    string     `json:"addr"`
	Elapsed Millis     `json:"elapsed_ms"`
	Change  Change     `json:"change,omitzero"`
	Delta   Delta      `json:"delta,omitzero"`
	Fault   Fact[Info] `json:"fault,omitzero"` // the sample that failed, where Change is Unread
}

// Change is why two samples of a node cannot be compared; empty if they can.
type Change string

// The reasons.
const (
	Unchanged  Change = ""
	Restarted  Change = "restarted"   // another run_id, or a shorter uptime
	StatsReset Change = "stats-reset" // CONFIG RESETSTAT: counters went down in the same run
	Gone       Change = "gone"        // only in the first sample: no longer a primary
	Appeared   Change = "appeared"    // only in the second
	Unread     Change = "unread"      // INFO was refused or failed
)

// Delta is how much counters grew. A counter that a server leaves out is not known.
type Delta struct {
	Commands    Opt[int64] `json:"total_commands_processed,omitzero"` // but for the first sample's own
	Hits        Opt[int64] `json:"keyspace_hits,omitzero"`
	Misses      Opt[int64] `json:"keyspace_misses,omitzero"`
	Evicted     Opt[int64] `json:"evicted_keys,omitzero"`
	Expired     Opt[int64] `json:"expired_keys,omitzero"`
	NetInput    Opt[int64] `json:"total_net_input_bytes,omitzero"`
	NetOutput   Opt[int64] `json:"total_net_output_bytes,omitzero"`
	Rejected    Opt[int64] `json:"rejected_connections,omitzero"`
	Connections Opt[int64] `json:"total_connections_received,omitzero"`
}

// Rate is a growth per second over elapsed; not known where the growth is not, or no time passed.
func Rate(growth Opt[int64], elapsed Millis) (float64, bool) {
	n, ok := growth.Get()
	if !ok || elapsed <= 0 {
		return 0, false
	}
	return float64(n) / elapsed.Duration().Seconds(), true
}

// Between compares two samples, node by node.
func Between(before, after Sample) Window {
	w := Window{Nodes: []NodeWindow{}}
	later := map[string]NodeSample{}
	for _, n := range after.Nodes {
		later[n.Addr] = n
	}
	compared := 0
	for _, a := range before.Nodes {
		b, ok := later[a.Addr]
		delete(later, a.Addr)
		n := NodeWindow{Addr: a.Addr, Change: Gone}
		if ok {
			n = compare(a, b)
		}
		w.Nodes = append(w.Nodes, n)
		w.Elapsed = max(w.Elapsed, n.Elapsed)
		if n.Change == Unchanged {
			w.Total = w.Total.plus(n.Delta, compared == 0)
			compared++
		}
	}
	for _, n := range after.Nodes {
		if _, left := later[n.Addr]; left {
			w.Nodes = append(w.Nodes, NodeWindow{Addr: n.Addr, Change: Appeared})
		}
	}
	return w
}

func compare(a, b NodeSample) NodeWindow {
	n := NodeWindow{Addr: a.Addr, Elapsed: Millis(b.Time.Sub(a.Time))}
	for _, s := range []NodeSample{a, b} {
		if !s.Info.Known() {
			n.Change, n.Fault = Unread, s.Info
			return n
		}
	}
	x, y := a.Info.Value, b.Info.Value
	up1, ok1 := x.Server.UptimeSeconds.Get()
	up2, ok2 := y.Server.UptimeSeconds.Get()
	if x.Server.RunID != y.Server.RunID || ok1 && ok2 && up2 < up1 {
		n.Change = Restarted
		return n
	}
	d, shrunk := grown(&x.Stats, &y.Stats)
	if shrunk {
		n.Change = StatsReset
		return n
	}
	n.Delta = d
	return n
}

// grown subtracts counters, and tells whether one of them went down.
func grown(a, b *StatsInfo) (d Delta, shrunk bool) {
	for _, c := range []struct {
		into   *Opt[int64]
		before Opt[int64]
		after  Opt[int64]
	}{
		{&d.Commands, a.Commands, b.Commands},
		{&d.Hits, a.Hits, b.Hits},
		{&d.Misses, a.Misses, b.Misses},
		{&d.Evicted, a.Evicted, b.Evicted},
		{&d.Expired, a.Expired, b.Expired},
		{&d.NetInput, a.NetInput, b.NetInput},
		{&d.NetOutput, a.NetOutput, b.NetOutput},
		{&d.Rejected, a.Rejected, b.Rejected},
		{&d.Connections, a.Connections, b.Connections},
	} {
		x, ok1 := c.before.Get()
		y, ok2 := c.after.Get()
		if !ok1 || !ok2 {
			continue
		}
		if y < x {
			return Delta{}, true
		}
		*c.into = Some(y - x)
	}
	if n, ok := d.Commands.Get(); ok {
		d.Commands = Some(max(n-1, 0)) // INFO itself is counted once its answer is made: in the second sample only
	}
	return d, false
}

func (d Delta) plus(o Delta, first bool) Delta {
	return Delta{
		Commands: plus(d.Commands, o.Commands, first),
		Hits:     plus(d.Hits, o.Hits, first), Misses: plus(d.Misses, o.Misses, first),
		Evicted: plus(d.Evicted, o.Evicted, first), Expired: plus(d.Expired, o.Expired, first),
		NetInput: plus(d.NetInput, o.NetInput, first), NetOutput: plus(d.NetOutput, o.NetOutput, first),
		Rejected: plus(d.Rejected, o.Rejected, first), Connections: plus(d.Connections, o.Connections, first),
	}
}
