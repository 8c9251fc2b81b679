package cli

import (
	"errors"
	"math"
	"strings"
)

// sizeValue is a flag that takes a size in bytes as redis.conf writes it, 64kb or 1mb (powers of 1024) and 64k or 1m (powers of 1000),
// and as our reports show it: «1,5 Mo», which is 1.5mb.
type sizeValue int64

var errSize = errors.New("no size")

// sizeUnits are redis.conf's and their French and strict names.
var sizeUnits = map[string]float64{
	"": 1, "b": 1, "o": 1,
	"k": 1e3, "kb": 1 << 10, "ko": 1 << 10, "kib": 1 << 10, "kio": 1 << 10,
	"m": 1e6, "mb": 1 << 20, "mo": 1 << 20, "mib": 1 << 20, "mio": 1 << 20,
	"g": 1e9, "gb": 1 << 30, "go": 1 << 30, "gib": 1 << 30, "gio": 1 << 30,
}

func (v *sizeValue) String() string { return "" }

// Type names what is expected, for errors.
func (v *sizeValue) Type() string { return "size" }

// Set reads the value.
func (v *sizeValue) Set(s string) error {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(strings.ToLower(s))
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	unit, known := sizeUnits[s[len(digits):]]
	n, err := parseFloat(digits)
	if err != nil || !known || n < 0 || math.IsNaN(n) || n*unit > math.MaxInt64/2 {
		return errSize
	}
	*v = sizeValue(math.Ceil(n * unit))
	return nil
}
