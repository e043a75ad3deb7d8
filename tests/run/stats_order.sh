#!/bin/bash
# In a server's answer to /stats?fresh=1 a connection is among the totals or among the states, and
# never in neither: totals that were summed before the states were counted would miss those that
# came and went in between.
# TWSTORM_ROUNDS=N: N times (6).
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need ss

start_server server --admin 127.0.0.1:0
server=${started_pid[server]}

here() { ss -Htan state established "dport = :$port" | wc -l; }
# What the admin address answers, without its head.
ask='exec 3<>"/dev/tcp/${0%:*}/${0##*:}" && printf "GET /stats?fresh=1 HTTP/1.0\r\n\r\n" >&3 &&
	exec sed "1,/^\r\$/d" <&3'
each=40
for ((round = 1; round <= ${TWSTORM_ROUNDS:-6}; round++)); do
	kill -STOP "$server"
	# Requests without an answer, of which the client's FIN takes leave: the server ends them by itself.
	start client "$TWSTORM" client -t "127.0.0.1:$port" -n $each -c $each --response-size 0 --close client-fin -q
	start stats bash -c "$ask" "$admin"
	wait_exit client || fail "the client's exit code is $?"
	[ "$(here)" = 0 ] || fail "$(here) of its connections are left"
	wait_count 1 10 eval 'ss -Htan state established "dport = :${admin##*:}" | wc -l'
	kill -CONT "$server"
	wait_exit stats || fail "/stats cannot be asked: $?"
	seen=$(json totals.accepted "$TEST_TMP/stats.out")
	for state in SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK; do
		seen=$((seen + $(json states.server.end.$state "$TEST_TMP/stats.out")))
	done
	[ "$seen" -ge $((round * each)) ] || fail "round $round: $((round * each)) connections, $seen of them in the totals or the states"
done
stop server
