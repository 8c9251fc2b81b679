package config

import "fmt"

// Mask is what stands in every output where a secret was.
const Mask = "***"

// Secret is a password or token. It cannot be printed by accident: every formatting verb and JSON show Mask.
type Secret string

// Reveal gives the bytes to whoever must send them to the server. Nothing that prints may call it.
func (s Secret) Reveal() string { return string(s) }

// String masks.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return Mask
}

// Format masks for every verb, %#v and %q included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText masks in JSON and every other encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
