package vitals

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/evidence"
	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// field is a metric that a single field of INFO fills.
type field struct {
	name    string
	counter bool
	help    string
	value   func(*snapshot.Info) (float64, bool)
}

func whole(get func(*snapshot.Info) snapshot.Opt[int64]) func(*snapshot.Info) (float64, bool) {
	return func(i *snapshot.Info) (float64, bool) {
		n, ok := get(i).Get()
		return float64(n), ok
	}
}

func decimal(get func(*snapshot.Info) snapshot.Opt[float64]) func(*snapshot.Info) (float64, bool) {
	return func(i *snapshot.Info) (float64, bool) { return get(i).Get() }
}

func flag(get func(*snapshot.Info) snapshot.Opt[bool]) func(*snapshot.Info) (float64, bool) {
	return func(i *snapshot.Info) (float64, bool) {
		on, ok := get(i).Get()
		return one(on), ok
	}
}

// status is 1 for «ok», as redis_exporter has it.
func status(get func(*snapshot.Info) string) func(*snapshot.Info) (float64, bool) {
	return func(i *snapshot.Info) (float64, bool) { return one(get(i) == "ok"), get(i) != "" }
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// fields are the metrics of single fields of INFO.
//
//nolint:lll // a metric a line
var fields = []field{
	{"redis_uptime_in_seconds", false, "Seconds since the server started", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Server.UptimeSeconds })},
	{"redis_connected_clients", false, "Connections of clients", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Clients.Connected })},
	{"redis_blocked_clients", false, "Clients that wait in a blocking command", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Clients.Blocked })},
	{"redis_max_clients", false, "The limit of connections", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Clients.Max })},
	{"redis_memory_used_bytes", false, "Memory in use", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.Used })},
	{"redis_memory_used_rss_bytes", false, "Memory that the process holds", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.RSS })},
	{"redis_memory_used_peak_bytes", false, "The most memory that was ever in use", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.Peak })},
	{"redis_memory_used_dataset_bytes", false, "Memory of the data itself", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.Dataset })},
	{"redis_memory_max_bytes", false, "maxmemory; 0 is no limit", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.Max })},
	{"redis_mem_fragmentation_ratio", false, "Memory held by the process over memory in use", decimal(func(i *snapshot.Info) snapshot.Opt[float64] { return i.Memory.FragmentationRatio })},
	{"redis_mem_fragmentation_bytes", false, "Memory held by the process beyond memory in use", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Memory.FragmentationBytes })},
	{"redis_loading_dump_file", false, "Whether the server is loading its data", flag(func(i *snapshot.Info) snapshot.Opt[bool] { return i.Persistence.Loading })},
	{"redis_rdb_changes_since_last_save", false, "Changes since the last RDB save", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Persistence.Changes })},
	{"redis_rdb_bgsave_in_progress", false, "Whether an RDB save is running", flag(func(i *snapshot.Info) snapshot.Opt[bool] { return i.Persistence.Saving })},
	{"redis_rdb_last_save_timestamp_seconds", false, "Unix time of the last RDB save that succeeded", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Persistence.LastSave })},
	{"redis_rdb_last_bgsave_status", false, "1 where the last RDB save succeeded", status(func(i *snapshot.Info) string { return i.Persistence.LastSaveStatus })},
	{"redis_aof_enabled", false, "Whether the AOF is on", flag(func(i *snapshot.Info) snapshot.Opt[bool] { return i.Persistence.AOF })},
	{"redis_aof_last_write_status", false, "1 where the last write to the AOF succeeded", status(func(i *snapshot.Info) string { return i.Persistence.AOFWriteStatus })},
	{"redis_aof_current_size_bytes", false, "Size of the AOF", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Persistence.AOFCurrentSize })},
	{"redis_instantaneous_ops_per_sec", false, "Commands a second, as the server averages them", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.OpsPerSecond })},
	{"redis_latest_fork_usec", false, "Microseconds that the latest fork took", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.LatestForkUsec })},
	{"redis_connected_slaves", false, "Connected replicas", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Replication.ConnectedSlaves })},
	{"redis_master_repl_offset", false, "Offset of the replication stream", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Replication.Offset })},
	{"redis_connections_received_total", true, "Connections accepted since the start", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Connections })},
	{"redis_commands_processed_total", true, "Commands processed since the start", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Commands })},
	{"redis_rejected_connections_total", true, "Connections refused because of maxclients", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Rejected })},
	{"redis_net_input_bytes_total", true, "Bytes received", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.NetInput })},
	{"redis_net_output_bytes_total", true, "Bytes sent", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.NetOutput })},
	{"redis_expired_keys_total", true, "Keys that expired", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Expired })},
	{"redis_evicted_keys_total", true, "Keys that were evicted for want of memory", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Evicted })},
	{"redis_keyspace_hits_total", true, "Lookups that found their key", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Hits })},
	{"redis_keyspace_misses_total", true, "Lookups that did not find their key", whole(func(i *snapshot.Info) snapshot.Opt[int64] { return i.Stats.Misses })},
	{"redis_cpu_sys_seconds_total", true, "Processor time in the system", decimal(func(i *snapshot.Info) snapshot.Opt[float64] { return i.CPU.System })},
	{"redis_cpu_user_seconds_total", true, "Processor time of the process", decimal(func(i *snapshot.Info) snapshot.Opt[float64] { return i.CPU.User })},
}

