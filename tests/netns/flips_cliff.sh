#!/bin/bash
# What the scenario cliff expects is false where connect() has no cliff, or has one.
# limit: 180
. "$(dirname "$0")/../lib.sh"
. tests/netns/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# Two at a time: these load a CPU each.
flip cliff default 'a cliff at half' <<'X'
client main.args+ = --source-ports all
X
flip cliff default 'every port was taken' <<'X'
client main.args+ = --close server-fin
X
flips_end
# A second target that refuses has ports in the budget, too, so half is full at a quarter.
flip cliff default 'not before' <<'X'
host client.sysctl.net.ipv4.ip_local_port_range = 40000 43999
client main.args = --target {server}:9000,{server}:9001 --connections 8000 --concurrency 4 --duration 50s
X
flip cliff source-ports-all 'no cliff' <<'X'
client main.args+ = --workers 1
X
flips_end
flip cliff source-ports-all 'nor at the end' <<'X'
client main.args+ = --workers 1
X
flip cliff source-ports-all 'much faster past half' <<'X'
client main.args+ = --workers 1
X
flips_end
