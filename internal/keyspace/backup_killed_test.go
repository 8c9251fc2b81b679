package keyspace_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
	"github.com/olympiades-ia/olymp-cache/internal/keyspace"
	"github.com/olympiades-ia/olymp-cache/internal/redistest"
)

// The environment of the child that TestBackupKilled starts and kills.
const (
	childURL  = "OLYMP_TEST_BACKUP_URL"
	childPath = "OLYMP_TEST_BACKUP_PATH"
)

// TestBackupChild is the program that is killed; by itself it does nothing.
func TestBackupChild(t *testing.T) {
	if os.Getenv(childURL) == "" {
		t.Skip("it is started by TestBackupKilled")
	}
	if _, err := keyspace.Backup(t.Context(), open(t, os.Getenv(childURL)), keyspace.BackupOptions{Path: os.Getenv(childPath)}); err != nil {
		t.Fatal(err)
	}
}

// TestBackupKilled: whenever the program is killed, what has the name of the backup is a whole one, and the next run makes it.
func TestBackupKilled(t *testing.T) {
	t.Parallel()
	url := redistest.Start(t).URL()
	conn := open(t, url)
	const keys = 30_000
	fill(t, conn, keys)
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.backup")
	child := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBackupChild$")
		cmd.Env = append(os.Environ(), childURL+"="+url, childPath+"="+path, "GORACE=atexit_sleep_ms=20")
		return cmd
	}
	start := time.Now()
	if out, err := child().CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	took := time.Since(start)
	unfinished := 0
	for i := range 12 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		cmd := child()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * time.Duration(i+1) / 12)
		_ = cmd.Process.Kill() // it may be over
		_ = cmd.Wait()         // it was killed
		_, held, err := backup.VerifyFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			unfinished++
		case err != nil || held.Records != keys:
			t.Errorf("killed after %d/12: %+v, %v", i+1, held, err)
		}
	}
	if unfinished < 3 {
		t.Errorf("only %d of 12 were killed before the end: the test proves nothing", unfinished)
	}
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if name := e.Name(); name != "keys.backup" && (!strings.HasPrefix(name, ".keys.backup.") || !strings.HasSuffix(name, ".partial")) {
			t.Errorf("left behind: %s", name)
		}
	}
	_ = os.Remove(path) // the last may have finished
	if out, err := child().CombinedOutput(); err != nil {
		t.Fatalf("again: %v: %s", err, out)
	}
	if _, held, err := backup.VerifyFile(path); err != nil || held.Records != keys {
		t.Errorf("again: %+v, %v", held, err)
	}
}
