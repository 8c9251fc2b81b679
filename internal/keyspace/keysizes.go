package keyspace

import (
	"context"
	"errors"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/keyspace/profile"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// KeySizes asks every primary how large its values are. It is empty where a server does not count them (before Redis 8.0, Valkey) or
// does not tell this user.
func KeySizes(ctx context.Context, conn *redisconn.Conn) ([]profile.ValueSizes, error) {
	var (
		mu      sync.Mutex
		answers []string
	)
	err := conn.EachPrimary(ctx, func(ctx context.Context, c *redis.Client) error {
		text, err := c.Info(ctx, "keysizes").Result()
		mu.Lock()
		defer mu.Unlock()
		answers = append(answers, text)
		return err
	})
	var no redis.Error
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &no):
		return nil, nil // what only some of them tell is no answer
	case err != nil:
		return nil, conn.Named(err)
	}
	return profile.ReadKeySizes(conn.Target().DB, answers...), nil
}
