package surround

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	// sourceUnits is the question to systemd.
	sourceUnits = "systemctl show"
	// maxUnits bounds how many units are kept.
	maxUnits = 16
)

// unitNames are those of the distributions' packages, and of instances made from templates.
var unitNames = []string{
	"redis-server.service", "redis.service", "valkey-server.service", "valkey.service", "keydb-server.service",
	"keydb.service", "redis-stack-server.service", "dragonfly.service",
	"redis@*.service", "redis-server@*.service", "valkey@*.service", "valkey-server@*.service",
}

// unitProperties are what is asked of each.
const unitProperties = "Id,LoadState,ActiveState,SubState,UnitFileState,Result,ExecMainCode,ExecMainStatus," +
	"NRestarts,MainPID,FragmentPath"

func (l *look) units(ctx context.Context) Fact[[]Unit] {
	path, err := l.LookPath("systemctl")
	if err != nil {
		return unseen[[]Unit](Missing, sourceUnits, "")
	}
	args := append([]string{"show", "--no-pager", "--property=" + unitProperties}, unitNames...)
	out := l.run(ctx, false, path, args...)
	units, ok := parseUnits(out.stdout)
	if out.err != nil || !out.cut && out.code != 0 || !ok {
		return unseen[[]Unit](systemdStatus(out), sourceUnits, l.clean(out.words()))
	}
	var all sync.WaitGroup
	for i := range units {
		if units[i].ActiveState != "active" {
			all.Go(func() { units[i].Journal = l.journal(ctx, units[i].Name) })
		}
	}
	all.Wait()
	return seen(sourceUnits, units)
}

// systemdStatus sorts what systemctl and journalctl say instead of an answer.
func systemdStatus(out output) Status {
	words := strings.ToLower(out.stderr + out.stdout)
	switch {
	case out.err != nil:
		return out.status()
	case strings.Contains(words, "not been booted with systemd"), strings.Contains(words, "host is down"):
		return Missing
	case strings.Contains(words, "no such file or directory"): // no bus: a container that has systemctl and no systemd
		return Missing
	case strings.Contains(words, "permission"), strings.Contains(words, "not permitted"),
		strings.Contains(words, "access denied"):
		return Denied
	default:
		return Failed
	}
}

// parseUnits reads the blocks of systemctl show, leaving out units that do not exist and second names of one; false
// where it finds no block at all.
func parseUnits(text string) ([]Unit, bool) {
	units, known := []Unit{}, false
	for block := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		properties := map[string]string{}
		for line := range strings.Lines(block) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
				properties[name] = cut(strings.ToValidUTF8(value, "\uFFFD"))
			}
		}
		number := func(name string) int {
			n, err := strconv.Atoi(properties[name])
			if err != nil {
				return 0 // systemd prints "[not set]"
			}
			return n
		}
		u := Unit{
			Name: properties["Id"], LoadState: properties["LoadState"], ActiveState: properties["ActiveState"],
			SubState: properties["SubState"], UnitFileState: properties["UnitFileState"], Result: properties["Result"],
			ExecMainCode: number("ExecMainCode"), ExecMainStatus: number("ExecMainStatus"), Restarts: number("NRestarts"),
			MainPID: number("MainPID"), FragmentPath: properties["FragmentPath"],
		}
		if !strings.HasSuffix(u.Name, ".service") || strings.HasPrefix(u.Name, "-") || u.LoadState == "" {
			continue
		}
		known = true
		again := slices.ContainsFunc(units, func(other Unit) bool { return other.Name == u.Name })
		if u.LoadState != "not-found" && !again && len(units) < maxUnits {
			units = append(units, u)
		}
	}
	return units, known
}

func (l *look) journal(ctx context.Context, unit string) Fact[[]string] {
	source := "journalctl -u " + unit + " -n 5"
	path, err := l.LookPath("journalctl")
	if err != nil {
		return unseen[[]string](Missing, source, "")
	}
	out := l.run(ctx, false, path, "-u", unit, "-n", strconv.Itoa(logLines), "--no-pager")
	lines := l.lastLines(&masker{}, out.stdout, logLines)
	// A user outside the group systemd-journal is told so on stderr, with exit code 0 and no lines or few.
	blind := len(lines) == 0 && strings.Contains(out.stderr, "permission")
	if out.err != nil || !out.cut && out.code != 0 || blind {
		return unseen[[]string](systemdStatus(out), source, l.clean(out.words()))
	}
	return seen(source, lines)
}
