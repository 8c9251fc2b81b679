package config

import "time"

// Scheme kinds of a target.
const (
	NetworkTCP      = "tcp"
	NetworkUnix     = "unix"
	NetworkSentinel = "sentinel"
)

// DefaultURL is what every client tries when nothing is set.
const DefaultURL = "redis://localhost:6379/0"

// Endpoint is one host and port as written in the URL; IPv6 addresses stand without brackets.
type Endpoint struct {
	Host string
	Port int
}

// Target is one Redis to reach: what the URL and the TLS flags say, nothing that was looked up.
type Target struct {
	Network   string     // NetworkTCP, NetworkUnix or NetworkSentinel
	Endpoints []Endpoint // one for TCP, the Sentinels for NetworkSentinel, none for unix
	Path      string     // the socket, for NetworkUnix
	Master    string     // the Sentinel's name of the primary, for NetworkSentinel
	Username  string     // may be a secret written in the wrong place: never print it, print Target.URL
	Password  Secret
	DB        int
	TLS       *TLS   // nil means plain text
	URL       string // the URL as understood, password masked: safe to print
	Provider  string // "render", "upstash", "railway", "heroku", "aiven", "redis-cloud", "elasticache", "azure", "fly" or ""
	Origin    Origin
	EnvFiles  []string // of --env-file, as they were given
}

// TLS says how to verify a server and who we are to it.
type TLS struct {
	CAFile     string // PEM file or folder of PEM files; empty means the system's roots
	CertFile   string
	KeyFile    string
	ServerName string // empty means the host of the URL
	Insecure   bool   // skips verification: --tls-insecure or an option of the URL such as ssl_cert_reqs=none
}

// Settings are the tool's own settings, OLYMP_CACHE_*.
type Settings struct {
	Enabled      bool   // REDIS_ENABLED; true when unset
	EnabledSet   bool   // whether REDIS_ENABLED was set at all
	EnabledFrom  Origin // where
	APIURL       string
	AuditLog     string
	ReadOnly     bool
	Groups       map[string][]string // name to key patterns; always has "vitrine"
	AlertMemory  float64             // ratio 0–1
	AlertClients int
	AlertHitRate float64       // ratio 0–1
	AlertP99     time.Duration // round trip
}
