# The bundle's test inside the empty Debian; run by test.sh as root. Bash, because it can speak TCP without another program.
# shellcheck shell=bash disable=SC2015 # what stands after || here always ends the test
set -Eeuo pipefail

step() { printf '== %s\n' "$*"; }
trap 'echo "FAILED: line $LINENO: $BASH_COMMAND" >&2' ERR
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
has() { grep -qF -- "$2" <<<"$1" || fail "\"$2\" is not in: $1"; }
absent() { for path; do [ ! -e "$path" ] && [ ! -L "$path" ] || fail "$path is there"; done; }
files() { find / -xdev \( -type f -o -type l \) ! -path '/media/*' ! -path '/tmp/*' ! -path '/var/log/*' ! -path '/run/*' | sort; }

# as USER COMMAND...: with that user's home and nothing of ours in the environment. One thread, because a second
# one makes llama.cpp slow where the test has neighbours.
as() {
	local home
	home=$(getent passwd "$1" | cut -d: -f6)
	cd /
	setpriv --reuid="$1" --regid="$1" --init-groups \
		env -i HOME="$home" USER="$1" PATH="$home/.local/bin:/usr/local/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 ALCOVE_THREADS=1 "${@:2}"
}

# typed ANSWER COMMAND...: runs a command on a terminal where somebody types.
typed() { printf '%s\n' "$1" | SHELL=/bin/bash script -qec "$2" /dev/null; }

# http METHOD PATH KEY [BODY]: the answer's body, after a check that it is 2xx.
http() {
	local answer
	exec 9<>"/dev/tcp/127.0.0.1/${base##*:}"
	printf '%s %s HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
		"$1" "$2" "${base#http://}" "$3" "${#4}" "$4" >&9
	answer=$(timeout 180 cat <&9)
	exec 9>&-
	[[ $answer == HTTP/1.?' 2'* ]] || fail "$1 $2: $answer"
	printf '%s' "${answer#*$'\r\n\r\n'}"
}

