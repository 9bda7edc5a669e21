# Shared by the set-up scripts. Sourced, never run.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cache="$root/build/.cache"

say() { printf '%s\n' "setup: $*"; }
die() { printf '%s\n' "setup: $*" >&2; exit 1; }

# check_files FOLDER: reads "sha256  name" lines and succeeds when every file has its hash.
check_files() { (cd "$1" 2>/dev/null && sha256sum --check --status --strict 2>/dev/null); }
