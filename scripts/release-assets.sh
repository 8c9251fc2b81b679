#!/bin/sh
# Writes what a release carries beside the binary, into generated/: shell completions and man pages, as the program itself
# prints them. Packages want man pages gzipped, archives and Homebrew plain, so both are made.
set -eu

cd "$(dirname "$0")/.."
umask 022
out=generated
rm -rf "$out"
mkdir -p "$out/completions" "$out/man"

CGO_ENABLED=0 go build -trimpath -o "$out/olymp-cache" ./cmd/olymp-cache
"$out/olymp-cache" completion bash >"$out/completions/olymp-cache.bash"
"$out/olymp-cache" completion zsh >"$out/completions/_olymp-cache"
"$out/olymp-cache" completion fish >"$out/completions/olymp-cache.fish"
"$out/olymp-cache" completion powershell >"$out/completions/olymp-cache.ps1"
"$out/olymp-cache" man --dir "$out/man"
rm "$out/olymp-cache"

for file in "$out"/completions/* "$out"/man/man1/olymp-cache.1 "$out"/man/fr/man1/olymp-cache.1; do
	if [ ! -s "$file" ]; then
		echo "release-assets: $file is missing or empty" >&2
		exit 1
	fi
done
# A cask cannot name its man pages by a pattern, so a page of a new command has to be added by hand.
for page in "$out"/man/man1/*.1; do
	if ! grep -q "man/man1/$(basename "$page")\$" .goreleaser.yaml; then
		echo "release-assets: add man/man1/$(basename "$page") to the manpages of homebrew_casks in .goreleaser.yaml" >&2
		exit 1
	fi
done
# -n leaves the time out: the same sources give the same bytes.
find "$out/man" -name '*.1' -exec gzip -9 -n -k {} +
