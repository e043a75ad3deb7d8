#!/bin/bash
# A pool of ten leaves ten TIME_WAIT where short connections leave two thousand, by our count and
# by ss; the rules that retire a connection open another; and a server that closes idle ones
# costs no transaction.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

T=$SERVER_ADDR:9000

# run_on_fresh NAME OPTION...
run_on_fresh() {
	local name=$1
	shift
	new_hosts
	# shellcheck disable=SC2086 # several words
	server_on_server ${server_options:-}
	client_on_client "$name" -t $T -q "${STATS[@]}" "$@"
	expect_status 0 "$name"
	json_is ledger.balanced "$TEST_TMP/$name.json" true
}

# waiting NAME HOST N: TIME_WAIT there, by the result and by ss.
waiting() {
	json_is "states.$2.end.TIME_WAIT" "$TEST_TMP/$1.json" "$3"
	[ "$(ss_count "$2" state time-wait "sport = :9000 or dport = :9000")" = "$3" ] ||
		fail "$1: ss on the $2 host has $(ss_count "$2" state time-wait) TIME_WAIT, not $3"
}

# opened NAME N: connections, by us, by the server, by the kernel.
opened() {
	json_are "$TEST_TMP/$1.json" pool.connections_opened="$2" totals.connects_ok="$2" \
		server.totals.accepted="$2" counters.Tcp.ActiveOpens="$2"
}

# ---- 2000 transactions, short and pooled

run_on_fresh short -n 2000
waiting short client 2000
waiting short server 0
json_are "$TEST_TMP/short.json" pool=null totals.transactions_ok=2000

run_on_fresh pool -n 2000 --pool 10
waiting pool client 10
waiting pool server 0
opened pool 10
json_are "$TEST_TMP/pool.json" pool.perfect_pool=10 totals.transactions_ok=2000 \
	server.totals.requests=2000
grep -q '10 connections opened, a perfect pool needs 10' "$TEST_TMP/out" || fail "the text does not say"

run_on_fresh fewer -n 6 --pool 10 -c 10
json_is pool.perfect_pool "$TEST_TMP/fewer.json" 6

# ---- the server moves first: its TIME_WAIT, or nobody's

run_on_fresh server_fin -n 500 --pool 10 --close server-fin
waiting server_fin client 0
waiting server_fin server 10
opened server_fin 10
run_on_fresh server_rst -n 500 --pool 10 --close server-rst
waiting server_rst client 0
waiting server_rst server 0
opened server_rst 10
json_is totals.transactions_ok "$TEST_TMP/server_rst.json" 500
[ "$(netstat_on server Tcp.OutRsts)" -ge 10 ] || fail "server-rst sent no RST"

# ---- what retires a connection

run_on_fresh requests -n 1000 --pool 1 --max-requests 50
opened requests 20
waiting requests client 20
json_is totals.transactions_ok "$TEST_TMP/requests.json" 1000

# Ten of them share 1000: twenty are used up or nearly, up to nine more are begun.
run_on_fresh shared -n 1000 --pool 10 --max-requests 50
n=$(json pool.connections_opened "$TEST_TMP/shared.json")
[ "$n" -ge 20 ] && [ "$n" -le 29 ] || fail "1000 transactions at 50 each: $n connections"
json_is totals.transactions_ok "$TEST_TMP/shared.json" 1000

run_on_fresh several -n 100 --pool 1 --requests 3 --max-requests 30
opened several 10
json_is totals.transactions_ok "$TEST_TMP/several.json" 300
# A limit in the middle of an arrival costs none of its transactions.
run_on_fresh uneven -n 100 --pool 1 --requests 3 --max-requests 4
json_is totals.transactions_ok "$TEST_TMP/uneven.json" 300

# 1.2 s of a pool whose connections live 300 ms: each of the two is opened three or four times.
run_on_fresh age --pool 2 -r 200/s -d 1200ms --max-age 300ms
n=$(json pool.connections_opened "$TEST_TMP/age.json")
[ "$n" -ge 3 ] && [ "$n" -le 10 ] || fail "--max-age 300ms for 1.2 s: $n connections"
opened age "$n"
waiting age client "$n"
json_is totals.transactions_ok "$TEST_TMP/age.json" "$(json outcomes.completed "$TEST_TMP/age.json" >/dev/null &&
	json server.totals.requests "$TEST_TMP/age.json")"

# One transaction each 200 ms, and 50 ms is as long as a connection may rest.
run_on_fresh idle --pool 1 -c 1 -r 5/s -n 5 --idle-timeout 50ms
opened idle 5
waiting idle client 5
json_is totals.transactions_ok "$TEST_TMP/idle.json" 5

# ---- the server loses patience first

server_options='--idle-timeout 50ms'
run_on_fresh stale --pool 1 -c 1 -r 5/s -n 5
opened stale 5
json_is totals.transactions_ok "$TEST_TMP/stale.json" 5
# The fifth closes in time.
stale=$(json outcomes.closed_while_idle "$TEST_TMP/stale.json")
[ "$stale" -ge 4 ] || fail "closed_while_idle is $stale, not 4 or 5"
json_is errors.transfer "$TEST_TMP/stale.json" '{}'
[ "$(json server.ended.idle_timeout "$TEST_TMP/stale.json")" = "$stale" ] ||
	fail "the server counted $(json server.ended.idle_timeout "$TEST_TMP/stale.json") idle, we $stale"
waiting stale server "$stale"
