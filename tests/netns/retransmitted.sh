#!/bin/bash
# Segments that a host sent again are told, with the kernel's count of each host; one lost among many is not, nor is a
# way that loses nothing.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
need nft

# lose HOST EVERY: of the segments that come to HOST, each EVERY-th is lost.
lose() {
	on "$1" nft flush ruleset
	on "$1" nft -f - <<NFT || skip "nft cannot drop here"
table ip t {
	chain in {
		type filter hook input priority 0
		ip protocol tcp numgen inc mod $2 == $(($2 - 1)) counter drop
	}
}
NFT
}

lost_at() {
	on "$1" nft list ruleset | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}

# storm NAME N [OPTION...]: N connections, and what both hosts' kernels counted meanwhile.
storm() {
	local name=$1 n=$2 client server
	shift 2
	client=$(netstat_on client Tcp.RetransSegs) server=$(netstat_on server Tcp.RetransSegs)
	client_on_client "$name" -t $SERVER_ADDR:9000 -n "$n" -q "${STATS[@]}" "$@"
	expect_status 0 "$name"
	json_are "$TEST_TMP/$name.json" counters.Tcp.RetransSegs=$(($(netstat_on client Tcp.RetransSegs) - client)) \
		server_counters.Tcp.RetransSegs=$(($(netstat_on server Tcp.RetransSegs) - server))
}

new_hosts
server_on_server

echo "nothing is lost"
storm well 300 --expect 'story.retransmitted == null'

echo "one of 50 that come to the server"
lose server 50
storm to_server 300 -c 50 --expect 'story.retransmitted > 0' --expect 'counters.Tcp.RetransSegs >= 5'
[ "$(lost_at server)" -ge 5 ] || fail "only $(lost_at server) were lost"
json story "$TEST_TMP/to_server.json" | grep -q "Segments were sent again: $(json counters.Tcp.RetransSegs "$TEST_TMP/to_server.json") by the client's host" ||
	fail "the story is $(json story "$TEST_TMP/to_server.json")"

echo "one of 50 that come to the client"
on server nft flush ruleset
lose client 50
storm to_client 300 -c 50 --expect 'story.retransmitted > 0' --expect 'server_counters.Tcp.RetransSegs > 0'
on client nft flush ruleset

echo "one of many"
lose server 2000
storm one 600 -c 50 --expect 'story.retransmitted == null'
[ "$(lost_at server)" -ge 1 ] || fail "none was lost"
