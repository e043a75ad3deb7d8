#!/bin/bash
# What the scenarios storm and snapshot expect is false when the mechanism behind it is broken.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

flip storm - 'connect() failed for want of one' <<'X'
client main.args = --target {server}:9000 --rate 500/s --duration 6s --close server-fin
X
flip storm - 'every port was used once' <<'X'
host client.sysctl.net.ipv4.tcp_tw_reuse = 1
X
flip storm - 'each is in TIME_WAIT on the client' <<'X'
client main.args = --target {server}:9000 --rate 500/s --duration 5s --close client-rst
X
flip storm - 'none is in TIME_WAIT on the server' <<'X'
client main.args = --target {server}:9000 --rate 500/s --duration 2s --close server-fin
X
flip storm - 'the ports ran out when foretold' <<'X'
host server.sysctl.net.ipv4.tcp_max_tw_buckets = 10
host client.sysctl.net.ipv4.tcp_max_tw_buckets = 100
client main.args = --target {server}:9000 --rate 500/s --duration 5s
X
flip snapshot - 'for five seconds at least' <<'X'
probe mix.args = states --peer-netns {tmp}/netns/client --hold 1s --mix LAST_ACK=14
X
flip snapshot - 'TIME_WAIT' <<'X'
probe mix.args = states --peer-netns {tmp}/netns/client --hold 1s --mix TIME_WAIT=1812
X
flips_end
