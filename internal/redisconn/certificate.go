package redisconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"
)

// Handshake is a TLS handshake that was made.
type Handshake struct {
	State    tls.ConnectionState
	Config   *tls.Config // as it was used, with the name that was asked for
	Duration time.Duration
}

// Verify verifies certificates by hand, as a handshake with the roots and the name of c does, whether or not c skips that. It
// gives the id of the finding that says what is wrong, or "".
func Verify(c *tls.Config, chain []*x509.Certificate) string {
	if len(chain) == 0 {
		return "tls-failed" // a handshake does not end without one
	}
	opts := x509.VerifyOptions{Roots: c.RootCAs, DNSName: c.ServerName, Intermediates: x509.NewCertPool()}
	for _, more := range chain[1:] {
		opts.Intermediates.AddCert(more)
	}
	_, err := chain[0].Verify(opts)
	if err == nil {
		return ""
	}
	id := HandshakeID(&tls.CertificateVerificationError{UnverifiedCertificates: chain, Err: err})
	if id == "tls-unknown-authority" && noRoots(c) {
		return "tls-no-roots"
	}
	return id
}

// Leaf is the server's own certificate in a handshake that failed to verify it; nil in any other failure.
func Leaf(err error) *x509.Certificate {
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) && len(bad.UnverifiedCertificates) > 0 {
		return bad.UnverifiedCertificates[0]
	}
	return nil
}

func leafSignsItself(err error) bool {
	leaf := Leaf(err)
	return leaf != nil && SelfSigned(leaf)
}

// SelfSigned tells a certificate that vouches for itself.
func SelfSigned(leaf *x509.Certificate) bool {
	return leaf.CheckSignatureFrom(leaf) == nil || leaf.Issuer.String() == leaf.Subject.String()
}

// CertificateNames are the names and addresses that a certificate is for; its common name, which no client of today looks at,
// where it has none.
func CertificateNames(leaf *x509.Certificate) []string {
	names := append([]string{}, leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 && leaf.Subject.CommonName != "" {
		names = []string{leaf.Subject.CommonName}
	}
	return names
}
