package snapshot

// The sections of INFO. JSON names are INFO's own; units are INFO's too: bytes, and seconds or microseconds by name.

// ServerInfo is who the server is.
type ServerInfo struct {
	RedisVersion     string     `json:"redis_version,omitzero"` // the compatible version on Valkey and Dragonfly
	ServerName       string     `json:"server_name,omitzero"`   // «valkey» since Valkey 8
	ValkeyVersion    string     `json:"valkey_version,omitzero"`
	DragonflyVersion string     `json:"dragonfly_version,omitzero"`
	Mode             string     `json:"redis_mode,omitzero"` // «standalone», «cluster», «sentinel»
	OS               Text       `json:"os,omitzero"`
	ProcessID        Opt[int64] `json:"process_id,omitzero"`
	RunID            Text       `json:"run_id,omitzero"`
	TCPPort          Opt[int64] `json:"tcp_port,omitzero"`
	ServerTimeUsec   Opt[int64] `json:"server_time_usec,omitzero"`
	UptimeSeconds    Opt[int64] `json:"uptime_in_seconds,omitzero"`
	Hz               Opt[int64] `json:"hz,omitzero"`
	ConfiguredHz     Opt[int64] `json:"configured_hz,omitzero"`
	Executable       Text       `json:"executable,omitzero"`
	ConfigFile       Text       `json:"config_file,omitzero"`
	IOThreadsActive  Opt[bool]  `json:"io_threads_active,omitzero"`
	MVCCDepth        Opt[int64] `json:"mvcc_depth,omitzero"` // KeyDB only
}

// ClientsInfo counts connections.
type ClientsInfo struct {
	Connected       Opt[int64] `json:"connected_clients,omitzero"`
	Max             Opt[int64] `json:"maxclients,omitzero"` // since Redis 7.0 (and 6.2.7)
	Blocked         Opt[int64] `json:"blocked_clients,omitzero"`
	Tracking        Opt[int64] `json:"tracking_clients,omitzero"`
	ClusterLinks    Opt[int64] `json:"cluster_connections,omitzero"`
	MaxInputBuffer  Opt[int64] `json:"client_recent_max_input_buffer,omitzero"`
	MaxOutputBuffer Opt[int64] `json:"client_recent_max_output_buffer,omitzero"`
	PubSub          Opt[int64] `json:"pubsub_clients,omitzero"` // since Redis 7.4
}

// MemoryInfo is memory in bytes; ratios have no unit.
type MemoryInfo struct {
	Used               Opt[int64]   `json:"used_memory,omitzero"`
	RSS                Opt[int64]   `json:"used_memory_rss,omitzero"`
	Peak               Opt[int64]   `json:"used_memory_peak,omitzero"`
	PeakPercent        Opt[float64] `json:"used_memory_peak_perc,omitzero"`
	Overhead           Opt[int64]   `json:"used_memory_overhead,omitzero"`
	Startup            Opt[int64]   `json:"used_memory_startup,omitzero"`
	Dataset            Opt[int64]   `json:"used_memory_dataset,omitzero"`
	DatasetPercent     Opt[float64] `json:"used_memory_dataset_perc,omitzero"`
	Lua                Opt[int64]   `json:"used_memory_lua,omitzero"`
	Scripts            Opt[int64]   `json:"used_memory_scripts,omitzero"`
	ScriptsEval        Opt[int64]   `json:"used_memory_scripts_eval,omitzero"`
	Functions          Opt[int64]   `json:"used_memory_functions,omitzero"`
	CachedScripts      Opt[int64]   `json:"number_of_cached_scripts,omitzero"`
	FunctionCount      Opt[int64]   `json:"number_of_functions,omitzero"`
	TotalSystem        Opt[int64]   `json:"total_system_memory,omitzero"`
	Max                Opt[int64]   `json:"maxmemory,omitzero"` // 0 is no limit
	Policy             string       `json:"maxmemory_policy,omitzero"`
	Allocated          Opt[int64]   `json:"allocator_allocated,omitzero"`
	Active             Opt[int64]   `json:"allocator_active,omitzero"`
	Resident           Opt[int64]   `json:"allocator_resident,omitzero"`
	FragRatio          Opt[float64] `json:"allocator_frag_ratio,omitzero"`
	FragBytes          Opt[int64]   `json:"allocator_frag_bytes,omitzero"`
	AllocatorRSSRatio  Opt[float64] `json:"allocator_rss_ratio,omitzero"`
	AllocatorRSSBytes  Opt[int64]   `json:"allocator_rss_bytes,omitzero"`
	RSSOverheadRatio   Opt[float64] `json:"rss_overhead_ratio,omitzero"`
	RSSOverheadBytes   Opt[int64]   `json:"rss_overhead_bytes,omitzero"`
	FragmentationRatio Opt[float64] `json:"mem_fragmentation_ratio,omitzero"`
	FragmentationBytes Opt[int64]   `json:"mem_fragmentation_bytes,omitzero"`
	NotCounted         Opt[int64]   `json:"mem_not_counted_for_evict,omitzero"`
	Backlog            Opt[int64]   `json:"mem_replication_backlog,omitzero"`
	ReplicaBuffers     Opt[int64]   `json:"mem_clients_slaves,omitzero"`
	ClientBuffers      Opt[int64]   `json:"mem_clients_normal,omitzero"`
	ClusterLinks       Opt[int64]   `json:"mem_cluster_links,omitzero"`
	AOFBuffer          Opt[int64]   `json:"mem_aof_buffer,omitzero"`
	Allocator          Text         `json:"mem_allocator,omitzero"`
	DefragRunning      Opt[int64]   `json:"active_defrag_running,omitzero"` // percent of CPU
	LazyfreePending    Opt[int64]   `json:"lazyfree_pending_objects,omitzero"`
}

