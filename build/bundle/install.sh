#!/bin/sh
# Installs this bundle, or brings an older installation up to date. Needs no network and no compiler.
# install.sh [--user|--system] [--enable]
here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=build/bundle/paths.sh
. "$here/paths.sh"

usage() {
	cat <<'TEXT'
install.sh [--user|--system] [--enable]
  --user    for this person, into ~/.local (what everybody but root gets)
  --system  for this machine, into /opt/alcove, with a service of its own user (what root gets)
  --enable  start Alcove now, and at each start of the machine or session
Data is kept: run a newer bundle's install.sh over an older installation.
TEXT
}

# check_machine: whether these programs can run here, before anything is written.
check_machine() {
	[ "$(uname -s)/$(uname -m)" = Linux/x86_64 ] ||
		die "this bundle is for Linux on x86-64, and this machine is $(uname -s) on $(uname -m). Nothing was changed."
	need=$(cat "$here/GLIBC")
	have=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed -n 's/^glibc \([0-9]*\.[0-9]*\).*/\1/p')
	[ -n "$have" ] || die "this system has no glibc, the C library of Debian, Ubuntu, Fedora and most others. Alcove needs version $need or later. Nothing was changed."
	[ $((${have%%.*} * 1000 + ${have#*.})) -ge $((${need%%.*} * 1000 + ${need#*.})) ] ||
		die "this system's C library (glibc) is version $have; Alcove needs $need or later (Debian 12, Ubuntu 22.04). Nothing was changed."
}

# verify FOLDER: every file is the one that was packed.
verify() { (cd "$1" && sha256sum --check --quiet --strict SHA256SUMS) >&2; }

# stage: a complete copy beside the place where it will be, tried before it counts.
stage() {
	new=$root.new
	rm -rf "$new"
	trap 'rm -rf "$new"' EXIT
	trap 'exit 130' HUP INT TERM
	mkdir -p "$new" || die "$root cannot be written to. Nothing was changed."
	sed 's/^[0-9a-f]*  //; s,/.*,,' "$here/SHA256SUMS" | sort -u | while read -r part; do
		cp -R -P "$here/$part" "$new/" || exit 1
	done || die "the files could not be copied to $root: is the disk full? Nothing was changed."
	cp "$here/SHA256SUMS" "$new/"
	chmod -R u=rwX,go=rX "$new"
	chmod 755 "$new"/bin/* "$new"/*.sh
	verify "$new" || die "the copy in $root differs from the bundle: is the disk full or broken? Nothing was changed."
	lacking=$(LD_LIBRARY_PATH="$new/lib/runtime" ldd "$new"/lib/runtime/*.so "$new/bin/alcove" 2>/dev/null |
		sed -n 's/^[[:space:]]*\(.*\) => not found.*/\1/p' | sort -u | tr '\n' ' ')
	[ -z "$lacking" ] || die "this system lacks ${lacking}which the engine needs (Debian: libstdc++6, libgcc-s1). Nothing was changed."
	found=$("$new/bin/alcove" version 2>&1) || true
	[ "$found" = "alcove $version" ] ||
		die "the program does not run here: $found. Nothing was changed."
	keep_gpu
	sync -f "$new" 2>/dev/null || true
}

# keep_gpu: libraries for a GPU that were installed into the old place stay where the new lock names the very same.
keep_gpu() {
	for file in "$root"/lib/runtime/*.so*; do
		name=${file##*/}
		if [ ! -f "$file" ] || [ -L "$file" ] || [ -e "$new/lib/runtime/$name" ]; then continue; fi
		sum=$(sha256sum "$file" | cut -d' ' -f1)
		if grep -q "\"$name\": \"$sum\"" "$new/lib/runtime/lock.json"; then
			ln "$file" "$new/lib/runtime/$name" 2>/dev/null || cp "$file" "$new/lib/runtime/$name" ||
				die "$name could not be copied: is the disk full? Nothing was changed."
		else
			case $name in libggml-*) say "$name is of another version and is not kept: run \`alcove runtime install --from DIR\` with the new ones." ;; esac
		fi
	done
}

# swap: the new programs take the old ones' place. A service is stopped for it and started again.
swap() {
	was_active=false
	if has_systemd && manager is-active --quiet alcove.service 2>/dev/null; then
		was_active=true
		manager stop alcove.service
	fi
	busy=$(running)
	if [ -n "$busy" ]; then
		! $was_active || manager start alcove.service
		die "Alcove is running (process ${busy% }). Close its window or end it, then run this again. Nothing was changed."
	fi
	before=
	[ ! -e "$root/VERSION" ] || before=$(cat "$root/VERSION")
	rm -rf "$root.old"
	[ ! -e "$root" ] || mv "$root" "$root.old"
	mv "$new" "$root"
	rm -rf "$root.old"
	trap - EXIT
}

# link NAME: makes a program of ours a command. Somebody else's program of that name stays.
link() {
	mkdir -p "$bin"
	if [ -e "$bin/$1" ] && ! ours "$bin/$1"; then
		say "$bin/$1 is not Alcove's and was left as it is. Start Alcove as $root/bin/$1."
	else
		ln -sfn "$root/bin/$1" "$bin/$1"
	fi
}

# give FILES: to the person whose data it is.
give() { [ "$mode" = user ] || chown -h alcove:alcove "$@"; }

# prepare_data: the data folder, closed to others, with the test model where no model is, and with the one that finds
# passages, without which documents are found by their words alone.
prepare_data() {
	[ -d "$data" ] || { mkdir -p "$data" && chmod 700 "$data" && give "$data"; }
	[ -d "$data/models" ] || { mkdir "$data/models" && chmod 700 "$data/models" && give "$data/models"; }
	none=$(find "$data/models" -iname '*.gguf' 2>/dev/null | head -n 1)
	for model in "$root"/models/*.gguf; do
		case ${model##*/} in all-MiniLM-* | multilingual-e5-*) [ ! -e "$data/models/${model##*/}" ] || continue ;; *) [ -z "$none" ] || continue ;; esac
		# One file on the disk with two names where that is possible. The name counts only when the file is whole.
		ln "$model" "$data/models/" 2>/dev/null && continue
		part=$data/models/model.part
		{ cp "$model" "$part" && mv "$part" "$data/models/${model##*/}"; } ||
			{ rm -f "$part" && die "${model##*/} could not be copied to $data/models: is the disk full? The programs are installed."; }
	done
	warm_reader
	[ "$mode" = system ] || return 0
	mkdir -p "$settings"
	[ -e "$settings/config.toml" ] ||
		printf '# Settings of the service; docs: alcove serve --help. Restart after a change: systemctl restart alcove\n' >"$settings/config.toml"
	[ -e "$data/config.toml" ] || { ln -s "$settings/config.toml" "$data/config.toml" && give "$data/config.toml"; }
}

