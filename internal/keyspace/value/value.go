// Package value holds what was read of one key, and finds out what its bytes are. Nothing in it reaches a server, and nothing in a
// value is ever run: serialised objects are named, not loaded.
package value

// Unknown stands for a number that could not be asked.
const Unknown = -2

// Value is a key and as much of what it holds as was wanted.
type Value struct {
	Key      string // its bytes
	Type     string // as TYPE says
	Encoding string // as OBJECT ENCODING says; "" where it could not be asked
	TTL      int64  // milliseconds; −1 for never, Unknown
	Bytes    int64  // memory, as MEMORY USAGE says; Unknown
	Length   int64  // of a string in bytes, of a collection in elements; Unknown
	Distinct int64  // of a HyperLogLog, as PFCOUNT says; Unknown for all others

	String   []byte    // of a string, or of a JSON document
	Elements []Element // of a collection

	Cut     bool // there is more than was read
	Unread  bool // nothing of the value was read: too large for its type's commands, or a type that has none that we know
	Refused []Refusal
}

// Refusal is a question that the server did not answer, and its words.
type Refusal struct{ Command, Reply string }

// Element is one element of a collection.
type Element struct {
	Field string // of a hash
	Value string // of a hash, list, set or sorted set
	Score float64
	ID    string // of a stream
	Pairs []Pair // of a stream's entry
	Cut   bool   // there is more of it than was kept
}

// Pair is a field of a stream's entry.
type Pair struct{ Field, Value string }
