#!/bin/bash
# A million connections, and 100,000 of every other strategy, leave nothing behind: as many
# descriptors as before, no memory, and every connection accounted for.
#
#   make soak      SOAK_FIRST and SOAK_EACH say how many (1000000, 100000)
. "$(dirname "$0")/../lib.sh"
: "${SOAK_FIRST:=1000000}" "${SOAK_EACH:=100000}"
GROWTH_MOST_KB=1024
in_netns "$@"

# Many target ports, the whole range for each connect(), and room for every TIME_WAIT.
echo 1024 60999 >/proc/sys/net/ipv4/ip_local_port_range
echo 1 >/proc/sys/net/ipv4/tcp_tw_reuse
echo 2000000 >/proc/sys/net/ipv4/tcp_max_tw_buckets
TARGETS=127.0.0.1:61000-61015

rss_kb() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null; }
fds() { find "/proc/$1/fd" -mindepth 1 2>/dev/null | wc -l; }
fds_are() { [ "$(fds "$1")" = "$2" ]; }
opens() { awk '$1 == "Tcp:" && $6 ~ /^[0-9]+$/ { print $6 }' /proc/net/snmp; }
wrong=0
complain() {
	echo "WRONG: $*"
	wrong=1
}

# sample_client PID FIRST: the client's RSS once 100,000 connections are through (or half of
# them, if there are fewer) and the last seen before it writes its result; in $rss_early and
# $rss_late.
sample_client() {
	local before=$2 kb so_far early=100000
	[ "$count" -le 100000 ] && early=$((count / 2))
	rss_early='' rss_late=''
	while kill -0 "$1" 2>/dev/null; do
		so_far=$(($(opens) - before))
		if [ "$so_far" -ge "$early" ] && [ "$so_far" -lt "$count" ]; then
			kb=$(rss_kb "$1")
			: "${rss_early:=$kb}"
			rss_late=${kb:-$rss_late}
		fi
		sleep 0.1
	done
}

# soak STRATEGY COUNT
soak() {
	local strategy=$1 count=$2 file=$TEST_TMP/$1.json before status seconds completed balanced
	before=$(opens)
	start "$strategy" "$TWSTORM" client -t $TARGETS --source-ports all -n "$count" -c 64 \
		-d 20m --close "$strategy" -q -o "$file"
	sample_client "${started_pid[$strategy]}" "$before"
	wait_exit "$strategy"
	status=$?
	seconds=$(json run.duration_s "$file")
	completed=$(json outcomes.completed "$file")
	balanced=$(json ledger.balanced "$file")
	[ $status = 0 ] || complain "$strategy: exit code $status, $(tail -n 1 "$TEST_TMP/$strategy.log")"
	[ "$completed" = "$count" ] || complain "$strategy: $completed of $count completed: $(json outcomes "$file")"
	[ "$balanced" = true ] || complain "$strategy: ledger: $(json ledger "$file")"
	[ "$count" -le 100000 ] || [ $((rss_late - rss_early)) -lt $GROWTH_MOST_KB ] ||
		complain "$strategy: the client grew from $rss_early to $rss_late kB"
	printf '%-14s %9s %8.1f %9.0f %9s %9s %9s %9s %9s %6s\n' "$strategy" "$count" "$seconds" \
		"$(json rate.connections_per_s "$file")" "$completed" "$balanced" \
		"${rss_early:--}" "${rss_late:--}" "$(rss_kb "$server")" "$(fds "$server")"
}

start_listener server "$TWSTORM" server -l $TARGETS -q -o "$TEST_TMP/server.json"
server=${started_pid[server]}
# The timer of `both` is made when it is first needed, once a worker.
"$TWSTORM" client -t $TARGETS -n 64 --close both -q >/dev/null || fail "nothing works"
fds_before=$(fds "$server")
printf '%-14s %9s %8s %9s %9s %9s %9s %9s %9s %6s\n' strategy count seconds per_s completed balanced \
	client_kB then_kB server_kB fds
printf '%-14s %72s %9s %6s\n' 'at the start' '' "$(rss_kb "$server")" "$fds_before"
soak client-rst 100000
rss_before=$(rss_kb "$server")
soak client-rst "$SOAK_FIRST"
# Sockets that are never closed are what leaks are about.
for strategy in $("$TEST_BIN/tools/closings" 1 | awk '$1 != "client-rst" && !/CLOSE_WAIT/ { print $1 }'); do
	soak "$strategy" "$SOAK_EACH"
done

wait_until 10 fds_are "$server" "$fds_before" ||
	complain "the server has $(fds "$server") descriptors, not $fds_before"
growth=$(($(rss_kb "$server") - rss_before))
[ $growth -lt $GROWTH_MOST_KB ] || complain "the server grew by $growth kB after the first 100,000"
stop server || complain "the server's exit code is $?"
echo "server: $growth kB more than after the first 100,000; ended: $(json ended "$TEST_TMP/server.json" | tr -d '\n ')"
[ $wrong = 0 ] || fail "see above"
