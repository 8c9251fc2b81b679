package findings

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

const (
	// maxRunning is how many servers a sentence names.
	maxRunning = 3
	// busOffset is how far the bus of a cluster's node is above its port.
	busOffset = 10000
)

// running is evidence of servers of this machine that listen on other ports than the one that was asked for, as its table of
// sockets tells without a word to them: where, and how to reach the first; else the service that runs and hides its port.
func (v *view) running() []finding.Evidence {
	all, _ := v.Around.Sockets.Get()
	var where []string
	var seen []finding.Evidence
	for _, s := range all {
		if !slices.Contains(serverPrograms, s.Process) || s.Port == v.port() || s.Port == sentinelPort || isBus(all, s) {
			continue
		}
		at := net.JoinHostPort(s.Address, strconv.Itoa(s.Port))
		if a, err := netip.ParseAddr(s.Address); err == nil {
			if a = own(a); a.IsLoopback() && seen == nil {
				seen = append(seen, ev("found_port", s.Port, v.Around.Sockets.Source), ev("found_address", a.String(), v.Around.Sockets.Source))
			}
			at = net.JoinHostPort(a.String(), strconv.Itoa(s.Port))
		}
		if !slices.ContainsFunc(where, func(w string) bool { return strings.HasSuffix(w, ":"+strconv.Itoa(s.Port)) }) {
			where = append(where, at)
		}
	}
	if len(where) > 0 {
		return append(seen, ev("others", strings.Join(where[:min(len(where), maxRunning)], ", "), v.Around.Sockets.Source))
	}
	units, _ := v.Around.Units.Get()
	if i := slices.IndexFunc(units, func(u scene.Unit) bool { return u.ActiveState == "active" }); i >= 0 {
		return []finding.Evidence{ev("active_unit", units[i].Name, v.Around.Units.Source)}
	}
	return nil
}

// isBus tells the bus of a cluster's node, which is no port for clients.
func isBus(all []scene.Socket, s scene.Socket) bool {
	return s.PID != 0 && slices.ContainsFunc(all, func(o scene.Socket) bool { return o.PID == s.PID && o.Port == s.Port-busOffset })
}
