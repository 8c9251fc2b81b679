#!/bin/sh
# Runs every fuzz target for FUZZTIME (20s unless set), one after the other: each uses all cores.
set -eu

cd "$(dirname "$0")/.."
fuzztime=${FUZZTIME:-20s}
count=0
packages=$(go list ./...)
for package in $packages; do
	listed=$(go test -list '^Fuzz' "$package")
	for target in $(printf '%s\n' "$listed" | grep '^Fuzz' || true); do
		echo "==> $package $target ($fuzztime)"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzztime" "$package"
		count=$((count + 1))
	done
done
echo "$count fuzz targets passed"
