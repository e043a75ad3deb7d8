#!/bin/bash
# `ss -K` on the client's host: ECONNABORTED, in a hold, in a pool, in a request and in a handshake, is this host's own
# doing, and never the server's; what ss -K does on the server's host is the server's.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
T=$SERVER_ADDR:9000
new_hosts
server_on_server

# ended_on HOST NAME N OPTION...: a client of which N connections are ended, once they are there; $r is its result
ended_on() {
	local host=$1 name=$2 n=$3 at='dport = :9000'
	shift 3
	[ "$host" = client ] || at='sport = :9000'
	r=$TEST_TMP/$name.json
	start_on client "$name" "$TWSTORM" client -q -t $T -o "$r" "$@"
	wait_count "$n" 10 ss_count client $state 'dport = :9000'
	killed=$(on "$host" ss -HK -tan $state "$at" | wc -l)
	[ "$killed" -gt 0 ] || skip "this kernel's ss -K ends nothing"
	wait_exit "$name"
	status=$?
}

rsts=-$(netstat_on server Tcp.OutRsts)
state='state established'
echo "in a hold"
ended_on client hold 20 -n 20 -c 20 --hold 20s
[ "$killed" = 20 ] || fail "ss -K ended $killed of 20"
json_are "$r" outcomes.aborted_here=20 outcomes.closed_while_idle=0 outcomes.reset=0 errors.transfer='{"ECONNABORTED":20}'

echo "in a pool"
ended_on client pool 1 --pool 5 -r 100/s -n 60 -c 5
json_are "$r" outcomes.closed_while_idle=0 outcomes.pool_race=0 outcomes.reset=0
[ "$(json outcomes.aborted_here "$r")" = "$killed" ] || fail "ss -K ended $killed: $(json outcomes "$r")"

echo "in a request"
kill -STOP "${started_pid[server]}"
ended_on client request 5 -n 5 -c 5 --timeout 20s
json_are "$r" outcomes.aborted_here=5 outcomes.reset=0 outcomes.early_eof=0 outcomes.transfer_error=0
kill -CONT "${started_pid[server]}"

echo "in a handshake"
state='state syn-sent'
on server ip link set veth0 down
ended_on client handshake 3 -n 3 -c 3 --timeout 20s
[ "$(json outcomes.aborted_here "$r")" = 3 ] || fail "$(json outcomes "$r")"
json_is errors.connect "$r" '{"ECONNABORTED":3}'
on server ip link set veth0 up
[ $((rsts + $(netstat_on server Tcp.OutRsts))) = 0 ] || fail "the server's host sent RSTs"

echo "... on the server's host"
wait_until 10 hosts_joined || fail "the two hosts do not reach each other again"
state='state established'
ended_on server there 20 -n 20 -c 20 --hold 20s
json_are "$r" outcomes.aborted_here=0 outcomes.closed_while_idle=20 errors.transfer='{"ECONNRESET":20}'
kill -STOP "${started_pid[server]}"
ended_on server there_request 5 -n 5 -c 5 --timeout 20s
json_are "$r" outcomes.aborted_here=0 outcomes.reset=5 errors.transfer='{"ECONNRESET":5}'
kill -CONT "${started_pid[server]}"
