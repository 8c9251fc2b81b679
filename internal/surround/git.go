package surround

import (
	"context"
	"path/filepath"
	"strings"
)

// sourceTracked is the question to git.
const sourceTracked = "git ls-files --error-unmatch"

func (l *look) tracked(ctx context.Context, file string) Fact[EnvFile] {
	path, err := l.LookPath("git")
	if err != nil {
		return Fact[EnvFile]{} // without git nobody commits it from here
	}
	// A repository's own configuration may name a program to run at every look: core.fsmonitor.
	out := l.run(ctx, false, path, "-c", "core.fsmonitor=false", "-C", filepath.Dir(file),
		"ls-files", "--error-unmatch", "--", filepath.Base(file))
	words := strings.ToLower(out.stderr)
	env := EnvFile{File: file, SecretLine: l.EnvSecrets[file]}
	switch {
	case out.err != nil:
	case out.code == 0:
		env.Repository, env.Tracked = true, true
		return seen(sourceTracked, env)
	case out.code == 1 && strings.Contains(words, "did not match any file"):
		env.Repository = true
		return seen(sourceTracked, env)
	case strings.Contains(words, "not a git repository"):
		return seen(sourceTracked, env)
	case strings.Contains(words, "dubious ownership"), strings.Contains(words, "permission denied"):
		return unseen[EnvFile](Denied, sourceTracked, l.clean(out.words()))
	case strings.Contains(words, "cannot change to"):
		return unseen[EnvFile](Missing, sourceTracked, l.clean(out.words()))
	}
	return unseen[EnvFile](out.status(), sourceTracked, l.clean(out.words()))
}
