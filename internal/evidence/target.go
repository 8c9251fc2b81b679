package evidence

import (
	"strings"
	"unicode"

	"github.com/olympiades-ia/olymp-cache/internal/config"
)

// Target is what was asked for, without its secrets.
type Target struct {
	URL      string `json:"url"`     // masked
	Display  string `json:"display"` // localhost:6379/0
	Source   string `json:"source"`  // "flag", "env", FILE:LINE or "default"
	Network  string `json:"network"` // config.NetworkTCP, NetworkUnix or NetworkSentinel
	Host     string `json:"host"`    // of the first endpoint; empty for a unix socket
	Port     int    `json:"port"`
	Path     string `json:"path,omitempty"`
	Master   string `json:"master,omitempty"`
	Address  string `json:"address"`        // host:port or the socket's path
	User     string `json:"user,omitempty"` // only beside a password: alone it is mostly a password in the wrong place
	DB       int    `json:"db"`
	TLS      bool   `json:"tls"`
	Insecure bool   `json:"insecure,omitempty"`  // verification is switched off
	HasCA    bool   `json:"has_ca,omitempty"`    // --tls-ca
	CAFile   string `json:"ca_file,omitempty"`   // its path
	HasCert  bool   `json:"has_cert,omitempty"`  // --tls-cert
	CertFile string `json:"cert_file,omitempty"` // its path
	KeyFile  string `json:"key_file,omitempty"`
	// ServerName is the name of --tls-server-name.
	ServerName string   `json:"server_name,omitempty"`
	EnvFiles   []string `json:"env_files,omitempty"` // of --env-file, as they were given
	Loopback   bool     `json:"loopback"`
	Provider   string   `json:"provider,omitempty"`
	Password   *Shape   `json:"password,omitempty"` // nil: none
}

// Shape is what may be said of a password without giving it away.
type Shape struct {
	Length      int  `json:"length"`                // bytes
	Blank       bool `json:"blank,omitempty"`       // it starts or ends with a blank or a line end
	Quoted      bool `json:"quoted,omitempty"`      // it starts and ends with the same quote
	Escaped     bool `json:"escaped,omitempty"`     // it holds %XX after decoding: encoded twice?
	Variable    bool `json:"variable,omitempty"`    // it holds «$»: a variable that nobody expanded?
	Unprintable bool `json:"unprintable,omitempty"` // control or invisible characters
}

// TargetOf describes a target of the configuration.
func TargetOf(t config.Target) Target {
	out := Target{
		URL: t.URL, Display: t.Display(), Source: t.Origin.String(), Network: t.Network, Path: t.Path, Master: t.Master,
		Address: t.Address(), DB: t.DB, TLS: t.TLS != nil, Loopback: t.Loopback(), Provider: t.Provider,
		EnvFiles: t.EnvFiles,
	}
	if len(t.Endpoints) > 0 {
		out.Host, out.Port = t.Endpoints[0].Host, t.Endpoints[0].Port
	}
	if t.TLS != nil {
		out.CAFile, out.CertFile, out.KeyFile, out.ServerName = t.TLS.CAFile, t.TLS.CertFile, t.TLS.KeyFile, t.TLS.ServerName
		out.Insecure, out.HasCA, out.HasCert = t.TLS.Insecure, t.TLS.CAFile != "", t.TLS.CertFile != ""
	}
	if t.Password != "" {
		out.Password = shapeOf(t.Password.Reveal())
		out.User = t.Username
	}
	return out
}

func shapeOf(secret string) *Shape {
	s := &Shape{
		Length:   len(secret),
		Blank:    strings.TrimSpace(secret) != secret,
		Variable: strings.Contains(secret, "$"),
	}
	if n := len(secret); n > 1 && (secret[0] == '"' || secret[0] == '\'') && secret[n-1] == secret[0] {
		s.Quoted = true
	}
	if i := strings.IndexByte(secret, '%'); i >= 0 && i+2 < len(secret) && isHex(secret[i+1]) && isHex(secret[i+2]) {
		s.Escaped = true
	}
	s.Unprintable = strings.IndexFunc(secret, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0
	return s
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