# warm_reader: what reads PDF is compiled for this machine now, so that the first PDF does not wait for it. The server
# makes up for it where this fails.
warm_reader() {
	case $mode in user) as='' ;; system) as='runuser -u alcove --' ;; esac
	$as "$root/bin/alcove" extract --warm --cache "$data/compiled" </dev/null >/dev/null 2>&1 || true
}

# make_person: the user that the service runs as. Somebody's account of that name is not taken.
make_person() {
	[ "$mode" = system ] || return 0
	home=$(home_of_service)
	[ "$home" != "$data" ] || return 0
	[ -z "$home" ] || die "there is a user \"alcove\" already whose home is $home, not $data. Rename that user, or install with --user. Nothing was changed."
	command -v useradd >/dev/null 2>&1 || die "there is no useradd to make the service's user. Make a system user \"alcove\" with the home folder $data, then run this again. Nothing was changed."
	useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin \
		--comment "Alcove service" alcove
}

# install_window: the menu entry, where this system has what the window needs.
install_window() {
	[ -e "$root/bin/alcove-desktop" ] || return 0
	link alcove-desktop
	if ldd "$root/bin/alcove-desktop" 2>/dev/null | grep -q 'not found'; then
		say "The window needs GTK 3 and WebKitGTK 4.1 (Debian: libwebkit2gtk-4.1-0), which this system lacks. Everything else works in a browser. Install that and run this again for the window."
		rm -f "$share/applications/alcove.desktop"
		return 0
	fi
	mkdir -p "$share/applications"
	sed "s,@PROGRAM@,$root/bin/alcove-desktop," "$root/share/alcove.desktop" >"$share/applications/alcove.desktop"
	(cd "$root/share/icons" && find . -type f) | while read -r icon; do
		mkdir -p "$share/icons/hicolor/$(dirname "$icon")"
		cp "$root/share/icons/$icon" "$share/icons/hicolor/$icon"
	done
	update-desktop-database -q "$share/applications" 2>/dev/null || true
}

install_service() {
	if ! has_systemd; then
		say "This system has no systemd${1:+, so --enable does nothing}: Alcove does not start by itself."
		return 0
	fi
	mkdir -p "$units"
	case $mode in
	user) cp "$root/share/user.service" "$units/alcove.service" ;;
	system) sed "s,/usr/bin/alcove,$root/bin/alcove," "$root/share/systemd/alcove.service" >"$units/alcove.service" ;;
	esac
	manager daemon-reload
	if [ -n "$1" ]; then
		manager enable alcove.service
		manager restart alcove.service
	elif $was_active; then
		manager start alcove.service
	fi
}

finish() {
	if [ -z "$before" ]; then say "Alcove $version is installed in $root."
	elif [ "$before" = "$version" ]; then say "Alcove $version was installed again in $root. Data was kept."
	else say "Alcove $before became $version in $root. Data was kept."; fi
	say "Data: $data. Models: put .gguf files into $data/models."
	case :$PATH: in *:"$bin":*) ;; *) say "$bin is not in PATH. Until you sign in again, start it as $bin/alcove." ;; esac
	case $mode in
	user) person='' folder='' user='--user ' ;;
	system) person='sudo -u alcove ' folder=" --data $data" user='' ;;
	esac
	if has_systemd && manager is-active --quiet alcove.service; then
		say "Alcove runs at http://127.0.0.1:8484. A sign-in link: ${person}alcove link$folder"
	elif has_systemd; then
		say "Start: systemctl ${user}enable --now alcove"
	else
		say "Start: ${person}alcove serve$folder"
	fi
	say "Remove: $root/uninstall.sh"
}

mode=$(default_mode) enable=
for arg; do
	case $arg in
	--user) mode=user ;;
	--system) mode=system ;;
	--enable) enable=yes ;;
	--help | -h) usage && exit 0 ;;
	*) usage >&2 && exit 2 ;;
	esac
done
choose "$mode"
[ "$mode" = user ] || [ "$(id -u)" = 0 ] || die "--system needs root. Run it with sudo, or without --system for yourself alone. Nothing was changed."
verify "$here" || die "a file of this bundle is damaged or was changed (see above). Copy the bundle again. Nothing was changed."
{ [ -L "$here/lib/runtime/libllama.so" ] && [ -L "$here/lib/runtime/libggml.so" ]; } ||
	die "links were lost when this folder was copied: unpack the archive again, on a disk of Linux's own. Nothing was changed."
version=$(cat "$here/VERSION")
check_machine
stage
make_person
swap
link alcove
prepare_data
install_window
install_service "$enable"
finish
