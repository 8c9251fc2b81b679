package smoke

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/olympiades-ia/olymp-cache/internal/config"
	"github.com/olympiades-ia/olymp-cache/internal/finding"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// API is the HTTP side: an endpoint whose answers say by X-Cache whether they came from Redis.
type API struct {
	URL       string
	Key       string        // the key that the endpoint fills
	MaxTTL    time.Duration // its longest TTL
	Fresh     bool          // delete the key first, so that the first call must MISS
	Gone      bool          // the key has just been deleted: the first call must MISS
	Timeout   time.Duration // for one call; a sleeping free instance takes most of a minute to answer
	UserAgent string
}

// maxBody is how much of an answer is read, in bytes; a public page is far smaller.
const maxBody = 64 << 20

// answer is one GET.
type answer struct {
	status int
	cache  string // the X-Cache header as sent
	took   time.Duration
	bytes  int64
}

func (r *run) api(ctx context.Context) {
	api := r.opts.API
	var first, second answer
	if api.Fresh {
		r.step(ctx, "api-fresh", func(ctx context.Context, s *finding.Step) {
			s.Evidence = append(s.Evidence, finding.Evidence{Name: "key", Value: api.Key})
			if err := r.conn.Client().Del(ctx, api.Key).Err(); err != nil {
				r.fail(s, err)
			}
		})
	}
	r.step(ctx, "api-first", func(ctx context.Context, s *finding.Step) {
		first = r.call(ctx, s)
		if s.Status == finding.OK && (api.Fresh || api.Gone) && !first.miss() {
			s.Status, s.Problem = finding.Fail, plain("api-always-hit-stale", first.evidence(api.URL)...)
		}
	})
	r.step(ctx, "api-second", func(ctx context.Context, s *finding.Step) {
		second = r.call(ctx, s)
		if s.Status != finding.OK {
			return
		}
		if !second.hit() {
			s.Status, s.Problem = finding.Fail, plain("api-always-miss", second.evidence(api.URL)...)
			return
		}
		if first.miss() && second.took > 0 {
			s.Evidence = append(s.Evidence, finding.Evidence{
				Name: "speed_up", Value: float64(first.took) / float64(second.took),
			})
		}
	})
	r.step(ctx, "api-key", r.apiKey)
}

// apiKey checks that the answer is really in this Redis, and that it will go stale in time.
func (r *run) apiKey(ctx context.Context, s *finding.Step) {
	api := r.opts.API
	left, err := r.conn.Client().PTTL(ctx, api.Key).Result()
	if err != nil {
		r.fail(s, err)
		return
	}
	seen := []finding.Evidence{
		{Name: "key", Value: api.Key}, ttlEvidence(left), {Name: "max_ttl_s", Value: api.MaxTTL.Seconds(), Unit: "s"},
	}
	s.Evidence = append(s.Evidence, seen...)
	switch {
	case left == noKey:
		s.Status, s.Problem = finding.Fail, plain("api-key-missing", seen[0])
	case left == noTTL:
		s.Status, s.Problem = finding.Fail, plain("api-key-no-ttl", seen[0])
	case left > api.MaxTTL:
		s.Status, s.Problem = finding.Fail, plain("api-key-long-ttl", seen...)
	}
}

// call makes one GET and judges what every answer must have.
func (r *run) call(ctx context.Context, s *finding.Step) answer {
	a, err := r.get1(ctx)
	seen := a.evidence(r.opts.API.URL)
	s.Evidence = append(s.Evidence, seen...)
	switch {
	case err != nil:
		s.Status, s.Problem = finding.Fail, plain("api-unreachable",
			finding.Evidence{Name: "url", Value: MaskURL(r.opts.API.URL)}, finding.Evidence{Name: "reason", Value: httpReason(err)})
	case a.status < 200 || a.status > 299:
		s.Status, s.Problem = finding.Fail, plain("api-error-status", seen...)
	case !a.hit() && !a.miss():
		s.Status, s.Problem = finding.Fail, plain("api-no-header", seen...)
	}
	return a
}

// get1 measures from the moment the connection is there to the last byte: making the connection is the same for MISS and
// HIT, is done once, and would flatter the cache.
func (r *run) get1(ctx context.Context) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, r.opts.API.Timeout)
	defer cancel()
	start := time.Now()
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { start = time.Now() }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, r.opts.API.URL, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("User-Agent", r.opts.API.UserAgent)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	n, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	return answer{
		status: resp.StatusCode, cache: strings.Join(resp.Header.Values("X-Cache"), ", "),
		took: time.Since(start), bytes: n,
	}, err
}

// hit and miss read the header as CDNs write it too: «Hit from cloudfront», «MISS, HIT» (the last word is the answer's).
func (a answer) hit() bool {
	low := strings.ToLower(a.cache)
	return strings.LastIndex(low, "hit") > strings.LastIndex(low, "miss")
}

func (a answer) miss() bool {
	low := strings.ToLower(a.cache)
	return strings.LastIndex(low, "miss") > strings.LastIndex(low, "hit")
}

func (a answer) evidence(url string) []finding.Evidence {
	seen := []finding.Evidence{{Name: "url", Value: MaskURL(url)}}
	if a.status == 0 {
		return seen
	}
	seen = append(seen, finding.Evidence{Name: "status", Value: a.status})
	if a.cache != "" {
		seen = append(seen, finding.Evidence{Name: "x_cache", Value: cut(a.cache)})
	}
	return append(seen,
		finding.Evidence{Name: "took_ms", Value: finding.Millis(a.took), Unit: "ms"},
		finding.Evidence{Name: "size_bytes", Value: a.bytes, Unit: "bytes"})
}

// MaskURL hides what an HTTP URL may hold of secrets: the password, a user without one (a token), the values of its query
// and its fragment. Where a raw «@», «/», «?» or «#» makes it unclear where a password ends, nothing is shown.
func MaskURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || strings.Count(raw, "@") > 1 || u.User == nil && strings.Contains(raw, "@") {
		return config.Mask
	}
	if u.User != nil {
		login := url.UserPassword(u.User.Username(), config.Mask)
		if _, password := u.User.Password(); !password {
			login = url.User(config.Mask)
		}
		u.User = login
	}
	if u.RawQuery != "" {
		u.RawQuery = maskQuery(u.RawQuery)
	}
	if u.Fragment != "" {
		u.Fragment, u.RawFragment = config.Mask, ""
	}
	return strings.ReplaceAll(u.String(), "%2A%2A%2A", config.Mask)
}

// maskQuery keeps the names of NAME=VALUE and nothing else.
func maskQuery(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, named := strings.Cut(pair, "=")
		if !named || name == "" || strings.ContainsFunc(name, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-[]", r))
		}) {
			pairs[i] = config.Mask
			continue
		}
		pairs[i] = name + "=" + config.Mask
	}
	return strings.Join(pairs, "&")
}

// httpReason is why a call failed, as a stable word; the driver's own texts quote the URL.
func httpReason(err error) string {
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		record  tls.RecordHeaderError
		timeout net.Error
	)
	switch {
	case errors.As(err, &dns):
		return "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &cert), errors.As(err, &unknown):
		return "certificate"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "not-tls"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case strings.Contains(err.Error(), "stopped after"):
		return "redirects"
	}
	return "closed"
}

// CheckAPI is the HTTP side alone, over a connection that is open already.
func CheckAPI(ctx context.Context, conn *redisconn.Conn, api *API) []finding.Step {
	r := &run{target: conn.Target(), opts: Options{API: api}, conn: conn, res: &Result{}}
	r.api(ctx)
	return r.res.Steps
}
