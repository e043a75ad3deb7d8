#!/bin/bash
# The --server-stats connection has a port of the client's host all run long.  A bind() cannot share
# it: with --bind early it is counted as taken, the ports run out one connection sooner, and that is
# predicted; where bind() has another address, or connect() chooses, it stands in nobody's way.
# TWSTORM_ROUNDS=N: the first part N times (1).
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

# 100 ports, and a server.
fresh_hosts() {
	new_hosts
	sysctl_on client ipv4.ip_local_port_range "40000 40099"
	sysctl_on client ipv4.tcp_tw_reuse 0
	server_on_server
}

# runs_out NAME N OPTION...: after N connections of a budget of 100, when predicted.
runs_out() {
	local name=$1 n=$2 r=$TEST_TMP/$1.json
	shift 2
	client_on_client "$name" -r 200/s -d 30s -q --on-exhaustion stop "$@"
	expect_status 0 "$name"
	json_are "$r" ports.budget=100 ports.taken_at_start=$((100 - n)) ports.exhausted=true \
		totals.connects_ok="$n" ledger.balanced=true
	ran_out_when_predicted "$r"
	awk -v p="$(json ports.predicted_exhaustion_s "$r")" -v n="$n" \
		'BEGIN { exit !(p > n / 200 - 1e-4 && p < n / 200 + 1e-4) }' ||
		fail "$name: predicted $(json ports.predicted_exhaustion_s "$r") s for $n connections"
	awk -v r="$(json ports.predicted_max_rate "$r")" -v n="$n" 'BEGIN { exit !(r > n / 65 && r < n / 60) }' ||
		fail "$name: predicted_max_rate is $(json ports.predicted_max_rate "$r")"
}

T=$SERVER_ADDR:9000

for ((round = 0; round < ${TWSTORM_ROUNDS:-1}; round++)); do
	fresh_hosts
	runs_out early 99 -t $T --bind early "${STATS[@]}"
	json_is errors.bind "$TEST_TMP/early.json" "{\"EADDRINUSE\":$(json outcomes.no_port "$TEST_TMP/early.json")}"
	[ "$(ss_count client state time-wait dport = :9000)" = 99 ] || fail "early: ss has not 99 TIME_WAIT"
done
fresh_hosts
runs_out early_alone 100 -t $T --bind early
fresh_hosts
runs_out auto 100 -t $T "${STATS[@]}"

# ---- its address decides

fresh_hosts
on client ip addr add 198.18.0.3/24 dev veth0
runs_out same_source 99 -t $T --bind early --source $CLIENT_ADDR "${STATS[@]}"
fresh_hosts
on client ip addr add 198.18.0.3/24 dev veth0
runs_out other_source 100 -t $T --bind early --source 198.18.0.3 "${STATS[@]}"

# ---- one host

fresh_hosts
server_on client here -l 127.0.0.1:9000 --admin 127.0.0.1:9100
runs_out loopback 99 -t 127.0.0.1:9000 --bind early --server-stats 127.0.0.1:9100

# ---- IPv6: any address of it is any of IPv4 as well

if [ -e /proc/sys/net/ipv6 ]; then
	new_hosts6
	sysctl_on client ipv4.ip_local_port_range "40000 40099"
	server_on_server -l "[$SERVER_ADDR6]:9000"
	runs_out ipv6 99 -t "[$SERVER_ADDR6]:9000" --bind early "${STATS[@]}"
fi

# ---- ports of our own: that one is passed over, and when the first of ours comes up again is known

# own_port NAME FIRST LAST
own_port() {
	fresh_hosts
	client_on_client "$1" -t $T -r 200/s -d 5s -q --on-exhaustion stop --bind port \
		--source-ports "$2-$3" "${STATS[@]}"
	expect_status 0 "$1"
}
own_port among 39999 40099 # the first is no connect()'s
r=$TEST_TMP/among.json
json_is ports.taken_at_start "$r" 1
json_is ports.exhausted "$r" true
json_are "$r" outcomes.collision=1 totals.connects_ok=100 ports.collision.remote=$SERVER_ADDR:9100 \
	ports.collision.state=ESTABLISHED ports.predicted_exhaustion_s=0.505
json_is ports.first_exhausted_due_s "$r" 0.505
own_port beside 20000 20099
r=$TEST_TMP/beside.json
json_are "$r" ports.taken_at_start=0 ports.predicted_exhaustion_s=0.5 totals.connects_ok=100
