#!/bin/sh
# test.sh [go test flags]: the Go tests. Race detector everywhere but in packages that load llama.cpp:
# those are built without cgo, as the worker is, and the race detector needs cgo.
. "$(dirname "$0")/lib.sh"
cd "$root"
tags=sqlite_fts5

# Packages with tests, one a line, each followed by all that it stands on.
all=$(go list -tags $tags -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{join .Deps " "}} {{join .TestImports " "}} {{join .XTestImports " "}}{{end}}' ./... | grep .)
without_cgo=$(echo "$all" | grep -E 'hybridgroup/yzma|alcove/engine/worker/llama' | cut -d' ' -f1)
with_race=$(echo "$all" | grep -vE 'hybridgroup/yzma|alcove/engine/worker/llama' | cut -d' ' -f1)

# go vet has run in check.sh, and takes long. Two packages at a time: the tests start workers, and more of them than cores would starve each other.
failed=0
CGO_ENABLED=1 go test -race -vet=off -count=1 -p 2 -timeout 20m -tags $tags "$@" $with_race || failed=1
if [ -n "$without_cgo" ]; then CGO_ENABLED=0 go test -vet=off -count=1 -p 2 -timeout 20m "$@" $without_cgo || failed=1; fi
[ $failed = 0 ] || die "Go tests failed (see FAIL above)"
