#!/bin/bash
# What was there before a run is told apart from what the run itself brings: in the result, in its text,
# in the report's ratios and on the page; or it is said why that cannot be told.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

T=$SERVER_ADDR:9000

# leaves NAME HOST [OPTION...]: a run; its result is in $r.
leaves() {
	local name=$1 host=$2
	shift 2
	run on "$host" "$TWSTORM" client -q -r 3000/s -o "$TEST_TMP/$name.json" "$@"
	expect_status 0 "$name"
	r=$TEST_TMP/$name.json
}

# says WORDS: in the text
says() { tr -s ' \n' ' ' <"$TEST_TMP/out" | grep -qF -- "$1" || fail "does not say '$1': $(cat "$TEST_TMP/out")"; }

echo "300 are there, then 10 come"
new_hosts
server_on_server
leaves short client -t $T -n 300 "${STATS[@]}"
json_are "$r" states.client.before.TIME_WAIT=0 states.client.own='{"peak":{"TIME_WAIT":300},"end":{"TIME_WAIT":300}}' \
	states.server.before.TIME_WAIT=0 states.server.own.end.TIME_WAIT=0
says "TIME_WAIT 300 (peak 300)"
leaves pool client -t $T -n 300 --pool 10 "${STATS[@]}"
n=$(json pool.connections_opened "$r") # 10 at most
json_are "$r" counters.TcpExt.TW="$n" states.client.before.TIME_WAIT=300 states.client.end.TIME_WAIT=$((300 + n)) \
	states.client.own="{\"peak\":{\"TIME_WAIT\":$n},\"end\":{\"TIME_WAIT\":$n}}"
all=$(ss_count client state time-wait dport = :9000)
[ "$all" = $((300 + n)) ] || fail "ss has $all TIME_WAIT"
says "TIME_WAIT $n (peak $n) (300 more from before)"
says "300 sockets to these targets were in TIME_WAIT before the run began; the run added $n at most."
says "TIME_WAIT at its highest: $n on the client, 0 on the server."

run "$TWSTORM" report "$TEST_TMP/short.json" "$TEST_TMP/pool.json" --html "$TEST_TMP/page.html"
expect_status 0 report
tr -s ' ' <"$TEST_TMP/out" | grep -q "^own client TIME_WAIT peak 300 $n x0.0" || fail "report: $(cat "$TEST_TMP/out")"
tr -s ' ' <"$TEST_TMP/out" | grep -q "^client TIME_WAIT, peak 300 $all *$" || fail "report: $(cat "$TEST_TMP/out")"

echo "those of a server, in one network namespace with the client"
server_on client here -l 127.0.0.1:9000
leaves first client -t 127.0.0.1:9000 -n 100 --close server-fin
leaves second client -t 127.0.0.1:9000 -n 40 --close server-fin
json_are "$r" states.client.before.TIME_WAIT=0 states.client.own.end.TIME_WAIT=0 counters.TcpExt.TW=40
own=$(json states.server.own.end.TIME_WAIT "$r") # as many ports as the kernel did not choose twice
[ "$own" -ge 30 ] && [ "$own" -le 40 ] || fail "$own of 40 on the server"
json_is states.server.end.TIME_WAIT "$r" "$(ss_count client state time-wait sport = :9000)"

echo "a server that was asked does not tell"
leaves third client -t $T -n 20 --close server-fin "${STATS[@]}"
leaves fourth client -t $T -n 20 --close server-fin "${STATS[@]}"
json_are "$r" states.server.before.TIME_WAIT="$(json states.server.end.TIME_WAIT "$TEST_TMP/third.json")" \
	states.server.own=null states.client.before.TIME_WAIT="$all" states.client.own.end.TIME_WAIT=0
json states.server.own_reason "$r" | grep -q 'had TIME_WAIT before the run' || fail "why: $(json states.server.own_reason "$r")"

echo "a run that waits begins when it begins"
at=$(($(date +%s) + 2))
start_on client later "$TWSTORM" client -q -t $T -n 7 -r 3000/s --start-at $at -o "$TEST_TMP/later.json"
leaves meanwhile client -t $T -n 30
[ "$(date +%s)" -lt $at ] || echo "this machine was too slow to be sure"
wait_exit later
json_are "$TEST_TMP/later.json" states.client.before.TIME_WAIT=$((all + 30)) states.client.own.end.TIME_WAIT=7 \
	states.client.own.peak.TIME_WAIT=7

echo "another program's are not ours"
start_on client stranger "$TWSTORM" client -q -t $T -n 200 -r 400/s
leaves ours client -t $T -n 20 -r 40/s -d 700ms
wait_exit stranger
json_are "$r" states.client.own=null
json states.client.own_reason "$r" | grep -q 'other programs' || fail "why: $(json states.client.own_reason "$r")"
