#!/bin/bash
# EADDRNOTAVAIL has two causes.  Where no address of this host can reach the target - IPv6 is off, the address is still
# tentative, one of --source has gone - no port is in use, and none is missing; where all are in use, one is.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
[ -e /proc/sys/net/ipv6 ] || skip "this kernel has no IPv6"
. tests/netns/two_hosts.bash

# a_client NAME TARGETS OPTION...: its result is $r
a_client() {
	local targets=$2
	r=$TEST_TMP/$1.json
	local name=$1
	shift 2
	client_on_client "$name" -q -t "$targets" "$@"
}

# says FILE WORDS, or never_says: in the text
says() { tr -s ' \n' ' ' <"$TEST_TMP/$1" | grep -qF -- "$2" || fail "does not say '$2': $(cat "$TEST_TMP/$1")"; }
never_says() { ! tr -s ' \n' ' ' <"$TEST_TMP/$1" | grep -qF -- "$2" || fail "says '$2': $(cat "$TEST_TMP/$1")"; }

# in_use: sockets of the client's host in its range of ports, by ss.
in_use() { ss_count client '( sport >= 40000 and sport <= 40009 )'; }

new_hosts6
server_on_server -l "$SERVER_ADDR:9000,[$SERVER_ADDR6]:9000"
sysctl_on client ipv4.ip_local_port_range "40000 40009"

echo "the ports run out, with addresses of either family"
a_client ports "[$SERVER_ADDR6]:9000,$SERVER_ADDR:9000" -n 30 -c 1 --on-exhaustion spin
expect_status 0
[ "$(in_use)" = 20 ] || fail "ss has $(in_use) sockets, not 20"
json_are "$r" outcomes.no_port=10 outcomes.no_source_address=0 errors.connect='{"EADDRNOTAVAIL":10}' ports.exhausted=true
says out 'no port left'
never_says out 'No address of this host'

echo "IPv6 is off"
sysctl_on client ipv6.conf.all.disable_ipv6 1
for to in '[::1]:9000' "[$SERVER_ADDR6]:9000"; do
	a_client off "$to" -n 5 --on-exhaustion stop
	expect_status 4 "$to"
	json_are "$r" error.code=never_connected outcomes.no_port=0 ports.exhausted=false ports.exhausted_for_s=0.0
	n=$(json outcomes.no_source_address "$r")
	[ "$n" = 0 ] && echo "$to, IPv6 off: $(json errors.connect "$r")" && continue # ENETUNREACH is clear as it is
	json_is errors.connect "$r" '{"EADDRNOTAVAIL":5}'
	json error.message "$r" | grep -q "no address of this host can reach" || fail "$(json error.message "$r")"
	says out "reach $to (IPv6 is off here): connect() said EADDRNOTAVAIL"
	never_says out 'no port left'
	told=1
done
[ "${told:-}" ] || fail "EADDRNOTAVAIL never came"

echo "one target without a source address, and ports that run out at the other"
# Ten more ports of the other: those of before are TIME_WAIT.
on client ip addr add 198.18.0.3/24 dev veth0
a_client both "[::1]:9000,198.18.0.2:9001" -n 4 --failover off
server_on server second -l $SERVER_ADDR:9001
a_client both "[::1]:9000,$SERVER_ADDR:9001" -n 40 -c 1 --on-exhaustion spin --failover off
expect_status 0
json_are "$r" outcomes.completed=10 outcomes.no_port=10 outcomes.no_source_address=20 ports.exhausted=true \
	targets.0.ok=0 targets.1.ok=10 targets.1.failed='{"EADDRNOTAVAIL":10}'
[ "$(ss_count client state time-wait dport = :9001)" = 10 ] || fail "ss has not 10 TIME_WAIT to the second server"

echo "an address of --source goes in the middle"
sysctl_on client ipv4.ip_local_port_range "20000 29999"
start_on client leaves "$TWSTORM" client -t $SERVER_ADDR:9000 --source 198.18.0.3 -r 200/s -d 600ms --interval 100ms -o "$TEST_TMP/leaves.json"
wait_line "$TEST_TMP/leaves.log" '^ +0\.[2-9]' >/dev/null
on client ip addr del 198.18.0.3/24 dev veth0
wait_exit leaves
r=$TEST_TMP/leaves.json
json_are "$r" outcomes.no_port=0 outcomes.local_error=0 ports.exhausted=false
n=$(json outcomes.no_source_address "$r")
[ "$n" -gt 5 ] || fail "no_source_address is $n: $(json outcomes "$r")"
json_is errors.bind "$r" "{\"EADDRNOTAVAIL\":$n}"

echo "an address that is tentative, and comes while the client tries"
new_hosts6
server_on_server -l "[$SERVER_ADDR6]:9000"
on client ip link set lo down # or it has ::1 to come from
on client ip -6 addr flush dev veth0
sysctl_on client ipv6.neigh.veth0.retrans_time_ms 300
on client ip addr add $CLIENT_ADDR6/64 dev veth0
a_client comes "[$SERVER_ADDR6]:9000" -r 500/s -d 1800ms
expect_status 0 "$(on client ip addr show dev veth0)"
json_are "$r" outcomes.no_port=0 ports.exhausted=false
n=$(json outcomes.no_source_address "$r")
[ "$n" -gt 0 ] || fail "the address was there at once"
json_is errors.connect "$r" "{\"EADDRNOTAVAIL\":$n}"
