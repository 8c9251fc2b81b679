package snapshot

// Totals adds up the nodes whose INFO was read; on a single server it is that server. A sum is known only if every
// one of these nodes said its part: half a sum would be taken for the whole.
type Totals struct {
	Nodes     int              `json:"nodes"`     // that are in the sums
	Missing   int              `json:"missing"`   // whose INFO could not be read
	Unlimited int              `json:"unlimited"` // with maxmemory 0: MaxMemory then is no limit of the whole
	Used      Opt[int64]       `json:"used_memory,omitzero"`
	RSS       Opt[int64]       `json:"used_memory_rss,omitzero"`
	MaxMemory Opt[int64]       `json:"maxmemory,omitzero"`
	Clients   Opt[int64]       `json:"connected_clients,omitzero"`
	Ops       Opt[int64]       `json:"instantaneous_ops_per_sec,omitzero"`
	Commands  Opt[int64]       `json:"total_commands_processed,omitzero"`
	Hits      Opt[int64]       `json:"keyspace_hits,omitzero"`
	Misses    Opt[int64]       `json:"keyspace_misses,omitzero"`
	Evicted   Opt[int64]       `json:"evicted_keys,omitzero"`
	Expired   Opt[int64]       `json:"expired_keys,omitzero"`
	Rejected  Opt[int64]       `json:"rejected_connections,omitzero"`
	NetInput  Opt[int64]       `json:"total_net_input_bytes,omitzero"`
	NetOutput Opt[int64]       `json:"total_net_output_bytes,omitzero"`
	Keys      int64            `json:"keys"`
	Expires   int64            `json:"expires"`
	Databases map[int]Keyspace `json:"keyspace,omitzero"` // keys and expires only
	Errors    TextMap[int64]   `json:"errorstats,omitzero"`
}

// Sum adds up nodes.
func Sum(nodes []Node) Totals {
	var t Totals
	for i := range nodes {
		info, ok := nodes[i].Info.Get()
		if !ok {
			t.Missing++
			continue
		}
		t.add(&info)
	}
	return t
}

func (t *Totals) add(info *Info) {
	first := t.Nodes == 0
	t.Nodes++
	for _, part := range []struct {
		sum *Opt[int64]
		add Opt[int64]
	}{
		{&t.Used, info.Memory.Used},
		{&t.RSS, info.Memory.RSS},
		{&t.MaxMemory, info.Memory.Max},
		{&t.Clients, info.Clients.Connected},
		{&t.Ops, info.Stats.OpsPerSecond},
		{&t.Commands, info.Stats.Commands},
		{&t.Hits, info.Stats.Hits},
		{&t.Misses, info.Stats.Misses},
		{&t.Evicted, info.Stats.Evicted},
		{&t.Expired, info.Stats.Expired},
		{&t.Rejected, info.Stats.Rejected},
		{&t.NetInput, info.Stats.NetInput},
		{&t.NetOutput, info.Stats.NetOutput},
	} {
		*part.sum = plus(*part.sum, part.add, first)
	}
	if limit, ok := info.Memory.Max.Get(); ok && limit == 0 {
		t.Unlimited++
	}
	for db, k := range info.Keyspace {
		keys, expires := k.Keys.Or(0), k.Expires.Or(0)
		t.Keys, t.Expires = t.Keys+keys, t.Expires+expires
		had := t.Databases[db]
		put(&t.Databases, db, Keyspace{Keys: Some(had.Keys.Or(0) + keys), Expires: Some(had.Expires.Or(0) + expires)})
	}
	for name, count := range info.Errors {
		put(&t.Errors, name, t.Errors[name]+count)
	}
}

func plus(sum, part Opt[int64], first bool) Opt[int64] {
	if first {
		return part
	}
	a, ok1 := sum.Get()
	b, ok2 := part.Get()
	if !ok1 || !ok2 {
		return Opt[int64]{}
	}
	return Some(a + b)
}
