package snapshot

import (
	"math"
	"reflect"
	"strconv"
	"strings"
)

// fill sets the fields of a struct (given by pointer) from a server's names and values. A field's JSON name is the
// server's own name for it, so that whoever knows INFO knows the saved file. What was understood is taken out of
// values; what is left is unknown, or has a value of an unexpected kind.
func fill(into any, values map[string]string) {
	v := reflect.ValueOf(into).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		text, ok := values[name]
		if ok && set(v.Field(i).Addr().Interface(), text) {
			delete(values, name)
		}
	}
}

// set reads text into one of the kinds of fields that there are, and tells whether it fits.
func set(field any, text string) bool {
	switch f := field.(type) {
	case *Opt[int64]:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return false
		}
		*f = Some(n)
	case *Opt[float64]:
		n, ok := number(text)
		if !ok {
			return false
		}
		*f = Some(n)
	case *Opt[bool]:
		b, ok := boolean(text)
		if !ok {
			return false
		}
		*f = Some(b)
	case *string:
		*f = word(text)
	case *Text:
		*f = Text(text)
	default:
		return false
	}
	return true
}

// number reads «1.25», «99.50%» and nothing that JSON could not write: INFO says «nan» and «inf» where it divided by
// zero.
func number(text string) (float64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, false
	}
	return n, true
}

func boolean(text string) (value, ok bool) {
	switch text {
	case "1", "yes", "true":
		return true, true
	case "0", "no", "false":
		return false, true
	}
	return false, false
}

// word is a word of a fixed vocabulary; bytes that belong to none are marked as such.
func word(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// pairsOf reads «a=1,b=2». An element without «=» belongs to the value before it.
func pairsOf(text, separator string) map[string]string {
	values, last := map[string]string{}, ""
	for element := range strings.SplitSeq(text, separator) {
		name, value, ok := strings.Cut(element, "=")
		switch {
		case ok:
			values[name], last = value, name
		case last != "":
			values[last] += separator + element
		}
	}
	return values
}
