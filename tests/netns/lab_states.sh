#!/bin/bash
# `twstorm lab states` and the scenario `snapshot`: as many sockets in each state as was said,
# by the lab's own account and by netstat inside the host, the way everybody counts them.
# TWSTORM_ROUNDS=N: the snapshot N times (1).
# limit: 90
# waits
. "$(dirname "$0")/../lib.sh"

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
need netstat
root=$PWD
cd "$TEST_TMP" || exit 1

run "$TWSTORM" lab states --hold 1s -q -o all
expect_status 0 "lab states"
for state in ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING; do
	json_is "states.server.end.$state" all/states.json 10
done
# SYN_RECV needs a listener more, which nobody wanted.
json finding all/states.json | grep -q '^110 sockets were' || fail "told of other sockets than were wanted: $(json finding all/states.json)"

run "$TWSTORM" lab states --mix TIME_WAIT=7,CLOSE_WAIT=3 --hold 1s -q -o mix
expect_status 0 "lab states --mix"
json_are mix/states.json states.server.end.TIME_WAIT=7 states.server.end.CLOSE_WAIT=3 \
	states.server.end.ESTABLISHED=0

run "$TWSTORM" lab states --mix TIME_WATE=7
expect_status 2 "a state that there is not"
grep -qx "twstorm lab: --mix: 'TIME_WATE' is not a TCP state" err || fail "does not say which: $(cat err)"
run "$TWSTORM" lab states --hold 4h
expect_status 2 "longer than the kernel lets it"
grep -q -- '--hold: expected at most 3h' err || fail "does not say how long it may be: $(cat err)"

# Any hold up to that is run; a signal ends it.
start long "$TWSTORM" lab states --mix TIME_WAIT=2 --hold 2h -o long
wait_line long.log 'TIME_WAIT' >/dev/null
stop long INT
status=$?
[ "$status" = 130 ] || fail "exit code $status after SIGINT"

# The snapshot, seen by netstat and awk in the very host.
cat >look.sh <<'EOS'
rm -f progress # of the round before
"$TWSTORM" lab probe states --interval 200ms --peer-netns /dev/shm/netns/client --hold 0 -o probe.json \
	--mix LAST_ACK=14,SYN_RECV=348,ESTABLISHED=70,FIN_WAIT1=229,FIN_WAIT2=30,CLOSING=33,TIME_WAIT=18122 >report 2>progress &
for ((i = 0; i < 300; i++)); do
	grep -qs ' 18122 ' progress && break
	sleep 0.1
done
look() { netstat -n | awk '/^tcp/ {++S[$NF]} END {for(a in S) print a, S[a]}' | sort; }
look
sleep 5
look
kill -TERM $!
wait $!
EOS
cat >want <<'EOS'
CLOSING 33
ESTABLISHED 70
FIN_WAIT1 229
FIN_WAIT2 30
LAST_ACK 14
SYN_RECV 348
TIME_WAIT 18122
EOS
cat want want >twice
for ((round = 1; round <= ${TWSTORM_ROUNDS:-1}; round++)); do
	run "$TWSTORM" lab shell -q "$root/bench/scenarios/snapshot.ini" server -- bash ./look.sh
	expect_status 0 "the shell in the host"
	diff twice "$TEST_TMP/out" || fail "round $round: netstat in the host shows otherwise"
	json_is states.exact probe.json true
	awk -v held="$(json states.held_s probe.json)" 'BEGIN { exit !(held >= 5) }' || fail "round $round: held for less than 5 s"
done
