package snapshot

import "fmt"

// MemoryStats is MEMORY STATS in bytes; JSON names are its own.
type MemoryStats struct {
	Peak               Opt[int64]   `json:"peak.allocated,omitzero"`
	Total              Opt[int64]   `json:"total.allocated,omitzero"`
	Startup            Opt[int64]   `json:"startup.allocated,omitzero"`
	Backlog            Opt[int64]   `json:"replication.backlog,omitzero"`
	ReplicaBuffers     Opt[int64]   `json:"clients.slaves,omitzero"`
	ClientBuffers      Opt[int64]   `json:"clients.normal,omitzero"`
	ClusterLinks       Opt[int64]   `json:"cluster.links,omitzero"`
	AOFBuffer          Opt[int64]   `json:"aof.buffer,omitzero"`
	LuaCaches          Opt[int64]   `json:"lua.caches,omitzero"`
	FunctionCaches     Opt[int64]   `json:"functions.caches,omitzero"`
	Overhead           Opt[int64]   `json:"overhead.total,omitzero"`
	Keys               Opt[int64]   `json:"keys.count,omitzero"`
	BytesPerKey        Opt[int64]   `json:"keys.bytes-per-key,omitzero"`
	Dataset            Opt[int64]   `json:"dataset.bytes,omitzero"`
	DatasetPercent     Opt[float64] `json:"dataset.percentage,omitzero"`
	PeakPercent        Opt[float64] `json:"peak.percentage,omitzero"`
	Allocated          Opt[int64]   `json:"allocator.allocated,omitzero"`
	Active             Opt[int64]   `json:"allocator.active,omitzero"`
	Resident           Opt[int64]   `json:"allocator.resident,omitzero"`
	FragRatio          Opt[float64] `json:"allocator-fragmentation.ratio,omitzero"`
	FragBytes          Opt[int64]   `json:"allocator-fragmentation.bytes,omitzero"`
	AllocatorRSSRatio  Opt[float64] `json:"allocator-rss.ratio,omitzero"`
	AllocatorRSSBytes  Opt[int64]   `json:"allocator-rss.bytes,omitzero"`
	RSSOverheadRatio   Opt[float64] `json:"rss-overhead.ratio,omitzero"`
	RSSOverheadBytes   Opt[int64]   `json:"rss-overhead.bytes,omitzero"`
	Fragmentation      Opt[float64] `json:"fragmentation,omitzero"`
	FragmentationBytes Opt[int64]   `json:"fragmentation.bytes,omitzero"`
}

// ParseMemoryStats reads MEMORY STATS.
func ParseMemoryStats(reply any) (MemoryStats, error) {
	values, err := valuesOf(reply)
	if err != nil {
		return MemoryStats{}, fmt.Errorf("memory stats: %w", err)
	}
	var stats MemoryStats
	fill(&stats, values)
	return stats, nil
}
