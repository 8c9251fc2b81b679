#!/bin/sh
# Installs one system package without asking, by whichever package manager is here. Arguments name it for each:
#
#   scripts/install-package.sh apt-get:redis-server dnf:redis apk:redis brew:redis
#
# Exit 1 with nothing changed where there is no such package manager, or no right to use it without a password.
set -eu

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

for argument in "$@"; do
	manager=${argument%%:*}
	package=${argument#*:}
	command -v "$manager" >/dev/null 2>&1 || continue
	# Homebrew refuses to run as root; the others cannot do without.
	if [ "$manager" != brew ] && ! as_root true 2>/dev/null; then
		echo "cannot install $package: not root, and sudo would ask for a password" >&2
		exit 1
	fi
	echo "installing $package with $manager"
	case $manager in
	apt-get)
		as_root apt-get update -qq
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package" >/dev/null
		;;
	dnf) as_root dnf install -q -y "$package" ;;
	apk) as_root apk add --quiet "$package" ;;
	brew) HOMEBREW_NO_AUTO_UPDATE=1 brew install --quiet "$package" ;;
	*)
		echo "install-package: unknown package manager '$manager'" >&2
		exit 2
		;;
	esac
	exit 0
done
echo "no package manager known to this script is here" >&2
exit 1
