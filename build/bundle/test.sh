#!/bin/sh
# test.sh BUNDLE [SUITE]: installs a bundle in an empty Debian without network, asks it, upgrades and removes it.
# The empty Debian is fetched once and kept as build/roots/*.tar.
# shellcheck disable=SC2016 # what stands in single quotes is for another program
set -eu
here=$(cd "$(dirname "$0")" && pwd)
roots=$here/../roots
bundle=$1
say() { printf 'bundle-test: %s\n' "$*"; }

if [ "$(id -u)" != 0 ]; then
	printf '\n*** NOT TESTED: the bundle. An empty Debian needs root (chroot, a network of its own). Run: sudo make bundle-test\n\n'
	exit 0
fi

# The same Debian as this machine's if none is named, from where this machine gets its packages.
own=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
suite=${2:-$own}
mirror=$(apt-get indextargets --format '$(SITE)' "Codename: $own" 2>/dev/null | head -n 1)
if [ ! -e "$roots/$suite.tar" ]; then
	say "fetching an empty Debian ($suite), once"
	mkdir -p "$roots"
	made=$(mktemp -d)
	debootstrap --variant=minbase --include=zstd "$suite" "$made" ${mirror:+"$mirror"} >"$roots/$suite.log" 2>&1 ||
		{ tail -n 20 "$roots/$suite.log" && rm -rf "$made" && exit 1; }
	tar -C "$made" --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' -cf "$roots/$suite.tar.part" .
	mv "$roots/$suite.tar.part" "$roots/$suite.tar"
	rm -rf "$made"
fi

empty=$(mktemp -d)
trap 'rm -rf --one-file-system "$empty"' EXIT
trap 'exit 130' HUP INT TERM
tar -C "$empty" -xf "$roots/$suite.tar"
chmod 755 "$empty"
# Emptier than Debian's: the bundle brings its own libffi.
rm -f "$empty"/usr/lib/*/libffi.so*
chroot "$empty" ldconfig
mkdir "$empty/media/stick"
cp "$bundle" "$here/inside.sh" "$empty/media/stick/"

# Mounts and processes end with the namespaces.
unshare --net --mount --pid --fork --kill-child sh -euc '
	mount -t proc proc "$1/proc"
	mount -t sysfs -o ro sysfs "$1/sys"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
	rm -f "$1/dev/ptmx"
	ln -s pts/ptmx "$1/dev/ptmx"
	ip link set lo up
	exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/nowhere LC_ALL=C.UTF-8 \
		chroot "$1" /bin/bash /media/stick/inside.sh' sh "$empty" </dev/null
say "passed"
