package findings

import (
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
)

// networkRules judge the way to a Redis that was reached.
var networkRules = []rule{
	{ids: []string{"tls-expired", "tls-not-yet-valid", "tls-expires-soon"}, judge: judgeExpiry},
	{ids: []string{"tls-verification-off"}, judge: judgeVerification},
	{ids: []string{"proto-old-server"}, judge: judgeHello},
}

const (
	// expirySoon is how long before its end a certificate should have been renewed.
	expirySoon = 14 * 24 * time.Hour
	// expiryShare is the part of a certificate's life at the end of which it should: those that live for days only are
	// renewed by machines.
	expiryShare = 3
)

// judgeExpiry measures the certificate's life. One that is over was accepted here as nothing is verified: whoever verifies, an
// application or a colleague, is refused.
func judgeExpiry(v *view) outcome {
	const soon = "tls-expires-soon"
	h, skipped := v.shownCertificate(soon)
	if h == nil {
		return skipped
	}
	left, life := h.Leaf.NotAfter.Sub(v.Taken), h.Leaf.NotAfter.Sub(h.Leaf.NotBefore)
	unverified := append([]finding.Evidence{ev("reason", "unverified", "tls")}, v.certificate()...)
	switch {
	case h.Skipped && left <= 0:
		return one("tls-expired", warning, unverified...)
	case h.Skipped && v.Taken.Before(h.Leaf.NotBefore):
		return one("tls-not-yet-valid", warning, unverified...)
	case left <= 0 || left >= min(expirySoon, life/expiryShare):
		return fine()
	}
	days := ev("days_left", int64(left/(24*time.Hour)), "tls")
	return one(soon, warning, append([]finding.Evidence{days}, v.certificate()...)...)
}

// judgeVerification: verification was switched off, and the certificate would have passed.
func judgeVerification(v *view) outcome {
	const id = "tls-verification-off"
	h, skipped := v.shownCertificate(id)
	if h == nil {
		return skipped
	}
	if !h.Skipped || h.Verdict != "" {
		return fine()
	}
	return one(id, warning, v.certificate()...)
}

// shownCertificate is the handshake of a connection over TLS; nil with the outcome where there is none to judge.
func (v *view) shownCertificate(id string) (*trace.Handshake, outcome) {
	switch h := v.Trace.Handshake; {
	case !v.Target.TLS:
		return nil, fine()
	case h == nil || h.Leaf == nil:
		return nil, skip(ReasonNotAsked, "", id)
	default:
		return h, fine()
	}
}

// judgeHello: a server that does not know HELLO is older than Redis 6, or there is a proxy before it: no users, no RESP 3.
func judgeHello(v *view) outcome {
	if !v.Trace.Server.NoHello {
		return fine()
	}
	var seen []finding.Evidence
	version := v.Trace.Server.Version
	if _, i, ok := v.infoAt(v.Trace.Server.Addr); ok && version == "" {
		version = i.Server.RedisVersion
	}
	if version != "" {
		seen = append(seen, ev("version", version, "INFO server"))
		if n, ok := versionOf(version); ok && n.major >= helloSince {
			seen = append(seen, ev("behind_proxy", true, "HELLO"))
		}
	}
	return one("proto-old-server", info, seen...)
}

// helloSince is the major version that brought HELLO and users.
const helloSince = 6
