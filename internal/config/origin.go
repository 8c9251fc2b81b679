package config

import (
	"path/filepath"
	"strconv"
	"strings"
)

// Kinds of places a value comes from.
const (
	FromFlag    = "flag"
	FromEnv     = "env"
	FromFile    = "file"
	FromDefault = "default"
)

// Origin is where a value was found.
type Origin struct {
	Kind string // FromFlag, FromEnv, FromFile or FromDefault
	File string // for FromFile: relative to the current folder when below it
	Line int    // for FromFile: from 1
	Name string // the variable or flag
}

// String is the `source` of the contract: flag, env, FILE:LINE or default.
func (o Origin) String() string {
	if o.Kind == FromFile {
		return o.File + ":" + strconv.Itoa(o.Line)
	}
	return o.Kind
}

// shownPath is a path as the operator would type it from dir.
func shownPath(path, dir string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil || dir == "" || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return rel
}
