#!/bin/bash
# `twstorm lab probe states` holds exactly as many sockets in each TCP state as it is told, as
# ss, netstat and /proc/net/tcp count them, and says clearly what it cannot hold.
# TWSTORM_ROUNDS=N: the largest mix N times (0; as an ordinary user once).
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"

# The snapshot also by an ordinary user, with a copy where it can be read.
as_nobody() {
	local user="$TEST_TMP/user"
	mkdir -p "$user/bin/tools" "$user/tests/netns"
	cp "$TWSTORM" "$user/bin/twstorm"
	cp "$TEST_BIN/tools/"* "$user/bin/tools/"
	cp tests/lib.sh "$user/tests/"
	cp tests/netns/two_hosts.bash "$TEST_SCRIPT" "$user/tests/netns/"
	give_to_nobody "$user"
	echo "as nobody:"
	setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups \
		env TWSTORM="$user/bin/twstorm" TEST_BIN="$user/bin" TEST_TMP="$user" \
		SNAPSHOT_ONLY=1 bash "$user/tests/netns/hold_states.sh"
}
if [ "$(id -u)" = 0 ] && [ -z "${TEST_IN_NETNS:-}" ]; then
	need setpriv
	as_nobody
	status=$? # 77: nobody is allowed no user namespace; it has said so
	[ $status = 77 ] || [ $status = 0 ] || fail "an ordinary user cannot hold the snapshot"
fi

in_netns "$@"
. tests/netns/two_hosts.bash
need netstat
cd "$TEST_TMP" || exit 1

# What a sick host's netstat once showed.
SNAPSHOT=LAST_ACK=14,SYN_RECV=348,ESTABLISHED=70,FIN_WAIT1=229,FIN_WAIT2=30,CLOSING=33,TIME_WAIT=18122
OTHERS="ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE_WAIT LAST_ACK CLOSING"

# hold RESULT [OPTION...]: starts it on the server host and waits until all are there.
hold() {
	local result=$1
	shift
	rm -f "$result.json"
	start_on server hold "$TWSTORM" lab probe states --interval 100ms -o "$result.json" \
		--peer-netns "/proc/${host_pid[client]}/ns/net" "$@"
	wait_line hold.log '^ *[0-9.]+ s +[0-9]+ ' 30 >/dev/null
}

# no_hold CODE REGEX [OPTION...]: refused, with one sentence.
no_hold() {
	local code=$1 regex=$2
	shift 2
	run on server "$TWSTORM" lab probe states \
		--peer-netns "/proc/${host_pid[client]}/ns/net" "$@"
	expect_status "$code" "$*"
	[ "$(wc -l <err)" = 1 ] || fail "$*: not one line but: $(cat err)"
	grep -Eq "$regex" err || fail "$*: $(cat err)"
}

# as_lines "A=1,B=2": "A 1" and "B 2", sorted.
as_lines() {
	tr ',=' '\n ' <<<"$1" | sort
}

netstat_states() {
	on server netstat -n | awk '/^tcp/ {++S[$NF]} END {for(a in S) print a, S[a]}' | sort
}

proc_states() {
	on server awk '
		BEGIN { split("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE " \
			"CLOSE_WAIT LAST_ACK LISTEN CLOSING", name, " ")
			for (i in name) hex[sprintf("%02X", i)] = name[i] }
		FNR > 1 && hex[$4] != "LISTEN" { ++n[hex[$4]] }
		END { for (s in n) print s, n[s] }' /proc/net/tcp /proc/net/tcp6 | sort
}

# shows_exactly MIX: all three, without listeners; ss leaves those out too.
shows_exactly() {
	local what
	as_lines "$1" >wanted
	for what in netstat_states proc_states "ss_states server"; do
		$what | diff -u wanted - || fail "${what%% *} does not show the mix"
	done
}

# ---- the snapshot, exact for at least five seconds

snapshot() {
	hold snapshot --mix $SNAPSHOT --hold 5200ms
	shows_exactly $SNAPSHOT
	wait_exit hold || fail "the snapshot ends with $?"
	json_is states.exact snapshot.json true
	json_is states.helper_listeners snapshot.json 1 # for SYN_RECV; netstat -n shows none
	awk -v held="$(json states.held_s snapshot.json)" 'BEGIN { exit !(held >= 5) }' ||
		fail "exact for $(json states.held_s snapshot.json) s only"
	echo "snapshot: ready after $(json states.ready_after_s snapshot.json) s, exact for" \
		"$(json states.held_s snapshot.json) s in $(json states.samples snapshot.json) samples"
}

# Once as an ordinary user; as root netns/lab_states holds it once more.
rounds=${TWSTORM_ROUNDS:-0}
[ -z "${SNAPSHOT_ONLY:-}" ] || rounds=1
for ((round = 0; round < rounds; round++)); do
	new_hosts
	snapshot
done
[ -z "${SNAPSHOT_ONLY:-}" ] || exit 0

# ---- ten of each of the eleven

