package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// vitrineTTL is that of the API, five minutes.
const vitrineTTL = 5 * time.Minute

// page is a public page as the API caches it.
type page struct {
	Title   string    `json:"titre"`
	Body    string    `json:"contenu"`
	Updated time.Time `json:"mis_a_jour"`
}

// fill puts in what the Olympiades cache holds: the showcase with its five minutes, statistics, news, resources, some keys
// that never expire and one big one. It returns how many keys there are.
func fill(ctx context.Context, c *redis.Client, now time.Time) (int, error) {
	pipe := c.Pipeline()
	welcome := strings.Repeat("L'intelligence artificielle au service du Bénin. ", 40)
	vitrine, err := json.Marshal(page{"Olympiades IA Bénin", welcome, now})
	if err != nil {
		return 0, err
	}
	pipe.Set(ctx, "vitrine_cache", vitrine, vitrineTTL)
	for i, name := range []string{"inscriptions", "candidats", "etablissements", "finalistes"} {
		pipe.Set(ctx, "stats:"+name, 1200*(i+1)+37, time.Minute)
	}
	for _, region := range []string{"Atlantique", "Borgou", "Littoral", "Ouémé", "Zou"} {
		pipe.HIncrBy(ctx, "stats:par_departement", region, int64(100+7*len(region)))
	}
	pipe.Expire(ctx, "stats:par_departement", 10*time.Minute)
	for i := range 120 {
		text := strings.Repeat("Phase régionale, résultats et calendrier. ", 5+i%20)
		article, err := json.Marshal(page{fmt.Sprintf("Actualité %d", i), text, now})
		if err != nil {
			return 0, err
		}
		pipe.Set(ctx, fmt.Sprintf("actualites:%d", i), article, time.Duration(1+i%15)*time.Minute)
	}
	for i := range 60 {
		pipe.Set(ctx, fmt.Sprintf("ressources:%d:fiche", i), strings.Repeat("cours ", 50+i), 30*time.Minute)
	}
	// What goes wrong in real caches: entries written without a TTL, and one far too big.
	for i := range 25 {
		pipe.Set(ctx, fmt.Sprintf("ancien_cache:%d", i), strings.Repeat("x", 400), 0)
	}
	for i := range 40 {
		pipe.ZAdd(ctx, "classement:national", redis.Z{Score: float64(1000 - i), Member: fmt.Sprintf("equipe-%02d", i)})
		pipe.RPush(ctx, "journal:imports", fmt.Sprintf("import %d", i))
	}
	pipe.Expire(ctx, "classement:national", time.Hour)
	pipe.Set(ctx, "export:candidats", strings.Repeat("nom;prenom;etablissement;note\n", 80_000), time.Hour)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, err
	}
	n, err := c.DBSize(ctx).Result()
	return int(n), err
}
