package scene

// Memory is that of this host, which a container sees whole whatever its own limit.
type Memory struct {
	TotalBytes     int64 `json:"total_bytes"`
	AvailableBytes int64 `json:"available_bytes"` // 0 on kernels before 3.14, which do not say
}
