#!/bin/bash
# Where fewer sockets are in TIME_WAIT on the server than went to it, since ports came back, the story says
# so by the kernel's own counts; not where RSTs may have ended them, nor where all are there.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

# story NAME OPTION...: of a run of 50 connections, one at a time
story() {
	local name=$1
	shift
	new_hosts
	server_on_server
	client_on_client "$name" -q -t $SERVER_ADDR:9000 -n 50 -c 1 "${STATS[@]}" "$@"
	expect_status 0 "$name"
	r=$TEST_TMP/$name.json
	told=$(json story "$r")
}

# connect() takes the ports in turn, but leaves out one here and there.
story few --close server-fin --source-ports 40000-40009
left=$(ss_count server state time-wait sport = :9000)
((left > 5 && left <= 10)) || fail "the server's host has $(ss_states server)"
json_are "$r" server_counters.TcpExt.TW=50 states.server.own.end.TIME_WAIT=$left counters.TcpExt.TWRecycled=0
[ "$(netstat_on server TcpExt.TW)" = 50 ] || fail "the server's kernel: $(netstat_on server TcpExt.TW)"
grep -q "50 sockets went to TIME_WAIT on the server (TcpExt.TW there), $left are there at the end" <<<"$told" || fail "$told"

story mixed --close server-fin:9,client-rst:1 --source-ports 40000-40009
[ "$(json counters.Tcp.OutRsts "$r")" -gt 0 ] || fail "no RST"
! grep -q taken_over <<<"$told" || fail "$told"

# As many ports as connections, each used once.
story each --close server-fin --source-ports 40000-40999 --bind port
json_is states.server.own.end.TIME_WAIT "$r" 50
! grep -q taken_over <<<"$told" || fail "$told"
