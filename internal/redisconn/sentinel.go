package redisconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// askSentinels asks each Sentinel in turn which address the primary has. The first answer counts; when none answers, the
// error is that of the last one asked.
func (c *Conn) askSentinels(ctx context.Context) (string, error) {
	var last error
	for _, e := range c.target.Endpoints {
		addr := net.JoinHostPort(e.Host, portOf(e))
		primary, err := c.askSentinel(ctx, addr, false)
		if named, ok := AsError(err); ok && named.ID == "auth-required" && c.target.Password != "" {
			// Most Sentinels have no password though the data servers do; those that have, mostly have the same.
			primary, err = c.askSentinel(ctx, addr, true)
		}
		if err == nil {
			return primary, nil
		}
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		last = err
		if named, ok := AsError(err); ok && named.ID == "sentinel-unknown-master" {
			return "", err // the others watch the same primaries
		}
	}
	return "", last
}

func (c *Conn) askSentinel(ctx context.Context, addr string, login bool) (string, error) {
	s, first, err := c.sentinel(ctx, addr, login)
	if err != nil {
		return "", err
	}
	defer s.Close() //nolint:errcheck // only read from
	reply, err := s.GetMasterAddrByName(ctx, c.target.Master).Result()
	// What was said while talking to a Sentinel is not what the data server says of itself.
	defer c.watch.forgetLogin()
	switch {
	case err == nil && len(reply) == 2:
		return net.JoinHostPort(reply[0], reply[1]), nil
	case err == nil || errors.Is(err, redis.Nil):
		return "", &Error{ID: "sentinel-unknown-master", Step: StepProtocol, Addr: addr, Err: err, Evidence: c.mastersOf(ctx, s)}
	}
	e := c.loginError(addr, err, first.first)
	if e.ID == "auth-user-unsupported" || e.ID == "server-unknown-command" {
		e.ID, e.Step = "sentinel-not-a-sentinel", StepProtocol
	}
	return "", e
}

// sentinel is a client of one Sentinel, on a connection that is open; the caller closes it.
func (c *Conn) sentinel(ctx context.Context, addr string, login bool) (*redis.SentinelClient, *conn, error) {
	first, way, err := c.dialer.dial(ctx, config.NetworkTCP, addr)
	c.ways = append(c.ways, way)
	if err != nil {
		return nil, nil, err
	}
	first.closeWith(ctx)
	prepared := first
	o := &redis.Options{
		Addr: addr,
		Dialer: func(dctx context.Context, network, addr string) (net.Conn, error) {
			if nc := prepared; nc != nil {
				prepared = nil
				return nc, nil
			}
			return c.redial(ctx, dctx, network, addr)
		},
		OnConnect:  c.watch.loggedIn,
		MaxRetries: -1, DialerRetries: 1, PoolSize: 1, PipelinePoolSize: -1,
		DialTimeout: 2 * c.opts.Timeout, ReadTimeout: c.opts.Timeout, WriteTimeout: c.opts.Timeout,
		ContextTimeoutEnabled: true, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if login {
		o.Username, o.Password = c.loginUser(), c.target.Password.Reveal()
	}
	s := redis.NewSentinelClient(o)
	s.AddHook(c.watch)
	return s, first, nil
}

// WatchedMaster asks the Sentinels how they see the primary that they named, after it could not be reached; nil where none tells.
func WatchedMaster(ctx context.Context, target config.Target, opts Options) (fields map[string]string, asked string, commands int) {
	c, err := prepare(target, opts)
	if err != nil {
		return nil, "", 0
	}
	for _, e := range target.Endpoints {
		addr := net.JoinHostPort(e.Host, portOf(e))
		for _, login := range []bool{false, true} {
			s, _, err := c.sentinel(ctx, addr, login)
			if err != nil {
				break
			}
			fields, err = s.Master(ctx, target.Master).Result()
			_ = s.Close() // only read from
			if err == nil {
				return fields, addr, c.watch.count()
			}
			if named := c.name(s.String(), err, nil); named.ID != "auth-required" || target.Password == "" {
				break
			}
			c.watch.forgetLogin()
		}
	}
	return nil, "", c.watch.count()
}

// mastersOf lists the primaries that a Sentinel watches, for an operator who mistyped the name.
func (c *Conn) mastersOf(ctx context.Context, s *redis.SentinelClient) []finding.Evidence {
	seen := []finding.Evidence{evidence("wanted", c.target.Master)}
	masters, err := s.Masters(ctx).Result()
	if err != nil {
		return seen
	}
	return append(seen, evidence("known", strings.Join(masterNames(masters), ", ")))
}

// MastersOf lists the primaries that the Sentinel behind s watches; nil when it does not say.
func MastersOf(ctx context.Context, s *redis.Client) []string {
	masters, err := s.Do(ctx, "SENTINEL", "MASTERS").Slice()
	if err != nil {
		return nil
	}
	return masterNames(masters)
}

// masterNames reads SENTINEL MASTERS: maps in RESP 3, flat lists of names and values in RESP 2.
func masterNames(masters []any) []string {
	var names []string
	for _, m := range masters {
		switch fields := m.(type) {
		case map[any]any:
			if name, ok := fields["name"].(string); ok {
				names = append(names, name)
			}
		case []any:
			for i := 0; i+1 < len(fields); i += 2 {
				if fields[i] == "name" {
					names = append(names, fmt.Sprint(fields[i+1]))
				}
			}
		}
	}
	return names
}
