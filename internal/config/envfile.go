package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// maxEnvFile is the largest .env that is read, in bytes.
const maxEnvFile = 1 << 20

// searchNames are looked for in each folder, in this order.
var searchNames = []string{".env", filepath.Join("backend", ".env")}

// readFiles reads the files that --env-file names, else the first that the search finds. Those that it finds further up are
// only looked through for a password.
func (c *Config) readFiles(in Input) []finding.Finding {
	var found []finding.Finding
	if len(in.EnvFiles) > 0 {
		for _, path := range in.EnvFiles {
			full := path
			if !filepath.IsAbs(full) && in.Dir != "" {
				full = filepath.Join(in.Dir, full)
			}
			found = append(found, c.readFile(full, path)...)
		}
		return found
	}
	for i, path := range findEnvFiles(in.Dir, in.Home) {
		shown := shownPath(path, in.Dir)
		if i == 0 {
			found = append(found, c.readFile(path, shown)...)
			continue
		}
		if text, _, reason := slurp(path); reason == "" {
			if entries, serr := parseEnv(bytes.TrimPrefix(text, byteOrderMark), c.lookupEnv); serr == nil {
				c.noteSecret(entries, shown)
			}
		}
	}
	return found
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// readFile merges one file over what is there.
func (c *Config) readFile(path, shown string) []finding.Finding {
	text, mode, reason := slurp(path)
	if reason != "" {
		return []finding.Finding{envProblem("config-env-syntax", finding.Critical, shown, 0, reason)}
	}
	var found []finding.Finding
	if rest, ok := bytes.CutPrefix(text, byteOrderMark); ok {
		text = rest
		found = append(found, envProblem("config-env-bom", finding.Warning, shown, 1, ""))
	}
	entries, serr := parseEnv(text, c.lookupEnv)
	if serr != nil {
		return append(found, envProblem("config-env-syntax", finding.Critical, shown, serr.line, serr.reason))
	}
	c.EnvFiles = append(c.EnvFiles, shown)
	c.noteSecret(entries, shown)
	for name, e := range entries {
		e.file = shown
		c.file[name] = e
	}
	if mode.Perm()&0o044 != 0 && runtime.GOOS != "windows" && holdsSecret(entries) {
		f := envProblem("config-env-permissions", finding.Warning, shown, 0, "")
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "mode", Value: mode.Perm().String()})
		found = append(found, f)
	}
	return found
}

// slurp reads a regular file; a named pipe or device would make us wait for ever. The reason is a stable word.
func slurp(path string) (text []byte, mode fs.FileMode, reason string) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, "missing"
	case errors.Is(err, fs.ErrPermission):
		return nil, 0, "permission"
	case err != nil:
		return nil, 0, "unreadable"
	case info.IsDir():
		return nil, 0, "directory"
	case !info.Mode().IsRegular():
		return nil, 0, "not-regular"
	case info.Size() > maxEnvFile:
		return nil, 0, "too-large"
	}
	f, err := os.Open(path) //nolint:gosec // the operator's own .env
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil, 0, "permission"
		}
		return nil, 0, "unreadable"
	}
	defer f.Close() //nolint:errcheck // only read
	text, err = io.ReadAll(io.LimitReader(f, maxEnvFile+1))
	switch {
	case err != nil:
		return nil, 0, "unreadable"
	case len(text) > maxEnvFile:
		return nil, 0, "too-large"
	}
	return text, info.Mode(), ""
}

func envProblem(id string, severity finding.Severity, file string, line int, reason string) finding.Finding {
	f := finding.Finding{ID: id, Severity: severity, Subject: file}
	f.Evidence = append(f.Evidence, finding.Evidence{Name: "file", Value: file})
	if line > 0 {
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "line", Value: line})
	}
	if reason != "" {
		f.Evidence = append(f.Evidence, finding.Evidence{Name: "reason", Value: reason})
	}
	return f
}

// findEnvFiles looks in dir, then in each parent up to the repository's root or the home folder. Outside of both only dir
// itself counts: a shared folder such as /tmp must not feed us its .env. The nearest comes first.
func findEnvFiles(dir, home string) []string {
	if dir == "" {
		return nil
	}
	dir = filepath.Clean(dir)
	top := topFolder(dir, home)
	var all []string
	for {
		for _, name := range searchNames {
			path := filepath.Join(dir, name)
			// One that is there, but not ours to read, is better said than passed over.
			if info, err := os.Stat(path); err == nil && !info.IsDir() || errors.Is(err, fs.ErrPermission) {
				all = append(all, path)
			}
		}
		parent := filepath.Dir(dir)
		if dir == top || parent == dir {
			return all
		}
		dir = parent
	}
}

func topFolder(dir, home string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if home != "" && at == filepath.Clean(home) {
			return at
		}
		if filepath.Dir(at) == at {
			return dir
		}
	}
}
