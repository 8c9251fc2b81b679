package snapshot

import (
	"cmp"
	"fmt"

	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

// ClusterInfo is CLUSTER INFO, as one node sees it.
type ClusterInfo struct {
	State         string                 `json:"cluster_state,omitzero"` // «ok», «fail»
	SlotsAssigned Opt[int64]             `json:"cluster_slots_assigned,omitzero"`
	SlotsOK       Opt[int64]             `json:"cluster_slots_ok,omitzero"`
	SlotsPFail    Opt[int64]             `json:"cluster_slots_pfail,omitzero"`
	SlotsFail     Opt[int64]             `json:"cluster_slots_fail,omitzero"`
	KnownNodes    Opt[int64]             `json:"cluster_known_nodes,omitzero"`
	Size          Opt[int64]             `json:"cluster_size,omitzero"`
	CurrentEpoch  Opt[int64]             `json:"cluster_current_epoch,omitzero"`
	Raw           TextMap[TextMap[Text]] `json:"raw,omitzero"`
}

// ParseClusterInfo reads CLUSTER INFO.
func ParseClusterInfo(reply any) (ClusterInfo, error) {
	text, ok := reply.(string)
	if !ok {
		return ClusterInfo{}, fmt.Errorf("cluster info: %w", errShape)
	}
	lines := infoLines(text)
	values := map[string]string{}
	for _, l := range lines {
		values[l.name] = l.value
	}
	var info ClusterInfo
	fill(&info, values)
	rest := Info{}
	for _, l := range lines {
		if _, unknown := values[l.name]; unknown {
			rest.keepRaw(l)
		}
	}
	info.Raw = rest.Raw
	return info, nil
}

// SlotRange is slots from First to Last, both included.
type SlotRange struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// ClusterNode is one server of a shard.
type ClusterNode struct {
	ID      Text       `json:"id,omitzero"`
	Host    Text       `json:"host,omitzero"` // as announced; «» or «?» where the node does not know
	Port    int64      `json:"port,omitzero"` // the TLS port where there is no plain one
	Primary bool       `json:"primary"`
	Health  string     `json:"health,omitzero"` // «online», «failed», «loading»; only CLUSTER SHARDS tells
	Offset  Opt[int64] `json:"replication_offset,omitzero"`
}

// Shard is a primary, its replicas and their slots.
type Shard struct {
	Slots []SlotRange   `json:"slots,omitzero"`
	Nodes []ClusterNode `json:"nodes,omitzero"`
}

// clusterSlots is how many slots a cluster has.
const clusterSlots = 16384

// Uncovered lists the slots that no shard has.
func Uncovered(shards []Shard) []SlotRange {
	var have []SlotRange
	for _, s := range shards {
		have = append(have, s.Slots...)
	}
	sorting.By(have, func(a, b SlotRange) int { return cmp.Compare(a.First, b.First) })
	var gaps []SlotRange
	next := int64(0)
	for _, r := range have {
		if r.First > next {
			gaps = append(gaps, SlotRange{next, min(r.First, clusterSlots) - 1})
		}
		if r.Last >= next {
			next = min(r.Last, clusterSlots) + 1
		}
	}
	if next < clusterSlots {
		gaps = append(gaps, SlotRange{next, clusterSlots - 1})
	}
	return gaps
}

// ParseClusterSlots reads CLUSTER SLOTS; ranges of the same primary are one shard.
func ParseClusterSlots(reply any) ([]Shard, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("cluster slots: %w", errShape)
	}
	shards := []Shard{}
	index := map[ClusterNode]int{}
	for _, element := range list {
		fields, ok := element.([]any)
		if !ok || len(fields) < 3 {
			return nil, fmt.Errorf("cluster slots: %w", errShape)
		}
		first, ok1 := intOf(fields[0])
		last, ok2 := intOf(fields[1])
		nodes, ok3 := slotNodes(fields[2:])
		if !ok1 || !ok2 || !ok3 {
			return nil, fmt.Errorf("cluster slots: %w", errShape)
		}
		i, known := index[nodes[0]]
		if !known {
			i = len(shards)
			index[nodes[0]] = i
			shards = append(shards, Shard{Nodes: nodes})
		}
		shards[i].Slots = append(shards[i].Slots, SlotRange{first, last})
	}
	return shards, nil
}

func slotNodes(list []any) ([]ClusterNode, bool) {
	nodes := make([]ClusterNode, 0, len(list))
	for i, element := range list {
		fields, ok := element.([]any)
		if !ok || len(fields) < 2 {
			return nil, false
		}
		host, _ := textOf(fields[0]) // nil where the node does not know its address
		port, ok := intOf(fields[1])
		if !ok {
			return nil, false
		}
		n := ClusterNode{Host: Text(host), Port: port, Primary: i == 0}
		if len(fields) > 2 {
			id, _ := textOf(fields[2]) // "" where it is not text
			n.ID = Text(id)
		}
		nodes = append(nodes, n)
	}
	return nodes, true
}

// ParseClusterShards reads CLUSTER SHARDS, which exists since Redis 7.0.
func ParseClusterShards(reply any) ([]Shard, error) {
	list, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("cluster shards: %w", errShape)
	}
	shards := make([]Shard, 0, len(list))
	for _, element := range list {
		pairs, ok := mapOf(element)
		if !ok {
			return nil, fmt.Errorf("cluster shards: %w", errShape)
		}
		var s Shard
		for _, p := range pairs {
			values, ok := p.value.([]any)
			if !ok {
				continue
			}
			switch p.name {
			case "slots":
				s.Slots = slotRanges(values)
			case "nodes":
				s.Nodes = shardNodes(values)
			}
		}
		shards = append(shards, s)
	}
	return shards, nil
}

func slotRanges(list []any) []SlotRange {
	var ranges []SlotRange
	for i := 0; i+1 < len(list); i += 2 {
		first, ok1 := intOf(list[i])
		last, ok2 := intOf(list[i+1])
		if ok1 && ok2 {
			ranges = append(ranges, SlotRange{first, last})
		}
	}
	return ranges
}

func shardNodes(list []any) []ClusterNode {
	var nodes []ClusterNode
	for _, element := range list {
		values, err := valuesOf(element)
		if err != nil {
			continue // a node of an unknown shape says nothing
		}
		host := values["endpoint"]
		if host == "" || host == "?" {
			host = cmp.Or(values["ip"], host)
		}
		n := ClusterNode{
			ID: Text(values["id"]), Host: Text(host), Primary: values["role"] == "master", Health: word(values["health"]),
		}
		if port, ok := intOf(cmp.Or(values["port"], values["tls-port"])); ok {
			n.Port = port
		}
		if offset, ok := intOf(values["replication-offset"]); ok {
			n.Offset = Some(offset)
		}
		nodes = append(nodes, n)
	}
	return nodes
}
