package surround

// seen is a fact that was observed.
func seen[T any](source string, value T) Fact[T] {
	return Fact[T]{Status: OK, Source: source, Value: value}
}

// unseen is a fact that could not be; words must be clean already.
func unseen[T any](status Status, source, words string) Fact[T] {
	return Fact[T]{Status: status, Source: source, Words: words}
}