new_hosts
hold default --hold 0
shows_exactly "$(for state in $OTHERS; do printf '%s=10\n' "$state"; done | paste -sd,)"
[ "$(ss_count server -l)" = 10 ] || fail "ss does not show 10 listeners"
# The peers' sockets are on the other host, and these look nothing like ours.
on client ss -Htan | grep -c SYN-RECV | grep -qx 0 || fail "the peer's host has SYN_RECV"
run on server "$TWSTORM" states --format json
json_is states.CLOSE_WAIT out 10
run on server "$TWSTORM" states --state CLOSE --format json
json_is states.CLOSE out 10
unconn=$(on server ss -Htan | grep -c '^UNCONN ') # where ss shows them
[ "$unconn" = 0 ] || [ "$unconn" = 10 ] || fail "ss has $unconn UNCONN"
# With --hold 0 a signal is the end it was told to wait for.
stop hold TERM || fail "told to hold until a signal, it ends with $?"
awk 'length($0) > 80' hold.log | grep . && fail "its lines are wider than a terminal"
json_are default.json complete=true states.exact=true
for state in $OTHERS CLOSE LISTEN; do
	json_are default.json "states.wanted.$state"=10 "states.server.peak.$state"=10 \
		"states.server.end.$state"=10
done

# Sockets that are there already would count: those of TIME_WAIT have no owner to close them.
no_hold 1 'has TCP sockets already' --hold 1s

# ---- a signal in the middle

new_hosts
hold cut --mix TIME_WAIT=300,ESTABLISHED=20 --hold 1h
begin=${EPOCHREALTIME/[.,]/}
stop hold TERM
status=$?
[ $status = 143 ] || fail "SIGTERM ends it with $status"
[ $((${EPOCHREALTIME/[.,]/} - begin)) -lt 2000000 ] || fail "SIGTERM does not end it at once"
json_are cut.json complete=false error.code=interrupted states.server.end.TIME_WAIT=300 \
	states.server.end.LISTEN=0

# ---- what cannot be

new_hosts
while IFS='|' read -r code regex args; do
	# shellcheck disable=SC2086 # several words
	no_hold "$code" "$regex" $args
done <<'END'
2|'NOSUCH' is not a TCP state|--mix NOSUCH=1
2|TIME_WAIT is given twice|--mix TIME_WAIT=1,time-wait=2
2|not from 1 to 1000000|--mix TIME_WAIT=1000001
2|not from 1 to 1000000|--mix TIME_WAIT=0
2|is not STATE=N|--mix TIME_WAIT
2|needs a unit|--hold 5
2|at most|--hold 4h
2|peer's host reaches|--address 127.0.0.1
6|descriptors, the limit is|--mix ESTABLISHED=600k
6|tcp_max_tw_buckets|--mix TIME_WAIT=1000000
2|is this host itself|--peer-netns /proc/self/ns/net
2|not a network namespace|--peer-netns /dev/null
1|No such file|--peer-netns /nonexistent
END
sysctl_on server core.somaxconn 4
no_hold 2 'SYN_RECV=9 needs LISTEN=5 or more' --mix SYN_RECV=9,LISTEN=4
sysctl_on server ipv4.tcp_syncookies 2
no_hold 6 'tcp_syncookies=2' --mix SYN_RECV=1
sysctl_on server ipv4.tcp_rfc1337 0
no_hold 6 'needs tcp_rfc1337=1 .* at most 45s' --mix TIME_WAIT=1 --hold 1m

# ---- more handshakes than SYN-ACKs that could be sent again at once

new_hosts
hold many --mix SYN_RECV=6000 --hold 2500ms
shows_exactly SYN_RECV=6000
wait_exit hold || fail "6000 handshakes end with $?: $(tail -n 1 hold.log)"
json_are many.json states.exact=true states.helper_listeners=3 counters.Tcp.RetransSegs=0

# ---- small queues and few ports: more listeners, and ports that are bound by number

new_hosts
sysctl_on server core.somaxconn 8
for host in client server; do
	sysctl_on $host ipv4.ip_local_port_range "40000 40009"
done
hold narrow --mix SYN_RECV=40,TIME_WAIT=500,SYN_SENT=300,LISTEN=12,CLOSE_WAIT=1 --hold 0
shows_exactly SYN_RECV=40,TIME_WAIT=500,SYN_SENT=300,CLOSE_WAIT=1
[ "$(ss_count server -l)" = 12 ] || fail "ss does not show 12 listeners"
# Held for long, TIME_WAIT is renewed: some have nearly all of their 60 s while others grow old.
seconds_left() {
	on server ss -Htano state time-wait |
		sed 's/1min/60sec/' | sed -n 's/.*(timewait,\([0-9]*\)sec.*/\1/p' | sort -n
}
grown_old() {
	[ "$(seconds_left | head -n 1)" -le 55 ]
}
wait_until 20 grown_old || fail "no TIME_WAIT grows old: $(seconds_left | uniq -c)"
[ "$(seconds_left | tail -n 1)" -ge 58 ] || fail "no TIME_WAIT is renewed: $(seconds_left | uniq -c)"
stop hold INT || fail "told to hold until a signal, it ends with $?"
json_is states.helper_listeners narrow.json 0
