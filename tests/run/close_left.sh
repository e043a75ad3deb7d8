#!/bin/bash
# A server that says "Connection: close" and leaves the closing to the client: it closes, at once where its
# strategy lets it move first, after at most a second where it waits for the server; nothing times out, and
# ss finds TIME_WAIT where the result says.
. "$(dirname "$0")/../lib.sh"
need ss
in_netns "$@"
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse 2>/dev/null # a port in TIME_WAIT stays there, on loopback, too

client() {
	run "$TWSTORM" client -q -t "127.0.0.1:$port" --proto http -o "$TEST_TMP/r.json" "$@"
	expect_status 0 "client $*"
}

is() {
	json_are "$TEST_TMP/r.json" "$@"
}

# time_wait CLIENT SERVER: sockets in TIME_WAIT on either side of $port.
time_wait() {
	local client server
	client=$(ss -Htan state time-wait "dport = :$port" | wc -l)
	server=$(ss -Htan state time-wait "sport = :$port" | wc -l)
	[ "$client $server" = "$1 $2" ] || fail "TIME_WAIT is $client on the client and $server on the server, not $1 and $2"
}

# left STRATEGY N TIME_WAIT [OPTION...]: N connections to a server that waits for the client.
left() {
	local close=$1 n=$2 tw=$3
	shift 3
	echo "$close $*"
	start_listener waits "$TEST_BIN/tools/nasty_http" liar
	client --close "$close" -n "$n" -c 1 --expect 'story.close_left_to_us > 0' "$@"
	is outcomes.completed="$n" errors.timeout.transaction=0 http.close_left_to_us="$n" http.closed_by_server=0 \
		http.closed_by_client="$n" ledger.balanced=true
	time_wait "$tw" 0
	stop waits
}

left client-fin 300 300
left client-half 300 300
left client-rst 300 0
left client-fin 20 20 --requests 4
is http.ended_early=20 http.close_awaited=0
left client-unread 20 20 --requests 2
left client-fin 20 20 --hold 1m
left client-fin 20 20 --pool 1

echo "the FIN is waited for"
left server-fin 1 1
is http.close_awaited=1
awk -v s="$(json run.duration_s "$TEST_TMP/r.json")" 'BEGIN { exit !(s >= 1 && s < 4) }' ||
	fail "the client waited $(json run.duration_s "$TEST_TMP/r.json") s"
left passive-rst 2 0 --timeout 200ms
is http.close_awaited=2
left client-leak 2 2 --timeout 200ms
is http.close_awaited=2 outcomes.leaked=0

echo "a server that does as it says"
start_server closes
client --close server-fin -n 100 -c 4 --expect 'story.close_left_to_us == null'
is http.close_left_to_us=0 http.closed_by_server=100 ledger.balanced=true
time_wait 0 100
stop closes
start_server closes
client --close client-fin -n 300 -c 4 --path '/?close=server-fin' --expect 'story.close_left_to_us == null'
is outcomes.completed=300 ledger.balanced=true
[ "$(($(json http.close_left_to_us "$TEST_TMP/r.json") + $(json http.closed_by_server "$TEST_TMP/r.json")))" = 300 ] ||
	fail "somebody closed each, once: $(json http "$TEST_TMP/r.json")"
[ "$(ss -Htan state time-wait "dport = :$port" | wc -l)" -le "$(json http.close_left_to_us "$TEST_TMP/r.json")" ] ||
	fail "more TIME_WAIT on the client than it closed"
