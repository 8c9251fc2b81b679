package keyspace

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// intruderKeys are names that worms leave on open servers: they hold a line of a crontab or an SSH key, which CONFIG SET
// dir and SAVE then write where cron or sshd reads it (redis#3710, #6466, docker-library/redis#378).
var intruderKeys = []string{
	"backup1", "backup2", "backup3", "backup4", "Backup1", "Backup2", "Backup3", "Backup4", "crackit", "weapon", "trojan1",
}

// schedule is the start of a crontab's line: five fields of a time, or one of its nicknames, and then a command. JSON, HTML
// and prose that merely speak of curl do not begin a line so.
var schedule = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(
		`(?m)^[ \t]*(?:(?:[0-9*][0-9*/,-]*[ \t]+){5}|@(?:reboot|hourly|daily|midnight|weekly|monthly|yearly|annually)[ \t]+)\S`)
})

// sshKey is the start of a line of authorized_keys.
var sshKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp[0-9]+)[ \t]+AAAA`)
})

// planted tells a value that cron or sshd would obey once it stands in their file; the name alone proves nothing, as people
// do call a backup «backup1».
func planted(value string) bool {
	lines := schedule().FindAllString(value, -1)
	return slices.ContainsFunc(lines, func(line string) bool { return strings.ContainsAny(line, "*@") }) || // else a table of numbers
		sshKey().MatchString(value)
}

// valueHead is how much of a suspicious value is read, in bytes.
const valueHead = 512

// intruders looks for the traces of known worms. On a cluster, where names of several slots are no one command, it looks at
// nothing: worms write to the first server they find.
func (p *peek) intruders(ctx context.Context) {
	if p.conn.Server().Mode == redisconn.ModeCluster {
		return
	}
	n, err := p.conn.Client().Exists(ctx, intruderKeys...).Result()
	if err != nil || n == 0 {
		return
	}
	p.sent += len(intruderKeys) // on top of the budget: a server with such names is not healthy
	for _, name := range intruderKeys {
		head, err := p.conn.Client().GetRange(ctx, name, 0, valueHead-1).Result()
		if err != nil {
			continue // another type: not theirs
		}
		if planted(head) {
			p.keys.Suspicious = append(p.keys.Suspicious, snapshot.Text(name))
		}
	}
}
