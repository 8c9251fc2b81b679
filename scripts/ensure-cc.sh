#!/bin/sh
# Makes sure that there is the C compiler that the race detector links with. Exit 1 where none is and none can be had.
set -eu

cc=$(go env CC)
# CC may carry flags; its first word is the program.
if command -v "${cc%% *}" >/dev/null 2>&1; then
	exit 0
fi
# The headers of the C library come along: gcc alone is not enough to link on Debian and Alpine.
package="$(dirname "$0")/install-package.sh"
case $(uname -s) in
Darwin) echo "no C compiler: type  xcode-select --install" >&2 && exit 1 ;;
*) "$package" apt-get:libc6-dev dnf:glibc-devel apk:musl-dev && "$package" apt-get:gcc dnf:gcc apk:gcc ;;
esac
command -v "${cc%% *}" >/dev/null 2>&1
