package snapshot

import (
	"encoding/base64"
	"fmt"
	"net"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text is what somebody else wrote: client names, keys, arguments, paths. Any bytes are kept, also where JSON has no
// way to write them: what is not UTF-8 is saved as "base64:…". It is to be escaped before it is shown.
type Text string

// base64Mark starts what was not UTF-8, and what started with the mark itself.
const base64Mark = "base64:"

// MarshalText writes bytes so that JSON keeps them.
func (t Text) MarshalText() ([]byte, error) {
	if utf8.ValidString(string(t)) && !strings.HasPrefix(string(t), base64Mark) {
		return []byte(t), nil
	}
	return []byte(base64Mark + base64.StdEncoding.EncodeToString([]byte(t))), nil
}

// UnmarshalText reads what MarshalText wrote.
func (t *Text) UnmarshalText(text []byte) error {
	coded, ok := strings.CutPrefix(string(text), base64Mark)
	if !ok {
		*t = Text(text)
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(coded)
	if err != nil {
		return fmt.Errorf("read base64 text: %w", err)
	}
	*t = Text(raw)
	return nil
}

// Cut shortens to at most limit bytes, at a character's border where there is one, and tells whether it had to.
func (t Text) Cut(limit int) (Text, bool) {
	if len(t) <= limit {
		return t, false
	}
	end := limit
	for end > limit-utf8.UTFMax && end > 0 && !utf8.RuneStart(t[end]) {
		end--
	}
	if !utf8.RuneStart(t[end]) {
		end = limit
	}
	return t[:end], true
}

// Redact passes every Text that v (a pointer) leads to through mask. Numbers and the words of a fixed vocabulary,
// such as a role or an eviction policy, are left alone: a password «master» would otherwise turn a primary into
// nothing.
func Redact(v any, mask func(string) string) { redact(reflect.ValueOf(v), mask) }

var textType = reflect.TypeFor[Text]()

func redact(v reflect.Value, mask func(string) string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			redact(v.Elem(), mask)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				redact(v.Field(i), mask)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			redact(v.Index(i), mask)
		}
	case reflect.Map:
		redactMap(v, mask)
	case reflect.String:
		if v.Type() == textType {
			v.SetString(mask(v.String()))
		}
	}
}

// redactMap replaces keys and values; two keys that become the same one leave one of them.
func redactMap(v reflect.Value, mask func(string) string) {
	for _, key := range v.MapKeys() {
		newKey, value := reflect.New(key.Type()).Elem(), reflect.New(v.Type().Elem()).Elem()
		newKey.Set(key)
		value.Set(v.MapIndex(key))
		redact(newKey, mask)
		redact(value, mask)
		if !newKey.Equal(key) {
			v.SetMapIndex(key, reflect.Value{})
		}
		v.SetMapIndex(newKey, value)
	}
}

// HostPort is an address with its port as a URL has it; empty where one of them is missing.
func HostPort(host Text, port Opt[int64]) string {
	n, ok := port.Get()
	if host == "" || !ok {
		return ""
	}
	return net.JoinHostPort(string(host), strconv.FormatInt(n, 10))
}
