package config

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// shapes are passwords whose pieces stand in no text of ours.
var shapes = []string{
	"Zq7Xw9KjQz", "qzjxkvwpfq", "QZJXKVWPFQ", "Zq@7x/Xw#9k?Kj", "zqjx:kvwp:fgqh", "zqjx kvwp fgqh", "zqjx,kvwp;fgqh",
	"zqjx.kvwp.fgqh",
	"%7Aqjx%6Bvwp", `zqjx'kvwp"fgqh`, "zqjx$KVWP", "${zqjx}kvwp", `zqjx\nkvwp`, "zqjx=kvwp&fgqh", "zqjx|kvwp<fgqh>", "zqjxé›kvwp",
	"-zqjx-kvwp",
	"[zqjx]kvwp", "zqjx@kvwp@fgqh", "zqjx#kvwp", "zqjx # kvwp", "//zqjx//kvwp", "redis://zqjx@kvwp", "zqjx\tkvwp", "a=zqjx password=kvwp",
}

// slips are values of REDIS_URL with a password somewhere; «%s» is the password as it is, «%e» encoded, «%b» in base64.
var slips = []string{
	"redis://:%s@h:1/0", "redis://:%e@h:1/0", "redis://u:%s@h", "redis://%s@h", "redis://:%s@", "redis://:%s",
	"redis://u:%s", "redis://u:%s/0",
	"redis://:%s:h:1", "redis://h:1:%s", "redis://h:1/%s", "redis://h:1/0?%s", "redis://h:1/0?db=%s", "redis://h:1/0?password=%s",
	"redis://h:1/0?x=1&%s", "redis://h:1/0#%s", "redis:/:%s@h:1", "redis//:%s@h:1", "redis:%s@h:1", "redis ://:%s@h", "redis:///:%s@h:1",
	"redis://:%s@h1:1,h2:2", "redis://:%s@h:99999", "redis://:%s@h:port", "redis://:%s@h:1,", "redis://:%s@[::1", "redis://:%s@::1",
	"redis://:%s@<host>:1", "redis://:%s@h o:1", "redis://:%s@h$t:1", "redis+sentinel://:%s@h1,h2", "redis+sentinel://:%s@h1,:%s@h2/m",
	"sentinel://:%s@h1;sentinel://:%s@h2", "redis-sentinel://%s@h1,h2/0#m", "unix://:%s@/run/x.sock", "unix://u:%s@",
	"%s", ":%s@h:1", "u:%s@h:1", "%s@h:1", "h:1@%s", "10.0.0.1:6379@%s", "10.0.0.1:6379:%s", "cache.example.com:6379:%s", "h:1,%s", "h:1 %s",
	"h:1,password=%s,ssl=True", "h:1;password=%s", "host=h;password=%s", "host=h password=%s", "password: %s",
	"http://:%s@h:1", "https://u:%s@x.upstash.io", "https://x.upstash.io/%s", "amqp://u:%s@h", "postgres://u:%s@h/db", "tcp://:%s@h:1",
	"tls://%s@h", "REDIS_URL=redis://:%s@h:1", "REDIS_URL=%s", "REDIS_PASSWORD=%s", "export P=%s", "url: redis://:%s@h",
	`{"url":"redis://:%s@h:1"}`, `{"host":"h","password":"%s"}`,
	`"redis://:%s@h:1"`, "'redis://:%s@h:1", "<redis://:%s@h:1>", "(redis://:%s@h)",
	"redis-cli -a %s -h h -p 1", "redis-cli -u redis://:%s@h:1", "REDISCLI_AUTH=%s redis-cli -h h", "$ redis-cli --pass %s",
	"redis://:%s@h:1 # %s", " redis://:%s@h:1\r\n", "redis://:\u200b%s@h", "%b", "redis://:${%s}@h", "%e",
	"redis%3A%2F%2F%3A%e%40h", "valkey://:%s@h:1", "reddis://:%s@h:1", "redis://h:%s", "redis://10.0.0.1:%s", "redis://:%s@h/abc",
}

// ownWords are words of ours that a piece of a password may happen to be.
const ownWords = "redis:// password="

// pieces are what must not show: every four characters in a row that none of our own words has, and the password encoded.
func pieces(secret string) []string {
	all := []string{url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))[:8]}
	letters := []rune(secret)
	for i := 0; i+4 <= len(letters); i++ {
		piece := string(letters[i : i+4])
		if strings.ContainsAny(piece, "zqjxkvwpfghQZXWKJV79") && !strings.Contains(ownWords, piece) {
			all = append(all, piece)
		}
	}
	return all
}

// TestNoPieceOfASecret makes every slip with every password, and reads all that is told of the address.
func TestNoPieceOfASecret(t *testing.T) {
	t.Parallel()
	for _, secret := range shapes {
		for _, slip := range slips {
			value := strings.NewReplacer("%s", secret, "%e", url.QueryEscape(secret),
				"%b", base64.StdEncoding.EncodeToString([]byte("redis://:"+secret+"@h:1"))).Replace(slip)
			got, found := ParseURL(value, Origin{})
			shown := got.URL + " " + got.Display() + fmt.Sprintf(" %+v", found)
			i := slices.IndexFunc(pieces(secret), func(piece string) bool { return strings.Contains(shown, piece) })
			if i >= 0 && !mayBeHost(slip, secret) {
				t.Errorf("%q shows %q: %s", value, pieces(secret)[i], shown)
			}
		}
	}
}

// mayBeHost tells a password that, where it stands, nothing tells from a host, a user or an option.
func mayBeHost(slip, secret string) bool {
	switch {
	case strings.Contains(secret, ":") && (strings.Contains(slip, "//%s@") ||
		strings.Contains(slip, "=%s@") || strings.HasPrefix(slip, "%s@") ||
		slip == "redis:%s@h:1"):
		return true // user:password
	case strings.Contains(secret, "=") && strings.Contains(slip, "?%s"), strings.Contains(secret, "=") && strings.Contains(slip, "&%s"):
		return true // name=value
	case secret == "zqjx.kvwp.fgqh" && (slip == "%s" || slip == "%e" || slip == "REDIS_URL=%s" || strings.HasSuffix(slip, "@%s")):
		return true // a name with dots
	case strings.Contains(secret, "@") && !strings.Contains(slip[strings.LastIndex(slip, "%s")+2:], "@"):
		return true // behind the last «@» stands the host
	case secret == "redis://zqjx@kvwp":
		return slip == "%s" || strings.HasSuffix(slip, "=%s") || strings.HasSuffix(slip, " %s") // an address
	}
	return false
}
