package backup_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/olympiades-ia/olymp-cache/internal/backup"
)

// left are the names in a folder.
func left(t *testing.T, folder string) []string {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

func create(t *testing.T, path string, overwrite bool) *backup.File {
	t.Helper()
	f, err := backup.Create(path, header, overwrite)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records(100) {
		if err := f.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.backup")
	f := create(t, path, false)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file has its name before it is whole: %v", err)
	}
	total, err := f.Commit()
	if err != nil || total.Records != 100 {
		t.Fatal(total, err)
	}
	if names := left(t, folder); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
	stat, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && stat.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", stat.Mode())
	}
	if stat.Size() != f.Size() {
		t.Errorf("%d bytes, said to be %d", stat.Size(), f.Size())
	}
	if h, seen, err := backup.VerifyFile(path); err != nil || seen != total || h.Target != header.Target {
		t.Error(h, seen, err)
	}
	if _, err := backup.Create(path, header, false); !errors.Is(err, backup.ErrExists) {
		t.Errorf("a second backup over the first: %v", err)
	}
}

// TestOverwrite: the old file stays until the new one is whole.
func TestOverwrite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.backup")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := create(t, path, true)
	f.Discard()
	if text, err := os.ReadFile(path); err != nil || string(text) != "old" || len(left(t, folder)) != 1 {
		t.Errorf("%q, %v, %q", text, err, left(t, folder))
	}
	f = create(t, path, true)
	if _, err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := backup.VerifyFile(path); err != nil {
		t.Error(err)
	}
	if _, err := backup.Create(folder, header, true); err == nil {
		t.Error("a folder was taken for a place to write to")
	}
}

// TestSomebodyWasFaster: a file that came while the backup was written is not overwritten.
func TestSomebodyWasFaster(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "keys.backup")
	f := create(t, path, false)
	if err := os.WriteFile(path, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Commit(); !errors.Is(err, backup.ErrExists) {
		t.Errorf("%v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "theirs" {
		t.Errorf("%q", text)
	}
	if names := left(t, folder); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
}

// TestChangedBeneath: what does not read back as it was written gets no name.
func TestChangedBeneath(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f := create(t, filepath.Join(folder, "keys.backup"), false)
	names := left(t, folder)
	if len(names) != 1 || !strings.HasPrefix(names[0], ".") || !strings.HasSuffix(names[0], ".partial") {
		t.Fatalf("%q", names)
	}
	part, err := os.OpenFile(filepath.Join(folder, names[0]), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.WriteAt([]byte("x"), 1<<20); err != nil { // behind what will be written
		t.Fatal(err)
	}
	if err := part.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Commit(); !errors.Is(err, backup.ErrUnverified) {
		t.Errorf("%v", err)
	}
	if names := left(t, folder); len(names) != 0 {
		t.Errorf("left behind: %q", names)
	}
}

// TestNoSpaceAhead: a backup that will not fit is given up before the disk is full.
func TestNoSpaceAhead(t *testing.T) {
	t.Parallel()
	f, err := backup.Create(filepath.Join(t.TempDir(), "keys.backup"), header, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Discard()
	more := func() {
		for begun := f.Size(); f.Size() < begun+5<<20; {
			for _, r := range records(1000) {
				if err := f.Add(r); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	more()
	if err := f.Expect(1000, 1001); err != nil {
		t.Errorf("one more key does not fit: %v", err)
	}
	more()
	err = f.Expect(1000, 1<<50)
	var space *backup.SpaceError
	if runtime.GOOS != "windows" && (!errors.Is(err, syscall.ENOSPC) || !errors.As(err, &space) || space.Need <= space.Free) {
		t.Errorf("10^15 keys: %v", err)
	}
}
