#!/bin/sh
# Prints the section of CHANGELOG.md about one version, given as v1.2.3 or 1.2.3. Exit 1 where it has none or it is empty.
set -eu

version=${1:?usage: scripts/release-notes.sh VERSION}
notes=$(awk -v heading="## [${version#v}]" '
	/^## / { wanted = index($0, heading) == 1; next }
	/^\[[^]]*\]: / { next }
	wanted
' "$(dirname "$0")/../CHANGELOG.md")
if [ -z "$(printf '%s' "$notes" | tr -d '[:space:]')" ]; then
	echo "CHANGELOG.md says nothing about version ${version#v}" >&2
	exit 1
fi
printf '%s\n' "$notes"
