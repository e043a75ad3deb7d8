#!/bin/bash
# What --start-at waits for is not of the run: ports that came free meanwhile are not counted as taken,
# those that were taken meanwhile are, and the prediction is what then happens.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
T=$SERVER_ADDR:9000

new_hosts
sysctl_on client ipv4.ip_local_port_range "40000 40099"
sysctl_on client ipv4.tcp_fin_timeout 1
server_on_server

# 60 ports in FIN_WAIT2, which ends after a second; 40 in TIME_WAIT, which does not.
client_on_client earlier -t $T -n 60 -q --close server-leak
expect_status 0 earlier
json_is totals.closes "$TEST_TMP/earlier.json" 60
at=$(awk -v now="$EPOCHREALTIME" 'BEGIN { printf "%.3f", now + 3 }')
start_on client waiting "$TWSTORM" client -t $T -r 200/s -d 1s -q --on-exhaustion stop --start-at "$at" \
	-o "$TEST_TMP/waiting.json"
client_on_client meanwhile -t $T -n 40 -q
expect_status 0 meanwhile
wait_exit waiting || fail "the client that waited ends with $?: $(cat "$TEST_TMP/waiting.log")"

r=$TEST_TMP/waiting.json
json_are "$r" ports.taken_at_start=40 ports.taken_estimated=false totals.connects_ok=60
ran_out_when_predicted "$r"
awk -v p="$(json ports.predicted_exhaustion_s "$r")" 'BEGIN { exit !(p > 0.2999 && p < 0.3001) }' ||
	fail "predicted $(json ports.predicted_exhaustion_s "$r") s, not 0.3"
# The first of the 40 ends a minute after it began, some 2 or 3 s before the run.
awk -v s="$(json ports.taken_until_s "$r")" 'BEGIN { exit !(s > 56 && s < 60) }' ||
	fail "the first port comes free $(json ports.taken_until_s "$r") s after the run began"
