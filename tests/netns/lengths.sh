#!/bin/bash
# `lab probe lengths`: tcp_fin_timeout and TCP_LINGER2 shorten FIN_WAIT2 and never TIME_WAIT.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/probe.bash
need ss

# left NAME FIGURE LOW HIGH: the milliseconds left; a busy machine looks later, never earlier.
left() {
	local ms
	ms=$(figure "$1" "lengths.$2_left_ms")
	[ "$ms" -ge "$3" ] && [ "$ms" -le "$4" ] || fail "$1: $2 has $ms ms left, not $3 to $4"
	echo "$1: $2 has $ms ms left"
}

probe usual lengths
left usual time_wait 58000 59960
left usual fin_wait2 58000 59960
left usual time_wait_linger2 58000 59960
left usual fin_wait2_linger2 1 1960
for figure in time_wait fin_wait2 time_wait_linger2 fin_wait2_linger2; do
	json_is lengths.${figure}_timer "$TEST_TMP/usual.json" TIME_WAIT
done
# What ss sees of it: two were TIME_WAIT; the two FIN_WAIT2 became TIME_WAIT at the end.
[ "$(ss -Htan state time-wait | wc -l)" = 4 ] || fail "ss sees other than 4 TIME_WAIT: $(ss -Htan)"
json_is counters.TcpExt.TWKilled "$TEST_TMP/usual.json" 1

set_sysctl tcp_fin_timeout 5
probe short lengths
left short time_wait 58000 59960
left short fin_wait2 3000 4960
left short time_wait_linger2 58000 59960
left short fin_wait2_linger2 1 1960

echo "what is over is null"
probe over lengths --linger2 1s --after 1700ms
json_is lengths.fin_wait2_linger2_left_ms "$TEST_TMP/over.json" null
left over time_wait_linger2 56000 58310

echo "over 60 s a FIN_WAIT2 keeps its socket"
set_sysctl tcp_fin_timeout 90
probe long lengths
json_is lengths.fin_wait2_timer "$TEST_TMP/long.json" keepalive
left long time_wait 58000 59960
probe v6 lengths --address ::1
left v6 time_wait 58000 59960
