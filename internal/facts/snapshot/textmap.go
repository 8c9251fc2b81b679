package snapshot

import "encoding/json"

// TextMap is a map by what somebody else wrote. It has its own JSON form because encoding/json writes string keys as
// they are, without asking them, and would lose bytes that are not UTF-8.
type TextMap[V any] map[Text]V

// MarshalJSON writes an object whose keys are written as Text is.
func (m TextMap[V]) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("null"), nil
	}
	plain := make(map[string]V, len(m))
	for key, value := range m {
		name, err := key.MarshalText()
		if err != nil {
			return nil, err
		}
		plain[string(name)] = value
	}
	return json.Marshal(plain)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (m *TextMap[V]) UnmarshalJSON(b []byte) error {
	var plain map[string]V
	if err := json.Unmarshal(b, &plain); err != nil {
		return err
	}
	if plain == nil {
		*m = nil
		return nil
	}
	*m = make(TextMap[V], len(plain))
	for name, value := range plain {
		var key Text
		if err := key.UnmarshalText([]byte(name)); err != nil {
			return err
		}
		(*m)[key] = value
	}
	return nil
}
