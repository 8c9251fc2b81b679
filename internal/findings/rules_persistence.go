package findings

import (
	"path"
	"slices"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/surround/scene"
)

var persistenceRules = []rule{
	{[]string{"persistence-failing"}, judgeSaving},
	{[]string{"persistence-off"}, judgeNotSaving},
}

// judgeSaving: the last save failed. Where snapshots have been switched off since, that state stays for ever and means
// nothing, unless a replica waits for one.
func judgeSaving(v *view) outcome {
	const id = "persistence-failing"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		p := &i.Persistence
		snapshots, known := snapshotsOn(n)
		abandoned := known && !snapshots && i.Replication.ConnectedSlaves.Or(0) == 0
		switch {
		case len(strangePlace(n)) > 0:
			return fine() // security-intrusion says more
		case p.AOF.Or(false) && p.AOFWriteStatus == "err", p.LastSaveStatus == "err" && !abandoned:
			return v.on(n, id, critical, append(savingEvidence(n, i), v.of(n).home(i)...)...)
		case p.AOF.Or(false) && p.AOFRewriteStatus == "err":
			// Writes are kept; the file only grows.
			return v.on(n, id, warning, append(savingEvidence(n, i), v.of(n).home(i)...)...)
		case p.LastSaveStatus == "" && p.AOFWriteStatus == "":
			return skip(ReasonUnsupported, "INFO persistence", id)
		}
		return fine()
	}, id)
}

// snapshotsOn tells whether RDB files are written by themselves, and whether that is known.
func snapshotsOn(n *snapshot.Node) (on, known bool) {
	f := n.Setting("save")
	return f.Value != "", f.Known()
}

// savingEvidence is what of saving fails, where to, and since when.
func savingEvidence(n *snapshot.Node, i *snapshot.Info) []finding.Evidence {
	p := &i.Persistence
	var seen []finding.Evidence
	switch {
	case p.AOF.Or(false) && p.AOFWriteStatus == "err":
		seen = append(seen, ev("what", "AOF", "INFO persistence"), ev("status", "aof_last_write_status:err", "INFO persistence"))
	case p.LastSaveStatus == "err":
		seen = append(seen, ev("what", "RDB", "INFO persistence"), ev("status", "rdb_last_bgsave_status:err", "INFO persistence"))
	case p.AOFRewriteStatus == "err":
		seen = append(seen, ev("what", "AOF rewrite", "INFO persistence"), ev("status", "aof_last_bgrewrite_status:err", "INFO persistence"))
	}
	const source = "CONFIG GET dir"
	switch dir, ok := n.Config.Value.Get("dir"); {
	case !ok || !n.Config.Known():
	case path.IsAbs(string(dir)):
		seen = append(seen, ev("dir", string(dir), source))
	case dir != "":
		seen = append(seen, ev("relative_dir", string(dir), source))
	case slices.Contains([]string{snapshot.ProductRedis, snapshot.ProductValkey, snapshot.ProductKeyDB}, i.Product):
		// They ask the system for the name of their folder: there is none where it was removed.
		seen = append(seen, ev("dir_gone", true, source))
	}
	if file, ok := n.Config.Value.Get("logfile"); ok && n.Config.Known() {
		seen = append(seen, ev("logfile", string(file), "CONFIG GET logfile"))
	}
	if at, ok := p.LastSave.Get(); ok && at > 0 {
		seen = append(seen, ev("last_save", time.Unix(at, 0).UTC().Format(time.RFC3339), "INFO persistence"))
	}
	return append(seen, number("changes", p.Changes, "", "INFO persistence")...)
}

// judgeNotSaving: nothing is kept over a restart. For a cache that may be just right.
func judgeNotSaving(v *view) outcome {
	const id = "persistence-off"
	if v.managed() {
		return v.managedSkip(id)
	}
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		aof, ok := i.Persistence.AOF.Get()
		switch {
		case !ok:
			return skip(ReasonUnsupported, "INFO persistence", id)
		case aof:
			return fine()
		}
		snapshots, known := snapshotsOn(n)
		if !known {
			return skipFact(n.Setting("save"), id)
		}
		if snapshots {
			return fine()
		}
		seen := []finding.Evidence{ev("aof", false, "INFO persistence"), ev("save", "", "CONFIG GET save")}
		if replicas := i.Replication.ConnectedSlaves.Or(0); replicas > 0 {
			// A primary that comes back empty makes its replicas empty too.
			seen = append(seen, ev("replicas", replicas, "INFO replication"))
		}
		return v.on(n, id, info, seen...)
	}, id)
}

// judgeOvercommit: to save, Redis forks, and the kernel may refuse a copy that would not fit.
func judgeOvercommit(v *view) outcome {
	const id = "persistence-overcommit"
	mode, ok := v.Around.Overcommit.Get()
	switch {
	case v.Server == nil:
		return skip(ReasonUnreachable, "", id)
	case !ok:
		return skipScene(v, v.Around.Overcommit, id)
	}
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		if !v.of(n).local() || !v.onThisHost(i) {
			return skip(ReasonNotAsked, "", id)
		}
		snapshots, known := snapshotsOn(n)
		forks := i.Persistence.AOF.Or(false) || !known || snapshots || i.Replication.ConnectedSlaves.Or(0) > 0
		if mode != 0 || !forks {
			return fine()
		}
		return v.on(n, id, info, append(number("used_bytes", i.Memory.Used, "bytes", "INFO memory"),
			ev("overcommit", mode, "/proc/sys/vm/overcommit_memory"))...)
	}, id)
}

// onThisHost tells whether a server on loopback really runs here and not behind a tunnel: it sees the same memory.
func (v *view) onThisHost(i *snapshot.Info) bool {
	total, told := i.Memory.TotalSystem.Get()
	here, seen := v.Around.Memory.Get()
	if !told {
		return false // Redis tells since 3.2; a service that does not is no process of this machine
	}
	if !seen || here.TotalBytes == 0 {
		return true
	}
	return max(total, here.TotalBytes)-min(total, here.TotalBytes) <= here.TotalBytes/100
}

// skipScene is skip for something around that was not seen.
func skipScene[T any](v *view, f scene.Fact[T], ids ...string) outcome {
	reason := ReasonUnsupported
	switch {
	case f.Status == scene.NotAsked && v.Offline:
		reason = ReasonOffline
	case f.Status == scene.NotAsked:
		reason = ReasonNotAsked
	case f.Status == scene.Denied:
		reason = ReasonRefused
	}
	detail := f.Source
	if f.Words != "" {
		detail += ": " + f.Words
	}
	return skip(reason, detail, ids...)
}
