package traffic

import "errors"

// errPattern is a pattern that ends in the middle of a class or behind a backslash.
var errPattern = errors.New("unfinished pattern")

// checkGlob refuses what Redis takes but nobody means: a class that is never closed, a backslash at the end.
func checkGlob(pattern string) error {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			if i++; i == len(pattern) {
				return errPattern
			}
		case '[':
			end := classEnd(pattern, i)
			if end == len(pattern) {
				return errPattern
			}
			i = end
		}
	}
	return nil
}

// classEnd is the place of the «]» of the class that starts at i; the pattern's length where there is none.
func classEnd(pattern string, i int) int {
	for i++; i < len(pattern) && pattern[i] != ']'; i++ {
		if pattern[i] == '\\' {
			i++
		}
	}
	return min(i, len(pattern))
}

// matchGlob tells whether a pattern of KEYS and SCAN fits a whole key, byte by byte as Redis does: * ? [ae] [^e] [a-b] and \.
func matchGlob(pattern string, key []byte) bool {
	p, k := 0, 0
	star, tried := -1, 0 // where to go on behind the last «*», and what it has taken of the key so far
	for k < len(key) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, tried = p, k
			continue
		case p < len(pattern):
			if fits, width := matchByte(pattern[p:], key[k]); fits {
				p += width
				k++
				continue
			}
		}
		if star < 0 {
			return false
		}
		tried++
		p, k = star, tried
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchByte compares one byte with the beginning of a pattern that is no «*», and tells how much of the pattern that was.
func matchByte(pattern string, c byte) (fits bool, width int) {
	switch {
	case pattern[0] == '?':
		return true, 1
	case pattern[0] == '\\' && len(pattern) > 1:
		return pattern[1] == c, 2
	case pattern[0] == '[':
		end := classEnd(pattern, 0)
		return inClass(pattern[1:end], c), min(end+1, len(pattern))
	}
	return pattern[0] == c, 1
}

func inClass(class string, c byte) bool {
	not := class != "" && class[0] == '^'
	if not {
		class = class[1:]
	}
	found := false
	for i := 0; i < len(class); i++ {
		switch {
		case class[i] == '\\' && i+1 < len(class):
			i++
			found = found || class[i] == c
		case i+2 < len(class) && class[i+1] == '-':
			low, high := min(class[i], class[i+2]), max(class[i], class[i+2])
			found = found || low <= c && c <= high
			i += 2
		default:
			found = found || class[i] == c
		}
	}
	return found != not
}
