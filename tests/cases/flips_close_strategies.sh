#!/bin/bash
# What the scenario close-strategies expects is false when another strategy is used, or when
# what a strategy rests on is taken away.
# limit: 180
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# instead VARIANT STRATEGY PHRASE: the variant's expectation with another strategy.
instead() {
	flip close-strategies "$1" "$3" <<X
client main.args+ = --close $2
X
}

instead client-fin client-rst 'each leaves TIME_WAIT on the client'
instead client-fin server-fin 'none is in TIME_WAIT on the server'
instead client-fin server-fin 'each keeps its port'
instead client-fin client-unread 'no byte was lost'
instead server-fin client-fin 'none is in TIME_WAIT on the client'
instead server-fin client-fin 'no port is kept'
instead both passive-rst 'each left one TIME_WAIT, or two'
instead client-rst client-fin 'the client sent a RST for each'
instead client-rst client-fin 'it takes fewer packets'
instead server-rst client-rst 'the server sent a RST for each'
instead client-unread client-rst 'each response was thrown away'
instead client-leak server-fin 'each is in FIN_WAIT2 on the server'
instead client-leak server-fin 'each is in CLOSE_WAIT on the client'
instead server-leak client-fin 'each is in FIN_WAIT2 on the client'
instead server-leak client-fin 'each is in CLOSE_WAIT on the server'
flip close-strategies server-fin 'each entered it on the server' <<'X'
host server.sysctl.net.ipv4.tcp_max_tw_buckets = 10
X
flip close-strategies server-fin 'all connections were made' <<'X'
host server.sysctl.net.core.somaxconn = 1
client main.args+ = --rate 1000k/s --close server-fin --timeout 100ms
X
flip close-strategies server-fin 'all responses came' <<'X'
server main.args = --listen {server}:9000 --max-response 1
client main.args+ = --response-size 2
X
flips_end
