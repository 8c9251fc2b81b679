package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// TestBackupErrors: each way in which a backup fails has its own words, safe to show, and what is Redis's stays an error of Redis.
func TestBackupErrors(t *testing.T) {
	t.Parallel()
	a := newApp(Env{Args: []string{"--lang", "en"}, Stderr: io.Discard, LookupEnv: func(string) (string, bool) { return "", false }})
	hostile := "k\x1b[31m"
	for want, err := range map[string]error{
		"about 5.0\u00a0MB are still to come": fmt.Errorf("page: %w", &backup.SpaceError{Need: 5 << 20, Free: 1 << 20}),
		"the disk is full":                    &fs.PathError{Op: "write", Path: "b", Err: syscall.ENOSPC},
		"it exists already":                   &os.LinkError{Op: "link", Old: "a", New: "b", Err: syscall.EEXIST},
		"that folder does not exist":          &fs.PathError{Op: "open", Path: "b", Err: syscall.ENOENT},
		"it is no string, and the server refuses DUMP (NOPERM)": &keyspace.TypeRefusedError{
			Key: hostile, Refusal: keyspace.Refusal{Command: "DUMP", Reply: "NOPERM"},
		},
		"keeps changing":            &keyspace.RestlessError{Key: hostile},
		"does not read back":        fmt.Errorf("%w: %w", backup.ErrUnverified, &backup.FormatError{Fault: backup.Altered}),
		"too many open files":       &fs.PathError{Op: "open", Path: "b", Err: errors.New("too many open files")},
		"access denied for this us": &fs.PathError{Op: "open", Path: "b", Err: fs.ErrPermission},
	} {
		got := a.backupWriteError("b", err)
		var usage *usageError
		if !errors.As(got, &usage) || !strings.Contains(got.Error(), want) || strings.ContainsRune(got.Error(), '\x1b') {
			t.Errorf("%v: %v, want %q", err, got, want)
		}
	}
	refused := &redisconn.Error{ID: "server-loading", Err: &fs.PathError{Op: "read", Path: "x", Err: syscall.ENOSPC}}
	if got := a.backupWriteError("b", refused); !errors.Is(got, refused) {
		t.Errorf("an error of Redis became %v", got)
	}
}
