package surround

import (
	"context"
	"slices"
)

// sourcePath is where programs are looked for.
const sourcePath = "PATH"

// packagers install software on the systems that have them.
var packagers = []string{"apt-get", "dnf", "yum", "apk", "pacman", "zypper", "brew"}

// redisPrograms are the servers and clients an operator can start, none of which is started here.
var redisPrograms = []string{
	"redis-server", "valkey-server", "keydb-server", "dragonfly", "redis-stack-server",
	"redis-cli", "valkey-cli", "keydb-cli",
}

func (l *look) programs(ctx context.Context) Fact[[]Program] {
	found := []Program{}
	for _, name := range slices.Concat(redisPrograms, packagers) {
		if ctx.Err() != nil {
			return unseen[[]Program](statusOf(ctx.Err()), sourcePath, "")
		}
		if path, err := l.LookPath(name); err == nil {
			found = append(found, Program{Name: name, Path: path})
		}
	}
	return seen(sourcePath, found)
}
