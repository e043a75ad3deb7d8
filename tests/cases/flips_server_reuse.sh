#!/bin/bash
# What the scenario server-reuse expects is false with other sysctls, or socket options.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

flip server-reuse again 'each met TIME_WAIT' <<'X'
host server.sysctl.net.ipv4.tcp_max_tw_buckets = 0
X
flip server-reuse fast-ts0 'each came back' <<'X'
host server.sysctl.net.ipv4.tcp_rfc1337 = 1
X
flip server-reuse again 'at once, for no SYN was refused' <<'X'
probe main.args = reconnect --count 10 --ahead 1h
X
flip server-reuse fast-ts0 'after a refusal and a RST each' <<'X'
host server.sysctl.net.ipv4.tcp_timestamps = 1
X
flip server-reuse fast-ts0 'so the SYN was sent twice' <<'X'
probe main.args = reconnect --count 2
X
flip server-reuse fast-ts0-rfc1337 'it does not come back' <<'X'
host server.sysctl.net.ipv4.tcp_rfc1337 = 0
X
flip server-reuse fast-ts0-rfc1337 'not for want of trying' <<'X'
probe main.args = reconnect --count 1
X
flip server-reuse restart-no-no 'TIME_WAIT is left on its port' <<'X'
host server.sysctl.net.ipv4.tcp_max_tw_buckets = 0
X
flip server-reuse restart-no-yes 'the new server is refused' <<'X'
host server.sysctl.net.ipv4.tcp_max_tw_buckets = 0
X
flip server-reuse restart-yes-yes 'the new server has the port' <<'X'
probe main.args = rebind --connections 5 --old-reuseaddr no --new-reuseaddr yes
X
flip server-reuse restart-yes-yes 'and serves' <<'X'
probe main.args = rebind --connections 5 --old-reuseaddr yes --new-reuseaddr no
X
flips_end
