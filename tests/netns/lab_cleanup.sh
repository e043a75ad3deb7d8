#!/bin/bash
# The lab leaves the host as it was: links, namespaces, sysctls, TIME_WAIT, processes, mounts,
# /dev/shm; after a run, after ^C, and after SIGKILL of the runner at ten moments, or at
# TWSTORM_KILLS random ones.
# limit: 300
# waits
. "$(dirname "$0")/../lib.sh"
need ip pgrep

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# Our processes are known by these in their command lines: runner and keeper, and the server.
marker=twlab-$$-$RANDOM
idle=$((17000000 + $$))ms
cat >"$TEST_TMP/$marker.ini" <<INI
[scenario]
about = $marker
seconds = 20
[host server]
[host client]
sysctl.net.ipv4.ip_local_port_range = 40000 40099
sysctl.net.ipv4.tcp_tw_reuse = 0
[server main]
host = server
args = --listen {server}:9000 --idle-timeout $idle
[client main]
host = client
args = --target {server}:9000 --rate 200/s --duration 1s --seed $$
[expect]
ports run out = ports.exhausted == true
INI

ours() {
	pgrep -f -- "$marker|$idle"
}
# The network namespaces our processes are in, the host's apart.
foreign_netns() {
	local pid
	for pid in $(ours); do
		readlink "/proc/$pid/ns/net" 2>/dev/null
	done | grep -vxF "$(readlink /proc/self/ns/net)" | sort -u
}
# Of these namespaces, the ones that a process of this test is still in.  Others make namespaces, too,
# and the kernel gives them the numbers of those that are gone.
still_used() {
	local ns
	for ns in $(grep -lzxF "TEST_TMP=$TEST_TMP" /proc/[0-9]*/environ 2>/dev/null); do
		readlink "${ns%/environ}/ns/net" 2>/dev/null
	done | sort -u | grep -xF -f "$1"
}
host_now() {
	ip -o link | sed 's/ state .*//'
	ip -o addr | awk '{print $2, $4}'
	grep -r . /proc/sys/net/ipv4 /proc/sys/net/core 2>/dev/null |
		grep -Ev 'inet_peer|tcp_fastopen_key|/neigh/|flow_limit|netdev_rss_key'
	cat /proc/self/mounts
	ls /dev/shm
	ss -Htan state time-wait | grep -c ' 198\.18\.'
}
none_left() {
	! ours >/dev/null
}
same_host() {
	wait_until 5 none_left || fail "$1: still there: $(ours | xargs ps -o pid,args -p)"
	host_now >"$TEST_TMP/after"
	diff "$TEST_TMP/before" "$TEST_TMP/after" || fail "$1: the host is not what it was"
}

host_now >"$TEST_TMP/before"

run "$TWSTORM" lab run "$TEST_TMP/$marker.ini" -o "$TEST_TMP/result"
expect_status 0 "a whole run"
same_host "after a run"

start int "$TWSTORM" lab run "$TEST_TMP/$marker.ini" -o "$TEST_TMP/result"
client_runs() {
	pgrep -f -- "twstorm client .*--seed $$ " >/dev/null
}
wait_until 10 client_runs || fail "no client was started"
stop int INT
status=$?
[ "$status" = 130 ] || fail "exit code $status after SIGINT, not 130"
[ "$(json complete "$TEST_TMP/result/$marker.json")" = false ] || fail "no partial result"
same_host "after SIGINT"

moments=(0 2 4 6 10 20 50 120 400 900)
if [ -n "${TWSTORM_KILLS:-}" ]; then
	moments=()
	for ((i = 0; i < TWSTORM_KILLS; i++)); do
		moments+=($((i % 2 ? RANDOM % 40 : RANDOM % 1300)))
	done
fi
seen=0
for ms in "${moments[@]}"; do
	start kill "$TWSTORM" lab run "$TEST_TMP/$marker.ini" -o "$TEST_TMP/result"
	sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
	foreign_netns >"$TEST_TMP/namespaces"
	stop kill KILL
	same_host "SIGKILL after $ms ms"
	[ -s "$TEST_TMP/namespaces" ] || continue
	seen=$((seen + 1))
	still_used "$TEST_TMP/namespaces" && fail "SIGKILL after $ms ms: a namespace is still there"
done
echo "killed at ${#moments[@]} moments, $seen of them with namespaces there"
[ $seen -gt 0 ] || fail "no run was killed while its namespaces were there"
