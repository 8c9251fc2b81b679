package config

import (
	"regexp"
	"strings"
	"sync"
)

// loginAddress is user:password@host:port without a scheme.
var loginAddress = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^/\s:]*:.*@(\[[0-9A-Fa-f:.]+\]|[^@/:\s]+):[0-9]{1,5}(/[0-9]*)?$`)
})

// hostPortSecret is host:port:password, where the host is one for sure: user:42:profile is a key.
var hostPortSecret = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+):[0-9]{1,5}:.`)
})

// schemed is an address with a scheme, known or not; «://» alone is a separator of key names.
var schemed = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^-{0,2}[A-Za-z][A-Za-z0-9+.:-]*://`)
})

// AddressArgument tells an argument that is an address of a server, with or without a scheme.
func AddressArgument(s string) bool { return schemed().MatchString(s) || loginAddress().MatchString(s) }

// LoginArgument tells the address of a Redis with a login in it where the name of a key belongs: keys do look like
// addresses, and session:bob@10.0.0.1:5000 is one.
func LoginArgument(s string) bool {
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		return knownScheme(scheme) && strings.Contains(rest, "@")
	}
	return loginAddress().MatchString(s) && (strings.HasPrefix(s, ":") || strings.HasPrefix(s, "default:"))
}

// MaskArgument is an argument of the command line as an error may quote it. What may hold a login is masked whole, but for its
// scheme: no rule tells where a password that was written in the wrong place, or without its encoding, ends.
func MaskArgument(s string) string {
	dashes := s[:len(s)-len(bare(s))]
	scheme, _, url := strings.Cut(bare(s), "://")
	name, _, variable := strings.Cut(s, "=")
	switch {
	case url && (knownScheme(scheme) || strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")):
		return dashes + scheme + "://" + Mask
	case url, hostPortSecret().MatchString(s), strings.Contains(s, "@") && strings.Contains(s, ":"):
		return dashes + Mask
	case variable && secretName(name):
		return name + "=" + Mask
	case strings.Contains(strings.ToLower(s), "redis-cli "):
		return Mask
	}
	return s
}

// bare is an argument without the dashes of a flag.
func bare(s string) string { return strings.TrimLeft(s, "-") }
