#!/bin/sh
# check.sh go|generated|platforms: the checks that read code and start nothing. Run by the Makefile.
. "$(dirname "$0")/lib.sh"
cd "$root"
tags=sqlite_fts5
desktop_tags=$tags,desktop,production,webkit2_41

step() { printf '== %s\n' "$*"; }

# our_go: Go files of the main module, without fetched ones.
our_go() { find . -name '*.go' ! -path './build/*' ! -path './frontend/node_modules/*' ! -path './tools/*'; }

check_go() {
	step gofmt
	bad=$(our_go | xargs gofmt -l)
	[ -z "$bad" ] || die "these files are not formatted; run gofmt -w on them:
$bad"
	step "go vet, headless"
	go vet -tags $tags ./...
	step "go vet, with the window"
	go vet -tags $desktop_tags . ./app/window/...
	step "go vet, worker (no cgo)"
	CGO_ENABLED=0 go vet ./engine/worker/...
	step staticcheck
	# Both tag sets in one run, so that what only one of them uses does not count as unused.
	printf 'headless: -tags=%s\nwindow: -tags=%s\n' $tags $desktop_tags | build/tools/staticcheck -matrix ./...
	step "go mod verify"
	go mod verify
	step "architecture and size"
	CGO_ENABLED=0 go test -count=1 ./internal/gates/...
}

check_generated() {
	step "sqlc: generated code is what the queries say"
	[ ! -e storage/sqlc.yaml ] || build/tools/sqlc diff -f storage/sqlc.yaml
}

# pure_packages: packages of ours that build without cgo (nothing in them or their tests leads to SQLite).
pure_packages() {
	go list -tags $tags -f '{{.ImportPath}} {{join .Deps " "}} {{join .TestImports " "}} {{join .XTestImports " "}} .' ./... |
		grep -v -e mattn/go-sqlite3 -e ' alcove/storage ' | cut -d' ' -f1
}

check_platforms() {
	step "worker for linux/arm64"
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o /dev/null ./engine/worker
	packages=$(pure_packages)
	for os in windows darwin; do
		step "go vet, $os: $(echo "$packages" | wc -l) packages without cgo"
		CGO_ENABLED=0 GOOS=$os GOARCH=amd64 go vet $packages
	done
}

"check_$1"
