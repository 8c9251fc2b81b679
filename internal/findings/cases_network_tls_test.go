package findings_test

import (
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/findings"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

type testingT = testing.T

// shown is a certificate that was shown: valid for so many days, of which so many are left.
func shown(life, left int, change func(*trace.Handshake)) saw {
	return func(e *evidenceOf) {
		const day = 24 * time.Hour
		end := noon.Add(time.Duration(left)*day + time.Hour)
		e.Trace.Handshake = &trace.Handshake{
			Version: "TLS 1.3", WantedName: e.Target.Host, Chain: 1,
			Leaf: &trace.Certificate{
				Names: []string{"cache.example.com"}, Issuer: "CN=Test CA", NotBefore: end.Add(-time.Duration(life) * day), NotAfter: end,
			},
		}
		if change != nil {
			change(e.Trace.Handshake)
		}
	}
}

// secure is a healthy server over TLS.
func secure(all ...saw) func(*testing.T) *evidenceOf {
	return func(t *testing.T) *evidenceOf {
		t.Helper()
		e := healthy(t)
		e.Target.TLS, e.Target.URL = true, "rediss://default:***@127.0.0.1:6379/0"
		for _, change := range all {
			change(e)
		}
		return e
	}
}

func heard(first string) saw {
	return func(e *evidenceOf) { e.Trace.Clear = &trace.Words{First: first, RESP: true} }
}

func verdict(id string) func(*trace.Handshake) {
	return func(h *trace.Handshake) { h.Verdict = id }
}

func unverified(id string) func(*trace.Handshake) {
	return func(h *trace.Handshake) { h.Verdict, h.Skipped = id, true }
}

const (
	overTLS = "rediss://:" + encoded + "@cache.example.com:6380/1"
	inClear = "redis://:" + encoded + "@cache.example.com:6380/1"
	expiry  = "tls-expires-soon"
	off     = "tls-verification-off"
)

var tlsCases = []ruleCase{
	{
		name: "a handshake that timed out, and PING in clear is answered",
		seen: failing(overTLS, "tls", "tcp-silent", heard("+PONG"), func(e *evidenceOf) {
			e.Trace.Handshake = &trace.Handshake{Problem: trace.Timeout}
		}),
		root: "tls-not-supported", not: []string{"tcp-silent"}, says: []string{"REDIS_URL=redis://:***@cache.example.com:6380/1"},
	},
	{
		name: "a handshake that failed, and PING in clear wants a password",
		seen: failing(overTLS, "tls", "tls-failed", heard("-NOAUTH Authentication required.")),
		root: "tls-not-supported",
	},
	{
		name: "a certificate with a common name only",
		seen: failing(overTLS, "tls", "tls-name-mismatch", shown(90, 60, func(h *trace.Handshake) { h.Leaf.CommonNameOnly = true })),
		root: "tls-name-mismatch", says: []string{"subjectAltName=DNS:cache.example.com"},
	},
	{
		name: "a certificate of the client's that is refused",
		seen: failing(overTLS, "tls", "tls-client-cert-required", func(e *evidenceOf) { e.Target.HasCert = true }),
		root: "tls-client-cert-required",
	},
	{
		name: "a proxy for several servers",
		seen: failing(overTLS, "tls", "tls-failed", func(e *evidenceOf) {
			e.Trace.Handshake = &trace.Handshake{Problem: trace.Alert, Words: "remote error: tls: unrecognized name"}
		}),
		root: "tls-failed",
		says: []string{"olymp-cache test --tls-server-name NAME", "openssl s_client -connect cache.example.com:6380 </dev/null"},
	},
	{
		name: "a refusal in clear is a cause of its own",
		seen: failing(overTLS, "tls", "tcp-closed", heard("-DENIED Redis is running in protected mode")),
		root: "tcp-closed", not: []string{"tls-not-supported"},
	},
	{
		name: "silence both ways is no matter of TLS",
		seen: failing(overTLS, "protocol", "tcp-silent", func(e *evidenceOf) {
			e.Trace.Clear = &trace.Words{Problem: trace.Timeout}
			e.Trace.Handshake = &trace.Handshake{Problem: trace.Timeout}
		}),
		root: "tcp-silent", not: []string{"tls-not-supported", "tls-required"},
	},
	{
		name: "closed in clear, and TLS is spoken",
		seen: failing(inClear, "protocol", "tcp-closed", shown(90, 60, verdict("tls-unknown-authority"))),
		root: "tls-required", not: []string{"tcp-closed"}, says: []string{"REDIS_URL=rediss://:***@cache.example.com:6380/1"},
	},
	{
		name: "closed in clear, and TLS refuses in its own words",
		seen: failing(inClear, "protocol", "tcp-silent", func(e *evidenceOf) {
			e.Trace.Handshake = &trace.Handshake{Problem: trace.Alert, Words: "remote error: tls: protocol version not supported"}
		}),
		root: "tls-required",
	},
	{
		name: "closed both ways is no matter of TLS",
		seen: failing(inClear, "protocol", "tcp-closed", func(e *evidenceOf) {
			e.Trace.Clear, e.Trace.Handshake = &trace.Words{Problem: trace.Closed}, &trace.Handshake{Problem: trace.Closed, Words: "EOF"}
		}),
		root: "tcp-closed", not: []string{"tls-required"},
	},
	{
		name: "an unknown authority",
		seen: failing(overTLS, "tls", "tls-unknown-authority", shown(90, 60, verdict("tls-unknown-authority"))),
		root: "tls-unknown-authority", says: []string{"olymp-cache test --tls-ca ca.pem"},
	},
	{
		name: "Heroku's authority",
		seen: failing("rediss://:"+encoded+"@ec2-34-1-2-3.compute-1.amazonaws.com:18009/0", "tls", "tls-unknown-authority",
			shown(365, 60, verdict("tls-unknown-authority"))),
		root: "tls-unknown-authority",
		says: []string{"REDIS_URL=rediss://:***@ec2-34-1-2-3.compute-1.amazonaws.com:18009/0?ssl_cert_reqs=none"},
	},
	{
		name: "a Redis of one's own on EC2 is not Heroku's",
		seen: failing("rediss://ec2-34-1-2-3.compute-1.amazonaws.com:6379/0", "tls", "tls-unknown-authority", shown(365, 60, nil)),
		root: "tls-unknown-authority", says: []string{"--tls-ca ca.pem"},
	},
	{
		name: "a certificate that signs itself",
		seen: failing(overTLS, "tls", "tls-self-signed", shown(365, 60, verdict("tls-self-signed"))),
		root: "tls-self-signed", says: []string{"openssl s_client -connect cache.example.com:6380"},
	},
	{
		name: "another name, through a tunnel",
		seen: failing("rediss://localhost:6380/0", "tls", "tls-name-mismatch", shown(365, 60, verdict("tls-name-mismatch"))),
		root: "tls-name-mismatch", says: []string{"olymp-cache test --tls-server-name cache.example.com"},
	},
	{
		name: "expired",
		seen: failing(overTLS, "tls", "tls-expired", shown(365, -3, verdict("tls-expired"))),
		root: "tls-expired",
	},
	{
		name: "not yet valid",
		seen: failing(overTLS, "tls", "tls-not-yet-valid", shown(1, 3, verdict("tls-not-yet-valid"))),
		root: "tls-not-yet-valid",
	},
	{name: "ten days left", seen: secure(shown(90, 10, nil)), want: []string{expiry}, not: []string{off}},
	{name: "fifteen days left", seen: secure(shown(90, 15, nil)), root: "-", not: []string{expiry, off}},
	{name: "a week that is renewed by machines", seen: secure(shown(7, 5, nil)), not: []string{expiry}},
	{name: "the last day of such a week", seen: secure(shown(7, 1, nil)), want: []string{expiry}},
	{
		name: "expired, and nobody verifies", seen: secure(shown(90, -3, unverified("tls-expired"))), not: []string{expiry, off},
		want: []string{"tls-expired"}, root: "-", status: findings.StatusWarning,
	},
	{
		name: "not yet valid, and nobody verifies", seen: secure(shown(-2, 90, unverified("tls-not-yet-valid"))), not: []string{expiry, off},
		want: []string{"tls-not-yet-valid"}, root: "-", status: findings.StatusWarning,
	},
	{
		name: "verification is off for nothing", seen: secure(shown(90, 60, unverified(""))),
		want: []string{off}, says: []string{"REDIS_URL=rediss://default:***@127.0.0.1:6379/0"},
	},
	{name: "verification is off, and would fail", seen: secure(shown(90, 60, unverified("tls-self-signed"))), not: []string{off}},
	{name: "no certificate was kept", seen: secure(), skip: []string{expiry, off}},
	{name: "without TLS there is nothing to judge", seen: healthy7, not: []string{expiry, off}},
}

func healthy7(t *testing.T) *evidenceOf { t.Helper(); return healthy(t) }

var protocolCases = []ruleCase{
	{
		name: "a web server has the port, and Redis another",
		seen: failingWith("redis://localhost:8000/0", "protocol", "proto-http", []finding.Evidence{ev("first_bytes", "HTTP/1.1 400 Bad Request")},
			withSocket(scene.Socket{Address: "0.0.0.0", Port: 8000, PID: 9, Process: "uvicorn"}), answering(scene.AnswerPong, "127.0.0.1", 6379)),
		root: "proto-http", says: []string{"REDIS_URL=redis://localhost:6379/0"},
	},
	{
		name: "another protocol that clear text names",
		seen: failing("redis://cache.example.com:22/0", "protocol", "proto-other", func(e *evidenceOf) {
			e.Trace.Clear = &trace.Words{First: "SSH-2.0-OpenSSH_9.2p1", Protocol: "SSH"}
		}, answering(scene.AnswerPong, "127.0.0.1", 6379)),
		root: "proto-other",
	},
	{
		name: "a Sentinel",
		seen: failingWith("redis://h1:26379/0", "protocol", "proto-sentinel", []finding.Evidence{ev("masters", "vitrine, boutique")}),
		root: "proto-sentinel", says: []string{"REDIS_URL=redis+sentinel://h1:26379/vitrine/0"},
	},
	{
		name: "another name of the primary",
		seen: failingWith("redis+sentinel://:"+encoded+"@h1:26379,h2:26379/nobody/2", "protocol", "sentinel-unknown-master",
			[]finding.Evidence{ev("wanted", "nobody"), ev("known", "vitrine, boutique")}),
		root: "sentinel-unknown-master", says: []string{"REDIS_URL=redis+sentinel://:***@h1:26379,h2:26379/vitrine/2"},
	},
	{
		name: "a data server instead of a Sentinel",
		seen: failing("redis+sentinel://h1:6379/vitrine/2", "protocol", "sentinel-not-a-sentinel", func(e *evidenceOf) {
			e.Trace.Failure.Finding.Subject = "h1:6379"
		}),
		root: "sentinel-not-a-sentinel", says: []string{"REDIS_URL=redis://h1:6379/2"},
	},
	{
		name: "no HELLO", seen: func(t *testing.T) *evidenceOf {
			t.Helper()
			e := healthy(t)
			e.Trace.Server.NoHello, e.Trace.Server.Version = true, ""
			return e
		}, want: []string{"proto-old-server"}, root: "-",
	},
	{name: "HELLO is known", seen: healthy7, not: []string{"proto-old-server"}},
}
