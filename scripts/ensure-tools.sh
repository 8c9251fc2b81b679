#!/bin/sh
# Installs the pinned development tools named as arguments into .tools/bin, each built from source by `go install`.
# A tool that is already there in the pinned version is left alone.
#
#   scripts/ensure-tools.sh golangci-lint govulncheck
set -eu

cd "$(dirname "$0")/.."
bin="$PWD/.tools/bin"

# package_of prints what `go install` takes for a tool. To move a tool to a new version, edit its line here.
package_of() {
	case "$1" in
	actionlint) echo github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 ;;
	golangci-lint) echo github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 ;;
	govulncheck) echo golang.org/x/vuln/cmd/govulncheck@v1.9.0 ;;
	# From 2.18 on goreleaser asks for Go 1.27.
	goreleaser) echo github.com/goreleaser/goreleaser/v2@v2.16.0 ;;
	syft) echo github.com/anchore/syft/cmd/syft@v1.54.1 ;;
	*)
		echo "ensure-tools: unknown tool '$1'" >&2
		exit 2
		;;
	esac
}

# up_to_date tells whether a Go binary is that version of its module, built by the Go release in use or a later one:
# golangci-lint refuses a module that is newer than the Go it was built by.
up_to_date() {
	[ -x "$1" ] || return 1
	go version -m "$1" | awk -v want="$2" -v go="$(go env GOVERSION)" '
		# go1.26.8 as a number that compares.
		function number(release, part) {
			split(substr(release, 3), part, /[^0-9]+/)
			return (part[1] * 1000 + part[2]) * 1000 + part[3]
		}
		NR == 1 { built = $NF }
		$1 == "mod" { version = $3 }
		END { exit !(version == want && number(built) >= number(go)) }'
}

if [ $# -eq 0 ]; then
	echo "usage: scripts/ensure-tools.sh TOOL..." >&2
	exit 2
fi
mkdir -p "$bin"
for tool in "$@"; do
	package=$(package_of "$tool")
	version=${package##*@}
	if up_to_date "$bin/$tool" "$version"; then
		continue
	fi
	echo "installing $tool $version into .tools/bin (from source, a few minutes the first time)"
	# Empty GOOS and GOARCH: a cross build of the project must not cross-build its tools.
	GOBIN="$bin" GOOS='' GOARCH='' GOFLAGS='' CGO_ENABLED=0 go install -trimpath "$package"
done
