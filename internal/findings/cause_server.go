package findings

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

// refineServer finds what is behind a server that answers and does not work. INFO answers under OOM, MISCONF, LOADING,
// READONLY and MASTERDOWN, and not under BUSY.
func refineServer(v *view, raw finding.Finding) (finding.Finding, bool) {
	n, i, known := v.infoAt(raw.Subject)
	switch raw.ID {
	case "server-quota-requests", "server-quota-size", "server-quota-connections":
		return with(raw, append(quotaOf(raw), v.provider()...)...), true
	case "server-db-range":
		return v.databaseMissing(raw), true
	case "server-busy":
		return with(raw, ev("kill", killOf(raw), "server")), true
	case "server-unknown-command":
		return v.unknownCommand(raw, n, &i, known), true
	case "server-max-clients", "server-protected-mode":
		return with(raw, append(v.provider(), v.system()...)...), true
	}
	if !known {
		return finding.Finding{}, false
	}
	switch raw.ID {
	case "server-loading":
		return with(raw, append(loadingEvidence(&i), v.of(n).home(&i)...)...), true
	case "server-oom":
		return with(outOfMemory(raw, &i), append(v.provider(), v.settable(n, raw.ID)...)...), true
	case "server-misconf":
		return v.cannotSave(raw, n, &i), true
	case "server-readonly":
		return v.isReplica(raw, n, &i), true
	case "server-masterdown":
		return with(raw, linkEvidence(&i)...), true
	case "server-noreplicas":
		return with(raw, append(goodReplicas(n, &i), v.settable(n, raw.ID)...)...), true
	case "server-cluster-down":
		return with(raw, v.clusterEvidence()...), true
	case "write-vanished":
		return with(raw, evictionEvidence(&i)...), true
	}
	return finding.Finding{}, false
}

// quotaOf reads the numbers out of «ERR max requests limit exceeded. Limit: 500000, Usage: 500000. See …».
func quotaOf(raw finding.Finding) []finding.Evidence {
	reply, _ := raw.Value("reply").(string)
	var seen []finding.Evidence
	for _, part := range []struct{ label, name string }{{"limit: ", "limit"}, {"usage: ", "usage"}} {
		_, rest, ok := strings.Cut(strings.ToLower(reply), part.label)
		if !ok {
			continue
		}
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		n, err := strconv.ParseInt(digits, 10, 64)
		unit, _, _ := strings.Cut(strings.TrimSpace(rest[len(digits):]), ",")
		switch {
		case err != nil:
		case raw.ID == "server-quota-size":
			if n = bytesOf(n, strings.TrimRight(unit, ".")); n > 0 {
				seen = append(seen, evUnit(part.name+"_bytes", n, "bytes", "server"))
			}
		default:
			seen = append(seen, ev(part.name, n, "server"))
		}
	}
	return seen
}

// bytesOf is a size in words such as «256MB»; 0 for a unit that is not known.
func bytesOf(n int64, unit string) int64 {
	for i, known := range []string{"b", "kb", "mb", "gb", "tb"} {
		if u := strings.ToLower(unit); u == known || i == 0 && (u == "" || u == "bytes") {
			if n > math.MaxInt64>>(10*i) {
				return 0
			}
			return n << (10 * i)
		}
	}
	return 0
}

// databaseMissing: a cluster has database 0 only, as most providers' services do.
func (v *view) databaseMissing(raw finding.Finding) finding.Finding {
	f := with(raw, v.provider()...)
	reply, _ := raw.Value("reply").(string)
	if v.Trace.Server.Mode == "cluster" || strings.Contains(strings.ToLower(reply), "cluster mode") {
		return with(f, ev("mode", "cluster", "HELLO"), ev("only_db", 0, "server"))
	}
	if p, ok := provider.Lookup(v.Target.Provider); ok && p.OneDatabase {
		return with(f, ev("only_db", 0, "server"))
	}
	return f
}

// killOf is what stops the script: functions have their own word.
func killOf(raw finding.Finding) string {
	if reply, _ := raw.Value("reply").(string); strings.Contains(reply, "FUNCTION KILL") {
		return "FUNCTION KILL"
	}
	return "SCRIPT KILL"
}

// unknownCommand names it: «ERR unknown command 'SET'», before Redis 7 with `…` around it. A configuration may rename any.
func (v *view) unknownCommand(raw finding.Finding, n *snapshot.Node, i *snapshot.Info, known bool) finding.Finding {
	f := with(raw, v.provider()...)
	if known && i.Server.ConfigFile != "" {
		f = with(f, append(v.of(n).home(i), ev("config_file", string(i.Server.ConfigFile), "INFO server"))...)
	}
	reply, _ := raw.Value("reply").(string)
	_, rest, _ := strings.Cut(reply, "ommand ")
	name := strings.Trim(rest, "'`.")
	if at := strings.IndexAny(name, "'`,"); at >= 0 {
		name = name[:at]
	}
	if name == "" || strings.ContainsAny(name, " \t") {
		return f
	}
	return with(f, ev("command", strings.ToUpper(name), "server"))
}

