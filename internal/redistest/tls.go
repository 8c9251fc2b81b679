package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// TLSOptions says what is wrong with a server's TLS. The zero value is good: a certificate for 127.0.0.1, ::1 and
// localhost, valid now, signed by a CA of the test's own.
type TLSOptions struct {
	WrongName          bool   // the certificate is for cache.example.com only
	Expired            bool   // it ended yesterday
	NotYetValid        bool   // it begins tomorrow
	EndsSoon           bool   // it has an hour of its eight days left
	CommonName         string // it has its name here only, without a subjectAltName
	SelfSigned         bool   // it is signed by itself, not by the CA
	ClientCertRequired bool   // clients must show a certificate of the CA (tls-auth-clients yes)
	MaxVersion         string // the only protocol spoken, as Redis writes it: "TLSv1.1"
}

// WrongNameHost is the only name in the certificate of TLSOptions.WrongName.
const WrongNameHost = "cache.example.com"

// TLSFiles are the absolute paths of PEM files.
type TLSFiles struct {
	CA         string // the CA certificate that signed the others
	Cert       string // the server's certificate
	Key        string
	ClientCert string // a certificate for clients, of the same CA
	ClientKey  string
}

// NewTLS makes a CA, a server certificate as o says, and a client certificate, for servers that are not started here.
func NewTLS(t TB, o TLSOptions) *TLSFiles {
	t.Helper()
	files, err := makeTLS(t.TempDir(), o)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	return files
}

// Config is a client configuration that trusts the CA, and shows the client certificate if asked for one.
func (f *TLSFiles) Config() (*tls.Config, error) {
	roots, err := f.pool()
	if err != nil {
		return nil, err
	}
	cert, err := tls.LoadX509KeyPair(f.ClientCert, f.ClientKey)
	if err != nil {
		return nil, err
	}
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

// serverConfig is for the servers that run inside the test.
func (f *TLSFiles) serverConfig(o TLSOptions) (*tls.Config, error) {
	clients, err := f.pool()
	if err != nil {
		return nil, err
	}
	cert, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if o.ClientCertRequired {
		conf.ClientAuth, conf.ClientCAs = tls.RequireAndVerifyClientCert, clients
	}
	return conf, nil
}

func (f *TLSFiles) pool() (*x509.CertPool, error) {
	ca, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("no certificate in %s", f.CA)
	}
	return pool, nil
}

// tlsLines is the TLS part of a configuration file. Replication, Sentinel and the cluster bus speak TLS too: a server
// without a plain port can be reached in no other way.
func (s *settings) tlsLines(srv *Server) [][]string {
	authClients := "no"
	if s.tls.ClientCertRequired {
		authClients = "yes"
	}
	lines := [][]string{
		{"tls-port", fmt.Sprint(srv.TLSPort)},
		{"tls-ca-cert-file", srv.TLS.CA},
		{"tls-cert-file", srv.TLS.Cert},
		{"tls-key-file", srv.TLS.Key},
		{"tls-auth-clients", authClients},
		{"tls-replication", "yes"},
	}
	if s.cluster {
		lines = append(lines, []string{"tls-cluster", "yes"})
	}
	if s.tls.MaxVersion != "" {
		// OpenSSL 3 refuses the signatures of TLS 1.0 and 1.1 at its default security level.
		lines = append(lines, []string{"tls-protocols", s.tls.MaxVersion}, []string{"tls-ciphers", "DEFAULT:@SECLEVEL=0"})
	}
	return lines
}

// authority is a CA that lives as long as makeTLS.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

const day = 24 * time.Hour

func makeTLS(dir string, o TLSOptions) (*TLSFiles, error) {
	files := &TLSFiles{
		CA:         filepath.Join(dir, "ca.pem"),
		Cert:       filepath.Join(dir, "server.pem"),
		Key:        filepath.Join(dir, "server.key"),
		ClientCert: filepath.Join(dir, "client.pem"),
		ClientKey:  filepath.Join(dir, "client.key"),
	}
	root := template(1, "Test CA")
	root.IsCA, root.BasicConstraintsValid, root.KeyUsage = true, true, x509.KeyUsageCertSign
	root.NotBefore = root.NotBefore.Add(-9 * day) // older than every certificate it signs
	ca, err := newAuthority(root)
	if err != nil {
		return nil, err
	}
	server := template(2, "Test Redis")
	server.DNSNames = []string{"localhost"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if o.WrongName {
		server.DNSNames, server.IPAddresses = []string{WrongNameHost}, nil
	}
	if o.CommonName != "" {
		server.Subject.CommonName, server.DNSNames, server.IPAddresses = o.CommonName, nil, nil
	}
	switch now := time.Now(); {
	case o.EndsSoon:
		server.NotBefore, server.NotAfter = now.Add(-8*day), now.Add(time.Hour)
	case o.Expired:
		server.NotBefore, server.NotAfter = now.Add(-2*day), now.Add(-day)
	case o.NotYetValid:
		server.NotBefore, server.NotAfter = now.Add(day), now.Add(2*day)
	}
	signer := ca
	if o.SelfSigned {
		signer = nil
	}
	return files, errors.Join(
		writePEM(files.CA, "CERTIFICATE", ca.cert.Raw),
		issue(server, signer, files.Cert, files.Key),
		issue(template(3, "Test client"), ca, files.ClientCert, files.ClientKey),
	)
}

// template is a certificate that is good for a week, for servers and clients: a replica is a client of its primary.
func template(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(7 * day),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
}

func newAuthority(root *x509.Certificate) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make CA: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{cert, key}, nil
}

// issue writes a certificate and its key; without a CA it is signed by itself.
func issue(cert *x509.Certificate, ca *authority, certPath, keyPath string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if ca == nil {
		ca = &authority{cert, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, ca.cert, key.Public(), ca.key)
	if err != nil {
		return fmt.Errorf("make certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(writePEM(certPath, "CERTIFICATE", der), writePEM(keyPath, "PRIVATE KEY", secret))
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