// Metrics are all numbers of a server, or of each node of a cluster, which then is a label.
func Metrics(e *evidence.Evidence) []finding.Metric {
	m := &metrics{at: map[string]int{}}
	for k := range e.Server.Nodes {
		n := &e.Server.Nodes[k]
		m.node = nil
		if len(e.Server.Nodes) > 1 {
			m.node = [][2]string{{"node", n.Addr}}
		}
		info, ok := n.Info.Get()
		m.add("redis_up", false, "Whether the server answered INFO", one(ok))
		if !ok {
			m.databases(e.Target.DB, n.Keys, nil)
			continue
		}
		m.info(&info)
		m.start(e, &info)
		m.databases(e.Target.DB, n.Keys, info.Keyspace)
		m.lists(&info)
		m.replication(&info.Replication)
		m.more(n)
	}
	m.node = nil
	m.probe(e)
	return m.all
}

// metrics collects samples under their families.
type metrics struct {
	all  []finding.Metric
	at   map[string]int
	node [][2]string // the label of the node, if there are several
}

func (m *metrics) add(name string, counter bool, help string, value float64, labels ...[2]string) {
	k, ok := m.at[name]
	if !ok {
		k = len(m.all)
		m.at[name] = k
		m.all = append(m.all, finding.Metric{Name: name, Counter: counter, Help: help})
	}
	m.all[k].Samples = append(m.all[k].Samples, finding.Sample{Labels: slices.Concat(m.node, labels), Value: value})
}

func (m *metrics) info(i *snapshot.Info) {
	m.add("redis_instance_info", false, "What the server is", 1, [2]string{"role", i.Replication.Role},
		[2]string{"redis_version", i.Server.RedisVersion}, [2]string{"redis_mode", i.Server.Mode}, [2]string{"os", string(i.Server.OS)},
		[2]string{"maxmemory_policy", i.Memory.Policy})
	for _, f := range fields {
		if v, ok := f.value(i); ok {
			m.add(f.name, f.counter, f.help, v)
		}
	}
}

// start is when the server started, by the clock of this machine.
func (m *metrics) start(e *evidence.Evidence, i *snapshot.Info) {
	if up, ok := i.Server.UptimeSeconds.Get(); ok {
		m.add("redis_start_time_seconds", false, "Unix time of the start", float64(e.Taken.Unix()-up))
	}
}

// databases are the databases that INFO lists, and the target's own: it lists no empty ones, and some servers none at all.
func (m *metrics) databases(own int, size snapshot.Fact[int64], all map[int]snapshot.Keyspace) {
	if _, listed := all[own]; !listed && size.Known() {
		all = maps.Clone(all)
		if all == nil {
			all = map[int]snapshot.Keyspace{}
		}
		missing := snapshot.Keyspace{Keys: snapshot.Some(size.Value)}
		if size.Value == 0 {
			missing.Expires = snapshot.Some[int64](0)
		}
		all[own] = missing
	}
	for _, db := range slices.Sorted(maps.Keys(all)) {
		k, label := all[db], [2]string{"db", "db" + strconv.Itoa(db)}
		if n, ok := k.Keys.Get(); ok {
			m.add("redis_db_keys", false, "Keys of a database", float64(n), label)
		}
		if n, ok := k.Expires.Get(); ok {
			m.add("redis_db_keys_expiring", false, "Keys of a database that have a TTL", float64(n), label)
		}
		if ttl, ok := k.AvgTTL.Get(); ok && ttl >= 0 { // Dragonfly says −1 for what it does not know
			m.add("redis_db_avg_ttl_seconds", false, "Average TTL of a database", float64(ttl)/1000, label)
		}
	}
}

