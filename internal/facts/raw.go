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
	Err  error // why there is no text, a *redisconn.Error
}

// RawInfo asks every primary for INFO with these sections, or with its default ones.
func RawInfo(ctx context.Context, conn *redisconn.Conn, sections []string) []RawAnswer {
	args := []any{"INFO"}
	for _, s := range sections {
		args = append(args, s)
	}
	answers, _ := eachNode(ctx, conn, func(ctx context.Context, client *redis.Client) RawAnswer {
		text, err := client.Do(ctx, args...).Text()
		answer := RawAnswer{Addr: conn.NodeAddr(client), Text: conn.Target().Redact(text)}
		if err != nil {
			answer.Err = conn.Named(err)
		}
		return answer
	})
	return answers
}
