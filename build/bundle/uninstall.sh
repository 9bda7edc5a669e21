#!/bin/sh
# Removes Alcove. Data is deleted only when somebody says so.
# uninstall.sh [--user|--system] [--keep-data|--delete-data]
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=build/bundle/paths.sh
. "$here/paths.sh"

usage() {
	cat <<'TEXT'
uninstall.sh [--user|--system] [--keep-data|--delete-data]
  --user         what install.sh put into ~/.local
  --system       what it put into /opt/alcove
                 (without either: the one this file belongs to; from a bundle: --system for root, else --user)
  --keep-data    keep conversations, settings and models without asking (what happens without a terminal)
  --delete-data  delete them without asking; they cannot be brought back
TEXT
}

# ask: "delete" or "keep". Only a whole "yes" deletes.
ask() {
	if ! [ -t 0 ]; then echo keep && return; fi
	printf 'Delete the conversations, settings and models in %s too (%s)? They cannot be brought back.\nType yes to delete them, anything else to keep them: ' \
		"$data" "$(du -sh "$data" 2>/dev/null | cut -f1)" >&2
	read -r answer || answer=
	if [ "$answer" = yes ]; then echo delete; else echo keep; fi
}

stop_service() {
	[ -e "$units/alcove.service" ] || return 0
	if has_systemd; then manager disable --now alcove.service 2>/dev/null || true; fi
	rm -f "$units/alcove.service"
	if has_systemd; then manager daemon-reload; fi
}

remove_programs() {
	for name in alcove alcove-desktop; do
		if ours "$bin/$name"; then rm -f "$bin/$name"; fi
	done
	if grep -qs "$root/bin/" "$share/applications/alcove.desktop"; then
		rm -f "$share/applications/alcove.desktop"
		(cd "$root/share/icons" && find . -type f) | while read -r icon; do rm -f "$share/icons/hicolor/$icon"; done
		update-desktop-database -q "$share/applications" 2>/dev/null || true
	fi
	rm -rf "$root" "$root.new" "$root.old"
}

delete_data() {
	rm -rf "$data" "$settings"
	if [ "$mode" = system ] && [ "$(home_of_service)" = "$data" ]; then userdel alcove 2>/dev/null || true; fi
}

# An installed uninstall.sh removes the installation that it belongs to.
case $here in
/opt/alcove) mode=system ;;
*/.local/lib/alcove) mode=user ;;
*) mode=$(default_mode) ;;
esac
what=
for arg; do
	case $arg in
	--user) mode=user ;;
	--system) mode=system ;;
	--keep-data) what=keep ;;
	--delete-data) what=delete ;;
	--help | -h) usage && exit 0 ;;
	*) usage >&2 && exit 2 ;;
	esac
done
choose "$mode"
[ "$mode" = user ] || [ "$(id -u)" = 0 ] || die "--system needs root. Nothing was changed."
if [ -e "$root/bin/alcove" ]; then
	[ -n "$what" ] || what=$(ask)
	stop_service
	busy=$(running)
	[ -z "$busy" ] || die "Alcove is still running (process ${busy% }). Close its window or end it, then run this again. Nothing was removed."
	remove_programs
	say "Alcove was removed."
elif [ "$what" = delete ]; then
	say "Alcove is not installed in $root."
else
	die "Alcove is not installed in $root. Nothing was changed. (For another installation: --user or --system.)"
fi
[ -e "$data" ] || exit 0
if [ "$what" = delete ]; then
	delete_data
	say "Its data was deleted."
else
	say "Its data was kept: $data, $settings. A later installation finds it again; to delete it: rm -r $data $settings"
fi
