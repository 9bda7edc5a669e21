#!/bin/sh
# packages.sh run|window|bundle|test: sees that the Debian packages of packages.txt are there; each kind includes those before it.
# As root it installs what is missing; otherwise it prints the one command and stops.
. "$(dirname "$0")/lib.sh"
want=${1:-run}

missing=""
while IFS='|' read -r need package check why; do
	need=$(echo $need) package=$(echo $package) # unquoted: drops the blanks
	case $need in "#"* | "") continue ;; esac
	case $want/$need in */run | window/window | bundle/window | bundle/bundle | test/*) ;; *) continue ;; esac
	sh -c "$check" >/dev/null 2>&1 </dev/null || missing="$missing $package"
done <"$root/build/setup/packages.txt"
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null 2>&1 ||
	die "these are missing:$missing (Debian's names). This machine has no apt-get: install them its own way, then run the same command again."
if [ "$(id -u)" != 0 ]; then
	printf 'setup: some Debian packages are missing. Install them with this command, then run make again:\n\n    sudo apt-get install -y --no-install-recommends%s\n\n' "$missing" >&2
	exit 1
fi
say "installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
# Lists may be old or missing (a container image): try first, refresh only when that fails.
install() { apt-get install -y -q --no-install-recommends $missing </dev/null; }
install || { apt-get update -q </dev/null && install; } || die "apt-get could not install:$missing. Its message is above; nothing else was changed."
