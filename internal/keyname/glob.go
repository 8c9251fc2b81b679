package keyname

import "strings"

// PatternError is a pattern that Redis would take without a word and match to something else than was meant.
type PatternError struct{ Why Fault }

func (e *PatternError) Error() string { return "pattern: " + string(e.Why) }

// Fault is what is wrong with a pattern.
type Fault string

// The faults.
const (
	OpenClass   Fault = "open-class"   // a «[» without its «]»
	OpenEscape  Fault = "open-escape"  // a «\» at the end
	EmptyClass  Fault = "empty-class"  // «[]» matches nothing
	EmptyString Fault = "empty-string" // «» matches the key without a name only
)

// Match tells whether a name matches a pattern as Redis's own stringmatchlen has it (util.c): «*», «?», «[abc]», «[^a]», «[a-z]», «\»
// before what is meant as it is. Bytes, not letters.
func Match(pattern string, name []byte) bool {
	// Where the last «*» was and what it was tried with: one level back is enough, as a later «*» can take all that an earlier one could.
	star, at := -1, 0
	p, n := 0, 0
	for n < len(name) {
		if p < len(pattern) {
			if pattern[p] == '*' {
				star, at = p, n
				p++
				continue
			}
			if ok, next := matchOne(pattern, p, name[n]); ok {
				p, n = next, n+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		at++
		p, n = star+1, at
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches one byte to what stands at p, and tells where the pattern goes on.
func matchOne(pattern string, p int, c byte) (ok bool, next int) {
	switch pattern[p] {
	case '?':
		return true, p + 1
	case '[':
		return matchClass(pattern, p+1, c)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return pattern[p] == c, p + 1
}

// matchClass matches one byte to a class that begins after its «[». One without an end goes to the end of the pattern.
func matchClass(pattern string, p int, c byte) (ok bool, next int) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	found := false
	for ; p < len(pattern) && pattern[p] != ']'; p++ {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			found = found || pattern[p] == c
		case p+2 < len(pattern) && pattern[p+1] == '-':
			low, high := pattern[p], pattern[p+2]
			if low > high {
				low, high = high, low
			}
			found = found || low <= c && c <= high
			p += 2
		default:
			found = found || pattern[p] == c
		}
	}
	if p < len(pattern) {
		p++
	}
	return found != not, p
}

// Check refuses a pattern that cannot mean what it says.
func Check(pattern string) error {
	if pattern == "" {
		return &PatternError{EmptyString}
	}
	for p := 0; p < len(pattern); p++ {
		switch pattern[p] {
		case '\\':
			if p++; p == len(pattern) {
				return &PatternError{OpenEscape}
			}
		case '[':
			start := p + 1
			for p++; p < len(pattern) && pattern[p] != ']'; p++ {
				if pattern[p] == '\\' {
					p++
				}
			}
			if p >= len(pattern) {
				return &PatternError{OpenClass}
			}
			if p == start {
				return &PatternError{EmptyClass}
			}
		}
	}
	return nil
}

// IsPattern tells a pattern from a plain name.
func IsPattern(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case '*', '?', '[', '\\':
			return true
		}
	}
	return false
}

// Literal is a pattern that means one name.
func Literal(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`).Replace(name)
}
