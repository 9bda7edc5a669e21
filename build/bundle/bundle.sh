#!/bin/sh
# bundle.sh VERSION: packs what `make build` left into build/dist/alcove-VERSION-linux-amd64.tar.zst.
# The same commit, built on the same machine, gives the same bytes.
set -eu
umask 022
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
say() { printf 'bundle: %s\n' "$*"; }
die() { printf 'bundle: %s\n' "$*" >&2; exit 1; }

version=$1
name=alcove-$version-linux-amd64
target=build/dist/$name.tar.zst
[ "$(uname -s)/$(uname -m)" = Linux/x86_64 ] || die "bundles are made on Linux x86-64 only"
[ "$(build/bin/alcove version)" = "alcove $version" ] || die "build/bin/alcove is not $version. Run make build."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
top=$work/$name
mkdir -p "$top/bin" "$top/lib" "$top/models" "$top/share"

cp build/bin/alcove build/bin/alcove-worker "$top/bin/"
if [ -e build/bin/alcove-desktop ]; then cp build/bin/alcove-desktop "$top/bin/"; else say "without the window: build/bin/alcove-desktop is not built"; fi
cp -R -P build/runtime/lib "$top/lib/runtime"

# The worker finds libffi beside llama.cpp's libraries, and the app checks it with them at each start.
ffi=$(ldconfig -p | sed -n 's/.*libffi\.so\.8 (libc6,x86-64).* => //p' | head -n 1)
[ -n "$ffi" ] || die "libffi.so.8 is not on this machine (Debian: libffi8)"
cp -L "$ffi" "$top/lib/runtime/libffi.so.8"
python3 - "$top/lib/runtime" <<'PY'
import hashlib, json, os, sys
folder = sys.argv[1]
lock = json.load(open(folder + "/lock.json"))
here = lock["platforms"]["linux/amd64"]
# Those for GPUs are large, and not every machine has one: `alcove runtime install` brings them, by the same lock.
for group in here.get("optional", {}).values():
    for name in group["files"]:
        if os.path.exists(folder + "/" + name):
            os.remove(folder + "/" + name)
here["files"]["libffi.so.8"] = hashlib.sha256(open(folder + "/libffi.so.8", "rb").read()).hexdigest()
lock["platforms"] = {"linux/amd64": here}
open(folder + "/lock.json", "w").write(json.dumps(lock, indent=2) + "\n")
PY

# Only the pinned models: other weights in build/models are the developer's own.
python3 -c 'import json; [print(m["sha256"] + "  " + m["file"]) for m in json.load(open("build/models/lock.json"))["models"]]' >"$work/models"
(cd build/models && sha256sum --check --quiet --strict "$work/models") || die "a model differs from build/models/lock.json"
while read -r _ file; do cp "build/models/$file" "$top/models/"; done <"$work/models"

build/bundle/licences.sh "$top/licences" "$ffi"
cp LICENSE NOTICE.md "$top/"
cp build/bundle/install.sh build/bundle/uninstall.sh build/bundle/paths.sh "$top/"
cp build/bundle/README "$top/"
cp build/bundle/alcove.desktop "$top/share/"
cp build/bundle/user.service "$top/share/"
for part in icons systemd kiosk; do
	[ ! -d build/$part ] || cp -R build/$part "$top/share/"
done
printf '%s\n' "$version" >"$top/VERSION"
# The newest symbol version of the C library that any of the programs asks for.
objdump -T "$top"/bin/* "$top"/lib/runtime/*.so* | sed -n 's/.*(\{0,1\}GLIBC_\([0-9.]*\).*/\1/p' | sort -Vu | tail -n 1 >"$top/GLIBC"
[ -s "$top/GLIBC" ] || die "the C library's version that the programs need was not found"

chmod -R u=rwX,go=rX "$top"
chmod 755 "$top"/bin/* "$top"/*.sh
(cd "$top" && find . -type f ! -name SHA256SUMS | sed 's,^\./,,' | LC_ALL=C sort | xargs -d '\n' sha256sum) >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$top/"

# Level 10: level 19 takes fifteen times as long for a file that is 5 percent smaller; most of it is the model.
made=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
mkdir -p build/dist
tar -C "$work" --sort=name --mtime="@$made" --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$name" |
	zstd -q -T2 -10 -f -o "$target.part"
mv "$target.part" "$target"
say "$target, $(du -h "$target" | cut -f1), needs glibc $(cat "$top/GLIBC")"
