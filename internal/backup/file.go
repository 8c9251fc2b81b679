package backup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
)

// ErrExists is a file that stands where the backup should.
var ErrExists = fs.ErrExist

// ErrUnverified is a backup that reads back otherwise than it was written.
var ErrUnverified = errors.New("the backup does not read back as it was written")

// partSuffix is what the name of a backup ends in that is still being written: its name also begins with a dot, and its trailer
// is missing, so that nobody can take it for a backup.
const partSuffix = ".partial"

// File is a backup that is being written. It ends in Commit or in Discard.
type File struct {
	*Writer

	path      string // where it will be
	overwrite bool
	out       *os.File
	buffer    *bufio.Writer
	written   atomic.Int64 // bytes of the file so far; the compression writes beside us
	looked    int64        // of them, when the room on the disk was last looked at
}

// Create begins a backup beside path, readable by its owner only. A file that is there already is refused unless overwrite is
// set, and replaced by Commit, not before.
func Create(path string, h Header, overwrite bool) (*File, error) {
	if overwrite {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target
		}
	}
	stat, err := os.Lstat(path)
	switch {
	case err == nil && !overwrite:
		return nil, &fs.PathError{Op: "create", Path: path, Err: ErrExists}
	case err == nil && !stat.Mode().IsRegular():
		return nil, &fs.PathError{Op: "create", Path: path, Err: errors.New("not a regular file")}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	out, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+partSuffix) // 0600, O_EXCL
	if err != nil {
		return nil, err
	}
	f := &File{path: path, overwrite: overwrite, out: out}
	f.buffer = bufio.NewWriterSize(counting{f}, 256<<10)
	if f.Writer, err = NewWriter(f.buffer, h); err != nil {
		f.removed()
		return nil, err
	}
	return f, nil
}

// counting counts the bytes that reach the file.
type counting struct{ *File }

func (c counting) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	c.written.Add(int64(n))
	return n, err
}

// Path is where the backup will be.
func (f *File) Path() string { return f.path }

// Size is how many bytes of the file were written.
func (f *File) Size() int64 { return f.written.Load() }

// Commit ends the backup, brings it to the disk, reads it again as a stranger would, and gives it its name. Where it fails,
// nothing is left behind.
func (f *File) Commit() (total Summary, err error) {
	defer func() {
		if err != nil {
			f.removed()
		}
	}()
	if total, err = f.Close(); err != nil {
		return total, err
	}
	if err = f.buffer.Flush(); err != nil {
		return total, err
	}
	if err = f.out.Sync(); err != nil {
		return total, err
	}
	if err = f.out.Close(); err != nil {
		return total, err
	}
	_, seen, err := VerifyFile(f.out.Name())
	if err != nil {
		return total, fmt.Errorf("%w: %w", ErrUnverified, err)
	}
	if seen != total {
		return total, ErrUnverified
	}
	if err = f.giveName(); err != nil {
		return total, err
	}
	return total, syncFolder(filepath.Dir(f.path))
}

// giveName renames. Where nothing may be overwritten, a link does it: it fails where a file has come meanwhile.
func (f *File) giveName() error {
	if f.overwrite {
		return os.Rename(f.out.Name(), f.path)
	}
	err := os.Link(f.out.Name(), f.path)
	switch {
	case err == nil:
		return os.Remove(f.out.Name())
	case errors.Is(err, fs.ErrExist):
		return err
	}
	// A file system without links: a look must do.
	if _, err := os.Lstat(f.path); !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "create", Path: f.path, Err: ErrExists}
	}
	return os.Rename(f.out.Name(), f.path)
}

// Discard gives the backup up and removes what was written.
func (f *File) Discard() {
	f.drop()
	f.removed()
}

func (f *File) removed() {
	_ = f.out.Close() // it may be closed already
	_ = os.Remove(f.out.Name())
}

// syncFolder makes the new name last. Windows knows no such thing, some file systems neither.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path) //nolint:gosec // the folder of the operator's own choice
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // only read
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

// SpaceError is a disk on which the backup will not fit.
type SpaceError struct {
	Need, Free int64 // bytes: what is still to come, by what came so far, and what there is
}

func (e *SpaceError) Error() string { return fmt.Sprintf("%d bytes to come, %d free", e.Need, e.Free) }

// Unwrap says what it would end in.
func (e *SpaceError) Unwrap() error { return syscall.ENOSPC }

// lookEvery is after how many bytes the room on the disk is looked at again.
const lookEvery = 4 << 20

// Expect tells how far the backup is, in keys, and fails early where the disk cannot hold the rest of it, as far as both are known.
func (f *File) Expect(done, total int64) error {
	written := f.written.Load()
	if done <= 0 || total <= done || written-f.looked < lookEvery {
		return nil
	}
	f.looked = written
	free, known := freeSpace(filepath.Dir(f.path))
	need := int64(min(float64(written)/float64(done)*float64(total-done), math.MaxInt64/2))
	if known && free < need {
		return &SpaceError{Need: need, Free: free}
	}
	return nil
}

// Verify reads a whole backup; each, which may be nil, is given every key, without its payload. Where the error is nil, the backup is
// whole and right.
func Verify(from io.Reader, each func(Record) error) (Header, Summary, error) {
	r, err := NewReader(from)
	if err != nil {
		return Header{}, Summary{}, err
	}
	defer r.Close()
	for {
		rec, err := r.NextName()
		if errors.Is(err, io.EOF) {
			return r.Header, r.total, nil
		}
		if err == nil && each != nil {
			err = each(rec)
		}
		if err != nil {
			return r.Header, r.total, err
		}
	}
}

// VerifyFile is Verify of a file.
func VerifyFile(path string) (Header, Summary, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own choice
	if err != nil {
		return Header{}, Summary{}, err
	}
	defer f.Close() //nolint:errcheck // only read
	return Verify(f, nil)
}

// Names are the names of the keys that a backup holds, one at a time; each is valid until the next. An error is the last that comes.
func Names(path string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f, err := os.Open(path) //nolint:gosec // the operator's own choice
		if err != nil {
			yield(nil, err)
			return
		}
		defer f.Close() //nolint:errcheck // only read
		if _, _, err := Verify(f, func(r Record) error {
			if !yield(r.Key, nil) {
				return errEnough
			}
			return nil
		}); err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// errEnough ends a reading where no more is wanted.
var errEnough = errors.New("enough")
