#!/bin/sh
# kiosk.sh: an X server with nothing in it but Alcove. The exit status is Alcove's: 0 after the PIN, else not.
# kiosk.sh inside FILE: what runs in the X server; writes Alcove's exit status to FILE.
# Environment: ALCOVE_KIOSK_PROGRAM, ALCOVE_KIOSK_IDLE (2m), ALCOVE_KIOSK_PIN_FILE (none: no way out),
# ALCOVE_KIOSK_COLLECTION (none: any question), ALCOVE_KIOSK_X (the X server and its arguments).
set -u

if [ "${1:-}" = inside ]; then
	# A screen that goes dark looks broken. Without xset it stays as X has it.
	xset s off s noblank -dpms 2>/dev/null
	set -- "$2" --kiosk --kiosk-idle "${ALCOVE_KIOSK_IDLE:-2m}" ${ALCOVE_KIOSK_PIN_FILE:+--kiosk-pin-file "$ALCOVE_KIOSK_PIN_FILE"} \
		${ALCOVE_KIOSK_COLLECTION:+--kiosk-collection "$ALCOVE_KIOSK_COLLECTION"}
	result=$1
	shift
	"${ALCOVE_KIOSK_PROGRAM:-alcove-desktop}" "$@"
	echo $? >"$result"
	exit 0
fi

self=$(readlink -f "$0")
result=$(mktemp) || exit 1
trap 'rm -f "$result"' EXIT
# shellcheck disable=SC2086 # the server's arguments are words
xinit "$self" inside "$result" -- ${ALCOVE_KIOSK_X:-/usr/bin/X :0 vt1 -keeptty -nolisten tcp}
# X died before Alcove ended: nothing was written, and everything starts again.
status=$(cat "$result")
exit "${status:-1}"
