# shellcheck shell=bash
# two_hosts.bash - two hosts for a test: network namespaces joined by a veth pair, 198.18.0.1 and
# fd00::1 the client's, 198.18.0.2 and fd00::2 the server's.  After lib.sh and in_netns:
#
#   . tests/netns/two_hosts.bash
#   new_hosts                       fresh ones; the last ones are gone with what ran on them
#   on client ss -Htan              runs a command on one of them
#   start_on server NAME COMMAND... in the background, as lib.sh's start does
#
# tcp_rfc1337=1 on both: no TIME_WAIT is ended early by the peer (docs/kernel-facts.md#stray-rst).
need ip ss nsenter
CLIENT_ADDR=198.18.0.1
CLIENT_ADDR6=fd00::1
SERVER_ADDR=198.18.0.2
SERVER_ADDR6=fd00::2
declare -A host_pid=()

on() {
	local pid=${host_pid[$1]}
	shift
	nsenter -t "$pid" -n -- "$@"
}

start_on() {
	local pid=${host_pid[$1]} name=$2
	shift 2
	start "$name" nsenter -t "$pid" -n -- "$@"
}

# server_on HOST NAME [OPTION...]: a server there; returns when it listens.
server_on() {
	local pid=${host_pid[$1]} name=$2
	shift 2
	start_listener "$name" nsenter -t "$pid" -n -- "$TWSTORM" server "$@"
}

# sysctl_on HOST NAME VALUE: NAME as in ipv4.tcp_tw_reuse.
sysctl_on() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	on "$1" bash -c 'echo "$2" >"/proc/sys/net/${1//.//}"' - "$2" "$3" ||
		fail "cannot set $2 on the $1 host"
}

own_netns() {
	local netns
	netns=$(readlink "/proc/$1/ns/net") && [ "$netns" != "$(readlink /proc/self/ns/net)" ]
}

drop_hosts() {
	local name
	# shellcheck disable=SC2154 # of lib.sh
	for name in "${!started_pid[@]}"; do
		stop "$name"
	done
	host_pid=()
}

new_hosts() {
	local host
	drop_hosts
	for host in client server; do
		start "host_$host" unshare -n sleep 1000
		host_pid[$host]=$!
		wait_until 10 own_netns $! || fail "no namespace for the $host host"
	done
	on client ip link add veth0 type veth peer name veth0 netns "${host_pid[server]}" ||
		skip "cannot make a veth pair here"
	for host in client server; do
		on $host ip link set lo up
		on $host ip link set veth0 up
		sysctl_on $host ipv4.tcp_rfc1337 1
	done
	on client ip addr add $CLIENT_ADDR/24 dev veth0
	on server ip addr add $SERVER_ADDR/24 dev veth0
	wait_until 10 hosts_joined || fail "the two hosts do not reach each other"
}

# hosts_joined [ADDR]: a refused connection went there and back; it leaves nothing behind.
# shellcheck disable=SC2120
hosts_joined() {
	on client bash -c ": </dev/tcp/${1:-$SERVER_ADDR}/1" 2>&1 | grep -q refused
}

# new_hosts6: with IPv6 addresses, too.
new_hosts6() {
	new_hosts
	on client ip addr add $CLIENT_ADDR6/64 dev veth0 nodad
	on server ip addr add $SERVER_ADDR6/64 dev veth0 nodad
	wait_until 10 hosts_joined $SERVER_ADDR6 || fail "the two hosts do not reach each other by IPv6"
}

# server_on_server [OPTION...]: the server, with its admin address open to the client's host.
# shellcheck disable=SC2120
server_on_server() {
	(umask 077 && echo "a-secret-of-$BASHPID" >"$TEST_TMP/token")
	server_on server server -l $SERVER_ADDR:9000 --admin $SERVER_ADDR:9100 \
		--admin-token-file "$TEST_TMP/token" "$@"
}

# client_on_client RESULT [OPTION...]: the client; its result in $TEST_TMP/RESULT.json.
client_on_client() {
	local result=$1
	shift
	run on client "$TWSTORM" client -o "$TEST_TMP/$result.json" "$@"
}

# How client_on_client asks the server for its side.
# shellcheck disable=SC2034 # for the tests
STATS=(--server-stats "$SERVER_ADDR:9100" --admin-token-file "$TEST_TMP/token")

# ss_states HOST [FILTER...]: "STATE N" in our names, sorted, without listeners and without what is
# only bound: newer ss shows that, as UNCONN.
ss_states() {
	local host=$1
	shift
	on "$host" ss -Htan "$@" | awk '$1 !~ /^(LISTEN|UNCONN)$/ { ++n[$1] } END { for (s in n) print s, n[s] }' |
		sed 's/^ESTAB /ESTABLISHED /; s/WAIT-\([12]\)/WAIT\1/; y/-/_/' | sort
}

# ss_count HOST FILTER...: the same sockets, listeners too.
ss_count() {
	local host=$1
	shift
	on "$host" ss -Htan "$@" | awk '$1 != "UNCONN" { ++n } END { print n + 0 }'
}

# netstat_on HOST NAME: a counter, as lib.sh's counter names it.
netstat_on() {
	counter "$2" on "$1"
}
