//go:build linux || darwin

package backup

import "syscall"

// freeSpace is how many bytes this user may still write in a folder.
func freeSpace(folder string) (bytes int64, known bool) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return 0, false
	}
	return int64(fs.Bavail) * int64(fs.Bsize), true //nolint:gosec,unconvert // their types differ between systems; below 2^63
}
