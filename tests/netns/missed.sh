#!/bin/bash
# A prediction that did not come true says why, by name and with the figures, where that was measured:
# a sysctl was changed, connections failed otherwise, the client was late.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
T=$SERVER_ADDR:9000
TIME_WAITS="ss -Htan state time-wait dport = :9000 | wc -l"

# once_half COMMAND: on the client's host, as soon as 25 ports are taken.
once_half() {
	start_on client once_half bash -c "until [ \$($TIME_WAITS) -ge 25 ]; do sleep 0.01; done; $1"
}

# missed NAME BY OPTION...: 50 ports at 100/s, which are said to last 0.5 s.  The exit code is $code, or 0.
missed() {
	local name=$1 by=$2
	shift 2
	client_on_client "$name" -r 100/s -d 1s -q --on-exhaustion stop "$@"
	expect_status "${code:-0}" "$name"
	r=$TEST_TMP/$name.json
	json_are "$r" ports.predicted_exhaustion_s=0.5 ports.prediction.missed="$by"
}

new_hosts
sysctl_on client ipv4.ip_local_port_range "40000 40049"
server_on_server
missed came_true null -t $T
json_are "$r" ports.prediction.missed=null ports.sysctls_changed='[]' ports.exhausted=true
awk -v a="$(json ports.connect_us.below_half "$r")" -v b="$(json ports.connect_us.past_half "$r")" \
	'BEGIN { exit !(a > 0 && b > 0) }' || fail "ports.connect_us is $(json ports.connect_us "$r")"

new_hosts
sysctl_on client ipv4.ip_local_port_range "40000 40049"
server_on_server
once_half "echo 40000 40999 >/proc/sys/net/ipv4/ip_local_port_range; echo 7 >/proc/sys/net/ipv4/tcp_fin_timeout"
missed changed sysctl_changed -t $T
wait_exit once_half
json_are "$r" ports.exhausted=false \
	'ports.sysctls_changed=[{"name":"net.ipv4.ip_local_port_range","from":"40000 40049","to":"40000 40999"},{"name":"net.ipv4.tcp_fin_timeout","from":"60","to":"7"}]'

new_hosts
sysctl_on client ipv4.ip_local_port_range "40000 40049"
server_on_server
once_half "kill ${started_pid[server]}"
code=4 missed refused failed_otherwise -t $T
wait_exit once_half
json_are "$r" ports.exhausted=false ports.sysctls_changed='[]'
[ "$(json outcomes.refused "$r")" -gt 0 ] || fail "nothing was refused"

new_hosts
sysctl_on client ipv4.ip_local_port_range "40000 40049"
server_on_server
start_on client late "$TWSTORM" client -t $T -r 100/s -d 2s -q --on-exhaustion stop -o "$TEST_TMP/late.json"
wait_count 25 10 on client bash -c "$TIME_WAITS"
kill -STOP "${started_pid[late]}"
sleep 0.6
kill -CONT "${started_pid[late]}"
wait_exit late || fail "the client that was stopped ends with $?"
json_are "$TEST_TMP/late.json" ports.predicted_exhaustion_s=0.5 ports.first_exhausted_due_s=0.5 \
	ports.prediction.missed=client_late