// lists are the metrics that have a label each: commands and errors.
func (m *metrics) lists(i *snapshot.Info) {
	for _, name := range slices.Sorted(maps.Keys(i.Commands)) {
		c, label := i.Commands[name], [2]string{"cmd", string(name)}
		m.add("redis_commands_total", true, "Calls of a command", float64(c.Calls.Or(0)), label)
		m.add("redis_commands_duration_seconds_total", true, "Time that a command took in all",
			float64(c.Usec.Or(0))/float64(time.Second/time.Microsecond), label)
		if n, ok := c.Rejected.Get(); ok {
			m.add("redis_commands_rejected_calls_total", true, "Calls of a command that were refused", float64(n), label)
		}
		if n, ok := c.Failed.Get(); ok {
			m.add("redis_commands_failed_calls_total", true, "Calls of a command that failed", float64(n), label)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(i.Errors)) {
		m.add("redis_errors_total", true, "Error replies by their first word", float64(i.Errors[name]), [2]string{"err", string(name)})
	}
}

// replication are the links to a primary and to replicas.
func (m *metrics) replication(r *snapshot.ReplicationInfo) {
	if r.MasterHost != "" {
		label := [][2]string{{"master_host", string(r.MasterHost)}, {"master_port", strconv.FormatInt(r.MasterPort.Or(0), 10)}}
		m.add("redis_master_link_up", false, "Whether the link to the primary is up", one(r.MasterLink == "up"), label...)
		if s, ok := r.MasterLastIO.Get(); ok {
			m.add("redis_master_last_io_seconds_ago", false, "Seconds since the primary was last heard of", float64(s), label...)
		}
		if on, ok := r.MasterSyncing.Get(); ok {
			m.add("redis_master_sync_in_progress", false, "Whether a copy of the primary's data is being fetched", one(on), label...)
		}
		if n, ok := r.ReplicaOffset.Get(); ok {
			m.add("redis_slave_repl_offset", false, "Offset of a replica in the replication stream, as it says itself", float64(n), label...)
		}
	}
	for _, peer := range r.Replicas {
		label := [][2]string{
			{"slave_ip", string(peer.Host)}, {"slave_port", strconv.FormatInt(peer.Port.Or(0), 10)}, {"slave_state", peer.State},
		}
		if n, ok := peer.Offset.Get(); ok {
			m.add("redis_connected_slave_offset_bytes", false, "Offset of a replica", float64(n), label...)
		}
		if n, ok := peer.Lag.Get(); ok {
			m.add("redis_connected_slave_lag_seconds", false, "Seconds since a replica last acknowledged", float64(n), label...)
		}
	}
}

// more are the metrics that come from other questions than INFO.
func (m *metrics) more(n *snapshot.Node) {
	if length, ok := n.SlowlogLen.Get(); ok {
		m.add("redis_slowlog_length", false, "Entries in the slow log", float64(length))
	}
	if c, ok := n.ClusterInfo.Get(); ok && c.State != "" {
		m.add("redis_cluster_state", false, "1 where the cluster serves all slots, as the node sees it", one(c.State == "ok"))
	}
	events, _ := n.Latency.Get()
	for _, e := range events {
		label := [2]string{"event_name", e.Name}
		m.add("redis_latency_spike_last", false, "Unix time of the latest spike of a latency event", float64(e.Time), label)
		m.add("redis_latency_spike_duration_seconds", false, "Length of the latest spike of a latency event",
			e.Latest.Duration().Seconds(), label)
	}
}

// probe are our own measures.
func (m *metrics) probe(e *evidence.Evidence) {
	if p, ok := e.Pings.Get(); ok {
		m.add("olymp_cache_ping_p50_seconds", false, "Round trip of PING: the median of the rounds", p.P50.Duration().Seconds())
		m.add("olymp_cache_ping_p99_seconds", false, "Round trip of PING: the 99th percentile of the rounds", p.P99.Duration().Seconds())
		m.add("olymp_cache_ping_max_seconds", false, "Round trip of PING: the longest of the rounds", p.Max.Duration().Seconds())
		m.add("olymp_cache_ping_rounds", false, "How many rounds of PING were measured", float64(p.Rounds))
	}
	m.add("olymp_cache_probe_duration_seconds", false, "How long asking took", e.Duration.Seconds())
	m.add("olymp_cache_probe_commands", false, "Commands that asking took", float64(e.CommandsSent))
}
