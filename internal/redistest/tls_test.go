package redistest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// handshake shakes hands as a strict client, and asks PING: TLS 1.3 refuses a client certificate only afterwards.
func handshake(t *testing.T, addr, name string, files *TLSFiles, withCert bool) error {
	t.Helper()
	conf, err := files.Config()
	if err != nil {
		t.Fatal(err)
	}
	conf.ServerName = name
	if !withCert {
		conf.Certificates = nil
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: replyWait}, Config: conf}
	conn, err := dialer.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(replyWait)); err != nil {
		t.Fatal(err)
	}
	_, werr := conn.Write([]byte("PING\r\n")) // fails if the server has closed; its alert is still there to be read
	buf := make([]byte, 64)
	n, err := conn.Read(buf)
	if werr != nil && err == nil {
		err = werr
	}
	if err == nil && string(buf[:n]) != "+PONG\r\n" {
		t.Errorf("PING gives %q", buf[:n])
	}
	return err
}

func certInvalid(reason x509.InvalidReason, word string) func(error) bool {
	return func(err error) bool {
		invalid, is := errors.AsType[x509.CertificateInvalidError](err)
		return is && invalid.Reason == reason && strings.Contains(invalid.Detail, word)
	}
}

func unknownCA(err error) bool {
	_, is := errors.AsType[x509.UnknownAuthorityError](err)
	return is
}

func alert(words string) func(error) bool {
	return func(err error) bool { return err != nil && strings.Contains(err.Error(), "remote error: tls: "+words) }
}

func TestTLS(t *testing.T) {
	t.Parallel()
	good := func(err error) bool { return err == nil }
	for _, c := range []struct {
		name     string
		options  TLSOptions
		host     string
		withCert bool
		want     func(error) bool
	}{
		{"good by address", TLSOptions{}, "127.0.0.1", false, good},
		{"good by IPv6 address", TLSOptions{}, "::1", false, good},
		{"good by name", TLSOptions{}, "localhost", false, good},
		{"wrong name", TLSOptions{WrongName: true}, "localhost", false, func(err error) bool {
			_, is := errors.AsType[x509.HostnameError](err)
			return is
		}},
		{"wrong name, asked for", TLSOptions{WrongName: true}, WrongNameHost, false, good},
		{"expired", TLSOptions{Expired: true}, "localhost", false, certInvalid(x509.Expired, "is after")},
		{"not yet valid", TLSOptions{NotYetValid: true}, "localhost", false, certInvalid(x509.Expired, "is before")},
		{"self-signed", TLSOptions{SelfSigned: true}, "localhost", false, unknownCA},
		{"no client certificate", TLSOptions{ClientCertRequired: true}, "localhost", false, alert("certificate required")},
		{"client certificate", TLSOptions{ClientCertRequired: true}, "localhost", true, good},
		{"old protocol", TLSOptions{MaxVersion: "TLSv1.1"}, "localhost", false, alert("protocol version not supported")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := Start(t, WithTLS(c.options))
			if s.Port != 0 || !strings.HasPrefix(s.URL(), "rediss://127.0.0.1:") {
				t.Errorf("port %d, URL %s", s.Port, s.URL())
			}
			if got := mustDo(t, s.Do, "PING"); got != "PONG" {
				t.Errorf("the administrator's PING gives %q", got)
			}
			if err := handshake(t, s.Addr(), c.host, s.TLS, c.withCert); !c.want(err) {
				t.Errorf("got %T %v", err, err)
			}
		})
	}
}

func TestTLSBesidePlainPort(t *testing.T) {
	t.Parallel()
	s := Start(t, WithTLS(TLSOptions{}), WithPlainPort())
	if err := handshake(t, s.Addr(), "localhost", s.TLS, false); err != nil {
		t.Error(err)
	}
	if got, err := ask(t, addrOf(s.Port), "PING"); got != "PONG" {
		t.Errorf("plain port: %q, %v", got, err)
	}
	if got, err := ask(t, s.Addr(), "PING"); err == nil {
		t.Errorf("the TLS port answers %q in clear", got)
	}
}

func TestOldProtocolIsReallySpoken(t *testing.T) {
	t.Parallel()
	s := Start(t, WithTLS(TLSOptions{MaxVersion: "TLSv1.1"}))
	conf, err := s.TLS.Config()
	if err != nil {
		t.Fatal(err)
	}
	conf.MinVersion = tls.VersionTLS10
	dialer := tls.Dialer{Config: conf}
	conn, err := dialer.DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if got := conn.(*tls.Conn).ConnectionState().Version; got != tls.VersionTLS11 {
		t.Errorf("version %s", tls.VersionName(got))
	}
}
