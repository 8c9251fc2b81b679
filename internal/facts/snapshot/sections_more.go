package snapshot

// ReplicationInfo is the place of a server among its copies.
type ReplicationInfo struct {
	Role            string     `json:"role,omitzero"` // «master», «slave»; KeyDB also «active-replica»
	MasterHost      Text       `json:"master_host,omitzero"`
	MasterPort      Opt[int64] `json:"master_port,omitzero"`
	MasterLink      string     `json:"master_link_status,omitzero"` // «up», «down»
	MasterLastIO    Opt[int64] `json:"master_last_io_seconds_ago,omitzero"`
	MasterSyncing   Opt[bool]  `json:"master_sync_in_progress,omitzero"`
	LinkDownSeconds Opt[int64] `json:"master_link_down_since_seconds,omitzero"` // −1 before the first link
	SyncLeftBytes   Opt[int64] `json:"master_sync_left_bytes,omitzero"`
	ReadOnly        Opt[bool]  `json:"slave_read_only,omitzero"`
	ReplicaOffset   Opt[int64] `json:"slave_repl_offset,omitzero"`
	ConnectedSlaves Opt[int64] `json:"connected_slaves,omitzero"`
	GoodSlaves      Opt[int64] `json:"min_slaves_good_slaves,omitzero"` // only where min-replicas-to-write is set
	FailoverState   string     `json:"master_failover_state,omitzero"`
	ReplicationID   string     `json:"master_replid,omitzero"`
	Offset          Opt[int64] `json:"master_repl_offset,omitzero"`
	BacklogActive   Opt[bool]  `json:"repl_backlog_active,omitzero"`
	BacklogSize     Opt[int64] `json:"repl_backlog_size,omitzero"`
	BacklogHistory  Opt[int64] `json:"repl_backlog_histlen,omitzero"`
	Replicas        []Replica  `json:"replicas,omitzero"`
}

// Replica is a slaveN line of a primary.
type Replica struct {
	Host   Text       `json:"ip,omitzero"`
	Port   Opt[int64] `json:"port,omitzero"`
	State  string     `json:"state,omitzero"` // «wait_bgsave», «send_bulk», «online»
	Offset Opt[int64] `json:"offset,omitzero"`
	Lag    Opt[int64] `json:"lag,omitzero"` // seconds since its last acknowledgement
}

// CPUInfo is processor time in seconds.
type CPUInfo struct {
	System         Opt[float64] `json:"used_cpu_sys,omitzero"`
	User           Opt[float64] `json:"used_cpu_user,omitzero"`
	SystemChildren Opt[float64] `json:"used_cpu_sys_children,omitzero"`
	UserChildren   Opt[float64] `json:"used_cpu_user_children,omitzero"`
	SystemMain     Opt[float64] `json:"used_cpu_sys_main_thread,omitzero"`
	UserMain       Opt[float64] `json:"used_cpu_user_main_thread,omitzero"`
}

// ClusterSection is INFO's own word on clustering.
type ClusterSection struct {
	Enabled Opt[bool] `json:"cluster_enabled,omitzero"`
}

// CommandStat counts one command, or «config|get» for a subcommand (since Redis 7).
type CommandStat struct {
	Calls       Opt[int64]   `json:"calls,omitzero"`
	Usec        Opt[int64]   `json:"usec,omitzero"`
	UsecPerCall Opt[float64] `json:"usec_per_call,omitzero"`
	Rejected    Opt[int64]   `json:"rejected_calls,omitzero"`
	Failed      Opt[int64]   `json:"failed_calls,omitzero"`
}

// Keyspace is one database.
type Keyspace struct {
	Keys      Opt[int64] `json:"keys,omitzero"`
	Expires   Opt[int64] `json:"expires,omitzero"`   // keys with a time to live
	AvgTTL    Opt[int64] `json:"avg_ttl,omitzero"`   // ms; 0 until the expire cycle has sampled
	SubExpiry Opt[int64] `json:"subexpiry,omitzero"` // hashes with fields that expire, since Redis 7.4
}

// Module is a loaded module.
type Module struct {
	Name    Text       `json:"name,omitzero"`
	Version Opt[int64] `json:"ver,omitzero"`
}
