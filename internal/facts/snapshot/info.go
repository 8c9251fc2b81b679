package snapshot

import (
	"slices"
	"strconv"
	"strings"
)

// The products that can be told apart.
const (
	ProductRedis     = "redis"
	ProductValkey    = "valkey"
	ProductKeyDB     = "keydb"
	ProductDragonfly = "dragonfly"
	ProductUnknown   = "unknown"
)

// Info is INFO, typed. What no field is there for is in Raw.
type Info struct {
	Product     string                      `json:"product"`          // one of the Product constants
	Version     string                      `json:"version,omitzero"` // of the product
	Server      ServerInfo                  `json:"server,omitzero"`
	Clients     ClientsInfo                 `json:"clients,omitzero"`
	Memory      MemoryInfo                  `json:"memory,omitzero"`
	Persistence PersistenceInfo             `json:"persistence,omitzero"`
	Stats       StatsInfo                   `json:"stats,omitzero"`
	Replication ReplicationInfo             `json:"replication,omitzero"`
	CPU         CPUInfo                     `json:"cpu,omitzero"`
	Cluster     ClusterSection              `json:"cluster,omitzero"`
	Modules     []Module                    `json:"modules,omitzero"`
	Commands    TextMap[CommandStat]        `json:"commandstats,omitzero"`
	Errors      TextMap[int64]              `json:"errorstats,omitzero"`   // «OOM» to how often, since Redis 6.2
	Latencies   TextMap[map[string]float64] `json:"latencystats,omitzero"` // command to «p99» to µs, since Redis 7
	Keyspace    map[int]Keyspace            `json:"keyspace,omitzero"`     // by database; empty databases are not listed
	Raw         TextMap[TextMap[Text]]      `json:"raw,omitzero"`          // section (lower case) to field to value
}

// infoLine is one field and where it stood.
type infoLine struct{ section, name, value string }

// ParseInfo reads INFO's text. It understands what it can: a field may stand in any section, a value of an unexpected
// kind goes to Raw. It has no way to fail; HasFields tells whether there was anything at all.
func ParseInfo(text string) Info {
	var info Info
	lines := infoLines(text)
	values := map[string]string{}
	var rest []infoLine
	for _, l := range lines {
		if info.listed(l) {
			continue
		}
		if _, twice := values[l.name]; !twice {
			values[l.name] = l.value
		}
		rest = append(rest, l)
	}
	for _, section := range []any{
		&info.Server, &info.Clients, &info.Memory, &info.Persistence, &info.Stats,
		&info.Replication, &info.CPU, &info.Cluster,
	} {
		fill(section, values)
	}
	for _, l := range rest {
		if _, unknown := values[l.name]; unknown {
			info.keepRaw(l)
		}
	}
	info.recognise(lines)
	return info
}

// HasFields tells an INFO with content from an empty one, with which old servers answer a section they do not know.
func (i *Info) HasFields() bool {
	return i.Server != ServerInfo{} || i.Stats != StatsInfo{} || i.Clients != ClientsInfo{} || i.Memory != MemoryInfo{} ||
		len(i.Raw) > 0
}

func infoLines(text string) []infoLine {
	var (
		lines   []infoLine
		section string
	)
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if title, ok := strings.CutPrefix(line, "#"); ok {
			section = strings.ToLower(strings.TrimSpace(title))
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok && name != "" {
			lines = append(lines, infoLine{section, name, value})
		}
	}
	return lines
}

// listed reads the lines whose names are made up of something counted: dbN, slaveN, cmdstat_X and their like.
func (i *Info) listed(l infoLine) bool {
	if command, ok := strings.CutPrefix(l.name, "cmdstat_"); ok {
		var stat CommandStat
		fill(&stat, pairsOf(l.value, ","))
		put(&i.Commands, Text(command), stat)
		return true
	}
	if name, ok := strings.CutPrefix(l.name, "errorstat_"); ok {
		return i.errorStat(name, l.value)
	}
	if command, ok := strings.CutPrefix(l.name, "latency_percentiles_usec_"); ok {
		return i.latencyStat(command, l.value)
	}
	if number, ok := strings.CutPrefix(l.name, "db"); ok && strings.HasPrefix(l.value, "keys=") {
		db, err := strconv.Atoi(number)
		if err != nil || db < 0 {
			return false
		}
		var keys Keyspace
		fill(&keys, pairsOf(l.value, ","))
		put(&i.Keyspace, db, keys)
		return true
	}
	if number, ok := strings.CutPrefix(l.name, "slave"); ok && strings.HasPrefix(l.value, "ip=") {
		if _, err := strconv.ParseUint(number, 10, 32); err != nil {
			return false
		}
		var replica Replica
		fill(&replica, pairsOf(l.value, ","))
		i.Replication.Replicas = append(i.Replication.Replicas, replica)
		return true
	}
	if l.name == "module" && strings.HasPrefix(l.value, "name=") {
		var module Module
		fill(&module, pairsOf(l.value, ","))
		i.Modules = append(i.Modules, module)
		return true
	}
	return false
}

func (i *Info) errorStat(name, value string) bool {
	n, err := strconv.ParseInt(strings.TrimPrefix(value, "count="), 10, 64)
	if err != nil {
		return false
	}
	put(&i.Errors, Text(name), n)
	return true
}

func (i *Info) latencyStat(command, value string) bool {
	at := map[string]float64{}
	for name, text := range pairsOf(value, ",") {
		if usec, ok := number(text); ok {
			at[word(name)] = usec
		}
	}
	put(&i.Latencies, Text(command), at)
	return len(at) > 0
}

func put[M ~map[K]V, K comparable, V any](m *M, key K, value V) {
	if *m == nil {
		*m = M{}
	}
	(*m)[key] = value
}

func (i *Info) keepRaw(l infoLine) {
	if i.Raw[Text(l.section)] == nil {
		put(&i.Raw, Text(l.section), TextMap[Text]{})
	}
	i.Raw[Text(l.section)][Text(l.name)] = Text(l.value)
}

// recognise names the product. Forks keep redis_version for compatibility, so their own marks are looked for first.
func (i *Info) recognise(lines []infoLine) {
	s := &i.Server
	i.Version = s.RedisVersion
	foreign := slices.ContainsFunc(lines, func(l infoLine) bool {
		switch l.name { // compatible servers that are none of the four
		case "upstash_version", "kvrocks_version", "garnet_version", "rlec_version":
			return true
		}
		return false
	})
	keydb := s.MVCCDepth.Known() || strings.Contains(string(s.Executable), "keydb") ||
		slices.ContainsFunc(lines, func(l infoLine) bool { return l.section == "keydb" })
	switch {
	case s.DragonflyVersion != "":
		i.Product, i.Version = ProductDragonfly, strings.TrimPrefix(strings.TrimPrefix(s.DragonflyVersion, "df-"), "v")
	case s.ValkeyVersion != "" || s.ServerName == "valkey":
		i.Product = ProductValkey
		if s.ValkeyVersion != "" {
			i.Version = s.ValkeyVersion
		}
	case keydb:
		i.Product = ProductKeyDB
	case s.RedisVersion != "" && !foreign:
		i.Product = ProductRedis
	default:
		i.Product = ProductUnknown
	}
}
