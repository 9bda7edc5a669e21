# Shared by install.sh and uninstall.sh. Sourced, never run.
# shellcheck shell=sh disable=SC2034 # the variables are used by those who source this
set -eu
umask 022
unset CDPATH

say() { printf '%s\n' "$*"; }
die() { printf 'alcove: %s\n' "$*" >&2; exit 1; }

# choose user|system: where everything of that installation lies.
choose() {
	mode=$1
	if [ "$mode" = system ]; then
		root=/opt/alcove bin=/usr/local/bin share=/usr/local/share units=/etc/systemd/system
		data=/var/lib/alcove settings=/etc/alcove
		return
	fi
	case ${HOME:-} in /?*) ;; *) die "HOME names no folder, so there is no place for this person's programs. Nothing was changed." ;; esac
	root=$HOME/.local/lib/alcove bin=$HOME/.local/bin share=${XDG_DATA_HOME:-$HOME/.local/share}
	units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
	data=$share/alcove settings=${XDG_CONFIG_HOME:-$HOME/.config}/alcove
}

# default_mode: root installs for the machine, everybody else for himself.
default_mode() { if [ "$(id -u)" = 0 ]; then echo system; else echo user; fi; }

# manager ARGS: the systemd that runs this installation's service.
manager() { if [ "$mode" = system ]; then systemctl "$@"; else systemctl --user "$@"; fi; }

has_systemd() {
	command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ] &&
		{ [ "$mode" = system ] || manager show-environment >/dev/null 2>&1; }
}

# running: ids of processes that run this installation's programs.
running() {
	for exe in /proc/[0-9]*/exe; do
		case $(readlink "$exe" 2>/dev/null) in
		"$root"/bin/*) exe=${exe#/proc/} && printf '%s ' "${exe%/exe}" ;;
		esac
	done
}

# ours LINK: a link that leads into this installation.
ours() { case $(readlink "$1" 2>/dev/null) in "$root"/*) ;; *) return 1 ;; esac; }

# home_of_service: the home folder of the user "alcove", or nothing. install.sh made it when that is the data folder.
home_of_service() { getent passwd alcove | cut -d: -f6; }
