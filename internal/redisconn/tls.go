package redisconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// TLSFileError is a certificate or key that --tls-ca, --tls-cert or --tls-key names and that cannot be used. It is a usage
// error: nothing was contacted.
type TLSFileError struct {
	File string
	Err  error
}

func (e *TLSFileError) Error() string { return fmt.Sprintf("cannot use %s: %v", e.File, e.Err) }

// Unwrap gives the cause.
func (e *TLSFileError) Unwrap() error { return e.Err }

// TLSConfig loads the files that the configuration names; nil means plain text. The error is a *TLSFileError.
func TLSConfig(t *config.TLS) (*tls.Config, error) {
	if t == nil {
		return nil, nil //nolint:nilnil // no TLS is a valid answer, not a failure
	}
	c := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         t.ServerName,
		InsecureSkipVerify: t.Insecure, //nolint:gosec // only when the operator asked for it; doctor warns
	}
	if t.CAFile != "" {
		pool, err := rootsFrom(t.CAFile)
		if err != nil {
			return nil, &TLSFileError{File: t.CAFile, Err: err}
		}
		c.RootCAs = pool
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, &TLSFileError{File: t.CertFile, Err: err}
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// rootsFrom reads the PEM certificates of a file or of every file in a folder.
func rootsFrom(path string) (*x509.CertPool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*")); err != nil {
			return nil, err
		}
	}
	pool, found := x509.NewCertPool(), false
	for _, f := range files {
		pem, err := os.ReadFile(f) //nolint:gosec // the operator names the file
		if err != nil {
			if info.IsDir() {
				continue // a folder of certificates may hold other things
			}
			return nil, err
		}
		found = pool.AppendCertsFromPEM(pem) || found
	}
	if !found {
		return nil, errors.New("no PEM certificate in it")
	}
	return pool, nil
}

// handshake speaks TLS over nc, or closes it and names what is wrong.
func (d *dialer) handshake(ctx context.Context, nc net.Conn, host, addr string) (net.Conn, *Handshake, time.Duration, error) {
	c := d.tls.Clone()
	if c.ServerName == "" {
		c.ServerName = strings.TrimSuffix(host, ".")
	}
	asked := noteRequest(c)
	step, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	start := time.Now()
	tc := tls.Client(nc, c)
	err := tc.HandshakeContext(step)
	took := time.Since(start)
	detail := addr
	if err == nil {
		detail += " " + tls.VersionName(tc.ConnectionState().Version)
	}
	d.event("tls", detail, took, err)
	if err == nil {
		return tc, &Handshake{State: tc.ConnectionState(), Config: c, Duration: took}, took, nil
	}
	_ = nc.Close() // the handshake's own error is the one to report
	if cancelled(ctx, err) {
		return nil, nil, took, context.Cause(ctx)
	}
	e := &Error{ID: HandshakeID(err), Step: StepTLS, Addr: addr, Err: err, Evidence: certificateEvidence(err, c.ServerName)}
	if e.ID == "tls-unknown-authority" && noRoots(c) {
		e.ID = "tls-no-roots"
	}
	if *asked && IsAlert(err) { // TLS 1.2 says «handshake failure» where it misses a certificate, and nothing of why
		e.ID = "tls-client-cert-required"
	}
	return nil, nil, took, e
}

// noRoots tells a machine that trusts nobody, as its bundle of authorities is missing: Go then calls any authority unknown.
func noRoots(c *tls.Config) bool {
	if c.RootCAs != nil {
		return false
	}
	system, err := x509.SystemCertPool()
	return err != nil || system.Equal(x509.NewCertPool())
}

// noteRequest makes c note whether the server asks for a client's certificate; which one is shown stays as crypto/tls has it.
// The note is written during the handshake.
func noteRequest(c *tls.Config) *bool {
	asked, certificates := false, c.Certificates
	c.GetClientCertificate = func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		for i := range certificates {
			if request.SupportsCertificate(&certificates[i]) == nil {
				return &certificates[i], nil
			}
		}
		return new(tls.Certificate), nil
	}
	return &asked
}

// HandshakeID names a failed handshake. A time-out is left as tcp-silent: the caller looks closer, as a plain Redis never
// answers a ClientHello (its inline parser waits for a line end).
func HandshakeID(err error) string {
	var (
		record    tls.RecordHeaderError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		noRoots   x509.SystemRootsError
		timeout   interface{ Timeout() bool }
	)
	text := err.Error()
	switch {
	case errors.As(err, &record):
		return "tls-not-supported"
	case errors.As(err, &authority):
		if leafSignsItself(err) {
			return "tls-self-signed"
		}
		return "tls-unknown-authority"
	case errors.As(err, &name):
		return "tls-name-mismatch"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if leaf := Leaf(err); leaf != nil && time.Now().Before(leaf.NotBefore) {
			return "tls-not-yet-valid"
		}
		return "tls-expired"
	case errors.As(err, &noRoots):
		return "tls-no-roots"
	case clientCertificateWanted(text):
		return "tls-client-cert-required"
	case strings.Contains(text, "protocol version"), strings.Contains(text, "unsupported version"),
		strings.Contains(text, "handshake failure"), strings.Contains(text, "no cipher suite"),
		strings.Contains(text, "unsupported versions"):
		return "tls-version"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "tcp-silent"
	case errors.Is(err, io.EOF), IsClosed(err):
		return "tcp-closed"
	default:
		return "tls-failed"
	}
}

// certificateAlerts are how crypto/tls names the alerts about a certificate.
var certificateAlerts = []string{
	"certificate required", "bad certificate", "unsupported certificate", "revoked certificate", "expired certificate",
	"unknown certificate", // and «unknown certificate authority»
}

// clientCertificateWanted knows the alerts of a server that wants a certificate, or another than the one it was shown: TLS 1.3
// sends them after the client believes the handshake done.
func clientCertificateWanted(text string) bool {
	_, alert, ok := strings.Cut(text, "remote error: tls: ")
	return ok && slices.ContainsFunc(certificateAlerts, func(words string) bool { return strings.HasPrefix(alert, words) })
}

// certificateEvidence is what the operator needs to see of a certificate that was not accepted.
func certificateEvidence(err error, wanted string) []finding.Evidence {
	leaf := Leaf(err)
	if leaf == nil {
		return nil
	}
	return []finding.Evidence{
		evidence("wanted_name", wanted),
		evidence("certificate_names", strings.Join(CertificateNames(leaf), ", ")),
		evidence("issuer", leaf.Issuer.String()),
		evidence("not_before", leaf.NotBefore.UTC().Format(time.RFC3339)),
		evidence("not_after", leaf.NotAfter.UTC().Format(time.RFC3339)),
		evidence("now", time.Now().UTC().Format(time.RFC3339)),
	}
}

func evidence(name string, value any) finding.Evidence {
	return finding.Evidence{Name: name, Value: value}
}
