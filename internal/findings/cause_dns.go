package findings

import (
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/probe/trace"
	"github.com/olympiades-ia/olymp-cache/internal/provider"
)

// refineDNS finds what is behind a name that leads nowhere.
func refineDNS(v *view, raw finding.Finding) (finding.Finding, bool) {
	switch raw.ID {
	case "dns-not-found", "dns-resolver-down":
	case "tcp-unreachable":
		return v.ipv6Only(raw)
	default:
		return finding.Finding{}, false
	}
	host := v.wantedHost()
	if trace.IsAddress(host) || host == "" {
		return finding.Finding{}, false
	}
	missing := v.nameMissing(raw)
	for _, cause := range []func(finding.Finding, string, bool) (finding.Finding, bool){
		v.dockersHost, v.internalName, v.composeName,
	} {
		if f, ok := cause(raw, host, missing); ok {
			return f, true
		}
	}
	if !missing {
		raw.ID = "dns-resolver-down"
		return with(raw, v.resolverEvidence()...), true
	}
	raw.ID = "dns-not-found"
	if p, ok := v.gone(host); ok {
		raw.ID = "dns-managed-gone"
		seen := []finding.Evidence{ev("provider", p.Name, "REDIS_URL"), ev("provider_docs", p.Docs, "")}
		return with(raw, append(seen, v.closedResolver()...)...), true
	}
	return with(raw, append(v.nameEvidence(host), v.closedResolver()...)...), true
}

// nameMissing tells whether it is proven that the name does not exist, and not that nobody could be asked: macOS says «no such
// host» without a network too, and Docker's resolver fails for a name that it does not know where its own upstream fails.
func (v *view) nameMissing(raw finding.Finding) bool {
	denied := slices.ContainsFunc(v.Trace.Lookups, func(l trace.Lookup) bool { return l.Problem == trace.NotFound && l.Server != "" })
	if raw.ID == "dns-not-found" {
		return denied || !unasked(v.Trace.Resolver)
	}
	all := len(v.Trace.Lookups) > 0 && !slices.ContainsFunc(v.Trace.Lookups, func(l trace.Lookup) bool {
		return l.Problem != trace.NotFound
	})
	return all && answers(v.Trace.Resolver)
}

// answers tells a resolver that is known to work: whatever it said of the root's name servers, it said something.
func answers(l *trace.Lookup) bool {
	return l != nil && (l.Problem == "" || l.Problem == trace.NotFound || misbehaves(l))
}

// unasked tells a resolver that is known to be out of reach.
func unasked(l *trace.Lookup) bool {
	return l != nil && (l.Problem == trace.Timeout || l.Problem == trace.ResolverBad && !misbehaves(l))
}

// misbehaves tells SERVFAIL and REFUSED: a bad answer, and an answer.
func misbehaves(l *trace.Lookup) bool {
	return l.Problem == trace.ResolverBad && strings.Contains(l.Words, "misbehaving")
}

// resolverEvidence is which resolver failed, and whether it answers for other names.
func (v *view) resolverEvidence() []finding.Evidence {
	var seen []finding.Evidence
	all := v.Trace.Lookups
	if v.Trace.Resolver != nil {
		all = append(slices.Clone(all), *v.Trace.Resolver)
	}
	if i := slices.IndexFunc(all, func(l trace.Lookup) bool { return l.Problem != "" && l.Server != "" }); i >= 0 {
		seen = append(seen, ev("resolver", all[i].Server, "dns"))
	}
	if answers(v.Trace.Resolver) {
		seen = append(seen, ev("other_names_answered", true, "NS ."), ev("reason", "domain-fails", "NS ."))
	}
	return append(seen, v.system()...)
}

// closedResolver is evidence of a resolver that denies the root's name servers too: one of a private network, mostly, to which
// no public name exists.
func (v *view) closedResolver() []finding.Evidence {
	r := v.Trace.Resolver
	if r == nil || r.Problem != trace.NotFound || r.Server == "" {
		return nil
	}
	return []finding.Evidence{ev("closed_resolver", r.Server, "NS .")}
}

// gone tells a public name of a provider that leads nowhere: its instances have names for as long as they exist.
func (v *view) gone(host string) (provider.Provider, bool) {
	id, internal := provider.OfHost(host)
	p, ok := provider.Lookup(id)
	// Endpoints of ElastiCache are internal and resolve everywhere.
	return p, ok && !p.SharedNames && (!internal || id == "elasticache")
}

// nameEvidence is what helps with a name that no rule explains.
func (v *view) nameEvidence(host string) []finding.Evidence {
	var seen []finding.Evidence
	if service, namespace, ok := clusterService(host); ok && !v.onPlatform("kubernetes") {
		seen = append(seen, ev("kube_service", service, ""), ev("kube_namespace", namespace, ""))
	}
	return append(seen, v.engineEvidence()...)
}

// clusterService reads SERVICE.NAMESPACE.svc[.cluster.local], which only a Kubernetes cluster's own DNS knows.
func clusterService(host string) (service, namespace string, ok bool) {
	parts := strings.Split(host, ".")
	i := slices.Index(parts, "svc")
	if i < 2 {
		return "", "", false
	}
	return parts[i-2], parts[i-1], true
}

// ipv6Only: the name has IPv6 addresses alone, and this machine has no way to any of them.
func (v *view) ipv6Only(raw finding.Finding) (finding.Finding, bool) {
	none := slices.ContainsFunc(v.Trace.Lookups, func(l trace.Lookup) bool {
		return l.Family == "ip4" && l.Problem == trace.NotFound && len(l.Addresses) == 0
	})
	six := slices.IndexFunc(v.Trace.Lookups, func(l trace.Lookup) bool { return l.Family == "ip6" && len(l.Addresses) > 0 })
	if !none || six < 0 || len(v.Trace.Dials) == 0 {
		return finding.Finding{}, false
	}
	for _, d := range v.Trace.Dials {
		if d.Problem != trace.Unreachable || !strings.Contains(d.Address, ":") {
			return finding.Finding{}, false
		}
	}
	seen := []finding.Evidence{ev("ipv6_address", v.Trace.Lookups[six].Addresses[0], "dns")}
	if f, ok := v.internalName(raw, v.wantedHost(), true); ok && f.ID == "dns-fly-internal-outside" {
		return f, true // through Fly's DNS and without its VPN
	}
	id, _ := provider.OfHost(v.wantedHost())
	if p, known := provider.Lookup(id); known {
		seen = append(seen, ev("provider", p.Name, "REDIS_URL"), ev("provider_id", id, "REDIS_URL"))
	}
	raw.ID = "dns-ipv6-only"
	return with(raw, append(seen, v.system()...)...), true
}
