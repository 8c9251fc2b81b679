package findings

import (
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

// refineTLS finds what is behind a handshake that failed, or one that was missing.
func refineTLS(v *view, raw finding.Finding) (finding.Finding, bool) {
	if id := spokenWrong(v, raw); id != "" {
		raw.ID = id
	}
	if finding.Category(raw.ID) != "tls" {
		return finding.Finding{}, false
	}
	seen := v.certificate()
	if p, ok := provider.Lookup(provider.Of(v.wantedHost(), v.port())); ok {
		seen = append(seen, ev("provider", p.Name, "REDIS_URL"), ev("provider_id", p.ID, "REDIS_URL"))
		if p.PrivateCA {
			seen = append(seen, ev("own_authority", p.Name, p.Docs))
		}
	}
	if raw.ID == "tls-name-mismatch" && (v.onLoopback() || trace.IsAddress(v.wantedHost())) {
		// Whoever connects to an address has, mostly, a tunnel to the server of that name, or its address at hand.
		seen = append(seen, ev("by_address", true, "REDIS_URL"))
	}
	return with(raw, append(append(seen, v.handshakeEvidence(raw.ID)...), v.system()...)...), true
}

// handshakeEvidence is what tells handshakes apart that ended under one id.
func (v *view) handshakeEvidence(id string) []finding.Evidence {
	h := v.Trace.Handshake
	switch {
	case id == "tls-client-cert-required" && v.Target.HasCert:
		return []finding.Evidence{ev("reason", "certificate-refused", "tls")}
	case h == nil:
		return nil
	case id == "tls-name-mismatch" && h.Leaf != nil && h.Leaf.CommonNameOnly:
		return []finding.Evidence{ev("reason", "common-name-only", "tls")}
	case id == "tls-failed" && strings.Contains(h.Words, "unrecognized name"):
		return []finding.Evidence{ev("reason", "wants-name", "tls"), ev("words", h.Words, "tls")}
	case id == "tls-failed" && h.Words != "":
		return []finding.Evidence{ev("words", h.Words, "tls")}
	}
	return nil
}

// certificate is evidence of the certificate that was shown, and of the clock that it is measured by.
func (v *view) certificate() []finding.Evidence {
	h := v.Trace.Handshake
	if h == nil || h.Leaf == nil {
		return nil
	}
	return []finding.Evidence{
		ev("wanted_name", h.WantedName, "tls"), ev("certificate_names", strings.Join(h.Leaf.Names, ", "), "tls"),
		ev("issuer", h.Leaf.Issuer, "tls"), ev("not_before", h.Leaf.NotBefore.UTC().Format(time.RFC3339), "tls"),
		ev("not_after", h.Leaf.NotAfter.UTC().Format(time.RFC3339), "tls"), ev("now", v.Taken.UTC().Format(time.RFC3339), ""),
	}
}

// spokenWrong is the finding that a second look proves behind silence or a closed connection: the target speaks TLS and the
// port does not, or the reverse; empty where it proves neither.
func spokenWrong(v *view, raw finding.Finding) string {
	words, shake := v.Trace.Clear, v.Trace.Handshake
	switch raw.ID {
	case "tcp-silent", "tcp-closed", "tls-failed", "tls-version":
	default:
		return ""
	}
	switch {
	case v.Target.TLS && words != nil && words.RESP && asksNothing(words.First):
		return "tls-not-supported"
	case !v.Target.TLS && shake != nil && (shake.Problem == trace.Alert || shake.Problem == "" && (shake.Version != "" || shake.Leaf != nil)):
		return "tls-required"
	}
	return ""
}

// asksNothing tells an answer in clear text of a server that would go on: anything but a refusal that is a cause of its own.
func asksNothing(first string) bool {
	return strings.HasPrefix(first, "+") || strings.HasPrefix(first, "-NOAUTH") || strings.HasPrefix(first, "-ERR operation not permitted")
}
