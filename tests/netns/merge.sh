#!/bin/bash
# Eight ranks on eight hosts against one server: what the merge says they did together is what the
# kernels of the hosts and the server counted. pdsh starts them, where it is installed.
# limit: 60
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need ip ss nsenter
ranks=8 n=2003 dir=$TEST_TMP/ranks pids=()
PATH=$PATH:/usr/sbin:/sbin

own_netns() {
	local netns
	netns=$(readlink "/proc/$1/ns/net") && [ "$netns" != "$(readlink /proc/self/ns/net)" ]
}
on() { # RANK COMMAND...
	local pid=${pids[$1]}
	shift
	nsenter -t "$pid" -n -- "$@"
}
ip link set lo up
ip link add bridge0 type bridge && ip addr add 198.18.0.254/24 dev bridge0 && ip link set bridge0 up ||
	skip "cannot make a bridge here"
for ((r = 0; r < ranks; r++)); do
	start "host$r" unshare -n sleep 1000
	pids+=($!)
done
for ((r = 0; r < ranks; r++)); do
	wait_until 10 own_netns "${pids[r]}" || fail "no namespace for rank $r"
	ip link add "rank$r" type veth peer name eth0 netns "${pids[r]}" || skip "cannot make a veth pair here"
	ip link set "rank$r" master bridge0 up
	on $r ip addr add "198.18.0.$((r + 1))/24" dev eth0
	on $r ip link set eth0 up
	on $r ip link set lo up
done
reached() {
	on "$1" bash -c ': </dev/tcp/198.18.0.254/1' 2>&1 | grep -q refused
}
for ((r = 0; r < ranks; r++)); do
	wait_until 10 reached $r || fail "rank $r does not reach the server"
done
start_listener server "$TWSTORM" server -l 198.18.0.254:0 --admin 127.0.0.1:0 -o "$TEST_TMP/server.json"

at=$(awk -v now="$EPOCHREALTIME" 'BEGIN { printf "%.3f", now + 1.5 }')
client=("$TWSTORM" client -t "198.18.0.254:$port" -n "$n" -q --start-at "$at" --ranks "$ranks" -o "$dir/")
if command -v pdsh >/dev/null; then
	pdsh -R exec -f $ranks -w "$(IFS=, && echo "${pids[*]}")" nsenter -t %h -n -- "${client[@]}" --rank %n \
		>"$TEST_TMP/pdsh" 2>&1 </dev/null || fail "pdsh: $(tail -5 "$TEST_TMP/pdsh")"
else
	echo "pdsh is not installed: the shell started the ranks"
	for ((r = 0; r < ranks; r++)); do
		start "rank$r" nsenter -t "${pids[r]}" -n -- "${client[@]}" --rank $r
	done
	for ((r = 0; r < ranks; r++)); do
		wait_exit rank$r || fail "rank $r ends with $?: $(cat "$TEST_TMP/rank$r.log")"
	done
fi
waiting=0 opens=0
for ((r = 0; r < ranks; r++)); do
	waiting=$((waiting + $(on $r ss -Htan state time-wait | wc -l)))
	opens=$((opens + $(on $r awk '/^Tcp: [0-9]/ { print $6 }' /proc/net/snmp)))
done
stop server
expect_stopped=$?
[ $expect_stopped = 0 ] || [ $expect_stopped = 143 ] || fail "the server ends with $expect_stopped"

run "$TWSTORM" merge "$dir" "$TEST_TMP/server.json" -o "$TEST_TMP/all.json"
expect_status 0 "eight ranks: $(cat "$TEST_TMP/err")"
all=$TEST_TMP/all.json
json_are "$all" merged.namespaces=$ranks totals.connects_started=$n totals.connects_ok=$n totals.transactions_ok=$n \
	totals.closes=$n servers_together.totals.accepted=$n states.client.end.TIME_WAIT=$waiting \
	totals.bytes_sent="$(json servers_together.totals.bytes_received "$all")" \
	totals.bytes_received="$(json servers_together.totals.bytes_sent "$all")" latency_us.connect.count=$n
[ $waiting = $n ] || fail "the hosts have $waiting sockets in TIME_WAIT, not $n"
# One connection each showed that the hosts reach each other, maybe more than one.
[ "$opens" -ge $((n + ranks)) ] || fail "the kernels counted $opens active opens"
json_is counters.Tcp.ActiveOpens "$all" $n
sum=0
for ((r = 0; r < ranks; r++)); do
	sum=$((sum + $(json totals.bytes_sent "$dir/rank-000$r.json")))
done
json_is totals.bytes_sent "$all" $sum
