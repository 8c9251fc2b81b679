#!/bin/sh
# Everything that judges the sources without running them. All stages run, even after one has failed.
set -eu

cd "$(dirname "$0")/.."
failed=

check() {
	echo "==> $1"
	shift
	"$@" || failed=yes
}

scripts/ensure-tools.sh golangci-lint actionlint

check "golangci-lint: format, and the rules of .golangci.yml" .tools/bin/golangci-lint run

# Files for other systems are invisible to a build on this one. Tests are compiled too.
for system in linux darwin windows; do
	if [ "$system" != "$(go env GOOS)" ]; then
		check "go vet for $system" env GOOS="$system" CGO_ENABLED=0 go vet ./...
	fi
done

check "go.mod names exactly what is imported" go mod tidy -diff

check "actionlint: the workflows" .tools/bin/actionlint .github/workflows/*.yml

if command -v shellcheck >/dev/null 2>&1; then
	check "shellcheck: the scripts" shellcheck scripts/*.sh .ci/run
else
	echo "==> shellcheck is not installed here: the scripts were not checked"
fi

if [ -n "$failed" ]; then
	echo "lint: something above needs a look" >&2
	exit 1
fi
