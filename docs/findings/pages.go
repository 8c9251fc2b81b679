// Package findings is the pages of the findings, packed for the program: `doctor explain` and `doctor list` show them.
package findings

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/i18n"
)

//go:embed *.json.gz
var packed embed.FS

// Pages are the pages of one language, as Markdown, by the finding's id.
type Pages map[string]string

// File is the name of the packed pages of a language.
func File(lang i18n.Lang) string { return string(lang) + ".json.gz" }

// Pack makes the packed form.
func Pack(p Pages) ([]byte, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("pack pages: %w", err)
	}
	return Gzip(text)
}

// Gzip packs a text that is built into the program.
func Gzip(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return b.Bytes(), nil
}

// Load unpacks the pages of one language.
func Load(lang i18n.Lang) (Pages, error) {
	raw, err := packed.ReadFile(File(lang))
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	r, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	var p Pages
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	return p, nil
}

// Title is the first heading of a page.
func Title(page string) string {
	line, _, _ := strings.Cut(page, "\n")
	return strings.TrimPrefix(line, "# ")
}
