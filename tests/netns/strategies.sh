#!/bin/bash
# Every close strategy leaves its sockets where its row says, on two hosts and on loopback:
# our counts of both sides, ss on both sides and the kernel's TW counter agree, and the ledger
# balances.
# ALL_CASES=1: each of them on loopback, too.  TLS='1.2' or '1.3': the same over that version of TLS.
# limit: 180
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

N=200
SERVES=() TALKS=()
if [ -n "${TLS-}" ]; then
	SERVES=(--tls)
	TALKS=(--tls --insecure --tls-min "$TLS" --tls-max "$TLS" --resume)
fi

# check STRATEGY MISSING CLIENT_END SERVER_END: states of either end ("STATE N", or - for none) in
# the result just written, when it was taken.
check() {
	local strategy=$1 missing=$2 r=$TEST_TMP/$1.json side want state got
	shift 2
	json_are "$r" complete=true totals.connects_ok=$N totals.transactions_ok=$N \
		totals.bytes_missing="$missing"
	json_is errors "$r" \
		'{"socket":{},"bind":{},"connect":{},"transfer":{},"timeout":{"connect":0,"handshake":0,"transaction":0}}'
	json_is ledger.balanced "$r" true
	for side in client server; do
		want=$1
		shift
		for state in ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE \
			CLOSE_WAIT LAST_ACK CLOSING; do
			got=$(json states.$side.end.$state "$r") || fail "$r has no states.$side"
			[ "$got" = 0 ] || echo "$state $got"
		done >"$TEST_TMP/$side.ours"
		[ "$want" = any ] || [ "$(cat "$TEST_TMP/$side.ours")" = "${want#-}" ] ||
			fail "$strategy: the $side ends in '$(cat "$TEST_TMP/$side.ours")', not '$want'"
	done
}

# same_as_ss SIDE FILE: the counts just read from the result, and ss's.
same_as_ss() {
	diff "$TEST_TMP/$1.ours" "$2" >"$TEST_TMP/diff" ||
		fail "$1: ours (<) and ss (>) differ: $(cat "$TEST_TMP/diff")"
}

strategies() {
	"$TEST_BIN/tools/closings" $N
	[ -z "${TLS-}" ] || "$TEST_BIN/tools/closings" $N tls
}

# entries HOST...: TIME_WAIT entered there since it was made, without the admin connections'.
entries() {
	local host sum=0
	for host; do
		sum=$((sum + $(netstat_on "$host" TcpExt.TW) + $(netstat_on "$host" TcpExt.TWKilled) -
			$(ss_count "$host" state time-wait "sport = :9100 or dport = :9100")))
	done
	echo $sum
}

resets() {
	local host sum=0
	for host; do
		sum=$((sum + $(netstat_on "$host" Tcp.OutRsts)))
	done
	echo $sum
}

# kernel_agrees STRATEGY ENTRIES RESETS HOST...: what the counters moved by, since $tw and $rst.
kernel_agrees() {
	local strategy=$1 entries=$2 resets=$3
	shift 3
	[ "$entries" = any ] || [ $(($(entries "$@") - tw)) = "$entries" ] ||
		fail "$strategy: TW moved by $(($(entries "$@") - tw)), not $entries"
	[ $(($(resets "$@") - rst)) -ge "$resets" ] ||
		fail "$strategy: OutRsts moved by $(($(resets "$@") - rst)), less than $resets"
}

# ---- two hosts, a fresh pair for each

while IFS=$'\t' read -r strategy client server entered reset missing; do
	new_hosts
	server_on_server "${SERVES[@]}"
	tw=0 rst=$(resets client server)
	client_on_client "$strategy" -t $SERVER_ADDR:9000 -n $N --close "$strategy" "${TALKS[@]}" "${STATS[@]}"
	expect_status 0 "$strategy"
	ss_states client "dport = :9000" >"$TEST_TMP/client.ss"
	ss_states server "sport = :9000" >"$TEST_TMP/server.ss"
	check "$strategy" "$missing" "$client" "$server"
	json_is server.totals.accepted "$TEST_TMP/$strategy.json" $N
	# What the client kept was closed with it.
	[[ $client == CLOSE_WAIT* ]] || same_as_ss client "$TEST_TMP/client.ss"
	[[ $client == CLOSE_WAIT* ]] || same_as_ss server "$TEST_TMP/server.ss"
	kernel_agrees "$strategy" "$entered" "$reset" client server
done < <(strategies)

# client-leak while the client lives: it has no more ports than these, so there it stays.
new_hosts
server_on_server "${SERVES[@]}"
sysctl_on client ipv4.ip_local_port_range "40000 $((40000 + N - 1))"
start_on client leaker "$TWSTORM" client -t $SERVER_ADDR:9000 -d 30s --close client-leak "${TALKS[@]}" \
	-o "$TEST_TMP/client-leak.json"
held() { [ "$(ss_states "$1" "$2 = :9000")" = "$3" ]; }
wait_until 10 held client dport "CLOSE_WAIT $N" ||
	fail "client-leak: the client holds $(ss_states client "dport = :9000")"
wait_until 10 held server sport "FIN_WAIT2 $N" ||
	fail "client-leak: the server has $(ss_states server "sport = :9000")"
stop leaker INT
[ $? = 130 ] || fail "client-leak: SIGINT ends it with another code"
json_are "$TEST_TMP/client-leak.json" outcomes.leaked=$N states.client.end.CLOSE_WAIT=$N \
	ledger.balanced=true
[ "$(ss_count client state close-wait)" = 0 ] || fail "client-leak outlives the client"

# Both at once: how many collide is the machine's affair, but all counts are of the same sockets.
new_hosts
server_on_server "${SERVES[@]}"
tw=0
client_on_client both -t $SERVER_ADDR:9000 -n $N --close both "${TALKS[@]}" "${STATS[@]}"
expect_status 0
ss_states client "dport = :9000" >"$TEST_TMP/client.ss"
ss_states server "sport = :9000" >"$TEST_TMP/server.ss"
check both 0 any any
same_as_ss client "$TEST_TMP/client.ss"
same_as_ss server "$TEST_TMP/server.ss"
all=$(($(json states.client.end.TIME_WAIT "$TEST_TMP/both.json") +
	$(json states.server.end.TIME_WAIT "$TEST_TMP/both.json")))
[ $all -ge $N ] && [ $all -le $((2 * N)) ] || fail "both: $all TIME_WAIT for $N connections"
[ "$(entries client server)" = $all ] || fail "both: TW is $(entries client server), not $all"
echo "both: $all TIME_WAIT for $N connections"

# ---- both ends in one namespace: told apart by port

drop_hosts
while IFS=$'\t' read -r strategy client server entered reset missing; do
	case $strategy in
	client-fin | server-rst) ;;
	*) all_cases || continue ;;
	esac
	new_hosts
	server_on client server -l 127.0.0.1:9000 "${SERVES[@]}"
	tw=0 rst=$(resets client)
	client_on_client "$strategy" -t 127.0.0.1:9000 -n $N --close "$strategy" -q "${TALKS[@]}"
	expect_status 0 "$strategy on loopback"
	ss_states client "dport = :9000" >"$TEST_TMP/client.ss"
	ss_states client "sport = :9000" >"$TEST_TMP/server.ss"
	check "$strategy" "$missing" "$client" "$server"
	if [[ $client != CLOSE_WAIT* ]]; then
		same_as_ss client "$TEST_TMP/client.ss"
		same_as_ss server "$TEST_TMP/server.ss"
	fi
	kernel_agrees "$strategy on loopback" "$entered" "$reset" client
done < <(strategies)
