#!/bin/sh
# step.sh NAME COMMAND...: runs it, and says how long that took on the clock and of the processors.
set -u
name=$1
shift
began=$(date +%s)
"$@"
code=$?
# The second line is of children that have ended, as user and system: 1m2.03s 0m4.5s. A pipe would make another shell's.
said=$(mktemp)
times >"$said"
used=$(sed -n '2s/m\([0-9]*\)[^ ]*/ \1/gp' "$said" | awk '{ print 60 * ($1 + $3) + $2 + $4 }')
rm -f "$said"
printf '== %s: %d s, %d s of the processors\n' "$name" $(($(date +%s) - began)) "$used"
exit $code
