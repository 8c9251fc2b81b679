package findings

import (
	"cmp"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

const (
	// clientBuffer is MEMORY DOCTOR's limit for the buffers of one ordinary client, in bytes (Redis 7, getMemoryDoctorReport).
	clientBuffer = 200 << 10
	// replicaBuffers is MEMORY DOCTOR's limit for those of all replicas.
	replicaBuffers = 10 * mega
	// bufferShare is the share of maxmemory that buffers take from the data before a small server has a trouble: they count,
	// and keys are evicted for them.
	bufferShare = 0.2
)

// heavy tells buffers that the machine, or the data beside them, miss.
func heavy(buffers int64, i *snapshot.Info) bool {
	limit := i.Memory.Max.Or(0)
	return buffers >= wasted || limit > 0 && buffers >= replicaBuffers && float64(buffers) >= bufferShare*float64(limit)
}

func judgeClientBuffers(v *view) outcome {
	const id, source = "memory-client-buffers", "INFO memory"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		buffers, ok1 := i.Memory.ClientBuffers.Get()
		clients, ok2 := i.Clients.Connected.Get()
		if !ok1 || !ok2 {
			return skip(ReasonUnsupported, "INFO memory: mem_clients_normal", id)
		}
		replicas := i.Replication.ConnectedSlaves.Or(0)
		if ordinary := max(clients-replicas, 1); heavy(buffers, i) && buffers/ordinary > clientBuffer {
			seen := append([]finding.Evidence{evUnit("buffers_bytes", buffers, "bytes", source), evCount("clients", clients, "INFO clients")},
				heaviest(n.Clients)...)
			return v.on(n, id, warning, seen...)
		}
		if waiting := i.Memory.ReplicaBuffers.Or(0); replicas > 0 && heavy(waiting, i) {
			return v.on(n, id, warning, evUnit("buffers_bytes", waiting, "bytes", source), evCount("replicas", replicas, "INFO replication"))
		}
		return fine()
	}, id)
}

// heaviest is evidence of the client for which most is kept.
func heaviest(f snapshot.Fact[snapshot.ClientList]) []finding.Evidence {
	list, ok := f.Get()
	if !ok || len(list.Listed) == 0 {
		return nil
	}
	kept := func(c snapshot.Client) int64 { return max(c.TotMem.Or(0), c.OMem.Or(0)+c.QBuf.Or(0)) }
	c := slices.MaxFunc(list.Listed, func(a, b snapshot.Client) int { return cmp.Compare(kept(a), kept(b)) })
	if kept(c) <= clientBuffer {
		return nil
	}
	return []finding.Evidence{
		ev("client", cmp.Or(string(c.Name), string(c.Addr)), "CLIENT LIST"), evUnit("client_bytes", kept(c), "bytes", "CLIENT LIST"),
		ev("client_command", string(c.Cmd), "CLIENT LIST"),
	}
}
