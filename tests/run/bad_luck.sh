#!/bin/bash
# When things go wrong while it runs - nobody listens, the server dies, a signal comes, the disk is
# full, stdout is gone, a client talks nonsense, descriptors run out - both programs end or go on
# as promised: on time, with the right exit code and a whole, valid result.
# ALL_CASES=1: SIGTERM, too, comes to each kind of client.
# limit: 180
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

cd "$TEST_TMP" || exit 1

# incomplete FILE CODE: valid, and says that it is not all there.
incomplete() {
	json_are "$1" schema=twstorm.result/1 complete=false error.code="$2"
	[ -n "$(json error.message "$1")" ] || fail "$1: no message"
	json_is ledger.balanced "$1" true
	compgen -G "$1.*" && fail "$1: a temporary file was left"
}

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# ---- nothing listens

refused=$(counter Tcp.AttemptFails)
run "$TWSTORM" client -t 127.0.0.1:9000 -c 8 -d 300ms -o nobody.json -q
expect_status 4 "nothing listens"
incomplete nobody.json never_connected
n=$(json errors.connect.ECONNREFUSED nobody.json) || fail "no errors.connect.ECONNREFUSED"
[ "$n" -gt 1 ] || fail "ECONNREFUSED only $n times: it did not try again"
[ "$n" = $(($(counter Tcp.AttemptFails) - refused)) ] ||
	fail "$n ECONNREFUSED, and the kernel's AttemptFails moved by $(($(counter Tcp.AttemptFails) - refused))"
json_are nobody.json outcomes.refused="$n" totals.connects_ok=0
grep -q 'ECONNREFUSED' out || fail "the text does not name ECONNREFUSED"

# ---- the result does not fit on the disk

start_server server
# shellcheck disable=SC2016 # expanded by the inner shell
in_small_disk='mkdir -p disk && mount -t tmpfs -o size=8k none disk 2>/dev/null || exit 77
	echo "the result of yesterday" >disk/result.json
	"$@"
	echo $? >code
	ls disk >files
	cp disk/result.json kept'
for command in "client -t 127.0.0.1:$port -n 50 -q" "server -l 127.0.0.1:0 -d 100ms -q"; do
	# shellcheck disable=SC2086 # several words
	run unshare -m bash -c "$in_small_disk" - "$TWSTORM" $command -o disk/result.json
	[ $status = 77 ] && echo "note: cannot mount a small disk here, so a full one is not tried" && break
	expect_status 0 "$command, disk full: the old result is gone"
	grep -qx 5 code || fail "$command, disk full: exit code $(cat code)"
	grep -qx result.json files || fail "$command, disk full: files left: $(cat files)"
	grep -qx 'the result of yesterday' kept || fail "$command, disk full: the old result is spoilt"
	grep -q 'No space left' err || fail "$command, disk full: $(cat err)"
done

# ---- the server dies

for load in '-r 400/s' '-c 4' '-c 4 --hold 50ms' '--pool 4 -r 200/s'; do
	start_server victim
	begin=$(now_ms)
	# shellcheck disable=SC2086
	start client "$TWSTORM" client -t "127.0.0.1:$port" $load -d 1s --interval 100ms -o died.json
	wait_line client.log '^ +0\.[1-9]' >/dev/null
	stop victim KILL
	wait_exit client
	status=$?
	took=$(($(now_ms) - begin))
	[ $status = 4 ] || fail "$load, server killed: exit code $status"
	incomplete died.json peer_lost
	# A second to run, a second of grace, and a noisy machine.
	[ $took -lt 3500 ] || fail "$load, server killed: the client ended after $took ms"
	rm died.json
done

# ---- signals

# interrupted SIGNAL CODE NAME: the client `start` began, now; its result is NAME.json.
interrupted() {
	local status=0
	stop client "$1" || status=$?
	[ $status = "$2" ] || fail "$3: $1 ends the client with $status, not $2: $(tail -n 3 client.log)"
	incomplete "$3.json" interrupted
	rm "$3.json"
}

