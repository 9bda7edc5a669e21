#!/bin/sh
# Writes frontend/package-lock.json anew after package.json was changed, whole for every platform.
# A registry that lacks another platform's optional package makes npm leave it out, and then `npm ci` refuses the
# lock everywhere. Such packages are put back by name and version, without a hash: this machine never fetches them.
. "$(dirname "$0")/lib.sh"
cd "$root/frontend"
npm install --package-lock-only --ignore-scripts --no-audit --no-fund </dev/null
python3 - <<'PY'
import json, re
path = "package-lock.json"
lock = json.load(open(path))
packages = lock["packages"]
for parent in list(packages.values()):
    for name, version in parent.get("optionalDependencies", {}).items():
        key = "node_modules/" + name
        platform = re.search(r"-(linux|darwin|win32)-(x64|arm64)$", name)
        if key in packages or not platform:
            continue
        packages[key] = {"version": version, "cpu": [platform[2]], "optional": True, "os": [platform[1]]}
        if parent.get("dev"):
            packages[key]["dev"] = True
        print("setup: kept", name, version)
lock["packages"] = dict(sorted(packages.items()))
with open(path, "w") as f:
    f.write(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
PY