# start USER ARGS...: the server of $data; sets base, job and server (its process id).
start() {
	: >/tmp/server.out
	as "$@" >/tmp/server.out 2>/tmp/server.err &
	job=$!
	for _ in {1..600}; do
		base=$(sed -n 's/^listening on //p' /tmp/server.out)
		[ -z "$base" ] || break
		sleep 0.1
	done
	[ -n "$base" ] || fail "the server did not start: $(cat /tmp/server.err)"
	server=$(sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$data/run/instance.json")
}
stop() { kill -TERM "$server" && wait "$job" || fail "the server ended with $?: $(cat /tmp/server.err)"; }

# question USER: an answer over HTTP with a key of its own.
question() {
	local key answer
	key=$(as "$1" alcove key create --name test --data "$data" | grep -o 'ak-[A-Za-z0-9_-]*' | head -n 1)
	answer=$(http POST /v1/chat/completions "$key" \
		'{"messages": [{"role": "user", "content": "Name a colour."}], "max_tokens": 12, "model": "SmolLM2-135M-Instruct.Q4_1"}')
	grep -qE '"content": ?"[^"]' <<<"$answer" || fail "no answer over HTTP: $answer"
	printf '   over HTTP: %s\n' "$(grep -oE '"content": ?"[^"]*"' <<<"$answer")"
}
token() { sed -n 's/.*"token": "\(.*\)".*/\1/p' "$data/run/instance.json"; }
# rows: conversations in the running server.
rows() { http GET /api/v1/conversations "$(token)" "" | grep -o '"id"' | wc -l; }

# variant NAME: a bundle that calls itself NAME; its program is replaced by standard input.
variant() {
	rm -rf "/tmp/$1"
	cp -al "$bundle" "/tmp/$1"
	mv "/tmp/$1/bin/alcove" "/tmp/$1/bin/alcove.real"
	cat >"/tmp/$1/bin/alcove"
	chmod 755 "/tmp/$1/bin/alcove"
	rm "/tmp/$1/VERSION" "/tmp/$1/SHA256SUMS"
	echo "$1" >"/tmp/$1/VERSION"
	(cd "/tmp/$1" && find . -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs -d '\n' sha256sum >/tmp/sums && mv /tmp/sums SHA256SUMS)
}

step "the machine: no network, no compiler, no libffi"
[ "$(ls /sys/class/net)" = lo ] || fail "there is a network: $(ls /sys/class/net)"
for tool in cc gcc g++ clang ld go node npm python3 make curl; do
	! command -v $tool || fail "there is a $tool"
done
! ldconfig -p | grep libffi || fail "there is a libffi"
useradd --create-home --shell /bin/bash anna
useradd --system early && userdel early # so that the files these leave are no difference later
files >/tmp/before

step "unpack"
cd /media/stick
tar --zstd -xf ./*.tar.zst
bundle=$(echo /media/stick/alcove-*-linux-amd64)
version=$(cat "$bundle/VERSION")
home=/home/anna
data=$home/.local/share/alcove

step "a damaged bundle installs nothing"
cp -al "$bundle" /tmp/damaged
rm /tmp/damaged/README && echo other >/tmp/damaged/README
out=$(as anna sh /tmp/damaged/install.sh 2>&1) && fail "it was installed"
has "$out" README
has "$out" "Nothing was changed"
absent $home/.local

cp -rL "$bundle" /tmp/unlinked
out=$(as anna sh /tmp/unlinked/install.sh 2>&1) && fail "it was installed"
has "$out" "unpack the archive again"
absent $home/.local/lib/alcove
rm -r /tmp/unlinked /tmp/damaged

step "for one person"
out=$(as anna sh "$bundle/install.sh" --enable 2>&1) || fail "$out"
printf '%s\n' "$out" | sed 's/^/   /'
has "$out" "Alcove $version is installed"
has "$out" "no systemd"
[ "$(stat -c %a "$data" "$data/models" | tr '\n' ' ')" = "700 700 " ] || fail "the data folder is open"
[ -n "$(find "$data/compiled" -type f -size +1M -user anna)" ] || fail "the reader of PDF is not ready"
[ "$(as anna alcove version)" = "alcove $version" ] || fail "version"
as anna alcove doctor | sed 's/^/   /'

start anna alcove serve
http PATCH /api/v1/settings "$(token)" '{"max_tokens": 16}' >/dev/null
out=$(as anna timeout 180 alcove chat "Name a colour.")
[ -n "$out" ] || fail "alcove chat said nothing"
printf '   in the terminal: %s\n' "$out"
question anna
for exe in /proc/[0-9]*/exe; do
	[[ $(readlink "$exe") != */alcove-worker ]] || maps=$(cat "${exe%exe}maps")
done
has "$maps" "$home/.local/lib/alcove/lib/runtime/libffi.so.8"

step "installing over a program that runs changes nothing"
out=$(as anna sh "$bundle/install.sh" 2>&1) && fail "it was installed"
has "$out" "Alcove is running"
question anna
before=$(rows)
[ "$before" -gt 0 ] || fail "no conversation was kept"
stop

step "an upgrade keeps data and models"
cp "$data"/models/SmolLM2*.gguf "$data/models/mine.gguf" && rm "$data"/models/all-MiniLM*.gguf "$data"/models/multilingual-e5*.gguf && chown anna "$data/models/mine.gguf"
echo left >$home/.local/lib/alcove/left-over
variant newer <<'SH'
#!/bin/sh
if [ "$1" = version ]; then echo alcove newer; else exec "$(dirname "$(readlink -f "$0")")/alcove.real" "$@"; fi
SH
out=$(as anna sh /tmp/newer/install.sh 2>&1) || fail "$out"
has "$out" "Alcove $version became newer"
absent $home/.local/lib/alcove/left-over $home/.local/lib/alcove.old $home/.local/lib/alcove.new
start anna alcove serve
[ "$(rows)" = "$before" ] || fail "conversations were lost"
question anna
stop
[ -e "$data/models/mine.gguf" ] || fail "a model was lost"
[ -s "$data"/models/all-MiniLM-L6-v2.Q8_0.gguf ] && [ -s "$data"/models/multilingual-e5-small.Q4_0.gguf ] || fail "there is no model that finds passages"

step "a bundle that does not run here leaves the old one"
variant broken <<'SH'
#!/bin/sh
echo "cannot execute" && exit 1
SH
out=$(as anna sh /tmp/broken/install.sh 2>&1) && fail "it was installed"
has "$out" "does not run here: cannot execute"
[ "$(as anna alcove version)" = "alcove newer" ] || fail "the old one is gone"

step "uninstall: without a terminal, and after anything but yes, data is kept"
out=$(as anna $home/.local/lib/alcove/uninstall.sh)
has "$out" "was kept"
absent $home/.local/lib/alcove $home/.local/bin/alcove
[ -e "$data/alcove.db" ] && [ -e "$data/models/mine.gguf" ] || fail "data is gone"
as anna sh "$bundle/install.sh" >/dev/null
export -f as
out=$(typed y "as anna $home/.local/lib/alcove/uninstall.sh")
has "$out" "Type yes"
has "$out" "was kept"
[ -e "$data/alcove.db" ] || fail "data is gone"
as anna sh "$bundle/install.sh" >/dev/null
start anna alcove serve
[ "$(rows)" = "$before" ] || fail "conversations were lost"
out=$(as anna $home/.local/lib/alcove/uninstall.sh --delete-data 2>&1) && fail "it was removed while it ran"
has "$out" "still running"
stop
out=$(typed yes "as anna $home/.local/lib/alcove/uninstall.sh")
has "$out" "was deleted"
absent "$data" $home/.config/alcove
diff /tmp/before <(files) || fail "files were left behind"

step "for the machine"
out=$(sh "$bundle/install.sh" 2>&1) || fail "$out"
printf '%s\n' "$out" | sed 's/^/   /'
has "$out" "no systemd"
has "$out" "The window needs GTK 3"
absent /usr/local/share/applications/alcove.desktop
data=/var/lib/alcove
[ "$(stat -c '%a %U' $data)" = "700 alcove" ] || fail "the data folder: $(stat -c '%a %U' $data)"
[ -n "$(find $data/compiled -type f -size +1M -user alcove)" ] || fail "the reader of PDF is not ready"
[ -z "$(find $data/compiled ! -user alcove)" ] || fail "somebody else's files are in the data folder"
start alcove alcove serve --data $data
question alcove
out=$(alcove link --data $data)
has "$out" "$base/#signin="
stop
out=$(as anna /opt/alcove/uninstall.sh --delete-data 2>&1) && fail "anna removed it"
has "$out" "needs root"
mkdir /tmp/own
HOME=/tmp/own sh "$bundle/install.sh" --user >/dev/null
HOME=/tmp/own /tmp/own/.local/lib/alcove/uninstall.sh --delete-data >/dev/null
absent /tmp/own/.local/lib/alcove /tmp/own/.local/share/alcove
[ -e $data/alcove.db ] && [ -e /opt/alcove/bin/alcove ] || fail "root's own uninstall.sh removed the machine's Alcove"
echo 'thread = 1' >/etc/alcove/config.toml
out=$(as alcove alcove serve --data $data 2>&1) && fail "/etc/alcove/config.toml is not read"
has "$out" 'there is no setting "thread"'
out=$(as anna timeout 300 alcove chat "Name a colour.")
[ -n "$out" ] || fail "somebody else's alcove chat said nothing"
rm -rf $home/.local

step "with systemd and the window's libraries (stand-ins: one records systemctl's commands, one finds every library)"
mkdir -p /run/systemd/system
printf '#!/bin/sh\necho "$*" >>/tmp/systemctl\n' >/usr/local/sbin/systemctl
printf '#!/bin/sh\n' >/usr/local/sbin/ldd
chmod 755 /usr/local/sbin/systemctl /usr/local/sbin/ldd
out=$(sh "$bundle/install.sh" --enable 2>&1) || fail "$out"
has "$(cat /tmp/systemctl)" "enable alcove.service"
has "$(cat /tmp/systemctl)" "restart alcove.service"
has "$(cat /etc/systemd/system/alcove.service)" "ExecStart=/opt/alcove/bin/alcove serve"
has "$(cat /usr/local/share/applications/alcove.desktop)" 'Exec="/opt/alcove/bin/alcove-desktop"'
[ -s /usr/local/share/icons/hicolor/scalable/apps/alcove.svg ] || fail "there is no icon"
has "$(cat /etc/alcove/config.toml)" "thread = 1" # what somebody wrote stays
/opt/alcove/uninstall.sh
has "$(cat /tmp/systemctl)" "disable --now alcove.service"
rm /usr/local/sbin/systemctl /usr/local/sbin/ldd
[ -e $data/alcove.db ] && [ -e /etc/alcove/config.toml ] || fail "data is gone"
"$bundle/uninstall.sh" --delete-data
absent $data /etc/alcove /opt/alcove
! id alcove 2>/dev/null || fail "the service's user is there"
diff /tmp/before <(files) || fail "files were left behind"