// PersistenceInfo is the state of loading, RDB and AOF. Times of −1 mean «never» or «not now».
type PersistenceInfo struct {
	Loading             Opt[bool]    `json:"loading,omitzero"`
	AsyncLoading        Opt[bool]    `json:"async_loading,omitzero"`
	LoadingStart        Opt[int64]   `json:"loading_start_time,omitzero"` // Unix time
	LoadingTotalBytes   Opt[int64]   `json:"loading_total_bytes,omitzero"`
	LoadingLoadedBytes  Opt[int64]   `json:"loading_loaded_bytes,omitzero"`
	LoadingPercent      Opt[float64] `json:"loading_loaded_perc,omitzero"`
	LoadingETASeconds   Opt[int64]   `json:"loading_eta_seconds,omitzero"`
	Changes             Opt[int64]   `json:"rdb_changes_since_last_save,omitzero"`
	Saving              Opt[bool]    `json:"rdb_bgsave_in_progress,omitzero"`
	LastSave            Opt[int64]   `json:"rdb_last_save_time,omitzero"` // Unix time
	LastSaveStatus      string       `json:"rdb_last_bgsave_status,omitzero"`
	LastSaveSeconds     Opt[int64]   `json:"rdb_last_bgsave_time_sec,omitzero"`
	CurrentSaveSeconds  Opt[int64]   `json:"rdb_current_bgsave_time_sec,omitzero"`
	LastCopyOnWrite     Opt[int64]   `json:"rdb_last_cow_size,omitzero"`
	AOF                 Opt[bool]    `json:"aof_enabled,omitzero"`
	AOFRewriting        Opt[bool]    `json:"aof_rewrite_in_progress,omitzero"`
	AOFRewriteSeconds   Opt[int64]   `json:"aof_last_rewrite_time_sec,omitzero"`
	AOFRewriteStatus    string       `json:"aof_last_bgrewrite_status,omitzero"`
	AOFWriteStatus      string       `json:"aof_last_write_status,omitzero"`
	AOFCurrentSize      Opt[int64]   `json:"aof_current_size,omitzero"`
	AOFBaseSize         Opt[int64]   `json:"aof_base_size,omitzero"`
	AOFPendingFsync     Opt[int64]   `json:"aof_pending_bio_fsync,omitzero"`
	AOFDelayedFsync     Opt[int64]   `json:"aof_delayed_fsync,omitzero"`
	AOFRewritesFailures Opt[int64]   `json:"aof_rewrites_consecutive_failures,omitzero"`
}

// StatsInfo counts since the start, or since CONFIG RESETSTAT.
type StatsInfo struct {
	Connections       Opt[int64]   `json:"total_connections_received,omitzero"`
	Commands          Opt[int64]   `json:"total_commands_processed,omitzero"`
	OpsPerSecond      Opt[int64]   `json:"instantaneous_ops_per_sec,omitzero"`
	NetInput          Opt[int64]   `json:"total_net_input_bytes,omitzero"`
	NetOutput         Opt[int64]   `json:"total_net_output_bytes,omitzero"`
	InputKBps         Opt[float64] `json:"instantaneous_input_kbps,omitzero"`
	OutputKBps        Opt[float64] `json:"instantaneous_output_kbps,omitzero"`
	Rejected          Opt[int64]   `json:"rejected_connections,omitzero"`
	SyncFull          Opt[int64]   `json:"sync_full,omitzero"`
	SyncPartialOK     Opt[int64]   `json:"sync_partial_ok,omitzero"`
	SyncPartialErr    Opt[int64]   `json:"sync_partial_err,omitzero"`
	Expired           Opt[int64]   `json:"expired_keys,omitzero"`
	ExpiredStale      Opt[float64] `json:"expired_stale_perc,omitzero"`
	ExpireTimeCap     Opt[int64]   `json:"expired_time_cap_reached_count,omitzero"`
	Evicted           Opt[int64]   `json:"evicted_keys,omitzero"`
	EvictedClients    Opt[int64]   `json:"evicted_clients,omitzero"`
	Hits              Opt[int64]   `json:"keyspace_hits,omitzero"`
	Misses            Opt[int64]   `json:"keyspace_misses,omitzero"`
	PubSubChannels    Opt[int64]   `json:"pubsub_channels,omitzero"`
	PubSubPatterns    Opt[int64]   `json:"pubsub_patterns,omitzero"`
	LatestForkUsec    Opt[int64]   `json:"latest_fork_usec,omitzero"`
	Forks             Opt[int64]   `json:"total_forks,omitzero"`
	ErrorReplies      Opt[int64]   `json:"total_error_replies,omitzero"`
	UnexpectedErrors  Opt[int64]   `json:"unexpected_error_replies,omitzero"`
	DefragHits        Opt[int64]   `json:"active_defrag_hits,omitzero"`
	AuthFailures      Opt[int64]   `json:"acl_access_denied_auth,omitzero"` // since Redis 7.2
	CommandDenied     Opt[int64]   `json:"acl_access_denied_cmd,omitzero"`
	KeyDenied         Opt[int64]   `json:"acl_access_denied_key,omitzero"`
	OutputBufferKills Opt[int64]   `json:"client_output_buffer_limit_disconnections,omitzero"` // since Redis 7.2
}
