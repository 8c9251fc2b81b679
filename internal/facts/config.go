package facts

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// configAnswers are the answers to CONFIG GET until they are put together: one where the server takes many parameters
// at once (since Redis 7.0), else one for each pattern.
type configAnswers struct {
	into  *snapshot.Fact[snapshot.Config]
	parts []*snapshot.Fact[snapshot.Config]
	multi bool
}

func askConfig(ctx context.Context, b *batch, n *snapshot.Node, multi bool) *configAnswers {
	a := &configAnswers{into: &n.Config, multi: multi}
	if !multi {
		a.askPatterns(ctx, b)
		return a
	}
	a.parts = append(a.parts, new(snapshot.Fact[snapshot.Config]))
	ask(ctx, b, a.parts[0], snapshot.ParseConfig, append([]string{"CONFIG", "GET"}, snapshot.Parameters...)...)
	return a
}

func (a *configAnswers) askPatterns(ctx context.Context, b *batch) {
	a.multi, a.parts = false, nil
	for _, pattern := range snapshot.Patterns {
		part := new(snapshot.Fact[snapshot.Config])
		a.parts = append(a.parts, part)
		ask(ctx, b, part, snapshot.ParseConfig, "CONFIG", "GET", pattern)
	}
}

// settle puts the answers together. A server that only claims to be a Redis 7 is asked again, pattern by pattern.
func (a *configAnswers) settle(ctx context.Context, conn *redisconn.Conn, client *redis.Client) {
	if a.multi && strings.Contains(strings.ToLower(string(a.parts[0].Reply)), "wrong number of arguments") {
		b := newBatch(conn, client)
		a.askPatterns(ctx, b)
		b.run(ctx)
	}
	const source = "CONFIG GET"
	for i, part := range a.parts {
		switch {
		case part.Known():
			if !a.into.Known() {
				*a.into = snapshot.Fact[snapshot.Config]{Status: snapshot.OK, Source: source}
			}
			a.into.Value.Add(part.Value)
		case i == 0:
			*a.into = *part
			a.into.Source = source
		}
	}
}
