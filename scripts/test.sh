#!/bin/sh
# Runs every test against real Redis servers, with the race detector, and prints the coverage.
# Arguments go to `go test` (for example -run TestName ./internal/report); without any, all packages are tested.
set -eu

cd "$(dirname "$0")/.."
scripts/ensure-redis.sh
race=-race
if scripts/ensure-cc.sh; then
	export CGO_ENABLED=1 # the race detector needs it
else
	race=
	echo "WARNING: no C compiler was found and none could be installed: testing WITHOUT the race detector" >&2
fi
if [ $# -eq 0 ]; then
	set -- ./...
fi
# shellcheck disable=SC2086 # an empty $race is no argument
go test $race -coverprofile=coverage.out "$@"
go tool cover -func=coverage.out | awk 'END { print "coverage of all statements: " $NF }'
