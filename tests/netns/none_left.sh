#!/bin/bash
# When the first connection finds no port, the states that have the ports are counted, as ss counts them:
# before anything is closed, and never more than are said to be in use.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

T=$SERVER_ADDR:9000
PORTS=50

# hold NAME STATE [OPTION...]: a run whose ports come to be in that state; its result is in $r.
hold() {
	local name=$1 state=$2
	shift 2
	client_on_client "$name" -q -r 500/s -c 500 -d 400ms "$@"
	[ "$status" = 0 ] || [ "$status" = 4 ] || fail "$name: exit code $status"
	r=$TEST_TMP/$name.json
	json_are "$r" ports.exhausted=true ports.held=$PORTS ports.peak_in_use=$PORTS
	# The last ones may be on their way to it: the ACK of a FIN may wait for 40 ms.
	[ "$(json ports.held_by."$state" "$r")" -gt $((PORTS / 2)) ] || fail "$name: held by $(json ports.held_by "$r")"
	json story "$r" | grep -q "\"claim\": *\"held_by_${state,,}\"" || fail "$name: $(json story "$r")"
	echo "$(json ports.first_exhausted_s "$r") $(json ports.held_by_at_s "$r")" |
		awk '{ exit !($1 <= $2) }' || fail "$name: counted at $(json ports.held_by_at_s "$r") s"
}

fresh_hosts() {
	new_hosts
	sysctl_on client ipv4.ip_local_port_range "40000 40049"
	server_on_server
}

echo "TIME_WAIT, and what is from before"
fresh_hosts
client_on_client some -q -t $T -n 30
json_are "$TEST_TMP/some.json" ports.held=null ports.held_by=null ports.held_by_at_s=null
hold time_wait TIME_WAIT -t $T
json_are "$r" states.client.before.TIME_WAIT=30 states.client.own.end.TIME_WAIT=20
[ "$(ss_states client)" = "TIME_WAIT $PORTS" ] || fail "ss: $(ss_states client)"

echo "CLOSE_WAIT, FIN_WAIT2 and ESTABLISHED"
# seen_by_ss NAME STATE [OPTION...]: as hold; ss has seen the same meanwhile.
seen_by_ss() {
	fresh_hosts
	hold "$@" -t $T -d 1s &
	wait_until 10 all_are "$2" || fail "$1: ss has $(ss_states client dport = :9000)"
	wait $! || exit
}
all_are() { [ "$(ss_states client dport = :9000)" = "$1 $PORTS" ]; }
seen_by_ss client_leak CLOSE_WAIT --close client-leak
seen_by_ss server_leak FIN_WAIT2 --close server-leak
seen_by_ss held ESTABLISHED --hold 5s

echo "what is open stays so until it is counted, though the run ends"
fresh_hosts
hold stopped ESTABLISHED -t $T --hold 5s --on-exhaustion stop

echo "SYN_SENT: nobody answers"
hold syn_sent SYN_SENT -t 198.18.0.77:9000

echo "--on-exhaustion stop: what is due in the same turn is not started towards another target"
fresh_hosts
server_on server two -l $SERVER_ADDR:9001
client_on_client filled -q -t $T -n 60 -c 1 -d 1s
client_on_client stop -q -t $T,$SERVER_ADDR:9001 -c 64 -n 1000 -d 5s --close client-rst --on-exhaustion stop
json_are "$TEST_TMP/stop.json" totals.connects_started=1 totals.connects_ok=0 ports.exhausted=true
