package demo

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// databaseTime is what the demo's page costs without the cache, in the range of the guide's table.
const databaseTime = 120 * time.Millisecond

// startAPI serves /api/v1/content/vitrine as the real API does: from Redis with X-Cache: HIT, else from the «database» with
// MISS, filling the cache for five minutes.
func (d *Demo) startAPI(ctx context.Context, c *redis.Client) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/content/vitrine", func(w http.ResponseWriter, r *http.Request) { vitrine(w, r, c) })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // always ends with ErrServerClosed or the listener's own error: either way it is over
	}()
	d.stops = append(d.stops, func() { _ = server.Close(); <-done }) // nothing to flush
	d.APIURL = "http://" + l.Addr().String() + "/api/v1/content/vitrine"
	return nil
}

func vitrine(w http.ResponseWriter, r *http.Request, c *redis.Client) {
	body, err := c.Get(r.Context(), "vitrine_cache").Bytes()
	state := "HIT"
	if errors.Is(err, redis.Nil) {
		state = "MISS"
		time.Sleep(databaseTime)
		body, err = json.Marshal(page{"Olympiades IA Bénin", strings.Repeat("Page lue dans la base. ", 60), time.Now()})
		if err == nil {
			err = c.Set(r.Context(), "vitrine_cache", body, vitrineTTL).Err()
		}
	}
	if err != nil {
		http.Error(w, "cache unavailable", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Cache", state)
	_, _ = w.Write(body) // the client hung up: nobody is left to tell
}