# catches NUMBER: the client has come so far as to handle that signal.
catches() {
	local mask
	[ "$(readlink "/proc/${started_pid[client]}/exe")" = "$(realpath "$TWSTORM")" ] || return 1
	mask=$(sed -n 's/^SigCgt:\t*//p' "/proc/${started_pid[client]}/status" 2>/dev/null) || return 1
	[ -n "$mask" ] && ((16#$mask >> ($1 - 1) & 1))
}

start_client() {
	local name=$1
	shift
	start client "$TWSTORM" client -t "127.0.0.1:$port" -d 60s -o "$name.json" "$@"
}

start_server server2
for i in 1 2 3 4 5; do
	start_client at_start
	wait_until 10 catches 2
	interrupted INT 130 at_start
done
start_client waiting --start-at $((EPOCHSECONDS + 3600))
wait_until 10 catches 2
interrupted INT 130 waiting
for signal in INT:130 TERM:143; do
	for load in '' '-r 300/s' '-w 2' '--hold 10s' '--pool 8' '--close server-fin' '--close both'; do
		[ "$signal$load" = TERM:143 ] || [ "${signal%:*}" = INT ] || all_cases || continue
		# shellcheck disable=SC2086
		start_client middle --interval 100ms $load
		wait_line client.log '^ +0\.[1-9]' >/dev/null
		interrupted "${signal%:*}" "${signal#*:}" middle
	done
done

# At the end of a run it is too late, or just in time; the result is whole either way.
for n in 1900 1990 2000; do
	connected() { [ "$(awk '/^TCP:/ { print $7 }' /proc/net/sockstat)" -ge $((before + n)) ]; }
	before=$(awk '/^TCP:/ { print $7 }' /proc/net/sockstat)
	start_client end -n 2000
	until connected || ! kill -0 "${started_pid[client]}" 2>/dev/null; do :; done
	status=0
	stop client INT || status=$?
	[ $status = 130 ] || [ $status = 0 ] || fail "SIGINT near the end: exit code $status"
	json_is complete end.json "$([ $status = 0 ] && echo true || echo false)"
	json_is ledger.balanced end.json true
	rm end.json
done

# Twice, while a server that does not answer keeps it waiting.
kill -STOP "${started_pid[server2]}"
start_client twice --interval 100ms --timeout 30s
wait_line client.log '^ +0\.[1-9]' >/dev/null
pid=${started_pid[client]}
kill -INT "$pid"
kill -INT "$pid" 2>/dev/null
begin=$(now_ms)
interrupted INT 130 twice
[ $(($(now_ms) - begin)) -lt 5000 ] || fail "three SIGINTs, and it took $(($(now_ms) - begin)) ms"
kill -CONT "${started_pid[server2]}"

# ---- the server falls silent, but connections are still made, by the kernel for it

start_server server3 --admin 127.0.0.1:0
start_client silent -n 0 -d 1s -r 20/s --requests 0 --server-stats "$admin" --interval 100ms
wait_line client.log '^ +0\.[2-9]' >/dev/null
kill -STOP "${started_pid[server3]}"
status=0
wait_exit client || status=$?
kill -CONT "${started_pid[server3]}"
[ $status = 4 ] || fail "the server's last word never came, and the client ends with $status"
json_are silent.json complete=false error.code=server_stats_lost
# All 20, but for those that a machine which stood still at the end had no time for.
ok=$(json totals.connects_ok silent.json) missed=$(json totals.missed_starts silent.json)
[ $((ok + missed)) = 20 ] && [ "$ok" -ge 10 ] || fail "$ok connections and $missed missed starts are not 20 arrivals"

# ---- stdout is gone

for options in '' '-o file.json' '--format json' '--format csv'; do
	# shellcheck disable=SC2086
	timeout 20 "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q $options >&- 2>err
	status=$?
	[ $status = 5 ] || fail "stdout closed, '$options': exit code $status"
	[ "$(wc -l <err)" = 1 ] || fail "stdout closed, '$options': $(cat err)"
	# shellcheck disable=SC2086
	timeout 20 "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q $options | head -n 1 >first
	status=${PIPESTATUS[0]}
	[ "$status" = 0 ] || [ "$status" = 5 ] || fail "| head -1, '$options': exit code $status"
	[ -s first ] || fail "| head -1, '$options': nothing"
done
json_is complete file.json true
timeout 20 "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q -o - --format csv >one.json || fail "-o -"
json_is totals.connects_ok one.json 20
# A server that cannot say that it listens goes on all the same, or says so; it does not hang.
timeout 20 "$TWSTORM" server -l 127.0.0.1:0 -d 100ms >&- 2>err
status=$?
[ $status = 0 ] || [ $status = 5 ] || fail "server, stdout closed: exit code $status"

# ---- a client that talks nonsense

# talk BYTES: sends them, and prints how the server ends it: reset or closed.
talk() {
	exec 3<>"/dev/tcp/127.0.0.1/$port" || fail "cannot connect"
	# shellcheck disable=SC2059 # escapes are wanted
	printf "$1" >&3
	if timeout 10 cat <&3 >/dev/null 2>cat.err; then echo closed; else cat cat.err; fi
	exec 3>&-
}

start_server clueless -o clueless.json
before=$(counter Tcp.OutRsts)
for garbage in '\25\3\1 as no protocol begins, and more than 16 bytes' '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' \
	"$(head -c 16 /dev/urandom | od -An -tx1 -v | tr -d '\n' | sed 's/ ../\\xff/g')"; do
	talk "$garbage" >said
	grep -q 'reset' said || fail "garbage is answered with: $(cat said)"
done
[ $(($(counter Tcp.OutRsts) - before)) -ge 3 ] || fail "no RST was sent for garbage"
# What could have become HTTP is told in HTTP that it is none; so is TLS, which nobody speaks here.
for text in 'garbage, and more than 16 bytes of it' '\26\3\1 as TLS begins, and more than 16 bytes'; do
	talk "$text" >said
	grep -q 'closed' said || fail "text is answered with: $(cat said)"
done
run "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q
expect_status 0 "after garbage"
for size in '--request-size 65M' '--response-size 65M' '--hold 2h --close server-fin'; do
	# shellcheck disable=SC2086
	run "$TWSTORM" client -t "127.0.0.1:$port" -n 1 -q $size -d 5s -o large.json
	expect_status 4 "$size"
	json_are large.json error.code=no_response totals.transactions_ok=0 outcomes.completed=0
done
run "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q
expect_status 0 "after lengths beyond all limits"
kill -0 "${started_pid[clueless]}" || fail "the server is gone"
stop clueless TERM
status=$?
[ $status = 0 ] || fail "SIGTERM ends the server with $status"
json_are clueless.json schema=twstorm.server/1 ended.bad_header=5 totals.http_errors=2 \
	ended.too_large=3 ended.served=40 totals.accepted=48 totals.open=0

# ---- out of descriptors

run bash -c 'ulimit -n 20; exec "$0" server -l 127.0.0.1:0 -q' "$TWSTORM"
expect_status 6 "too few descriptors for a server"

# ticks PID: CPU time it had, in hundredths of a second.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

start_listener poor bash -c 'ulimit -n 32; exec "$0" server -l 127.0.0.1:0 -o poor.json' "$TWSTORM"
pid=${started_pid[poor]}
cpu=$(ticks "$pid") begin=$(now_ms)
run "$TWSTORM" client -t "127.0.0.1:$port" -c 100 -n 100 --hold 200ms -d 20s -q -o crowd.json
cpu=$(($(ticks "$pid") - cpu)) took=$(($(now_ms) - begin))
expect_status 0 "more clients than the server has descriptors"
json_is totals.transactions_ok crowd.json 100
[ $took -ge 1000 ] || fail "100 connections, a dozen at a time for 200 ms, took only $took ms"
[ $((cpu * 10 * 100 / took)) -lt 30 ] ||
	fail "the server spins: $((cpu * 10)) ms of CPU in $took ms"
run "$TWSTORM" client -t "127.0.0.1:$port" -c 8 -n 50 -q
expect_status 0 "after the crowd"
stop poor TERM || fail "SIGTERM ends the server with $?"
[ "$(json totals.accept_pauses poor.json)" -gt 0 ] || fail "accept_pauses is 0"
[ "$(json errors.accept.EMFILE poor.json)" -gt 0 ] || fail "errors.accept.EMFILE is 0"
json_are poor.json totals.accepted=150 ended.served=150

# ---- the port is taken

start_server first
run "$TWSTORM" server -l "127.0.0.1:$port"
expect_status 1 "a second server on the same port"
[ "$(wc -l <err)" = 1 ] || fail "second server: not one line: $(cat err)"
grep -q "127.0.0.1:$port.*in use" err || fail "second server: $(cat err)"
[ ! -s out ] || fail "the second server says that it listens"
run "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q
expect_status 0 "after the second server"
