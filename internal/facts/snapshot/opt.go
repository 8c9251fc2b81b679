package snapshot

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Opt is a value that a server may leave out. Its zero value is «not said», which differs from zero: maxmemory 0 means
// no limit, a missing maxmemory means that a provider keeps it to itself.
type Opt[T any] struct {
	value T
	known bool
}

// Some is a value that was said.
func Some[T any](v T) Opt[T] { return Opt[T]{value: v, known: true} }

// Known tells whether the value was said.
func (o Opt[T]) Known() bool { return o.known }

// Get gives the value, and whether it was said.
func (o Opt[T]) Get() (T, bool) { return o.value, o.known }

// Or gives the value, or otherwise where it was not said.
func (o Opt[T]) Or(otherwise T) T {
	if !o.known {
		return otherwise
	}
	return o.value
}

// IsZero tells encoding/json what to leave out.
func (o Opt[T]) IsZero() bool { return !o.known }

// Equal compares, for tests that compare whole snapshots.
func (o Opt[T]) Equal(other Opt[T]) bool {
	return o.known == other.known && any(o.value) == any(other.value)
}

// MarshalJSON writes the value, or null.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.known {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	*o = Opt[T]{}
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, &o.value); err != nil {
		return err
	}
	o.known = true
	return nil
}

// Millis is a duration that JSON shows in milliseconds, to the nanosecond. Its field names end in _ms.
type Millis time.Duration

// Duration is the same as a time.Duration.
func (m Millis) Duration() time.Duration { return time.Duration(m) }

// MarshalJSON writes milliseconds.
func (m Millis) MarshalJSON() ([]byte, error) {
	whole, rest := m/Millis(time.Millisecond), m%Millis(time.Millisecond)
	switch {
	case rest == 0:
		return strconv.AppendInt(nil, int64(whole), 10), nil
	case m < 0:
		return fmt.Appendf(nil, "-%d.%06d", -whole, -rest), nil
	}
	return fmt.Appendf(nil, "%d.%06d", whole, rest), nil
}

// UnmarshalJSON reads milliseconds.
func (m *Millis) UnmarshalJSON(b []byte) error {
	if whole, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		if whole > math.MaxInt64/int64(time.Millisecond) || whole < math.MinInt64/int64(time.Millisecond) {
			return fmt.Errorf("%d ms is out of range", whole)
		}
		*m = Millis(whole) * Millis(time.Millisecond)
		return nil
	}
	d, err := time.ParseDuration(string(b) + "ms")
	if err != nil {
		return fmt.Errorf("read milliseconds: %w", err)
	}
	*m = Millis(d)
	return nil
}

// micros is a duration of so many microseconds, as Redis counts them; what overflows is cut to the longest there is.
func micros(n int64) Millis {
	const most = math.MaxInt64 / int64(time.Microsecond)
	return Millis(max(min(n, most), -most)) * Millis(time.Microsecond)
}

// millis is a duration of so many milliseconds.
func millis(n int64) Millis {
	const most = math.MaxInt64 / int64(time.Millisecond)
	return Millis(max(min(n, most), -most)) * Millis(time.Millisecond)
}
