// Package redisconn opens the Redis that the configuration names: standalone, over TLS or a unix socket, behind Sentinel,
// or a cluster, which is recognised from the server. It counts and traces every command and gives failures a name.
package redisconn

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/olympiades-ia/olymp-cache/internal/config"
)

// DefaultTimeout bounds one network step.
const DefaultTimeout = 5 * time.Second

// Options are how to talk, not to whom.
type Options struct {
	Timeout  time.Duration // for one network step; 0 means DefaultTimeout
	PoolSize int           // connections to one node at most; 0 means 1
	Trace    func(Event)   // sees every step and command; may be nil
}

// Conn is an open target. Client sees one keyspace, whatever the deployment.
type Conn struct {
	target  config.Target
	opts    Options
	dialer  *dialer
	watch   *watcher
	seed    *redis.Client
	cluster *redis.ClusterClient // nil unless the target is a cluster
	server  Server
	timing  Timing
	ways    []Way // those of the first connection
	pingErr error
}

// Open connects, logs in as the named user, selects the database and sends one PING. When it returns a Conn, all but the
// PING was accepted; what PING was answered is in Conn.Ping, as a server that refuses it (MISCONF, LOADING) is there all the same.
// Cancelling ctx ends the connection. The error is an *Error, a *TLSFileError, or ctx's own.
func Open(ctx context.Context, target config.Target, opts Options) (*Conn, error) {
	c, err := prepare(target, opts)
	if err != nil {
		return nil, err
	}
	network, addr, err := c.open(ctx)
	switch {
	case err == nil:
		return c, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case addr == "":
		return nil, err
	}
	return nil, c.dialer.lookCloser(ctx, network, addr, err)
}

// prepare makes what a connection needs, and reaches nothing yet.
func prepare(target config.Target, opts Options) (*Conn, error) {
	// The driver logs to stderr by itself; what it has to say reaches us as errors.
	logging.Disable()
	opts.Timeout = cmpOr(opts.Timeout, DefaultTimeout)
	opts.PoolSize = cmpOr(opts.PoolSize, 1)
	conf, err := TLSConfig(target.TLS)
	if err != nil {
		return nil, err
	}
	c := &Conn{target: target, opts: opts}
	c.watch = &watcher{redact: target.Redact, trace: opts.Trace}
	c.dialer = &dialer{target: target, tls: conf, timeout: opts.Timeout, trace: opts.Trace}
	return c, nil
}

// open finds the server and connects to it. Where addr is empty, it was not found.
func (c *Conn) open(ctx context.Context) (network, addr string, err error) {
	network, addr, err = c.locate(ctx)
	if err != nil {
		return network, "", err
	}
	err = c.connect(ctx, network, addr)
	if err != nil && context.Cause(ctx) != nil {
		err = context.Cause(ctx)
	}
	return network, addr, err
}

