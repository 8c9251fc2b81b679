package findings

import "github.com/olympiades-ia/olymp-cache/internal/finding"

func refineConfig(*view, finding.Finding) (finding.Finding, bool)   { return finding.Finding{}, false }
func refineDNS(*view, finding.Finding) (finding.Finding, bool)      { return finding.Finding{}, false }
func refineTCP(*view, finding.Finding) (finding.Finding, bool)      { return finding.Finding{}, false }
func refineTLS(*view, finding.Finding) (finding.Finding, bool)      { return finding.Finding{}, false }
func refineProtocol(*view, finding.Finding) (finding.Finding, bool) { return finding.Finding{}, false }

// tlsRules judge the certificate of a connection that works.
var tlsRules []rule

// nearFixes are what to type where the cause was found around the server: containers, units, other ports, platforms.
func nearFixes(seen) []finding.Fix { return nil }
