#!/bin/bash
# A client that is stopped for five seconds in the middle of an open loop does not hide it: what
# should have started meanwhile starts late or is missed, latency counts from when it should
# have, and every arrival is accounted for.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

start_server server
start client "$TWSTORM" client -t "127.0.0.1:$port" --rate 200/s -d 8s -c 1200 --close server-fin -q -o "$TEST_TMP/r.json"
pid=${started_pid[client]}
sleep 1
kill -STOP "$pid"
# In an open loop counting gives way: one thread's nice value is 10 above the others'.
nice=$(awk '{ print $19 }' /proc/"$pid"/task/*/stat | sort -n | uniq -c | awk '{ print $1 ":" $2 }' | xargs)
[[ $nice =~ ^[2-9]:(-?[0-9]+)\ 1:(-?[0-9]+)$ ]] && [ $((BASH_REMATCH[2] - BASH_REMATCH[1])) = 10 ] ||
	[[ $nice =~ 1:19$ ]] || fail "nice values of the threads: $nice"
sleep 5
kill -CONT "$pid"
wait_exit client || fail "the client ended with $?"

json_is complete "$TEST_TMP/r.json" true
ok=$(json totals.connects_ok "$TEST_TMP/r.json")
missed=$(json totals.missed_starts "$TEST_TMP/r.json")
[ $((ok + missed)) = 1600 ] || fail "$ok connections and $missed missed starts are not 1600 arrivals"
for kind in start_lag transaction; do
	us=$(json latency_us.$kind.max "$TEST_TMP/r.json")
	awk -v us="$us" 'BEGIN { exit !(us > 4.9e6 && us < 7e6) }' || fail "the worst $kind is $us us: a stop of 5 s is hidden"
	us=$(json latency_us.$kind.p50 "$TEST_TMP/r.json")
	[ "$missed" -gt 800 ] || awk -v us="$us" 'BEGIN { exit !(us < 5e6) }' || fail "the median $kind is $us us"
done
# About 1000 of the 1600 were due meanwhile: each is in the latency, or counted as missed.
late=$(json latency_us.start_lag.p90 "$TEST_TMP/r.json")
[ "$missed" -gt 800 ] || awk -v us="$late" 'BEGIN { exit !(us > 5e5) }' || fail "p90 of the lag is $late us, and $missed missed"
