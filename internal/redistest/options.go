package redistest

import (
	"slices"
	"strconv"
)

// loopback is where everything in this package listens unless told otherwise.
const loopback = "127.0.0.1"

// Option changes what [Start] and its kin start.
type Option func(*settings)

// settings is what a server is started with.
type settings struct {
	password  string
	users     []user
	admin     user
	bind      []string
	databases int
	socket    bool
	tls       *TLSOptions
	tlsFiles  *TLSFiles // set once made, so that replicas and cluster nodes share one CA
	alsoPlain bool
	conf      [][]string // further configuration lines, for the kinds of server built in this package
	args      []string
	sentinel  bool
	cluster   bool
}

type user struct{ name, password, rules string }

// WithPassword protects the default user (requirepass).
func WithPassword(password string) Option {
	return func(s *settings) { s.password = password }
}

// WithUser adds an ACL user that is on. An empty password means nopass. Rules are written as for ACL SETUSER, such as
// "~cache:* +@read". To change the default user's rules name it "default", and give the package another way in with
// [WithAdmin] if it can no longer do everything.
func WithUser(name, password, aclRules string) Option {
	return func(s *settings) { s.users = append(s.users, user{name, password, aclRules}) }
}

// WithAdmin adds an almighty ACL user, which Do, replicas and Sentinels then use in place of the default user.
func WithAdmin(name, password string) Option {
	return func(s *settings) {
		s.admin = user{name, password, "~* &* +@all"}
		s.users = append(s.users, s.admin)
	}
}

// WithArgs appends command-line arguments, which win over everything else: WithArgs("--maxmemory", "4mb"). The
// listening ports are not to be changed this way.
func WithArgs(args ...string) Option {
	return func(s *settings) { s.args = append(s.args, args...) }
}

// WithSocket makes the server listen on a unix socket too; its path is in Server.Socket.
func WithSocket() Option { return func(s *settings) { s.socket = true } }

// WithDatabases sets the number of databases (16 without it).
func WithDatabases(n int) Option { return func(s *settings) { s.databases = n } }

// WithBind replaces 127.0.0.1 by other loopback addresses, such as "::1". The first one is used by Addr and URL.
func WithBind(addrs ...string) Option { return func(s *settings) { s.bind = addrs } }

// WithTLS makes the server speak TLS only; see TLSOptions for what can be wrong with it.
func WithTLS(o TLSOptions) Option {
	return func(s *settings) { s.tls, s.tlsFiles = &o, nil }
}

// WithTLSFrom makes the server speak TLS only, with the certificates of another one.
func WithTLSFrom(of *Server) Option {
	return func(s *settings) { s.tls, s.tlsFiles = of.set.tls, of.TLS }
}

// WithPlainPort keeps the plain port open beside TLS.
func WithPlainPort() Option { return func(s *settings) { s.alsoPlain = true } }

func withConf(lines ...[]string) Option {
	return func(s *settings) { s.conf = append(s.conf, lines...) }
}

func newSettings(opts []Option) settings {
	s := settings{bind: []string{loopback}, databases: 16}
	for _, opt := range opts {
		opt(&s)
	}
	if s.admin.name == "" {
		s.admin = user{name: "default", password: s.password}
	}
	return s
}

// inherit is what a replica takes over from its primary: credentials, certificates, bind addresses and databases.
func (s *settings) inherit() Option {
	return func(r *settings) {
		r.password, r.users, r.admin = s.password, slices.Clone(s.users), s.admin
		if s.admin.name == "default" {
			r.admin = user{} // a password option of the replica may follow
		}
		r.tls, r.tlsFiles, r.alsoPlain = s.tls, s.tlsFiles, s.alsoPlain
		r.bind, r.databases = s.bind, s.databases
	}
}

// lines is the configuration file. Credentials are in there, and not in the arguments, which everybody may read.
func (s *settings) lines(srv *Server) [][]string {
	lines := [][]string{
		append([]string{"bind"}, s.bind...),
		{"port", strconv.Itoa(srv.Port)},
		{"dir", srv.Dir},
		{"daemonize", "no"},
	}
	if srv.Socket != "" {
		lines = append(lines, []string{"unixsocket", srv.Socket}, []string{"unixsocketperm", "700"})
	}
	if srv.TLS != nil {
		lines = append(lines, s.tlsLines(srv)...)
	}
	if !s.sentinel {
		lines = append(
			lines, []string{"save", ""},
			[]string{"appendonly", "no"},
			[]string{"databases", strconv.Itoa(s.databases)},
			[]string{"enable-debug-command", "local"}, // since Redis 7.0
			[]string{"repl-diskless-sync-delay", "0"}, // 5 s by default
		)
	}
	if s.cluster {
		lines = append(lines, []string{"cluster-enabled", "yes"}, []string{"cluster-config-file", "nodes.conf"})
	}
	if s.password != "" {
		lines = append(lines, []string{"requirepass", s.password})
	}
	for _, u := range s.users {
		lines = append(lines, u.line())
	}
	return append(lines, s.conf...)
}

// secrets are the words that must not show up in a failure message.
func (s *settings) secrets() []string {
	secrets := []string{s.password, s.admin.password}
	for _, u := range s.users {
		secrets = append(secrets, u.password)
	}
	return slices.DeleteFunc(secrets, func(secret string) bool { return secret == "" })
}
