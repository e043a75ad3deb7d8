#!/bin/bash
# A server that cannot listen because a connection has its port names that connection, as ss shows it; where
# somebody listens there, and not only a connection is, it says no more than that the address is in use.
. "$(dirname "$0")/../lib.sh"
need ss
in_netns "$@"

start_server target
to=$port

# refused ADDRESS STATE: a server there says who has the port.
refused() {
	local ends
	ends=$(ss -Htan state "$2" '( sport = :40500 )' | awk '{ print $3 " to " $4 }')
	[ -n "$ends" ] || fail "ss shows no $2 on port 40500: $(ss -Htan)"
	run "$TWSTORM" server -l "$1" -d 100ms -q
	expect_status 1 "$1"
	grep -q "cannot listen on $1: Address already in use: nobody listens there, but the connection $ends ($3) has the port\$" "$TEST_TMP/err" ||
		fail "of $ends, $2: $(cat "$TEST_TMP/err")"
}

echo "TIME_WAIT"
run "$TWSTORM" client -q -t "127.0.0.1:$to" -n 1 --source-ports 40500-40500
expect_status 0
refused 127.0.0.1:40500 time-wait 'TIME_WAIT, [0-9]* s left'
refused 0.0.0.0:40500 time-wait 'TIME_WAIT, [0-9]* s left'

echo "another address of the host is free, and so is IPv6"
run "$TWSTORM" server -l 127.0.0.2:40500 -d 100ms -q
expect_status 0
if [ -e /proc/sys/net/ipv6 ]; then
	run "$TWSTORM" server -l '[::]:40500' -d 100ms -q
	expect_status 0
fi

echo "a connection that is open"
start held "$TWSTORM" client -q -t "127.0.0.1:$to" -n 1 --hold 1m -d 1m --source-ports 40501-40501
wait_count 1 10 bash -c "ss -Htan state established '( sport = :40501 )' | wc -l"
run "$TWSTORM" server -l 127.0.0.1:40501 -d 100ms -q
expect_status 1
grep -q "the connection 127.0.0.1:40501 to 127.0.0.1:$to (ESTABLISHED) has the port\$" "$TEST_TMP/err" ||
	fail "an open connection: $(cat "$TEST_TMP/err")"
stop held

echo "somebody listens"
run "$TWSTORM" server -l "127.0.0.1:$to" -d 100ms -q
expect_status 1
grep -q 'Address already in use$' "$TEST_TMP/err" || fail "a listener: $(cat "$TEST_TMP/err")"
