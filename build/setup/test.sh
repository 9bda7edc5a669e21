#!/bin/sh
# test.sh [go test flags]: the Go tests, in three parts that run beside each other, as each of them waits now and then.
. "$(dirname "$0")/lib.sh"
cd "$root"
tags=sqlite_fts5
module=$(go list -m)

# Packages with tests, one a line, each followed by all that it stands on. The gates have run in check.sh.
all=$(go list -tags $tags -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{join .Deps " "}} {{join .TestImports " "}} {{join .XTestImports " "}}{{end}}' ./... |
	grep . | grep -v "^$module/internal/gates ")
if [ -n "${ALCOVE_SOAK:-}" ]; then # to link sixty programs without a soak test in them takes minutes
	all=$(echo "$all" | while read -r package rest; do
		! grep -q '^func TestSoak' ".${package#"$module"}"/*_test.go || echo "$package $rest"
	done)
fi

# Where llama.cpp is loaded there is no cgo, as in the worker, and the race detector needs cgo.
no_cgo='hybridgroup/yzma|alcove/engine/worker/llama'
# What parses files is one goroutine in a child of its own, and takes twice the time with the race detector. The sample
# handbook goes through index, answer and documents, which have it in their own tests.
plain='^alcove/app/documents/(quality |extract/)'
# The soaks of these are long loops of one goroutine; `make test` runs the packages with the race detector.
[ -z "${ALCOVE_SOAK:-}" ] || plain="$plain|^alcove/(app/operate/usage|engine/models|monitor) "
pick() { echo "$all" | grep -E "$1" | cut -d' ' -f1; }
drop() { echo "$all" | grep -vE "$1" | cut -d' ' -f1; }

# first PACKAGE...: these, the longest ones at the beginning, so that none of them runs alone at the end.
longest="$module $module/engine/local $module/storage $module/app/server $module/app/operate/usage $module/engine/worker $module/app/documents/extract/formats"
first() {
	for p in $longest; do case " $* " in *" $p "*) echo "$p" ;; esac; done
	for p; do case " $longest " in *" $p "*) ;; *) echo "$p" ;; esac; done
}

# run NAME CGO FLAGS PACKAGE...: go vet has run in check.sh, and what a debugger needs takes the linker's time.
# Four tests of a package at a time: those that may run beside others mostly wait.
run() {
	name=$1 cgo=$2 flags=$3
	shift 3
	[ $# -gt 0 ] || return 0
	# shellcheck disable=SC2046,SC2086 # lists of words
	CGO_ENABLED=$cgo build/setup/step.sh "Go tests, $name" \
		go test $flags -ldflags=-w -vet=off -count=1 -parallel 4 -timeout 30m -tags $tags $more $(first "$@")
}

more=$*
failed=0
# shellcheck disable=SC2046 # lists of words
{
	run "with the race detector" 1 "-race -p 2" $(drop "$no_cgo|$plain") &
	race=$!
	run "without cgo" 0 "-p 1" $(pick "$no_cgo") || failed=1
	run "without the race detector" 1 "-p 1" $(pick "$plain") || failed=1
}
wait $race || failed=1
[ $failed = 0 ] || die "Go tests failed (see FAIL above)"
