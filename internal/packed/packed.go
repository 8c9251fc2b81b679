// Package packed keeps texts that are built into the program in a quarter of their size.
package packed

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
)

// Text packs one text.
func Text(text []byte) ([]byte, error) {
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

// Unpack gives the text back.
func Unpack(raw []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return text, nil
}

// Files packs texts by their name.
func Files(all map[string]string) ([]byte, error) {
	text, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return Text(text)
}

// UnpackFiles gives the texts back.
func UnpackFiles(raw []byte) (map[string]string, error) {
	text, err := Unpack(raw)
	if err != nil {
		return nil, err
	}
	var all map[string]string
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return all, nil
}
