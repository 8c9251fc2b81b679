package snapshot

import "strings"

// Recordings of INFO, shortened to a few lines of each section. The line ends of the wire are put back by wire.
const (
	redis62 = `# Server
redis_version:6.2.14
redis_git_sha1:00000000
redis_mode:standalone
os:Linux 5.15.0-91-generic x86_64
process_id:1
run_id:5d6c3f9a40e7d8f1c21b6c0b8f2f8b7c1d0e9f3a
tcp_port:6379
server_time_usec:1700000000000000
uptime_in_seconds:86400
hz:10
configured_hz:10
executable:/data/redis-server
config_file:/usr/local/etc/redis/redis.conf
io_threads_active:0

# Clients
connected_clients:12
cluster_connections:0
maxclients:10000
blocked_clients:1

# Memory
used_memory:104857600
used_memory_human:100.00M
used_memory_rss:157286400
used_memory_peak:209715200
used_memory_peak_perc:50.00%
used_memory_lua:37888
used_memory_scripts:0
number_of_cached_scripts:3
maxmemory:268435456
maxmemory_policy:allkeys-lru
mem_fragmentation_ratio:1.50
mem_clients_slaves:0
mem_clients_normal:20512
active_defrag_running:0

# Persistence
loading:0
rdb_last_bgsave_status:err
rdb_last_bgsave_time_sec:-1
aof_enabled:1
aof_last_write_status:ok
aof_current_size:4096

# Stats
total_commands_processed:1234567
keyspace_hits:700
keyspace_misses:300
evicted_keys:42
expired_keys:99
rejected_connections:7

# Replication
role:master
connected_slaves:2
slave0:ip=10.0.0.2,port=6379,state=online,offset=1000,lag=0
slave1:ip=fd00::3,port=6380,state=wait_bgsave,offset=0,lag=5
master_repl_offset:1000

# CPU
used_cpu_sys:1.500000

# Modules
module:name=ReJSON,ver=20407,api=1,filters=0,usedby=[search|graph],using=[],options=[handle-io-errors]

# Commandstats
cmdstat_get:calls=1000,usec=2500,usec_per_call=2.50,rejected_calls=1,failed_calls=2
cmdstat_keys:calls=3,usec=90000,usec_per_call=30000.00,rejected_calls=0,failed_calls=0

# Errorstats
errorstat_OOM:count=5
errorstat_WRONGPASS:count=2

# Cluster
cluster_enabled:0

# Keyspace
db0:keys=100,expires=60,avg_ttl=12345
db3:keys=1,expires=0,avg_ttl=0
`
	redis70Replica = `# Server
redis_version:7.0.15
redis_mode:standalone
run_id:aaaa
uptime_in_seconds:3

# Persistence
loading:1
async_loading:0
loading_start_time:1700000000
loading_total_bytes:1000
loading_rdb_used_mem:1
loading_loaded_bytes:250
loading_loaded_perc:25.00
loading_eta_seconds:9

# Replication
role:slave
master_host:primary.internal
master_port:6379
master_link_status:down
master_last_io_seconds_ago:-1
master_sync_in_progress:1
slave_repl_offset:0
master_link_down_since_seconds:-1
slave_read_only:1
connected_slaves:0

# Latencystats
latency_percentiles_usec_get:p50=1.003,p99=12.031,p99.9=100.5
`
	redis74 = `# Server
redis_version:7.4.1
redis_mode:cluster
# Clients
connected_clients:1
pubsub_clients:4
# Memory
mem_fragmentation_ratio:nan
allocator_frag_ratio:inf
mem_overhead_db_hashtable_rehashing:0
# Stats
acl_access_denied_auth:3
acl_access_denied_cmd:4
# Cluster
cluster_enabled:1
# Keyspace
db0:keys=5,expires=1,avg_ttl=7,subexpiry=2
`
	redis8 = `# Server
redis_version:8.2.1
redis_mode:standalone
lru_clock:1

# Memory
used_memory:1000
maxmemory:0
maxmemory_policy:noeviction

# Modules
module:name=vectorset,ver=1,api=1,filters=0,usedby=[],using=[],options=[handle-io-errors|handle-repl-async-load]
module:name=search,ver=80201,api=1,filters=0,usedby=[],using=[ReJSON],options=[handle-io-errors]

# Keysizes
db0_distrib_strings_sizes:1=2,2=3

# search_version
search_version:8.2.1
`
	valkey8 = `# Server
redis_version:7.2.4
server_name:valkey
valkey_version:8.0.1
valkey_release_stage:ga
redis_mode:standalone
availability_zone:
# Memory
used_memory:1000
maxmemory:0
`
	keydb63 = `# Server
redis_version:6.3.4
redis_mode:standalone
executable:/usr/local/bin/keydb-server
# Clients
connected_clients:1
thread_0_clients:1
# Replication
role:active-replica
master_global_link_status:up
connected_masters:1
# KeyDB
mvcc_depth:0
`
	dragonfly = `# Server
redis_version:7.4.0
dragonfly_version:df-v1.27.1
redis_mode:standalone
arch_bits:64
thread_count:2
multiplexing_api:iouring
tcp_port:6379
uptime_in_seconds:60

# Memory
used_memory:1048576
maxmemory:3435973836
maxmemory_human:3.20GiB
cache_mode:cache

# Stats
instantaneous_ops_per_sec:5
keyspace_hits:1
keyspace_misses:1

# Keyspace
db0:keys=2,expires=1,avg_ttl=-1
`
	upstash = `# Server
upstash_version:1.12.3
redis_version:6.2.6
redis_mode:standalone

# Data
total_data_size:123

# Clients
connected_clients:2

# Keyspace
db0:keys=3,expires=0,avg_ttl=0
`
)

// wire puts INFO's own line ends into a recording.
func wire(recording string) string { return strings.ReplaceAll(recording, "\n", "\r\n") }
