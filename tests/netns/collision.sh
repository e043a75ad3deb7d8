#!/bin/bash
# --bind port: a port that another socket has is a collision, whose holder is named as ss shows it, and the next port is
# tried; the ports are exhausted where this run had that one before, or where a whole round has none.  That is predicted.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
T=$SERVER_ADDR:9000

# Ten ports in turn.
in_turn() {
	r=$TEST_TMP/$1.json
	local name=$1
	shift
	client_on_client "$name" -q -t $T --bind port --source-ports 40000-40009 --on-exhaustion spin "$@"
}

# holder PORT STATE: what the result names is that, and what ss shows.
holder() {
	local shown
	json_are "$r" ports.collision.port="$1" ports.collision.state="$2"
	shown=$(on client ss -Htan "sport = :$1" | awk '{ print $4, $5 }')
	[ "$(json ports.collision.local "$r") $(json ports.collision.remote "$r")" = "$shown" ] ||
		fail "held by '$shown', told: $(json ports.collision "$r")"
}

# says FILE WORDS, or never_says: in the text
says() { tr -s ' \n' ' ' <"$TEST_TMP/$1" | grep -qF -- "$2" || fail "does not say '$2': $(cat "$TEST_TMP/$1")"; }
never_says() { ! tr -s ' \n' ' ' <"$TEST_TMP/$1" | grep -qF -- "$2" || fail "says '$2': $(cat "$TEST_TMP/$1")"; }

new_hosts
server_on_server
start_on client other "$TWSTORM" client -q -t $T --bind port --source-ports 40002-40002 -n 1 --hold 60s -d 60s
wait_count 1 10 ss_count client state established sport = :40002

echo "another program's connection has one of them"
in_turn one -n 10
expect_status 0
json_are "$r" errors.bind='{"EADDRINUSE":1}' outcomes.collision=1 outcomes.completed=9 outcomes.no_port=0 \
	ports.exhausted=false ports.first_exhausted_s=null ports.exhausted_for_s=0.0
holder 40002 ESTABLISHED
says out "Port 40002 was held by a connection of another socket, from $CLIENT_ADDR:40002 to $T, in ESTABLISHED."
says out 'the port whose turn it was, once (bind() said EADDRINUSE)'
never_says out 'no port left'

echo "the second round begins with a port that this run had: exhausted"
new_hosts
server_on_server
server_on client listens -l $CLIENT_ADDR:40003
in_turn wrapped -n 20 -r 200/s
expect_status 0
json_are "$r" errors.bind='{"EADDRINUSE":11}' outcomes.collision=2 outcomes.completed=9 outcomes.no_port=9 \
	ports.predicted_exhaustion_s=0.05 ports.collision.local=$CLIENT_ADDR:40003 ports.collision.remote=null \
	ports.collision.state=LISTEN
ran_out_when_predicted "$r"
[ "$(ss_count client state time-wait)" = 9 ] || fail "ss has $(ss_count client state time-wait) TIME_WAIT, not 9"

echo "no port in a whole round: exhausted, though this run had none of them"
in_turn none -n 25 -r 200/s
expect_status 4
json_are "$r" outcomes.collision=9 outcomes.no_port=16 ports.exhausted=true ports.taken_at_start=10 \
	ports.predicted_exhaustion_s=0.045
says out 'no port left'
ran_out_when_predicted "$r"
holder 40000 TIME_WAIT

echo "... and by two threads, each with ports of its own"
in_turn threads -n 20 -w 2 -r 200/s
json_are "$r" outcomes.collision=8 outcomes.no_port=12 ports.exhausted=true
ran_out_when_predicted "$r"

echo "--reuseaddr: the same four numbers"
new_hosts
server_on_server
start_on client other "$TWSTORM" client -q -t $T --bind port --reuseaddr --source-ports 40002-40002 -n 1 --hold 60s -d 60s
wait_count 1 10 ss_count client state established sport = :40002
in_turn reuse -n 10 --reuseaddr
expect_status 0
json_are "$r" errors.connect='{"EADDRNOTAVAIL":1}' outcomes.collision=1 outcomes.no_source_address=0 \
	outcomes.completed=9 ports.exhausted=false
holder 40002 ESTABLISHED
in_turn another -n 9 --reuseaddr -t $SERVER_ADDR:9100
json_are "$r" outcomes.collision=0 ports.collision=null
