#!/bin/bash
# What the scenario drain expects is false where TIME_WAIT is avoided, or does not last.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# Shorter: nothing here waits for TIME_WAIT to end.
flip drain - 'no port was left' <<'X'
client watch.args = --target {server}:9000 --rate 10/s --duration 3s --close server-fin
client fill.args = --target {server}:9000 --rate 240/s --duration 2s --close server-fin
X
flip drain - 'it took the last port' <<'X'
client watch.args = --target {server}:9000 --rate 10/s --duration 3s
client fill.args = --target {server}:9000 --rate 240/s --duration 2s --close client-rst
X
flip drain - 'every port was in TIME_WAIT' <<'X'
host client.sysctl.net.ipv4.tcp_max_tw_buckets = 50
client watch.args = --target {server}:9000 --rate 10/s --duration 3s
client fill.args = --target {server}:9000 --rate 240/s --duration 2s
X
flip drain - 'none came free before 60 s' <<'X'
host client.sysctl.net.ipv4.tcp_tw_reuse = 1
host client.sysctl.net.ipv4.ip_local_port_range = 40000 40099
client watch.args = --target {server}:9000 --rate 10/s --duration 5s
X
for phrase in 'the first ones came soon after' 'in steps of seconds' 'at the end few are left'; do
	flip drain - "$phrase" <<'X'
host client.sysctl.net.ipv4.ip_local_port_range = 40000 40499
client watch.args = --target {server}:9000 --rate 10/s --duration 4s
X
done
flips_end
