package vitals

import (
	"maps"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

func (v view) keyspace() Section {
	s := v.fromInfo(Keyspace, func(s *Section, all []*snapshot.Info) {
		if v.hidesKeys() {
			return
		}
		databases := map[int]database{}
		var total database
		for _, i := range all {
			for db, k := range i.Keyspace {
				one := databaseOf(k)
				databases[db] = databases[db].plus(one)
				total = total.plus(one)
			}
		}
		s.add("keys", total.keys, finding.Count)
		s.add("keys_with_ttl", total.expires, finding.Count)
		t := Table{Name: "databases"}
		for _, db := range slices.Sorted(maps.Keys(databases)) {
			d := databases[db]
			t.Rows = append(t.Rows, row(cell("db", int64(db), ""), cell("keys", d.keys, finding.Count),
				cell("keys_with_ttl", d.expires, finding.Count), cell("ttl_share", share(d.expires, d.keys), "ratio"),
				cell("avg_ttl_ms", d.meanTTL(), "ms")))
		}
		if len(t.Rows) > 0 {
			s.Tables = []Table{t}
		}
	})
	if keys := v.dbsize(); v.hidesKeys() && keys != nil {
		s.source = "DBSIZE"
		s.add("db", int64(v.Target.DB), "")
		s.add("db_keys", keys, finding.Count)
	}
	return s
}

// hidesKeys tells a server whose INFO is refused or has no list of databases, though there are keys. DBSIZE then is all that
// is known; more users may ask it than INFO.
func (v view) hidesKeys() bool {
	for _, i := range v.told() {
		if len(i.Keyspace) > 0 {
			return false
		}
	}
	keys, _ := v.dbsize().(int64)
	return len(v.told()) == 0 || keys > 0
}

// dbsize is how many keys the target's database holds; nil where a server does not tell.
func (v view) dbsize() any {
	var total int64
	for i := range v.Server.Nodes {
		n, ok := v.Server.Nodes[i].Keys.Get()
		if !ok {
			return nil
		}
		total += n
	}
	return total
}

// database is one database over all nodes.
type database struct {
	keys, expires int64
	ttl, weight   float64 // ms of all keys whose TTL the expire cycle has sampled, and how many they are
}

func databaseOf(k snapshot.Keyspace) database {
	d := database{keys: k.Keys.Or(0), expires: k.Expires.Or(0)}
	if mean := k.AvgTTL.Or(0); mean > 0 { // 0: not sampled yet
		d.weight = float64(d.expires)
		d.ttl = float64(mean) * d.weight
	}
	return d
}

func (d database) plus(o database) database {
	return database{d.keys + o.keys, d.expires + o.expires, d.ttl + o.ttl, d.weight + o.weight}
}

// meanTTL is in milliseconds; nil where nothing was sampled.
func (d database) meanTTL() any {
	if d.weight == 0 {
		return nil
	}
	return d.ttl / d.weight
}
