#!/bin/bash
# A server that has not been given the CPU when the run ends is waited for: what it has still to
# read is not called lost, and its figures are of the end.
# quiet
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need ss

start_server server --admin 127.0.0.1:0
server=${started_pid[server]}

# Messages without an answer: the client does not notice that nobody reads them.
start client "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -r 20/s --request-size 32k --response-size 0 \
	-q --server-stats "$admin" -o "$TEST_TMP/slow.json"
connections() { ss -Htan "dport = :$port" | wc -l; }
wait_count 5 10 connections
kill -STOP "$server"
wait_count 20 10 connections
sleep 0.5
kill -CONT "$server"
wait_exit client || fail "the client's exit code is $?"
json_are "$TEST_TMP/slow.json" totals.connects_ok=20 server.totals.accepted=20 \
	lost='{"to_server_bytes":0,"to_client_bytes":0}' ledger.balanced=true
stop server
