#!/bin/bash
# No verdict of the scenario remedies is a foregone one: with its mechanism broken each is another,
# and what is expected of the moment the ports run out is false.
# limit: 240
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# verdict VARIANT OVERRIDE
verdict() { flip remedies "$1" verdict <<<"$2"; }

# What works does not, or does harm.
verdict tw-reuse-1 'host client.sysctl.net.ipv4.tcp_timestamps = 0'
verdict tw-reuse-delay-100 'host client.sysctl.net.ipv4.tcp_tw_reuse_delay = 60000'
verdict max-tw-buckets-50 'host client.sysctl.net.ipv4.tcp_max_tw_buckets = 150'
verdict linger-0-answered 'client main.args+ = --close client-rst'
verdict passive-rst 'client main.args+ = --close client-fin'
verdict server-closes 'client main.args+ = --close client-half'
verdict bind-port-reuseaddr 'host client.sysctl.net.ipv4.tcp_timestamps = 0'
verdict autobind-reuse 'host client.sysctl.net.ipv4.ip_autobind_reuse = 0'
verdict wider-range 'host client.sysctl.net.ipv4.ip_local_port_range = 40000 40159'
verdict more-targets 'client main.args+ = --target {server}:9003'
verdict targets-bind-late 'client main.args+ = --target {server}:9000-9003 --bind early --source {client}'
verdict more-sources 'client main.args+ = --source {client.2}'
verdict keep-alive 'client main.args+ = --requests 1 --response-size 1'
verdict pool 'client main.args+ = --pool 8 --max-requests 1 --response-size 1'

# What does harm does none.
verdict linger-0 'client main.args+ = --close client-fin'

# What has no effect has one.
verdict tw-reuse-1-on-server 'host client.sysctl.net.ipv4.tcp_tw_reuse = 1'
verdict timestamps-0 'host client.sysctl.net.ipv4.tcp_timestamps = 1'
verdict timestamps-2 'host client.sysctl.net.ipv4.tcp_tw_reuse = 1'
verdict fin-timeout-5 'client main.args+ = --close server-leak --linger2 -1'
verdict linger-1s 'client main.args+ = --linger 1s --close server-fin'
verdict reuseaddr 'client main.args+ = --reuseaddr --bind port --source-ports 41000-41149'
verdict source-ports-all 'host client.sysctl.net.ipv4.ip_local_port_range = 40000 40299'
verdict targets-bind-early 'client main.args+ = --target {server}:9000-9003'
for variant in keepalive-time-30 rfc1337-0 longer-queues abort-on-overflow syncookies-2 linger2-1s client-half; do
	verdict $variant 'host client.sysctl.net.ipv4.tcp_tw_reuse = 1'
done

# Somebody ends TIME_WAIT sockets all the time, or now and then: more connections than predicted.
if command -v ss >/dev/null; then
	verdict kill-time-wait 'process killer.command = none'
	flip remedies fin-timeout-5 'as foretold' <<<'process killer.command = sh {tmp}/kill.sh'
	flip remedies fin-timeout-5 'each port once' <<'X'
process killer.command = sh -c "echo killing; while sleep 2; do ss -H -K state time-wait; done"
client main.args+ = --connections 500
X
fi
flips_end
