package profile

import (
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// ValueSizes is how many values of a type are how large, counted by the server itself over all its keys: INFO keysizes, since Redis 8.0.
type ValueSizes struct {
	Type     string // as TYPE says
	Elements bool   // sizes are elements; else the bytes of a string, without what Redis adds
	Bins     []Bin  // the smallest first
}

// Bin counts the values from From (included) to To (excluded).
type Bin struct{ From, To, Keys int64 }

// Keys is how many values are counted.
func (v ValueSizes) Keys() int64 {
	var all int64
	for _, b := range v.Bins {
		all += b.Keys
	}
	return all
}

// At is the bin in which a share of the values is reached, the smallest first; 1 is the largest.
func (v ValueSizes) At(share float64) Bin {
	all, so := float64(v.Keys()), 0.0
	for _, b := range v.Bins {
		if so += float64(b.Keys); so >= share*all {
			return b
		}
	}
	return Bin{}
}

// kinds of the lines of INFO keysizes, by what stands behind «dbN_distrib_».
var keysizeKinds = map[string]ValueSizes{
	"strings_sizes": {Type: "string"},
	"lists_items":   {Type: "list", Elements: true},
	"sets_items":    {Type: "set", Elements: true},
	"zsets_items":   {Type: "zset", Elements: true},
	"hashes_items":  {Type: "hash", Elements: true},
	"streams_items": {Type: "stream", Elements: true},
}

// ReadKeySizes reads the answers of INFO keysizes of one or more servers for a database: lines such as
// «db0_distrib_strings_sizes:8=1,1K=31», in which a name is the power of two at which its bin begins. Lines that are anything else are
// passed over.
func ReadKeySizes(db int, answers ...string) []ValueSizes {
	counts := map[string]map[int64]int64{}
	prefix := "db" + strconv.Itoa(db) + "_distrib_"
	for _, text := range answers {
		for line := range strings.Lines(text) {
			name, bins, _ := strings.Cut(strings.TrimSpace(line), ":")
			kind, ours := strings.CutPrefix(name, prefix)
			if _, known := keysizeKinds[kind]; !ours || !known {
				continue
			}
			if counts[kind] == nil {
				counts[kind] = map[int64]int64{}
			}
			for bin := range strings.SplitSeq(bins, ",") {
				label, keys, _ := strings.Cut(bin, "=")
				from, ok := powerOfTwo(label)
				n, err := strconv.ParseInt(keys, 10, 64)
				if ok && err == nil && n > 0 {
					counts[kind][from] += n
				}
			}
		}
	}
	var all []ValueSizes
	for kind, bins := range counts {
		if len(bins) == 0 {
			continue
		}
		v := keysizeKinds[kind]
		for from, n := range bins {
			v.Bins = append(v.Bins, Bin{From: from, To: max(from*2, 1), Keys: n})
		}
		sorting.By(v.Bins, func(a, b Bin) int { return int(min(max(a.From-b.From, -1), 1)) })
		all = append(all, v)
	}
	sorting.By(all, func(a, b ValueSizes) int { return strings.Compare(a.Type, b.Type) })
	return all
}

// powerOfTwo reads «0», «512» or «4K».
func powerOfTwo(label string) (int64, bool) {
	if label == "" {
		return 0, false
	}
	shift := 0
	if i := strings.IndexByte("KMGTP", label[len(label)-1]); i >= 0 {
		shift = 10 * (i + 1)
		label = label[:len(label)-1]
	}
	n, err := strconv.ParseInt(label, 10, 64)
	if err != nil || n < 0 || n >= 1<<11 || n&(n-1) != 0 {
		return 0, false
	}
	return n << shift, true
}
