package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// applyTLSFlags lays the --tls-* flags over what the URL says. On a redis:// URL they switch TLS on: who gives a
// certificate wants it. The files are looked at, not read; a missing one is a usage error before anything is contacted.
func (t *Target) applyTLSFlags(in Input) []finding.Finding {
	if in.TLSCA == "" && in.TLSCert == "" && in.TLSKey == "" && in.TLSServerName == "" && !in.TLSInsecure {
		return nil
	}
	var found []finding.Finding
	if t.Network == NetworkUnix {
		return []finding.Finding{*critical("config-tls-files", ev("variable", "--tls-*"), ev("reason", "unix-socket"))}
	}
	if t.TLS == nil {
		t.TLS = &TLS{}
		t.URL = t.masked()
		found = append(found, finding.Finding{ID: "config-tls-flags", Severity: finding.Info})
	}
	t.TLS.CAFile, t.TLS.CertFile, t.TLS.KeyFile, t.TLS.ServerName = in.TLSCA, in.TLSCert, in.TLSKey, in.TLSServerName
	t.TLS.Insecure = t.TLS.Insecure || in.TLSInsecure
	for _, f := range []struct{ flag, path, partner string }{
		{"--tls-ca", in.TLSCA, ""}, {"--tls-cert", in.TLSCert, in.TLSKey}, {"--tls-key", in.TLSKey, in.TLSCert},
	} {
		reason := ""
		if f.path != "" {
			reason = fileReason(f.path, f.flag == "--tls-ca")
			if reason == "" && f.flag != "--tls-ca" && f.partner == "" {
				reason = "pair"
			}
		}
		if reason != "" {
			seen := []finding.Evidence{ev("variable", f.flag), ev("file", f.path), ev("reason", reason)}
			if reason == "missing" {
				seen = append(seen, triedPath(f.path, in.Dir)...)
			}
			found = append(found, *critical("config-tls-files", seen...))
		}
	}
	return found
}

func fileReason(path string, folder bool) string {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case errors.Is(err, fs.ErrPermission):
		return "permission"
	case err != nil:
		return "unreadable"
	case info.IsDir() && !folder:
		return "directory"
	}
	return ""
}

// pemEndings are how files of certificates and keys are mostly called.
var pemEndings = []string{".pem", ".crt", ".cer", ".key"}

// mostCandidates is how many files a finding names that may have been meant.
const mostCandidates = 5

// triedPath is where a file was looked for, from dir, and what stands there: the files that may have been meant, or the folder
// that is missing too.
func triedPath(path, dir string) []finding.Evidence {
	if !filepath.IsAbs(path) {
		if dir == "" {
			return nil // the current folder is gone
		}
		path = filepath.Join(dir, path)
	}
	seen := []finding.Evidence{ev("tried", path)}
	folder := filepath.Dir(path)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return append(seen, ev("missing_folder", folder))
	}
	var names []string
	for _, e := range entries { // what cannot be read is only not named
		if !e.IsDir() && slices.Contains(pemEndings, filepath.Ext(e.Name())) && len(names) < mostCandidates {
			names = append(names, e.Name())
		}
	}
	if len(names) > 0 {
		seen = append(seen, ev("candidates", strings.Join(names, ", ")))
	}
	return seen
}
