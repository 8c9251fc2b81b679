package findings

import (
	"cmp"
	"maps"
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/sorting"
)

const (
	// clientsShare is the share of maxclients above which the next deployment may not get its connections.
	clientsShare = 0.8
	// idleSeconds and idleClients are how long and how many connections of one address do nothing before it is worth a word.
	idleSeconds = 300
	idleClients = 20
)

var clientRules = []rule{
	{[]string{"clients-high"}, judgeClientsHigh},
	{[]string{"clients-rejected"}, judgeClientsRejected},
	{[]string{"clients-idle"}, judgeClientsIdle},
}

// clientLimit is maxclients: INFO tells it since Redis 7.0 (and 6.2.7), CONFIG before.
func clientLimit(n *snapshot.Node, i *snapshot.Info) (int64, bool) {
	if limit, ok := i.Clients.Max.Get(); ok {
		return limit, true
	}
	if !n.Config.Known() {
		return 0, false
	}
	return n.Config.Value.Int("maxclients")
}

func judgeClientsHigh(v *view) outcome {
	const id = "clients-high"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		connected, ok := i.Clients.Connected.Get()
		if !ok {
			return skip(ReasonUnsupported, "INFO clients: connected_clients", id)
		}
		limit, limited := clientLimit(n, i)
		full := limited && limit > 0 && float64(connected) > clientsShare*float64(limit)
		if connected <= int64(v.Settings.AlertClients) && !full {
			return fine()
		}
		o := v.on(n, id, warning, evCount("clients", connected, "INFO clients"),
			evCount("threshold", v.Settings.AlertClients, "OLYMP_CACHE_ALERT_CLIENTS"))
		if limited {
			o.found[0].Evidence = append(o.found[0].Evidence, evCount("maxclients", limit, "INFO clients"))
		}
		if host, count, ok := busiest(n.Clients, func(snapshot.Client) bool { return true }); ok {
			o.found[0].Evidence = append(o.found[0].Evidence, ev("busiest", host, "CLIENT LIST"), evCount("busiest_clients", count, "CLIENT LIST"))
		}
		return o
	}, id)
}

// busiest is the address with the most connections among those listed that count.
func busiest(f snapshot.Fact[snapshot.ClientList], counts func(snapshot.Client) bool) (host string, count int, ok bool) {
	list, known := f.Get()
	if !known || len(list.Listed) == 0 {
		return "", 0, false
	}
	hosts := map[string]int{}
	for _, c := range list.Listed {
		if counts(c) {
			hosts[string(c.Host())]++
		}
	}
	if len(hosts) == 0 {
		return "", 0, false
	}
	names := slices.Collect(maps.Keys(hosts))
	sorting.By(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(hosts[b], hosts[a]), cmp.Compare(a, b))
	})
	return names[0], hosts[names[0]], true
}

func judgeClientsRejected(v *view) outcome {
	const id = "clients-rejected"
	return v.eachInfo(func(n *snapshot.Node, i *snapshot.Info) outcome {
		rejected, ok := i.Stats.Rejected.Get()
		if !ok {
			return skip(ReasonUnsupported, "INFO stats: rejected_connections", id)
		}
		if rejected == 0 {
			return fine()
		}
		seen := append(number("uptime_s", i.Server.UptimeSeconds, "s", "INFO server"), evCount("rejected", rejected, "INFO stats"))
		limit, limited := clientLimit(n, i)
		if v.neverFull(i, limit) && v.Target.TLS {
			// Redis counts handshakes that failed as well (networking.c, acceptCommonHandler and tls.c): nobody was kept out.
			return skip(ReasonTooLittleData, "INFO stats: rejected_connections", id)
		}
		if v.keptOut(n, i, limit) {
			return v.on(n, id, info, append(seen, ev("refusal", "DENIED Redis is running in protected mode", "INFO stats"),
				ev("protected_mode", "yes", n.Config.Source))...)
		}
		seen = append(seen, ev("refusal", "max number of clients reached", "INFO stats"))
		if limited {
			seen = append(seen, evCount("maxclients", limit, "INFO clients"))
		}
		if grew, ok := v.windowOf(n).Rejected.Get(); ok && grew > 0 {
			seen = append(seen, evCount("now", grew, "INFO stats"))
		}
		return v.on(n, id, warning, seen...)
	}, id)
}

// keptOut tells that it was protected mode that refused connections: its refusals are counted with those of a full server
// (networking.c, clientAcceptHandler), and a server that let in fewer clients than it has room for was never full.
func (v *view) keptOut(n *snapshot.Node, i *snapshot.Info, limit int64) bool {
	open, known, _ := v.openDefault(n)
	return known && open && protected(n, i) && v.neverFull(i, limit)
}

// neverFull tells a server that has let in fewer clients than it has room for, since its start.
func (*view) neverFull(i *snapshot.Info, limit int64) bool {
	accepted, counted := i.Stats.Connections.Get()
	return counted && limit > 0 && accepted < limit
}

func judgeClientsIdle(v *view) outcome {
	const id = "clients-idle"
	var joined outcome
	for i := range v.nodes() {
		n := &v.nodes()[i]
		if !n.Clients.Known() {
			joined = joined.and(skipFact(n.Clients, id))
			continue
		}
		// Replicas and subscribers do nothing by trade.
		host, count, ok := busiest(n.Clients, func(c snapshot.Client) bool {
			return c.Idle.Or(0) > idleSeconds && !subscribed(&c) && c.Flags == "N"
		})
		if ok && count >= idleClients {
			joined = joined.and(v.on(n, id, info, ev("client", host, "CLIENT LIST"), evCount("idle", count, "CLIENT LIST"),
				evCount("clients", n.Clients.Value.Total, "CLIENT LIST"), evUnit("idle_s", float64(idleSeconds), "s", "CLIENT LIST")))
		}
	}
	return joined.worstOfEach()
}
