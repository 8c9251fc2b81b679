package facts

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// CommandTable asks the server which commands it has and where their keys stand.
func CommandTable(ctx context.Context, conn *redisconn.Conn) (f snapshot.Fact[snapshot.Commands]) {
	b := newBatch(conn, conn.Seed())
	ask(ctx, b, &f, snapshot.ParseCommands, "COMMAND")
	b.run(ctx)
	return f
}

// ClientsOf is who is connected to one server, and which of them asks; 0 where the server has no CLIENT ID (before Redis 5).
type ClientsOf struct {
	Own  int64
	List snapshot.Fact[snapshot.ClientList]
}

// Clients asks every primary who is connected.
func Clients(ctx context.Context, conn *redisconn.Conn) []ClientsOf {
	answers, _ := eachNode(ctx, conn, func(ctx context.Context, client *redis.Client) ClientsOf {
		var (
			c   ClientsOf
			own snapshot.Fact[int64]
		)
		b := newBatch(conn, client)
		ask(ctx, b, &own, snapshot.ParseInt, "CLIENT", "ID")
		ask(ctx, b, &c.List, func(reply any) (snapshot.ClientList, error) { return snapshot.ParseClientList(reply, 0) }, "CLIENT", "LIST")
		b.run(ctx)
		c.Own = own.Value
		return c
	})
	return answers
}

// ClientLimit asks whether the output buffers of ordinary clients are limited.
func ClientLimit(ctx context.Context, conn *redisconn.Conn) (f snapshot.Fact[bool]) {
	b := newBatch(conn, conn.Seed())
	ask(ctx, b, &f, snapshot.ParseClientLimit, "CONFIG", "GET", "client-output-buffer-limit")
	b.run(ctx)
	return f
}
