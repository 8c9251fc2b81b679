package config

import "github.com/olympiades-ia/olymp-cache/internal/provider"

// providerOf names the managed service behind the first endpoint, or "".
func providerOf(t Target) string {
	if len(t.Endpoints) == 0 {
		return ""
	}
	return provider.Of(t.Endpoints[0].Host, t.Endpoints[0].Port)
}
