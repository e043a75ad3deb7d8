#!/bin/bash
# Of several servers that are started at one moment for one address exactly one listens there, the
# others say that it is taken; the same holds for the admin address, and beside a wildcard.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

cd "$TEST_TMP" || exit 1

# all_decided N: each of them listens, or has said why not.
all_decided() {
	won=$(cat s?.out 2>/dev/null | grep -c '^listening on ')
	lost=$(cat s?.err 2>/dev/null | grep -c 'in use')
	[ $((won + lost)) = "$1" ]
}

# race OPTIONS...: a server for each, at once; one of them must win.
race() {
	local options i=0 pids=()
	rm -f s?.out s?.err
	for options; do
		# shellcheck disable=SC2086 # several words
		"$TWSTORM" server -d 30s -q $options >"s$i.out" 2>"s$i.err" &
		pids+=($!) i=$((i + 1))
	done
	wait_until 10 all_decided $# || fail "$*: $(cat s?.out s?.err)"
	kill "${pids[@]}" 2>/dev/null
	wait "${pids[@]}"
	[ "$won $lost" = "1 $(($# - 1))" ] || fail "round $round: $won servers listen at once ($*)"
}

for ((round = 1; round <= 25; round++)); do
	port=$((20000 + round))
	race "-l 127.0.0.1:$port" "-l 127.0.0.1:$port" "-l 127.0.0.1:$port -w 2"
done
race "-l 127.0.0.1:9000" "-l 0.0.0.0:9000"

# One after the other: the admin address is taken, too.
start_server first --admin 127.0.0.1:9100
run "$TWSTORM" server -l 127.0.0.1:0 --admin 127.0.0.1:9100 -d 100ms
expect_status 1 "a second server on the same admin address"
grep -q '127.0.0.1:9100.*in use' err || fail "second admin: $(cat err)"
stop first

# Asked to, servers share a port; what each worker accepted is told, by the servers and to the client.
start_listener one "$TWSTORM" server -l 127.0.0.1:9001 --reuseport -o one.json
start_listener two "$TWSTORM" server -l 127.0.0.1:9001 --reuseport -w 2 -o two.json
run "$TWSTORM" client -t 127.0.0.1:9001 -n 200 -q
expect_status 0 "two servers at one port"
stop one && stop two || fail "they end with $?"
one=$(json totals.accepted one.json) two=$(json totals.accepted two.json)
[ $((one + two)) = 200 ] && [ "$one" -gt 0 ] && [ "$two" -gt 0 ] || fail "they accepted $one and $two of 200"
[ $(($(json workers.0.accepted two.json) + $(json workers.1.accepted two.json))) = "$two" ] || fail "the workers' shares: $(cat two.json)"
start_listener shares "$TWSTORM" server -l 127.0.0.1:9002 -w 4 --admin 127.0.0.1:9100
run "$TWSTORM" client -t 127.0.0.1:9002 -n 400 -q --server-stats 127.0.0.1:9100 --expect \
	'server.workers.0.accepted + server.workers.1.accepted + server.workers.2.accepted + server.workers.3.accepted == 400' \
	--expect 'server.workers.3.accepted > 0'
expect_status 0 "the shares of four workers: $(cat out)"
run "$TWSTORM" client -t 127.0.0.1:9002 -n 1 -q --server-stats 127.0.0.1:9100 --expect 'server.workers.x.accepted > 0'
expect_status 2 "the share of a worker that has no number"
stop shares

# An address may be named twice, alone or by a wildcard, in any order; its workers share it.
for listen in 0.0.0.0:9000,127.0.0.1:9000 127.0.0.1:9000,0.0.0.0:9000 127.0.0.1:9000,127.0.0.1:9000; do
	start_listener twice "$TWSTORM" server -l "$listen" -w 2 -o twice.json
	run "$TWSTORM" client -t 127.0.0.1:9000 -n 20 -q
	expect_status 0 "$listen"
	stop twice || fail "$listen: the server ends with $?"
	json_is totals.accepted twice.json 20
done