func cmpOr[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// locate finds where to connect: for Sentinel by asking, otherwise as the URL says.
func (c *Conn) locate(ctx context.Context) (network, addr string, err error) {
	switch c.target.Network {
	case config.NetworkUnix:
		return config.NetworkUnix, c.target.Path, nil
	case config.NetworkSentinel:
		addr, err = c.askSentinels(ctx)
		return config.NetworkTCP, addr, err
	default:
		e := c.target.Endpoints[0]
		return config.NetworkTCP, net.JoinHostPort(e.Host, portOf(e)), nil
	}
}

// connectOnce dials, logs in and sends PING.
func (c *Conn) connectOnce(ctx context.Context, network, addr string) error {
	first, way, err := c.dialer.dial(ctx, network, addr)
	c.ways = append(c.ways, way)
	c.timing, c.server.Addr = way.Timing, addr
	if err != nil {
		return err
	}
	first.closeWith(ctx)
	c.seed = redis.NewClient(c.clientOptions(ctx, network, addr, first))
	c.seed.AddHook(c.watch)
	start := time.Now()
	pingErr := c.seed.Ping(ctx).Err()
	done := time.Now()
	if c.watch.ready.IsZero() {
		c.Close()
		return c.loginError(addr, pingErr, first.first)
	}
	c.timing.Login, c.timing.Ping = c.watch.ready.Sub(start), done.Sub(c.watch.ready)
	if pingErr != nil {
		if err := c.judgePing(addr, pingErr, first.first); err != nil {
			c.Close()
			return err
		}
	}
	c.recogniseServer(ctx)
	if c.server.Mode == ModeCluster {
		return c.openCluster(ctx)
	}
	return nil
}

// clientOptions are the driver's, without what hides a cause or sends more than it was told: no retries, one dial, no
// identity, no maintenance notifications. prepared is used for the first connection.
func (c *Conn) clientOptions(ctx context.Context, network, addr string, prepared *conn) *redis.Options {
	return &redis.Options{
		Network: network, Addr: addr,
		Dialer: func(dctx context.Context, network, addr string) (net.Conn, error) {
			if nc := prepared; nc != nil {
				prepared = nil
				return nc, nil
			}
			return c.redial(ctx, dctx, network, addr)
		},
		OnConnect: c.watch.loggedIn,
		Username:  c.loginUser(), Password: c.target.Password.Reveal(), DB: c.target.DB,
		MaxRetries: -1, DialerRetries: 1, PipelinePoolSize: -1,
		DialTimeout: 2 * c.opts.Timeout, ReadTimeout: c.opts.Timeout, WriteTimeout: c.opts.Timeout,
		ContextTimeoutEnabled: true, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		PoolSize:                 c.opts.PoolSize, PoolTimeout: c.opts.Timeout,
	}
}

// redial makes further connections; they live as long as the run does.
func (c *Conn) redial(run, dctx context.Context, network, addr string) (net.Conn, error) {
	nc, _, err := c.dialer.dial(dctx, network, addr)
	if err != nil {
		return nil, err
	}
	nc.closeWith(run)
	return nc, nil
}

// loginUser is the user to log in as. A user without a password is, mostly, a password in the wrong place
// (redis://SECRET@host); like most clients we then send nothing, and the configuration's finding says so.
func (c *Conn) loginUser() string {
	if c.target.Password == "" {
		return ""
	}
	return c.target.Username
}

// Client sends commands for keys; on a cluster they go to the node that has the key.
func (c *Conn) Client() redis.UniversalClient {
	if c.cluster != nil {
		return c.cluster
	}
	return c.seed
}

// Seed is the one server that the URL names, also on a cluster.
func (c *Conn) Seed() *redis.Client { return c.seed }

// EachPrimary runs f once for every server that holds keys: all primaries of a cluster, side by side, else the one there is.
func (c *Conn) EachPrimary(ctx context.Context, f func(context.Context, *redis.Client) error) error {
	if c.cluster != nil {
		return c.cluster.ForEachMaster(ctx, f)
	}
	return f(ctx, c.seed)
}

// Server is what the server said of itself.
func (c *Conn) Server() Server { return c.server }

// Target is what was asked for.
func (c *Conn) Target() config.Target { return c.target }

// Timing is how long each step of the first connection took.
func (c *Conn) Timing() Timing { return c.timing }

// Ping is the round trip of the PING that Open sent, and its error, an *Error, if the server refused it.
func (c *Conn) Ping() (time.Duration, error) { return c.timing.Ping, c.pingErr }

// CommandsSent counts every command on every connection so far, HELLO, AUTH and SELECT included.
func (c *Conn) CommandsSent() int { return c.watch.count() }

// Close ends all connections.
func (c *Conn) Close() {
	if c.cluster != nil {
		_ = c.cluster.Close() // closing twice or a dead socket: nothing left to do for us
	}
	if c.seed != nil {
		_ = c.seed.Close() // as above
	}
}

// judgePing sorts the errors of PING: what means «not let in» ends Open, what means «not now» is kept.
func (c *Conn) judgePing(addr string, err error, first []byte) error {
	e := c.firstError(addr, err, first)
	if e.notLetIn() {
		e.Step = StepAuth
		return e
	}
	if e.Step != StepCommand {
		return e
	}
	c.pingErr = e
	return nil
}

// Named turns any error of a command into an *Error; nil and redis.Nil stay as they are.
func (c *Conn) Named(err error) error {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(err, context.Canceled) {
		return err
	}
	return c.name(c.server.Addr, err, nil)
}

// notLetIn tells the refusal of a connection from that of a command.
func (e *Error) notLetIn() bool {
	switch e.ID {
	case "auth-required", "auth-wrong", "auth-ip-not-allowed", "server-max-clients", "server-protected-mode", "server-quota-connections":
		return true
	}
	return false
}
