package snapshot

import (
	"errors"
	"fmt"
	"strconv"
)

// Replies come as the driver decodes them: string, int64, float64, bool, nil, error, []any, and map[any]any in RESP3
// where RESP2 has a flat list of names and values.

// errShape is an answer that no known version gives.
var errShape = errors.New("reply of an unknown shape")

// pair is one entry of a map.
type pair struct {
	name  string
	value any
}

// mapOf reads a map of either protocol.
func mapOf(reply any) ([]pair, bool) {
	switch r := reply.(type) {
	case map[any]any:
		pairs := make([]pair, 0, len(r))
		for k, v := range r {
			name, ok := textOf(k)
			if !ok {
				return nil, false
			}
			pairs = append(pairs, pair{name, v})
		}
		return pairs, true
	case []any:
		if len(r)%2 != 0 {
			return nil, false
		}
		pairs := make([]pair, 0, len(r)/2)
		for i := 0; i < len(r); i += 2 {
			name, ok := textOf(r[i])
			if !ok {
				return nil, false
			}
			pairs = append(pairs, pair{name, r[i+1]})
		}
		return pairs, true
	}
	return nil, false
}

// textOf reads a scalar as text.
func textOf(reply any) (string, bool) {
	switch r := reply.(type) {
	case string:
		return r, true
	case int64:
		return strconv.FormatInt(r, 10), true
	case float64:
		return strconv.FormatFloat(r, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(r), true
	}
	return "", false
}

// intOf reads a whole number, also one that was sent as text.
func intOf(reply any) (int64, bool) {
	switch r := reply.(type) {
	case int64:
		return r, true
	case string:
		n, err := strconv.ParseInt(r, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// valuesOf reads a map of scalars; what is nested or nil is left out.
func valuesOf(reply any) (map[string]string, error) {
	pairs, ok := mapOf(reply)
	if !ok {
		return nil, fmt.Errorf("map: %w", errShape)
	}
	values := make(map[string]string, len(pairs))
	for _, p := range pairs {
		if text, ok := textOf(p.value); ok {
			values[p.name] = text
		}
	}
	return values, nil
}

// textsOf reads a list of scalars, or, as ACL GETUSER wrote rules until Redis 7, one text.
func textsOf(reply any) []Text {
	if text, ok := textOf(reply); ok {
		if text == "" {
			return nil
		}
		return []Text{Text(text)}
	}
	list, ok := reply.([]any)
	if !ok {
		return nil
	}
	var texts []Text
	for _, element := range list {
		if text, ok := textOf(element); ok {
			texts = append(texts, Text(text))
		}
	}
	return texts
}

// ParseInt reads DBSIZE and its like.
func ParseInt(reply any) (int64, error) {
	n, ok := intOf(reply)
	if !ok {
		return 0, fmt.Errorf("number: %w", errShape)
	}
	return n, nil
}

// ParseText reads ACL WHOAMI and its like.
func ParseText(reply any) (Text, error) {
	text, ok := textOf(reply)
	if !ok {
		return "", fmt.Errorf("text: %w", errShape)
	}
	return Text(text), nil
}
