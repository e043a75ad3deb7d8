#!/bin/bash
# A client that is stopped for two seconds in the middle of an open loop does not hide it: what
# should have started meanwhile starts late or is missed, latency counts from when it should
# have, and every arrival is accounted for.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

start server "$TWSTORM" server -l 127.0.0.1:0
port=$(wait_line "$TEST_TMP/server.out" 'listening on') && port=${port##*:}
start client "$TWSTORM" client -t "127.0.0.1:$port" --rate 200/s -d 5s -c 600 --close server-fin -q -o "$TEST_TMP/r.json"
pid=${started_pid[client]}
sleep 1
kill -STOP "$pid"
sleep 2
kill -CONT "$pid"
wait_exit client || fail "the client ended with $?"

json_is complete "$TEST_TMP/r.json" true
ok=$(json totals.connects_ok "$TEST_TMP/r.json")
missed=$(json totals.missed_starts "$TEST_TMP/r.json")
[ $((ok + missed)) = 1000 ] || fail "$ok connections and $missed missed starts are not 1000 arrivals"
for kind in start_lag transaction; do
	us=$(json latency_us.$kind.max "$TEST_TMP/r.json")
	awk -v us="$us" 'BEGIN { exit !(us > 1.9e6 && us < 4e6) }' || fail "the worst $kind is $us us: a stop of 2 s is hidden"
	us=$(json latency_us.$kind.p50 "$TEST_TMP/r.json")
	[ "$missed" -gt 300 ] || awk -v us="$us" 'BEGIN { exit !(us < 2e6) }' || fail "the median $kind is $us us"
done
# About 400 of the 1000 were due meanwhile: each is in the latency, or counted as missed.
late=$(json latency_us.start_lag.p90 "$TEST_TMP/r.json")
[ "$missed" -gt 300 ] || awk -v us="$late" 'BEGIN { exit !(us > 5e5) }' || fail "p90 of the lag is $late us, and $missed missed"
