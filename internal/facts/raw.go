package facts

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// RawAnswer is INFO's text as one server sent it, secrets of ours masked.
type RawAnswer struct {
	Addr string
	Text string
	err  error
}

// RawInfo asks every primary for INFO with these sections, or with its default ones. The error is a *redisconn.Error.
func RawInfo(ctx context.Context, conn *redisconn.Conn, sections []string) ([]RawAnswer, error) {
	args := []any{"INFO"}
	for _, s := range sections {
		args = append(args, s)
	}
	answers, _ := eachNode(ctx, conn, func(ctx context.Context, client *redis.Client) RawAnswer {
		text, err := client.Do(ctx, args...).Text()
		return RawAnswer{Addr: conn.NodeAddr(client), Text: conn.Target().Redact(text), err: err}
	})
	for _, one := range answers {
		if one.err != nil {
			return nil, conn.Named(one.err)
		}
	}
	return answers, nil
}
