#!/bin/sh
# Measures olymp-cache beside redis-cli on a server of its own and prints a Markdown table of ratios.
# Usage: scripts/bench.sh [-runs N]
set -eu
cd "$(dirname "$0")/.."
scripts/ensure-redis.sh >&2
exec go run ./scripts/bench "$@"