func loadingEvidence(i *snapshot.Info) []finding.Evidence {
	p := &i.Persistence
	seen := number("loaded_bytes", p.LoadingLoadedBytes, "bytes", "INFO persistence")
	seen = append(seen, number("total_bytes", p.LoadingTotalBytes, "bytes", "INFO persistence")...)
	if percent, ok := p.LoadingPercent.Get(); ok {
		seen = append(seen, evUnit("loaded", percent/100, "ratio", "INFO persistence"))
	}
	return append(seen, number("left_s", p.LoadingETASeconds, "s", "INFO persistence")...)
}

// volatileShare is how many of a hundred keys may have a time to live where «(almost) none has».
const volatileShare = 5

// outOfMemory: where only keys with a time to live may be evicted and there are none, more memory would fill just as well.
func outOfMemory(raw finding.Finding, i *snapshot.Info) finding.Finding {
	seen := number("used_bytes", i.Memory.Used, "bytes", "INFO memory")
	if limit := i.Memory.Max.Or(0); limit > 0 {
		seen = append(seen, evUnit("limit_bytes", limit, "bytes", "INFO memory"))
	}
	if i.Memory.Policy != "" {
		seen = append(seen, ev("policy", i.Memory.Policy, "INFO memory"))
	}
	var keys, expiring int64
	for _, db := range i.Keyspace {
		keys += db.Keys.Or(0)
		expiring += db.Expires.Or(0)
	}
	seen = append(seen, ev("keys", keys, "INFO keyspace"), ev("keys_with_ttl", expiring, "INFO keyspace"))
	seen = append(seen, queueEvidence(i)...)
	if strings.HasPrefix(i.Memory.Policy, "volatile-") && expiring*100 <= keys*volatileShare {
		raw.ID = "server-oom-volatile"
	}
	return with(raw, seen...)
}

// cannotSave: what fails, where to, and whether that place is one that an intruder chose.
func (v *view) cannotSave(raw finding.Finding, n *snapshot.Node, i *snapshot.Info) finding.Finding {
	if o := judgeIntrusion(v); len(o.found) > 0 {
		return with(o.found[0], raw.Evidence...)
	}
	f := with(raw, savingEvidence(n, i)...)
	reply, _ := raw.Value("reply").(string)
	if _, why, ok := strings.Cut(reply, "AOF file: "); ok && why != "" {
		f = with(f, ev("error", why, "server"))
	}
	return with(f, append(v.of(n).home(i), v.provider()...)...)
}

// isReplica: which primary, and how the link to it is.
func (v *view) isReplica(raw finding.Finding, n *snapshot.Node, i *snapshot.Info) finding.Finding {
	if seen := v.of(n).strangePrimary(n, i); seen != nil {
		f := finding.Finding{ID: "security-intrusion", Severity: critical, Evidence: seen}
		return with(f, raw.Evidence...)
	}
	if primary, err := netip.ParseAddr(string(i.Replication.MasterHost)); err == nil && public(primary.Unmap()) &&
		!v.managed() && !slices.ContainsFunc(v.peers(), public) {
		raw = with(raw, ev("stranger", true, "INFO replication")) // it may be right; nobody should be sent there unasked
	}
	return with(raw, linkEvidence(i)...)
}

// linkEvidence is the primary and the state of the link to it.
func linkEvidence(i *snapshot.Info) []finding.Evidence {
	r := &i.Replication
	var seen []finding.Evidence
	if primary := snapshot.HostPort(r.MasterHost, r.MasterPort); primary != "" {
		seen = append(seen, ev("primary", primary, "INFO replication"))
	}
	if r.MasterLink != "" {
		seen = append(seen, ev("link", r.MasterLink, "INFO replication"))
	}
	if down, ok := r.LinkDownSeconds.Get(); ok && down >= 0 {
		seen = append(seen, evUnit("down_s", float64(down), "s", "INFO replication"))
	} else if up, told := i.Server.UptimeSeconds.Get(); told && r.MasterLink == "down" { // it tells −1: there never was a link
		seen = append(seen, evUnit("never_s", float64(up), "s", "INFO server"))
	}
	return seen
}

// goodReplicas is how many replicas are wanted before a write, and how many are good.
func goodReplicas(n *snapshot.Node, i *snapshot.Info) []finding.Evidence {
	seen := number("good", i.Replication.GoodSlaves, "", "INFO replication")
	seen = append(seen, number("connected", i.Replication.ConnectedSlaves, "", "INFO replication")...)
	if wanted, ok := n.Config.Value.Int("min-replicas-to-write"); ok && n.Config.Known() {
		seen = append(seen, ev("wanted", wanted, "CONFIG GET min-replicas-to-write"))
	}
	return seen
}

// evictionEvidence: a key that vanishes at once was evicted, or somebody empties the database.
func evictionEvidence(i *snapshot.Info) []finding.Evidence {
	seen := number("evicted", i.Stats.Evicted, "", "INFO stats")
	flushes := i.Commands["flushall"].Calls.Or(0) + i.Commands["flushdb"].Calls.Or(0)
	if flushes > 0 {
		seen = append(seen, ev("flushes", flushes, "INFO commandstats"))
	}
	return seen
}
