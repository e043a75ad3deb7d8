#!/bin/bash
# IPv6 is as good as IPv4: over two hosts and over [::1], the same connections, ports, states and
# prediction, by our count, by ss and by the kernel's counters.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
[ -e /proc/sys/net/ipv6 ] || skip "this kernel has no IPv6"
. tests/netns/two_hosts.bash

# figures RESULT: what must not depend on the address family.
figures() {
	local path
	for path in complete totals outcomes errors ports.budget ports.peak_in_use ports.exhausted \
		ports.per_tuple ports.tuples ports.reserved states.client.end states.server.end \
		counters.Tcp.ActiveOpens counters.TcpExt.TW ledger.balanced; do
		# Where the server closes first, how many are left there is up to which ports came again.
		[[ ${options:-} == *server-fin* && $path == states.server.end ]] && continue
		echo "$path $(json "$path" "$TEST_TMP/$1.json")" || fail "$1 has no $path"
	done
}

# same RESULT RESULT
same() {
	figures "$1" >"$TEST_TMP/figures4"
	figures "$2" >"$TEST_TMP/figures6"
	diff "$TEST_TMP/figures4" "$TEST_TMP/figures6" >"$TEST_TMP/diff" ||
		fail "IPv4 (<) and IPv6 (>) differ: $(cat "$TEST_TMP/diff")"
}

# Fresh ones, with both.
hosts_with_ipv6() {
	new_hosts6
	sysctl_on client ipv4.ip_local_port_range "40000 40099"
	server_on_server -l "$SERVER_ADDR:9000,[$SERVER_ADDR6]:9000"
}

# ---- two hosts: all of 100 ports, and 50 more tries

for options in '' '--bind early' "--source-ports 40000-40049"; do
	for v in 4 6; do
		hosts_with_ipv6
		to=$SERVER_ADDR:9000
		[ $v = 4 ] || to="[$SERVER_ADDR6]:9000"
		# shellcheck disable=SC2086 # several words
		client_on_client v$v -t "$to" -n 150 -c 1 -q --on-exhaustion spin "${STATS[@]}" $options
		expect_status 0 "IPv$v $options"
		n=$(json states.client.end.TIME_WAIT "$TEST_TMP/v$v.json")
		[ "$(ss_count client -$v state time-wait "dport = :9000")" = "$n" ] ||
			fail "IPv$v $options: ss has $(ss_count client -$v state time-wait) TIME_WAIT, not $n"
	done
	same v4 v6
done
json_is totals.connects_ok "$TEST_TMP/v6.json" 50

# ---- several sources, a server that closes first, a pool

for options in "--close server-fin -n 100" "--close client-rst -n 100" "--pool 5 -n 100"; do
	for v in 4 6; do
		hosts_with_ipv6
		to=$SERVER_ADDR:9000
		[ $v = 4 ] || to="[$SERVER_ADDR6]:9000"
		# shellcheck disable=SC2086
		client_on_client v$v -t "$to" -q "${STATS[@]}" $options
		expect_status 0 "IPv$v $options"
	done
	same v4 v6
done
hosts_with_ipv6
on client ip addr add fd00::3/64 dev veth0 nodad
client_on_client sources -t "[$SERVER_ADDR6]:9000" -n 220 -c 1 -q --on-exhaustion spin \
	--source "$CLIENT_ADDR6,fd00::3"
expect_status 0
json_are "$TEST_TMP/sources.json" totals.connects_ok=200 ports.budget=200
[ "$(ss_count client -6 state time-wait)" = 200 ] || fail "ss has other than 200 TIME_WAIT"

# ---- loopback

new_hosts
start_on client server "$TWSTORM" server -l '127.0.0.1:9000,[::1]:9000'
wait_line "$TEST_TMP/server.out" '^listening on 127.0.0.1:9000, \[::1\]:9000$' >/dev/null
client_on_client v4 -t 127.0.0.1:9000 -n 200
expect_status 0
client_on_client v6 -t '[::1]:9000' -n 200
expect_status 0
grep -q '^twstorm client: warning: .*loopback' "$TEST_TMP/err" || fail "no warning about loopback for [::1]"
json_are "$TEST_TMP/v6.json" states.client.end.TIME_WAIT=200 states.server.end.TIME_WAIT=0
[ "$(ss_count client -6 state time-wait)" = 200 ] || fail "ss has other than 200 TIME_WAIT"
for path in complete totals outcomes errors counters.TcpExt.TW ledger.balanced; do
	json_is "$path" "$TEST_TMP/v6.json" "$(json "$path" "$TEST_TMP/v4.json")"
done
