#!/bin/bash
# What the scenario old-duplicate expects is false where TIME_WAIT or timestamps are not as it says.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

flip old-duplicate time-wait 'TIME_WAIT was there' <<'X'
probe main.args+ = --avoid linger
X
flip old-duplicate time-wait 'a second connection came' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 0
X
flip old-duplicate time-wait 'it refused the old segment' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 0
host alone.sysctl.net.ipv4.tcp_max_tw_buckets = 0
X
flip old-duplicate time-wait 'no byte was lost' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 0
host alone.sysctl.net.ipv4.tcp_max_tw_buckets = 0
X
flip old-duplicate time-wait-ts0 'so there is no second connection' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 1
X
flip old-duplicate time-wait-ts0 'nobody reads the old segment' <<'X'
probe main.args+ = --avoid linger
X
flip old-duplicate rst 'TIME_WAIT was avoided' <<'X'
probe main.args+ = --avoid none
X
flip old-duplicate rst 'timestamps refuse the segment' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 0
X
flip old-duplicate buckets-0 'PAWS did it' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 0
X
flip old-duplicate rst-ts0 'the old segment was read' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 1
X
flip old-duplicate buckets-0-ts0 'the old segment was read' <<'X'
host alone.sysctl.net.ipv4.tcp_max_tw_buckets = 100
X
flip old-duplicate rst-ts0 'instead of new bytes' <<'X'
host alone.sysctl.net.ipv4.tcp_timestamps = 1
X
flips_end
