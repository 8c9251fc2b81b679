package keyspace

import (
	"context"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/facts/snapshot"
	"github.com/olympiades-ia/olymp-cache/internal/redisconn"
)

// intruderKeys are names that worms leave on open servers: they hold a line of a crontab or an SSH key, which CONFIG SET
// dir and SAVE then write where cron or sshd reads it (redis#3710, #6466, docker-library/redis#378).
var intruderKeys = []string{
	"backup1", "backup2", "backup3", "backup4", "Backup1", "Backup2", "Backup3", "Backup4", "crackit", "weapon", "trojan1",
}

// marks are what the values of such keys hold; a name alone proves nothing.
var marks = []string{"curl ", "wget ", "lynx ", "/bin/sh", "/bin/bash", "ssh-rsa ", "ssh-ed25519 ", "base64 -d", "| sh", "|sh", "|bash"}

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
		for _, mark := range marks {
			if strings.Contains(head, mark) {
				p.keys.Suspicious = append(p.keys.Suspicious, snapshot.Text(name))
				break
			}
		}
	}
}
