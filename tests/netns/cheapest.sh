#!/bin/bash
# The cheapest possible TCP transaction: --defer-accept, --fastopen, --no-quickack and
# --fin-with-data make as few packets a connection as docs/performance.md says, by the kernel's own
# count; the strategies end where they always do, ports run out when predicted, and the ledger
# balances.
# ALL_CASES=1: every combination of them.
# limit: 120
# alone
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

N=400
echo 1 >/proc/sys/net/ipv4/tcp_rfc1337 # no TIME_WAIT is ended early
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse

fast_open() { echo "$1" >/proc/sys/net/ipv4/tcp_fastopen; }

# counters: segments received, ACKs that their timer sent, segments sent again.
counters() {
	awk '/^Tcp(Ext)?: [A-Z]/ { n = split($0, name); next }
		/^Tcp(Ext)?: / { for (i = 2; i <= n; i++) v[name[i]] = $i }
		END { print v["InSegs"], v["DelayedACKs"], v["RetransSegs"] }' /proc/net/snmp /proc/net/netstat
}

# client RESULT [OPTION...]
client() {
	local result=$TEST_TMP/$1.json
	shift
	run "$TWSTORM" client -t "127.0.0.1:$port" -q -o "$result" "$@"
}

# states SIDE: as in the result, "STATE N".
states() {
	local state n
	for state in ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE_WAIT LAST_ACK \
		CLOSING; do
		n=$(json "states.$1.end.$state" "$TEST_TMP/row.json") || fail "no states of the $1"
		[ "$n" = 0 ] || echo "$state $n"
	done
}

# packets STRATEGY CLIENT_OPTIONS: makes N connections; in $packets the hundredths of a packet each,
# without those that are there only because the machine was busy: what was sent again, and more
# than $LATE_ACKS that went by themselves, because what was to take them along came too late.
LATE_ACKS=0
packets() {
	local before after delayed
	read -ra before < <(counters)
	# shellcheck disable=SC2086 # several
	client row -n $N -c 8 --close "$1" $2
	expect_status 0 "$1 $2"
	read -ra after < <(counters)
	delayed=$((after[1] - before[1] - LATE_ACKS))
	[ $delayed -ge 0 ] || delayed=0
	packets=$(((100 * (after[0] - before[0] - delayed - after[2] + before[2]) + N / 2) / N))
	json_are "$TEST_TMP/row.json" complete=true totals.transactions_ok=$N totals.syns=$N \
		totals.bytes_missing=0
	json_is errors "$TEST_TMP/row.json" \
		'{"socket":{},"bind":{},"connect":{},"transfer":{},"timeout":{"connect":0,"handshake":0,"transaction":0}}'
	json_is ledger.balanced "$TEST_TMP/row.json" true
}

# row STRATEGY PACKETS CLIENT_END SERVER_END SERVER_OPTIONS CLIENT_OPTIONS: what is sent again is
# acknowledged again, so the best of twelve runs counts, and it is exact to 2 in 100.
# 10 = SYN, SYN-ACK, ACK, request, ACK, response, ACK, FIN, FIN, ACK.
row() {
	local strategy=$1 want=$2 client=$3 server=$4 best=100000
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		# What the row before left would be counted, should the server get the same port.
		ss -HK state time-wait >/dev/null 2>&1
		# shellcheck disable=SC2086 # several
		start_server server $5
		packets "$strategy" "$6"
		[ "$(states client)" = "${client#-}" ] ||
			fail "$strategy $6: the client ends in '$(states client)', not '$client'"
		[ "$(states server)" = "${server#-}" ] ||
			fail "$strategy $6: the server ends in '$(states server)', not '$server'"
		stop server
		[ $packets -ge $best ] || best=$packets
		[ $best -gt $((want * 100 + 2)) ] || break
	done
	echo "$strategy, server [$5], client [$6]: $best hundredths of a packet a connection"
	[ $best -ge $((want * 100 - 2)) ] && [ $best -le $((want * 100 + 2)) ] ||
		fail "$strategy, server [$5], client [$6]: not $want packets"
}


# Without `more`: one of each kind.
Q=--no-quickack
F="--fastopen 1000"
D=--fin-with-data
C="TIME_WAIT $N"

fast_open $((0x607)) # both sides, no cookie needed
more row client-fin 10 "$C" - "" ""
row client-fin 10 "$C" - --defer-accept ""
json_is counters.TcpExt.TCPDeferAcceptDrop "$TEST_TMP/row.json" $N
more row client-fin 8 "$C" - "" "$Q"
row client-fin 7 "$C" - "$Q" "$Q"
more row server-fin 10 - "$C" "" ""
row server-fin 8 - "$C" "$F" --fastopen
json_are "$TEST_TMP/row.json" totals.syns_with_data=$N counters.TcpExt.TCPFastOpenActive=$N \
	counters.TcpExt.TCPFastOpenPassive=$N
