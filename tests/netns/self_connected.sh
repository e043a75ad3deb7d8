#!/bin/bash
# Where nothing listens at a target of this host, and connect() chooses that very port for its own end, the socket meets
# itself: the kernel calls that connected, and it is no success.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
echo "40000 40001" >/proc/sys/net/ipv4/ip_local_port_range
T=127.0.0.1:40000

# a_client NAME OPTION...: its result is $r; $opens is how many connections of either kind the kernel counted
a_client() {
	local a p
	a=$(counter Tcp.ActiveOpens) p=$(counter Tcp.PassiveOpens)
	r=$TEST_TMP/$1.json
	shift
	run "$TWSTORM" client -q -c 1 -o "$r" "$@"
	opens=$(($(counter Tcp.ActiveOpens) - a))/$(($(counter Tcp.PassiveOpens) - p))
}

# What they sent comes back unread, so close() sends a RST; where they sent nothing a TIME_WAIT keeps the port.
for how in '-n 5' '-n 5 --proto http' '-n 1 --requests 0'; do
	n=$(echo "$how" | cut -d' ' -f2)
	echo "each of them: $how"
	# shellcheck disable=SC2086
	a_client each -t $T --bind port --source-ports 40000-40000 $how
	expect_status 4
	json_are "$r" outcomes.self_connected=$n totals.connects_ok=0 totals.transactions_ok=0 outcomes.completed=0 \
		error.code=never_connected errors.connect='{}' errors.transfer='{}' ledger.balanced=true targets.0.ok=0
	[ "$opens" = "$n/0" ] || fail "the kernel counted $opens opens"
	tr -s ' \n' ' ' <"$TEST_TMP/out" | grep -q ' met \(itself\|themselves\): nothing listened' || fail "$(cat "$TEST_TMP/out")"
	json error.message "$r" | grep -q 'connected to itself' || fail "$(json error.message "$r")"
done

echo "some of them, as the kernel chooses; the others are refused"
echo "41000 41009" >/proc/sys/net/ipv4/ip_local_port_range
refused=-$(counter Tcp.AttemptFails)
a_client some -t 127.0.0.1:41000 -n 60
refused=$((refused + $(counter Tcp.AttemptFails)))
n=$(json outcomes.self_connected "$r")
[ "$n" -gt 0 ] || fail "none in 60: $(json outcomes "$r")"
json_are "$r" outcomes.refused=$((60 - n)) totals.connects_ok=0
[ "$refused" = $((60 - n)) ] || fail "$refused AttemptFails, $n of 60 self-connected"

echo "another port of this host is refused, and one where somebody listens is served"
a_client refused -t 127.0.0.1:40001 -n 5 --bind port --source-ports 40007-40007
json_are "$r" outcomes.self_connected=0 outcomes.refused=5
echo "42000 42499" >/proc/sys/net/ipv4/ip_local_port_range
start_listener server "$TWSTORM" server -l 127.0.0.1:42000
a_client served -t 127.0.0.1:42000 -n 99
expect_status 0
json_are "$r" outcomes.self_connected=0 outcomes.completed=99

echo "nobody's own end has a reserved port: getsockname() is not asked for each connection then"
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	# calls RESERVED: how often it was asked in 20 connections
	calls() {
		echo "$1" >/proc/sys/net/ipv4/ip_local_reserved_ports
		run env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -f -e trace=getsockname -o "$TEST_TMP/calls" \
			"$TWSTORM" client -q -c 1 -t 127.0.0.1:42000 -n 20
		expect_status 0
		n=$(grep -c 'getsockname(' "$TEST_TMP/calls")
	}
	calls ''
	[ "$n" -ge 20 ] || fail "asked $n times of 20"
	calls 42000
	[ "$n" -lt 20 ] || fail "asked $n times of 20 for a reserved port"
fi
