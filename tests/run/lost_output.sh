#!/bin/bash
# A file that may not grow any more (ulimit -f) costs the result, not the process: exit code 5, the
# old file as it was, no temporary one.  And whatever of stdin, stdout and stderr is closed at the
# start: no file or socket of ours takes its place.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
cd "$TEST_TMP" || exit 1
start_server server
"$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q -o good.json >/dev/null || fail "no result to begin with"
"$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q -o good2.json >/dev/null || fail "no result to begin with"

lab=
if unshare -Ur true 2>/dev/null; then
	lab="lab run -q lab.ini"
	cat >lab.ini <<'INI'
[host server]
[host client]
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --connections 5
INI
else
	echo "note: no user namespaces here, so the lab is not tried"
fi

# ---- no file larger than a kilobyte

# limited FILE COMMAND...: which would write FILE, and may not.
limited() {
	local file=$1
	shift
	mkdir -p small
	echo "the result of yesterday" >"small/$file"
	run bash -c 'ulimit -f 1; exec "$@" >/dev/null' - "$TWSTORM" "$@"
	expect_status 5 "$*"
	grep -q 'File too large' err || fail "$*: $(cat err)"
	compgen -G 'small/*.??????' && fail "$*: a temporary file was left"
	grep -qx 'the result of yesterday' "small/$file" || fail "$*: the old file is spoilt"
	rm -r small
}
limited r.json client -t "127.0.0.1:$port" -n 20 -q -o small/r.json
limited r.html client -t "127.0.0.1:$port" -n 20 -q --html small/r.html
limited r.json server -l 127.0.0.1:0 -d 100ms -q -o small/r.json
limited r.json report good.json good2.json -o small/r.json
limited r.html report good.json --html small/r.html
limited r.json lab probe rebind -q -o small/r.json
# shellcheck disable=SC2086 # several words
[ -z "$lab" ] || limited lab.json $lab -o small
# stdout is a file, too.
run bash -c 'ulimit -f 1; exec "$0" report good.json --html - >page' "$TWSTORM"
expect_status 5 "a page on a stdout that may not grow"

# ---- descriptors that are closed

# without FDS COMMAND...: with these closed.
without() {
	local fds=$1 redirect='' fd
	shift
	for fd in $fds; do redirect+=" $fd>&-"; done
	status=0
	bash -c "exec \"\$@\" $redirect" - timeout 20 "$TWSTORM" "$@" </dev/null >out 2>err || status=$?
	if [[ $fds == *1* ]]; then
		[ ! -s out ] || fail "fds $fds closed, $*: there is something on stdout"
	fi
	case $fds:$status in
	*1*:5 | *1*:0 | [!1]*:0) ;;
	*) fail "fds $fds closed, $*: exit code $status, $(cat err)" ;;
	esac
}
for fds in 0 1 2 '0 1' '1 2' '0 1 2'; do
	without "$fds" client -t "127.0.0.1:$port" -n 20 -o r.json --html r.html
	json_is complete r.json true
	tail -c 8 r.html | grep -q '</html>' || fail "fds $fds closed: the page ends with $(tail -c 20 r.html)"
	without "$fds" server -l 127.0.0.1:0 -d 50ms -o r.json
	json_is schema r.json twstorm.server/1
	without "$fds" states -o r.json
	json_is schema r.json twstorm.states/1
	without "$fds" report good.json good2.json -o r.json
	json_is schema r.json twstorm.comparison/1
	without "$fds" lab probe rebind -o r.json
	json_is complete r.json true
	[ -z "$lab" ] && continue
	# shellcheck disable=SC2086
	without "$fds" $lab -o lab
	json_is complete lab/lab.json true
	rm -r lab
done
