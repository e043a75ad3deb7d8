#!/bin/bash
# What the scenario leaks expects is false when nobody leaks, or the timeouts are others.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# with VARIANT PHRASE OPTION...: the variant's expectation with other options of the client.
with() {
	flip leaks "$1" "$2" <<X
client main.args+ = ${*:3}
X
}

with client-leak 'the ports ran out' --close server-fin
with client-leak 'the client is in CLOSE_WAIT' --close server-leak
with client-leak 'the server is in FIN_WAIT2' --close server-leak
with client-leak 'no port came back' --close client-leak --concurrency 1000 --hold 800ms --duration 3s
with server-leak 'the client is in FIN_WAIT2' --close client-leak
with server-leak 'the server is in CLOSE_WAIT' --close client-leak
with server-leak 'no port came back' --close server-leak --linger2 1s --duration 4s
with tw-reuse-1 'reuse took none of them' --close client-fin --duration 4s
with linger2-2s 'for 2 s at least' --close server-leak --linger2 1s --duration 4500ms
with linger2-2s 'and not much longer' --close server-leak --linger2 4s --duration 7s
with linger2-2s 'the client was in FIN_WAIT2' --close client-leak --duration 2s
with linger2-2s 'the server is in CLOSE_WAIT' --close server-leak --hold 500ms --duration 4500ms
with no-leak 'the client is in TIME_WAIT' --close server-leak --duration 5500ms
with no-leak 'no port came back' --close server-leak --duration 5500ms
with fin-timeout-3 'SYNs met its old CLOSE_WAIT' --close client-fin --duration 2s
flip leaks fin-timeout-3 'for 3 s at least' <<'X'
host client.sysctl.net.ipv4.tcp_fin_timeout = 1
X
flip leaks fin-timeout-3 'and not much longer' <<'X'
host client.sysctl.net.ipv4.tcp_fin_timeout = 60
X
flips_end
