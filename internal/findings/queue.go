package findings

import (
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// waiting are commands that wait for the next job: Celery, Sidekiq, RQ, BullMQ, Laravel and streams use one of them, and a
// mere cache none.
var waiting = []string{
	"brpop", "blpop", "brpoplpush", "blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop", "xreadgroup",
}

// queueEvidence is evidence of a server that also serves as a queue: to evict a key there is to lose a job.
func queueEvidence(i *snapshot.Info) []finding.Evidence {
	for _, command := range waiting {
		if i.Commands[snapshot.Text(command)].Calls.Or(0) > 0 {
			return []finding.Evidence{ev("queue_command", strings.ToUpper(command), "INFO commandstats")}
		}
	}
	return nil
}
