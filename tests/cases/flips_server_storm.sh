#!/bin/bash
# What the scenario server-storm expects is false when the mechanism behind it is broken.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

client_first='--target {server}:9000 --rate 1k/s --connections 1200 --duration 5s --concurrency 1000'
flip server-storm - 'the ports did not run out' <<X
client main.args = $client_first
X
flip server-storm - 'nor was that foretold' <<X
client main.args = $client_first
X
flip server-storm - 'all connections were made' <<X
client main.args = $client_first
X
flip server-storm - 'none is in TIME_WAIT on the client' <<X
client main.args = $client_first --close server-fin:10,client-fin:1
X
# Somebody else's connections to the same server, over ports that are not the client's.
for phrase in 'the server has one a port at most' 'the kernel counted the same'; do
	flip server-storm - "$phrase" <<X
client main.args+ = --source-ports 40000-40099
[process other]
host = client
command = $TWSTORM client -q --target {server}:9000 --source-ports 40100-40999 --rate 1k/s --close server-fin
after = server main
X
done
flip server-storm - 'though each connection left one' <<'X'
host server.sysctl.net.ipv4.tcp_max_tw_buckets = 10
X
flip server-storm - 'no byte was lost' <<'X'
client main.args+ = --close client-unread
X
flips_end
