package traffic

// Family appends the family of a key to dst: its name with «*» for whatever looks like an id, so that user:123:cart and
// user:9:cart are both user:*:cart.
func Family(dst, key []byte) []byte {
	from := 0
	for i, c := range key {
		if c == ':' || c == '/' || c == '.' || c == '|' {
			dst = append(foldSegment(dst, key[from:i]), c)
			from = i + 1
		}
	}
	return foldSegment(dst, key[from:])
}

// foldSegment writes «*» for a segment that is an id as a whole, else for each run of digits in it.
func foldSegment(dst, segment []byte) []byte {
	if isID(segment) {
		return append(dst, '*')
	}
	digits := false
	for _, c := range segment {
		if c < '0' || c > '9' {
			dst = append(dst, c)
		} else if !digits {
			dst = append(dst, '*')
		}
		digits = c >= '0' && c <= '9'
	}
	return dst
}

const (
	shortestHex   = 8  // of a hash or a UUID without its hyphens
	shortestToken = 16 // of a random text of letters and digits
)

// isID tells numbers, dates, hashes, UUIDs and random tokens from words.
func isID(segment []byte) bool {
	digits, hex, letters, upper := 0, 0, 0, 0
	for _, c := range segment {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'f':
			hex++
		case c >= 'A' && c <= 'F':
			hex++
			upper++
		case c >= 'g' && c <= 'z':
			letters++
		case c >= 'G' && c <= 'Z':
			letters++
			upper++
		case c != '-' && c != '_':
			return false
		}
	}
	switch {
	case digits == 0:
		return false
	case hex+letters == 0:
		return true
	case letters == 0 && digits+hex >= shortestHex:
		return true
	}
	// Words with a number in them, shopping_cart_v2, have few digits and no capitals in the middle.
	return len(segment) >= shortestToken && (digits >= 4 || digits >= 2 && upper >= 2)
}
