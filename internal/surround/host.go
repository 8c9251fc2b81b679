package surround

import (
	"context"
	"strconv"
	"strings"
)

// Where the host's memory settings are read.
const (
	sourceMeminfo    = "/proc/meminfo"
	sourceOvercommit = "/proc/sys/vm/overcommit_memory"
	sourceHugePages  = "/sys/kernel/mm/transparent_hugepage/enabled"
)

func (l *look) memory(context.Context) Fact[Memory] {
	return readFact(l, sourceMeminfo[1:], parseMeminfo)
}

func (l *look) overcommit(context.Context) Fact[int] {
	return readFact(l, sourceOvercommit[1:], func(text string) (int, bool) {
		mode, err := strconv.Atoi(strings.TrimSpace(text))
		return mode, err == nil && mode >= 0 && mode <= 2
	})
}

func (l *look) hugePages(context.Context) Fact[string] {
	return readFact(l, sourceHugePages[1:], func(text string) (string, bool) {
		_, rest, _ := strings.Cut(text, "[")
		mode, _, ok := strings.Cut(rest, "]")
		return mode, ok && (mode == "always" || mode == "madvise" || mode == "never")
	})
}

func parseMeminfo(text string) (Memory, bool) {
	var m Memory
	for line := range strings.Lines(text) {
		fields := strings.Fields(line) // MemTotal:  24684092 kB
		if len(fields) != 3 || fields[2] != "kB" {
			continue
		}
		kib, err := strconv.ParseInt(fields[1], 10, 52) // 52 bits: times 1024 still fits
		if err != nil || kib < 0 {
			continue
		}
		switch fields[0] {
		case "MemTotal:":
			m.TotalBytes = kib << 10
		case "MemAvailable:":
			m.AvailableBytes = kib << 10
		}
	}
	return m, m.TotalBytes > 0
}
