package findings

import "github.com/olympiades-ia/olymp-cache/internal/finding"

func refineAuth(*view, finding.Finding) (finding.Finding, bool)   { return finding.Finding{}, false }
func refineServer(*view, finding.Finding) (finding.Finding, bool) { return finding.Finding{}, false }

var authRules, serverRules, persistenceRules, securityRules []rule

// aroundRules judge what stands around, whether or not Redis was reached.
var aroundRules []rule

// stateFixes are what to type for the findings of the rules of this area.
func stateFixes(seen) []finding.Fix { return nil }
