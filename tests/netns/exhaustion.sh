#!/bin/bash
# The ports run out after exactly as many connections as the kernel has ports for them, whatever
# narrows or widens the range; the budget said beforehand is that number, and ss agrees.
# TWSTORM_ROUNDS=N: the first part N times (1).
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

T=$SERVER_ADDR:9000

# fresh_hosts LO HI: with that range, and a server.
fresh_hosts() {
	new_hosts
	sysctl_on client ipv4.ip_local_port_range "$1 $2"
	# No lucky recycling: the addresses are not loopback, so 2 would do as well.
	sysctl_on client ipv4.tcp_tw_reuse 0
	server_on_server -l "${3:-$SERVER_ADDR:9000}"
}

# check_ports NAME N [BUDGET]: N connections, budget N, N TIME_WAIT by us, by ss and by sockstat.
check_ports() {
	local r=$TEST_TMP/$1.json
	json_are "$r" complete=true totals.connects_ok="$2" totals.transactions_ok="$2" \
		ports.budget="${3:-$2}" ports.exhausted=true ports.peak_in_use="$2" \
		states.client.end.TIME_WAIT="$2" ledger.balanced=true
	[ "$(ss_count client state time-wait)" = "$2" ] ||
		fail "$1: ss has $(ss_count client state time-wait) TIME_WAIT, not $2"
	[ "$(netstat_on client sockstat.tw)" = "$2" ] ||
		fail "$1: sockstat has tw $(netstat_on client sockstat.tw), not $2"
}

# tries NAME N OPTION...: N tries, one at a time.
tries() {
	local name=$1 n=$2
	shift 2
	client_on_client "$name" -t "$T" -n "$n" -c 1 "$@"
	expect_status 0 "$name"
	json_is totals.connects_started "$TEST_TMP/$name.json" "$n"
}

# ---- 300 tries, one at a time, 100 ports

rounds=${TWSTORM_ROUNDS:-1}
for ((round = 1; round <= rounds; round++)); do
	for bind in auto early; do
		fresh_hosts 40000 40099
		tries $bind 300 --bind $bind
		r=$TEST_TMP/$bind.json
		check_ports $bind 100
		json_is outcomes.no_port "$r" 200
		if [ $bind = early ]; then
			json_are "$r" errors.bind='{"EADDRINUSE":200}' errors.connect='{}'
		else
			json_are "$r" errors.bind='{}' errors.connect='{"EADDRNOTAVAIL":200}'
		fi
		json_are "$r" errors.socket='{}' errors.transfer='{}'
	done
done
echo "$rounds of $rounds rounds: 100 connections, 200 EADDRNOTAVAIL or (bind early) EADDRINUSE"

# ---- what --on-exhaustion says

fresh_hosts 40000 40099
client_on_client stop -t "$T" -c 1 -d 20s --on-exhaustion stop
expect_status 0
check_ports stop 100
# The first one ends it; a few more may happen before the word is round.
n=$(json errors.connect.EADDRNOTAVAIL "$TEST_TMP/stop.json")
[ "$n" -ge 1 ] && [ "$n" -le 10 ] || fail "--on-exhaustion stop: $n tries without a port"
json run.duration_s "$TEST_TMP/stop.json" | awk '{ exit $1 > 10 }' ||
	fail "--on-exhaustion stop did not end the run"
# None was left from the start: nothing ever connected.
client_on_client none -t "$T" -n 50 -c 1 --on-exhaustion spin
expect_status 4
json_are "$TEST_TMP/none.json" errors.connect='{"EADDRNOTAVAIL":50}' totals.connects_ok=0 \
	ports.taken_at_start=100

# ---- a range within the range

fresh_hosts 40000 40999
tries narrow 150 --source-ports 40000-40099 --on-exhaustion spin
check_ports narrow 100
json_is errors.connect "$TEST_TMP/narrow.json" '{"EADDRNOTAVAIL":50}'
# Odd with IP_LOCAL_PORT_RANGE: none is lost.
fresh_hosts 40000 40999
tries narrow_odd 150 --source-ports 40000-40098
check_ports narrow_odd 99

# ---- what lowers the budget

# An odd number of ports: each call looks at 49 of the 50 even ones and at the 49 odd ones; the
# lowest only if it starts there, the highest only if not: mostly it does before all others are taken.
whole=0
for bind in auto auto auto auto auto early early; do
	fresh_hosts 40000 40098
	tries odd 120 --bind $bind
	n=$(json totals.connects_ok "$TEST_TMP/odd.json")
	[ "$n" = 98 ] || [ "$n" = 99 ] || fail "99 ports, --bind $bind: $n connections"
	check_ports odd "$n" 99
	[ "$n" = 98 ] || whole=$((whole + 1))
	[ "$n" = 99 ] || [ "$(ss_count client '( sport = 40000 or sport = 40098 )')" = 1 ] ||
		fail "99 ports, --bind $bind: neither the lowest nor the highest is left out"
done
echo "99 ports: all used in $whole of 7 fills"
[ $whole -gt 0 ] || fail "99 ports: never all of them"
# Three: the start is always the same.
for bind in auto early; do
	fresh_hosts 40000 40002
	tries three 20 --bind $bind
	check_ports three 2
done
fresh_hosts 40000 40999
tries narrow_three 20 --source-ports 40000-40002
check_ports narrow_three 3

fresh_hosts 40000 40099
sysctl_on client ipv4.ip_local_reserved_ports 40000-40019,40050,50000
tries reserved 100
check_ports reserved 79
json_is ports.reserved "$TEST_TMP/reserved.json" 21

fresh_hosts 40000 40099
server_on client other -l 127.0.0.1:40010
tries listener 120
check_ports listener 99
json_is ports.listeners "$TEST_TMP/listener.json" 1

# ---- what multiplies it: several target ports, several source addresses

# multiplied NAME TARGET BUDGET OPTION...
multiplied() {
	local name=$1 target=$2 budget=$3
	shift 3
	fresh_hosts 40000 40019 "$SERVER_ADDR:9000-9003"
	on client ip addr add 198.18.0.3/24 dev veth0
	on client ip addr add 198.18.0.4/24 dev veth0
	T=$target
	tries "$name" 100 --on-exhaustion spin "$@"
	check_ports "$name" "$budget"
}

multiplied ports $SERVER_ADDR:9000-9003 80
multiplied ports_early $SERVER_ADDR:9000-9003 20 --bind early
json_is errors.bind "$TEST_TMP/ports_early.json" '{"EADDRINUSE":80}'
multiplied sources_late $SERVER_ADDR:9000 60 --bind late \
	--source $CLIENT_ADDR,198.18.0.3,198.18.0.4
json_is errors.connect "$TEST_TMP/sources_late.json" '{"EADDRNOTAVAIL":40}'
multiplied sources_early $SERVER_ADDR:9000 60 --bind early \
	--source $CLIENT_ADDR,198.18.0.3,198.18.0.4
json_is errors.bind "$TEST_TMP/sources_early.json" '{"EADDRINUSE":40}'
multiplied both $SERVER_ADDR:9000-9001 80 --bind late --source $CLIENT_ADDR,198.18.0.3
