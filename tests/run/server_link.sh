#!/bin/bash
# --server-stats against bad luck and bad servers: whatever happened to one question, the next is
# asked; the run ends soon after its duration; what the server did not say at the end is null and
# says why; and no answer makes the client grow.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
result=$TEST_TMP/r.json

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# with_admin NAME [OPTION...]: a server on $port, its admin address in $admin
with_admin() {
	start_server "$@" --admin 127.0.0.1:0
}

client=("$TWSTORM" client -c 2 -r 100/s -d 1s --interval 100ms -o "$result")

# unknown_at_the_end: the server's figures, of which there is no last answer
unknown_at_the_end() {
	local path
	for path in server server_counters cpu.server memory.server_peak_kb lost.to_server_bytes; do
		# Both ends are in one namespace: its counters are known without the server.
		json_is "$path" "$result" null
	done
	json server_reason "$result" | grep -q 'does not answer: ' || fail "server_reason is $(json server_reason "$result")"
	json_is ledger.balanced "$result" true
}

# ends_by MS BEGIN WHAT
ends_by() {
	local took=$(($(now_ms) - $2))
	[ $took -lt "$1" ] || fail "$3: the run of 1 s took $took ms"
}

# ---- the server is killed

for at in 0 0.6; do
	with_admin victim
	begin=$(now_ms)
	start client "${client[@]}" -t "127.0.0.1:$port" --server-stats "$admin"
	wait_line "$TEST_TMP/client.log" '^ +0\.1' >/dev/null
	sleep "$at"
	stop victim KILL
	wait_exit client
	status=$?
	ends_by 3200 "$begin" "killed after $at s" # 2 s, and what a busy machine takes to start
	[ $status = 4 ] || fail "killed after $at s: exit code $status"
	unknown_at_the_end
	[ $at != 0 ] || json_is error.code "$result" peer_lost
	[ $at != 0 ] || grep -q ECONNREFUSED "$result" || fail "the refusal is not named"
done

# ---- it is there, and says nothing at the end

with_admin mute
start client "${client[@]}" --requests 0 -t "127.0.0.1:$port" --server-stats "$admin"
wait_line "$TEST_TMP/client.log" '^ +0\.[3-9]' >/dev/null
begin=$(now_ms)
kill -STOP "${started_pid[mute]}"
wait_exit client
status=$?
kill -CONT "${started_pid[mute]}"
ends_by 3300 "$begin" "stopped" # less than a second was left of its duration
[ $status = 4 ] || fail "stopped: exit code $status"
json_is error.code "$result" server_stats_lost
unknown_at_the_end
stop mute

# ---- one call fails

if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	with_admin lucky
	# The first connect() of all is the link's: before the run, and its next one is tried again.
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 run strace -f -o /dev/null -e trace=connect -e inject=connect:error=ENOBUFS:when=1 \
		"${client[@]}" -t "127.0.0.1:$port" --server-stats "$admin"
	expect_status 0 "the first connect() of the link fails"
	json_is complete "$result" true
	json_is "server.totals.accepted" "$result" "$(json totals.connects_ok "$result")"
	stop lucky
fi

# ---- it comes back

with_admin first
at=$admin
start client "${client[@]}" -d 2s --requests 0 -t "127.0.0.1:$port" --server-stats "$admin"
wait_line "$TEST_TMP/client.log" '^ +0\.[3-9]' >/dev/null
stop first KILL
start second "$TWSTORM" server -l "127.0.0.1:$port" --admin "$at"
wait_line "$TEST_TMP/second.out" '^admin on ' >/dev/null
wait_exit client
status=$?
[ $status = 0 ] || fail "the server came back, and the client ends with $status: $(json error "$result")"
json memory.server_peak_kb "$result" | grep -q '^[0-9]' || fail "it never answered again"
json_is states.server.end.LISTEN "$result" 1
# Its counts are not those of the server before it, so they make no differences.
json_are "$result" server=null server_reason="the server was started anew during the run" \
	ledger.balanced=true
stop second

# ---- what answers is no server of ours

# hostile MODE: a client asks such a server, now
hostile() {
	local target=127.0.0.1:$port port admin
	start_listener "$1" "$TEST_BIN/tools/nasty_http" "$1"
	start "client_$1" "${client[@]}" -o "$TEST_TMP/$1.json" -t "$target" -d 300ms -r 20/s \
		--server-stats "127.0.0.1:$port"
}

# survived MODE MESSAGE: it ended, told why, and did not grow
survived() {
	local kb
	wait_exit "client_$1"
	status=$?
	[ $status = 4 ] || fail "$1: exit code $status"
	json_is error.code "$TEST_TMP/$1.json" server_stats_lost
	json error.message "$TEST_TMP/$1.json" | grep -q "$2" || fail "$1: $(json error.message "$TEST_TMP/$1.json")"
	kb=$(json memory.client_peak_kb "$TEST_TMP/$1.json")
	[ "$kb" -lt 60000 ] || fail "$1: the client grew to $kb kB"
	stop "$1" || :
}

cat >"$TEST_TMP/modes" <<'EOF2'
flood_100 what came is no HTTP (EPROTO)
flood_body over 1 MiB (EMSGSIZE)
flood_chunks does not answer
drip took too long (ETIMEDOUT)
half_fin closed before its answer was complete
chunks something else than twstorm.server/1
EOF2
start_server sound
begin=$(now_ms)
while read -r mode message; do
	hostile "$mode"
done <"$TEST_TMP/modes"
while read -r mode message; do
	survived "$mode" "$message"
done <"$TEST_TMP/modes"
# 3 s for an answer at the start, 0.3 s, 1.8 s for one at the end, and a busy machine
[ $(($(now_ms) - begin)) -lt 12000 ] || fail "hostile servers kept the client for $(($(now_ms) - begin)) ms"
stop sound
