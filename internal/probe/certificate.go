package probe

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// maxNames is how many of a certificate's names are kept: content networks put hundreds into one.
const maxNames = 32

// handshake is a handshake that was made, its certificate verified once more by hand.
func (c *climb) handshake(h *redisconn.Handshake) *trace.Handshake {
	return &trace.Handshake{
		Version: tls.VersionName(h.State.Version), Cipher: tls.CipherSuiteName(h.State.CipherSuite), Duration: h.Duration,
		Leaf: c.certificate(h.State.PeerCertificates), Chain: len(h.State.PeerCertificates), WantedName: h.Config.ServerName,
		Verdict: redisconn.Verify(h.Config, h.State.PeerCertificates), Skipped: c.tls != nil && c.tls.InsecureSkipVerify,
	}
}

// certificate is the first of a chain, the server's own.
func (c *climb) certificate(chain []*x509.Certificate) *trace.Certificate {
	if len(chain) == 0 {
		return nil
	}
	leaf := chain[0]
	names := redisconn.CertificateNames(leaf)
	names = names[:min(len(names), maxNames)]
	for i, name := range names {
		names[i] = c.said(name)
	}
	return &trace.Certificate{
		Names: names, Subject: c.said(leaf.Subject.String()), Issuer: c.said(leaf.Issuer.String()),
		NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(), SelfSigned: redisconn.SelfSigned(leaf),
		CommonNameOnly: len(leaf.DNSNames)+len(leaf.IPAddresses) == 0,
	}
}

const day = 24 * time.Hour

// tlsEvidence is what a passed rung shows.
func tlsEvidence(h *trace.Handshake) []finding.Evidence {
	seen := []finding.Evidence{{Name: "version", Value: h.Version}}
	if h.Leaf == nil {
		return seen
	}
	return append(seen,
		finding.Evidence{Name: "not_after", Value: h.Leaf.NotAfter.Format(time.RFC3339)},
		finding.Evidence{Name: "days_left", Value: int64(time.Until(h.Leaf.NotAfter) / day)})
}
