#!/bin/bash
# A server is lost (exit 4, peer_lost) where it refused or reset all that came at the end, and at no less: not one of two,
# not a slow one, not one to which this host has no way, nor silence, nor connections that end while others are made.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
T=$SERVER_ADDR:9000

# at_once NAME OPTION...: a client in the background, and 200 ms of its run are over
at_once() {
	local name=$1
	shift
	r=$TEST_TMP/$name.json
	start_on client "$name" "$TWSTORM" client -t $T --interval 100ms -o "$r" "$@"
	wait_line "$TEST_TMP/$name.log" '^ +0\.[2-9]' >/dev/null
}

# is_lost, is_not_lost NAME: how it ended
is_lost() {
	local status=0
	wait_exit "$1" || status=$?
	[ $status = 4 ] || fail "$1: exit code $status"
	json_is error.code "$r" peer_lost
	says "$1.out" 'the server stopped answering'
	awk -v ok="$(json targets.0.last_ok_s "$r")" -v bad="$(json targets.0.last_failed_s "$r")" \
		'BEGIN { exit !(ok > 0 && bad > ok) }' || fail "$1: $(json targets "$r")"
}
is_not_lost() {
	local status=0
	wait_exit "$1" || status=$?
	[ $status = 0 ] || fail "$1: exit code $status, $(json error.message "$r")"
	json_is complete "$r" true
	never_says "$1.out" 'stopped answering'
}
silent_after() {
	awk -v ok="$(json targets.0.last_ok_s "$r")" -v s="$1" 'BEGIN { exit !(ok > 0 && ok < s) }' || fail "$(json targets "$r")"
}

# says FILE WORDS, or never_says: in the text
says() { tr -s ' \n' ' ' <"$TEST_TMP/$1" | grep -qF -- "$2" || fail "does not say '$2': $(cat "$TEST_TMP/$1")"; }
never_says() { ! tr -s ' \n' ' ' <"$TEST_TMP/$1" | grep -qF -- "$2" || fail "says '$2': $(cat "$TEST_TMP/$1")"; }

new_hosts
server_on_server

echo "this host's link goes down"
at_once link -r 100/s -d 600ms --timeout 200ms
on client ip link set veth0 down
is_not_lost link
[ "$(json errors.connect.ENETUNREACH "$r")" -gt 5 ] || fail "$(json errors "$r")"
silent_after 0.6
on client ip link set veth0 up
wait_until 10 hosts_joined || fail "the hosts do not reach each other again"

echo "the server's link goes down: silence"
at_once silence -r 100/s -d 600ms --timeout 200ms
on server ip link set veth0 down
is_not_lost silence
json_is errors.connect "$r" '{}'
says silence.out "no connection to $T was made"
[ "$(json errors.timeout.connect "$r")" -gt 0 ] || fail "$(json errors "$r")"
silent_after 0.6
on server ip link set veth0 up
wait_until 10 hosts_joined || fail "the hosts do not reach each other again"

echo "a server that is slow at the end"
at_once slow -r 100/s -d 600ms --timeout 100ms
kill -STOP "${started_pid[server]}"
is_not_lost slow
[ "$(json outcomes.transaction_timeout "$r")" -gt 5 ] || fail "$(json outcomes "$r")"
kill -CONT "${started_pid[server]}"

echo "connections that rest are ended by RST, and the run is over"
r=$TEST_TMP/rest.json
start_on client rest "$TWSTORM" client -q -t $T -n 20 -c 20 --requests 0 --hold 20s -o "$r"
wait_count 20 10 ss_count client state established 'dport = :9000'
n=$(on server ss -HK -tan state established 'sport = :9000' | wc -l)
if [ "$n" = 0 ]; then
	echo "not checked: this kernel's ss -K ends nothing"
	stop rest
else
	is_not_lost rest
	json_is errors.transfer "$r" "{\"ECONNRESET\":$n}"
fi

echo "one of two targets refuses"
r=$TEST_TMP/two.json
client_on_client two -q -t "$T,$SERVER_ADDR:9001" -n 60 --failover off
expect_status 0
json_are "$r" outcomes.refused=30 outcomes.completed=30

echo "one of two is killed"
server_on server other -l $SERVER_ADDR:9001
at_once other_of_two -t "$T,$SERVER_ADDR:9001" -r 100/s -d 600ms
stop other KILL
is_not_lost other_of_two

echo "both are killed"
server_on server other -l $SERVER_ADDR:9001
at_once both_of_two -t "$T,$SERVER_ADDR:9001" -r 100/s -d 600ms -w 2
stop other KILL
stop server KILL
is_lost both_of_two

echo "it is killed, and another comes in its place"
server_on_server
at_once replaced -r 100/s -d 900ms
stop server KILL
wait_line "$TEST_TMP/replaced.log" '^ +0\.[4-9]' >/dev/null
server_on_server
is_not_lost replaced
[ "$(json outcomes.refused "$r")" -gt 0 ] || fail "never refused: $(json outcomes "$r")"
