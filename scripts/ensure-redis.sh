#!/bin/sh
# Makes sure that the tests find a redis-server: says which one is in PATH, or installs one. The tests start their own
# servers, so no service is left running that was not running before.
set -eu

here=$(dirname "$0")

if ! command -v redis-server >/dev/null 2>&1; then
	if ! "$here/install-package.sh" apt-get:redis-server dnf:redis apk:redis brew:redis; then
		cat >&2 <<'MESSAGE'

The tests need a redis-server in PATH (7.0 or later) and none could be installed. Type one of these, then try again:
    sudo apt-get install redis-server     Debian, Ubuntu
    sudo dnf install redis                Fedora, RHEL
    sudo apk add redis                    Alpine
    brew install redis                    macOS
MESSAGE
		exit 1
	fi
	# Debian's package starts the service, now and at every boot, where systemd runs.
	if [ -d /run/systemd/system ] && systemctl --quiet is-active redis-server 2>/dev/null; then
		if [ "$(id -u)" -eq 0 ]; then
			systemctl --quiet disable --now redis-server
		else
			sudo -n systemctl --quiet disable --now redis-server
		fi
	fi
	if ! command -v redis-server >/dev/null 2>&1; then
		echo "the package is installed, but redis-server is still not in PATH ($PATH)" >&2
		exit 1
	fi
fi
redis-server --version