more row server-fin 7 - "$C" "$Q" "$Q"
row server-fin 8 - "$C" "" "$D"
more row server-fin 6 - "$C" "$F" "$D --fastopen"
more row server-fin 6 - "$C" "$Q" "$D $Q"
row server-fin 5 - "$C" "$Q $F" "$D $Q --fastopen"
more row client-half 10 "$C" - "" ""
more row client-half 8 "$C" - "" "$Q"
more row client-half 7 "$C" - "$Q" "$Q"
more row client-half 6 "$C" - "" "$D"
row client-half 5 "$C" - "$Q" "$D $Q"
more row client-half 8 "$C" - "$Q" "$D --proto http"
row server-fin 8 - "$C" "$Q $F" "--fastopen --proto http"
more row server-half 10 - "$C" "" ""
more row server-half 8 - "$C" "" "$D"
row server-half 7 - "$C" "$F $Q" "$D $Q --fastopen"
row client-rst 8 - - "" ""
more row client-rst 6 - - "$F" --fastopen
more row client-rst 6 - - "" "$Q"
more row client-rst 5 - - "$Q" "$Q"
more row client-rst 5 - - "$Q $F" "$Q --fastopen"
row server-rst 5 - - "$Q $F" "$Q --fastopen"
more row passive-rst 9 - - "" ""
more row passive-rst 7 - - "$F" --fastopen
more row passive-rst 7 - - "" "$Q"
more row passive-rst 6 - - "$Q" "$Q"
more row passive-rst 7 - - "" "$D"
more row passive-rst 5 - - "$Q" "$D $Q"
row passive-rst 4 - - "$Q $F" "$D $Q --fastopen"
# The response's ACK has nothing to go with.  Two more when the client, at its end, lets go of them.
LATE_ACKS=$N
row client-leak 6 "CLOSE_WAIT $N" "FIN_WAIT2 $N" "$Q $F" "$D $Q --fastopen"

# ---- several transactions: only the last is ridden on; and one larger than a SYN

start_server server $F
client many -n 50 --requests 5 --close client-half $D --fastopen
expect_status 0
json_are "$TEST_TMP/many.json" totals.transactions_ok=250 ledger.balanced=true
client large -n 20 --request-size 1M --response-size 1M --close server-fin $D --fastopen
expect_status 0
json_are "$TEST_TMP/large.json" totals.transactions_ok=20 totals.syns_with_data=20 \
	totals.bytes_sent=$((20 * (1048576 + 16))) totals.bytes_received=$((20 * 1048576))
client pooled -n 200 --pool 4 --max-requests 10 --close server-fin $D
expect_status 0
json_are "$TEST_TMP/pooled.json" totals.transactions_ok=200 ledger.balanced=true
stop server

# ---- a cookie first: the first connections ask for one, the others carry data

fast_open 3
ip tcp_metrics flush >/dev/null 2>&1 # where a cookie from before would be
start_server server $F
client cookie -n 100 -c 1 --fastopen
expect_status 0
json_is totals.syns "$TEST_TMP/cookie.json" 100
with=$(json totals.syns_with_data "$TEST_TMP/cookie.json")
json_is counters.TcpExt.TCPFastOpenActive "$TEST_TMP/cookie.json" "$with"
[ "$with" -ge 90 ] && [ "$with" -lt 100 ] || fail "$with of 100 SYNs carried data; the first has no cookie"
json_is ledger.balanced "$TEST_TMP/cookie.json" true
stop server

# A server that does not know it: the same work, no data in any SYN.
start_server server
client plain_server -n 100 --fastopen
expect_status 0
json_is totals.transactions_ok "$TEST_TMP/plain_server.json" 100
json_is counters.TcpExt.TCPFastOpenActive "$TEST_TMP/plain_server.json" 0

# ---- what sendto() fails with is connect's: ports run out when predicted

fast_open $((0x607))
# No port of a server from above is in it: connect() would skip that.
echo 20000 20499 >/proc/sys/net/ipv4/ip_local_port_range
client storm -d 30s -r 500/s --on-exhaustion stop --fastopen
expect_status 0
json_is totals.connects_ok "$TEST_TMP/storm.json" 500
[ "$(json errors.connect.EADDRNOTAVAIL "$TEST_TMP/storm.json")" -gt 0 ] || fail "no connect EADDRNOTAVAIL"
json_are "$TEST_TMP/storm.json" errors.transfer='{}' ledger.balanced=true
ran_out_when_predicted "$TEST_TMP/storm.json"
stop server
echo 30000 60999 >/proc/sys/net/ipv4/ip_local_port_range
client refused -n 5 -c 1 --fastopen
expect_status 4
json_are "$TEST_TMP/refused.json" errors.connect='{"ECONNREFUSED":5}' outcomes.refused=5

# ---- a connection that sends nothing and is reset is never shown, and the ledger knows why

start_server server --defer-accept --admin 127.0.0.1:0
client unseen -n 50 --requests 0 --close client-rst --server-stats "$admin"
expect_status 0
json_are "$TEST_TMP/unseen.json" server.totals.accepted=0 ledger.balanced=true
json ledger.explanation "$TEST_TMP/unseen.json" | grep -q TCPDeferAcceptDrop || fail "not explained"
stop server

# ---- where the sysctl makes it useless: exit 6, one sentence

fast_open 2
run "$TWSTORM" client -t 127.0.0.1:9 -n 1 --fastopen
expect_status 6
[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "not one sentence: $(cat "$TEST_TMP/err")"
grep -q 'needs net.ipv4.tcp_fastopen with bit 1 set.* it is 2$' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
fast_open 1
run "$TWSTORM" server -l 127.0.0.1:0 --fastopen 100
expect_status 6
grep -q 'needs net.ipv4.tcp_fastopen with bit 2 set.* it is 1$' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
