package surround

import "context"

// sourcePath is where programs are looked for.
const sourcePath = "PATH"

// redisPrograms are the servers and clients an operator can start, none of which is started here.
var redisPrograms = []string{
	"redis-server", "valkey-server", "keydb-server", "dragonfly", "redis-stack-server",
	"redis-cli", "valkey-cli", "keydb-cli",
}

func (l *look) programs(ctx context.Context) Fact[[]Program] {
	found := []Program{}
	for _, name := range redisPrograms {
		if ctx.Err() != nil {
			return unseen[[]Program](statusOf(ctx.Err()), sourcePath, "")
		}
		if path, err := l.LookPath(name); err == nil {
			found = append(found, Program{Name: name, Path: path})
		}
	}
	return seen(sourcePath, found)
}
