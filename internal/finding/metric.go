package finding

// Metric is one family of numbers for Prometheus. Where the meaning is the same, names and types are those of redis_exporter
// (github.com/oliver006/redis_exporter, exporter/exporter.go); olymp_cache_* are our own.
type Metric struct {
	Name    string
	Counter bool // else a gauge
	Help    string
	Samples []Sample
}

// Sample is one number with its labels, in the order of writing.
type Sample struct {
	Labels [][2]string
	Value  float64
}
