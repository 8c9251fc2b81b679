package profile

import "slices"

// NoExpiry is the time to live of a key that never expires, Unknown what could not be asked.
const (
	NoExpiry = -1
	Unknown  = -2
)

// Record is what is known of one key.
type Record struct {
	Name  []byte // its bytes; valid only while it is looked at
	Type  string // as TYPE says; "" where it could not be asked
	Bytes int64  // as MEMORY USAGE says, or an estimate; Unknown where neither could be had
	TTL   int64  // milliseconds, NoExpiry or Unknown
}

// Tally sums up keys.
type Tally struct {
	Keys  int64 `json:"keys"`
	Bytes int64 `json:"bytes"`
	NoTTL int64 `json:"no_ttl"` // keys that never expire
	TTL   Wide  `json:"ttl_ms"` // of the keys that do expire, their times to live
	Timed int64 `json:"timed"`  // those keys
}

// Wide is a sum that a count of milliseconds may outgrow: a TTL may be as long as 2⁶³ ms (PEXPIRE).
type Wide = float64

func (t *Tally) count(r Record) {
	t.Keys++
	if r.Bytes > 0 {
		t.Bytes += r.Bytes
	}
	switch {
	case r.TTL == NoExpiry:
		t.NoTTL++
	case r.TTL >= 0:
		t.Timed++
		t.TTL += Wide(r.TTL)
	}
}

func (t *Tally) add(o Tally) {
	t.Keys += o.Keys
	t.Bytes += o.Bytes
	t.NoTTL += o.NoTTL
	t.Timed += o.Timed
	t.TTL += o.TTL
}

// AverageTTL is the mean time to live of the keys that expire, in milliseconds; ok is false where none does.
func (t Tally) AverageTTL() (ms int64, ok bool) {
	if t.Timed == 0 {
		return 0, false
	}
	return int64(t.TTL / Wide(t.Timed)), true
}

// Row is one line of a table: a family of names, a type or a band.
type Row struct {
	Name  string
	Tally Tally // as counted; in a sample, of the sample
	// What the whole keyspace holds: as counted where all was read, else estimated.
	Keys, Bytes, NoTTL Estimate
}

// Band is a range of times to live or of sizes: from Low (included) to High (excluded).
type Band struct {
	ID        string // for programs
	Low, High int64  // High is 0 for no end
}

// TTLBands part times to live, in milliseconds. The first is for keys that never expire.
var TTLBands = []Band{
	{ID: "none", Low: NoExpiry, High: NoExpiry + 1},
	{ID: "lt_1m", Low: 0, High: 60_000},
	{ID: "lt_5m", Low: 60_000, High: 300_000},
	{ID: "lt_1h", Low: 300_000, High: 3_600_000},
	{ID: "lt_1d", Low: 3_600_000, High: 86_400_000},
	{ID: "lt_7d", Low: 86_400_000, High: 604_800_000},
	{ID: "ge_7d", Low: 604_800_000},
}

// SizeBands part sizes, in bytes, by powers of 1024 as redis.conf counts.
var SizeBands = []Band{
	{ID: "lt_128b", Low: 0, High: 128},
	{ID: "lt_1kb", Low: 128, High: 1 << 10},
	{ID: "lt_10kb", Low: 1 << 10, High: 10 << 10},
	{ID: "lt_100kb", Low: 10 << 10, High: 100 << 10},
	{ID: "lt_1mb", Low: 100 << 10, High: 1 << 20},
	{ID: "lt_10mb", Low: 1 << 20, High: 10 << 20},
	{ID: "ge_10mb", Low: 10 << 20},
}

// UnknownBand is the row of what could not be asked.
const UnknownBand = "unknown"

// bandOf finds the band of a value; -1 where it is unknown.
func bandOf(bands []Band, v int64) int {
	if v == Unknown {
		return -1
	}
	return slices.IndexFunc(bands, func(b Band) bool { return v >= b.Low && (v < b.High || b.High == 0 && b.Low > 0) })
}
