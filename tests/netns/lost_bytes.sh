#!/bin/bash
# What an RST close costs is counted: bytes that one kernel took and the other program never read,
# the same by either end's books; and nothing is lost by an orderly close.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

N=60
MIB=1048576

figure() { json "$1" "$TEST_TMP/$2.json" || fail "$2 has no $1"; }

# run_with NAME OPTION...: exit code 4 where not one transaction was done
run_with() {
	local name=$1
	shift
	client_on_client "$name" -t $SERVER_ADDR:9000 -n $N -c 8 -q "${STATS[@]}" "$@"
	expect_status $(($(figure totals.transactions_ok "$name") > 0 ? 0 : 4)) "$name"
	json_are "$TEST_TMP/$name.json" totals.connects_ok=$N totals.bytes_unsent=0 \
		server.totals.bytes_unsent=0 ledger.balanced=true
}

new_hosts
# Little room at the receiver, so that much is on its way when the RST overtakes it.
sysctl_on client ipv4.tcp_rmem "4096 32768 65536"
sysctl_on server ipv4.tcp_rmem "4096 32768 65536"
server_on_server

# ---- the client resets with requests on their way

aborted=$(netstat_on client TcpExt.TCPAbortOnData)
run_with client_rst --close client-rst --request-size 1M --response-size 0
lost=$(figure lost.to_server_bytes client_rst)
[ "$lost" -gt 0 ] || fail "client-rst: no byte was lost, of $N MiB"
# The server misses of each request what its header announced; of a connection that was reset
# before it was looked at, it knows nothing.
unseen=$(figure server.ended.connect_only client_rst)
missing=$(($(figure server.totals.bytes_missing client_rst) + unseen * (MIB + 16)))
[ "$lost" = "$missing" ] || fail "client-rst: $lost bytes were lost, and the server misses $missing"
[ "$lost" = $(($(figure totals.bytes_sent client_rst) - $(figure server.totals.bytes_received client_rst))) ] ||
	fail "client-rst: lost is not sent minus received"
json_are "$TEST_TMP/client_rst.json" totals.bytes_sent=$((N * (MIB + 16))) lost.to_client_bytes=0
[ $(($(netstat_on client TcpExt.TCPAbortOnData) - aborted)) = $N ] || fail "TCPAbortOnData is not $N"
grep -q "never reached the server" "$TEST_TMP/out" || fail "the text does not say what was lost"
echo "client-rst: $lost of $((N * MIB)) bytes never reached the server"

run_with client_fin --close client-fin --request-size 1M --response-size 0
json_are "$TEST_TMP/client_fin.json" lost='{"to_server_bytes":0,"to_client_bytes":0}' \
	server.totals.bytes_received=$((N * (MIB + 16))) server.totals.bytes_missing=0 \
	totals.transactions_ok=$N

# ---- the server resets with responses on their way

aborted=$(netstat_on server TcpExt.TCPAbortOnData)
run_with server_rst --close server-rst --response-size 1M
lost=$(figure lost.to_client_bytes server_rst)
[ "$lost" -gt 0 ] || fail "server-rst: no byte was lost, of $N MiB"
[ "$lost" = "$(figure totals.bytes_missing server_rst)" ] ||
	fail "server-rst: $lost bytes were lost, and the client misses $(figure totals.bytes_missing server_rst)"
json_are "$TEST_TMP/server_rst.json" lost.to_server_bytes=0 server.totals.bytes_sent=$((N * MIB))
reset=$(figure outcomes.reset server_rst)
[ "$reset" -gt 0 ] || fail "server-rst lost bytes, and no transaction failed"
json_is errors.transfer "$TEST_TMP/server_rst.json" "{\"ECONNRESET\":$reset}"
json_is totals.transactions_ok "$TEST_TMP/server_rst.json" $((N - reset))
[ $(($(netstat_on server TcpExt.TCPAbortOnData) - aborted)) = $N ] || fail "TCPAbortOnData is not $N"
echo "server-rst: $lost of $((N * MIB)) bytes never reached the client"

run_with server_fin --close server-fin --response-size 1M
json_are "$TEST_TMP/server_fin.json" lost='{"to_server_bytes":0,"to_client_bytes":0}' \
	totals.bytes_received=$((N * MIB)) totals.bytes_missing=0

# passive-rst is clean for both programs.
run_with passive_rst --close passive-rst --request-size 64k --response-size 64k
json_is lost "$TEST_TMP/passive_rst.json" '{"to_server_bytes":0,"to_client_bytes":0}'
