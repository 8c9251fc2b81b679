package snapshot

import "fmt"

const (
	// maxArgument is how many bytes of an argument are kept. Redis itself cuts at 128 and adds «... (N more bytes)».
	maxArgument = 192
	// maxArguments is how many arguments are kept, as many as Redis itself keeps.
	maxArguments = 32
	// masked stands for an argument that may be a secret.
	masked = Text("***")
)

// SlowCommand is one entry of SLOWLOG, newest first.
type SlowCommand struct {
	ID         int64  `json:"id"`
	Time       int64  `json:"time"` // Unix time, s
	Took       Millis `json:"took_ms"`
	Args       []Text `json:"args,omitzero"` // secrets masked; long ones cut
	Cut        bool   `json:"cut,omitzero"`  // something of Args was left out here, not by the server
	Addr       Text   `json:"addr,omitzero"` // since Redis 4
	ClientName Text   `json:"client_name,omitzero"`
}

// ParseSlowlog reads SLOWLOG GET. Entries of an unknown shape are left out.
func ParseSlowlog(reply any) ([]SlowCommand, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("slow log: %w", errShape)
	}
	entries := make([]SlowCommand, 0, len(list))
	for _, element := range list {
		if e, ok := parseSlow(element); ok {
			entries = append(entries, e)
		}
	}
	if len(list) > 0 && len(entries) == 0 {
		return nil, fmt.Errorf("slow log: %w", errShape)
	}
	return entries, nil
}

func parseSlow(reply any) (SlowCommand, bool) {
	fields, ok := reply.([]any)
	if !ok || len(fields) < 4 {
		return SlowCommand{}, false
	}
	id, ok1 := intOf(fields[0])
	at, ok2 := intOf(fields[1])
	took, ok3 := intOf(fields[2])
	args, ok4 := fields[3].([]any)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return SlowCommand{}, false
	}
	e := SlowCommand{ID: id, Time: at, Took: micros(took)}
	e.Args, e.Cut = safeArguments(textsOf(args))
	if len(fields) >= 6 {
		addr, _ := textOf(fields[4]) // "" where it is not text
		name, _ := textOf(fields[5])
		e.Addr, e.ClientName = Text(addr), Text(name)
	}
	return e, true
}

// safeArguments masks what may be a secret and cuts what is long.
func safeArguments(args []Text) (safe []Text, cut bool) {
	args = MaskSecrets(args)
	if len(args) > maxArguments {
		args, cut = args[:maxArguments], true
	}
	for _, arg := range args {
		short, was := arg.Cut(maxArgument)
		safe, cut = append(safe, short), cut || was
	}
	return safe, cut
}
