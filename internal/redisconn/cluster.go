package redisconn

import (
	"context"
	"errors"
	"net"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// openCluster makes the client that knows which node has which key. The map of slots is asked once, over the connection
// that is there, and again when a node says MOVED.
func (c *Conn) openCluster(ctx context.Context) error {
	slots, err := c.slots(ctx)
	if err != nil {
		var reply redis.Error
		if errors.As(err, &reply) {
			// A proxy that calls itself a cluster but keeps the map to itself routes on its own (Redis Enterprise, some
			// managed services): one connection then sees all keys.
			return nil
		}
		return c.name(c.server.Addr, err, nil)
	}
	c.cluster = redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{c.server.Addr},
		ClusterSlots: func(ctx context.Context) ([]redis.ClusterSlot, error) {
			if known := slots; known != nil {
				slots = nil
				return known, nil
			}
			return c.slots(ctx)
		},
		NewClient: func(o *redis.Options) *redis.Client {
			node := redis.NewClient(o)
			node.AddHook(c.watch)
			return node
		},
		Dialer: func(dctx context.Context, network, addr string) (net.Conn, error) {
			addr = c.withHost(addr)
			nc, err := c.redial(ctx, dctx, network, addr)
			return nc, c.announced(addr, err)
		},
		OnConnect: c.watch.loggedIn,
		Username:  c.loginUser(), Password: c.target.Password.Reveal(),
		MaxRetries: -1, DialerRetries: 1, PipelinePoolSize: -1,
		DialTimeout: 2 * c.opts.Timeout, ReadTimeout: c.opts.Timeout, WriteTimeout: c.opts.Timeout,
		ContextTimeoutEnabled: true, DisableIdentity: true, DisableRoutingPolicies: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		PoolSize:                 c.opts.PoolSize, PoolTimeout: c.opts.Timeout,
	})
	return nil
}

// slots asks for the map.
func (c *Conn) slots(ctx context.Context) ([]redis.ClusterSlot, error) {
	return c.seed.ClusterSlots(ctx).Result() //nolint:staticcheck // CLUSTER SHARDS exists since Redis 7 only
}

// withHost fills in the host of a node that does not know its own («» or, in Redis 7, «?»), and of one that announces a
// loopback address, which the driver blanks: it is then the host that we are connected to.
func (c *Conn) withHost(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || (host != "" && host != "?") {
		return addr
	}
	seed, _, err := net.SplitHostPort(c.server.Addr)
	if err != nil {
		return addr // a unix socket has no host to give
	}
	return net.JoinHostPort(seed, port)
}

// NodeAddr is where a node of EachPrimary is, as host:port or socket path.
func (c *Conn) NodeAddr(node *redis.Client) string { return c.withHost(node.Options().Addr) }

// announced marks a failure to reach a node whose address the server gave: the operator's own URL is right, what the
// cluster or Sentinel tells of itself is not reachable from here.
func (c *Conn) announced(addr string, err error) error {
	e, ok := AsError(err)
	if !ok {
		return err
	}
	return &Error{
		ID: "server-cluster-unreachable", Step: e.Step, Addr: addr, Err: e,
		Evidence: append(e.Evidence, evidence("announced", addr), evidence("cause", e.ID)),
	}
}
