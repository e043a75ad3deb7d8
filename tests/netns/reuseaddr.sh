#!/bin/bash
# SO_REUSEADDR on a client does nothing where connect() chooses the port; where the
# port is bound it takes TIME_WAIT ports again at once, if there are timestamps and whatever
# tcp_tw_reuse says; a listener needs it, on both its lives.  What is
# predicted is what happens.
# limit: 120
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

# fresh_hosts: 1000 ports, no tcp_tw_reuse.
fresh_hosts() {
	new_hosts
	sysctl_on client ipv4.ip_local_port_range "40000 40999"
	sysctl_on client ipv4.tcp_tw_reuse 0
	server_on_server
}

# storm NAME OPTION...: 3000 connections at 2000 a second, the client closes first.  At most 20 at a
# time are not in TIME_WAIT yet: client-half waits for the server's FIN.
storm() {
	local name=$1
	shift
	client_on_client "$name" -t $SERVER_ADDR:9000 -n 3000 -r 2000/s -c 20 -d 1m -q --close client-half --on-exhaustion spin "$@"
	expect_status 0 "$name"
	json_are "$TEST_TMP/$name.json" ledger.balanced=true totals.connects_started=3000
}

# runs_out NAME STAGE ENAME: after 1000, when predicted; by ss there is a TIME_WAIT for each.
runs_out() {
	local r=$TEST_TMP/$1.json
	json_are "$r" ports.budget=1000 totals.connects_ok=1000 "errors.$2"="{\"$3\":2000}" \
		counters.TcpExt.TWRecycled=0
	ran_out_when_predicted "$r"
	[ "$(ss_count client state time-wait)" = 1000 ] ||
		fail "$1: ss has $(ss_count client state time-wait) TIME_WAIT"
}

# goes_on NAME: (nearly) all 3000, with 1000 sockets; that was predicted.  bind() may choose a port
# whose connection is not in TIME_WAIT yet, which are 20 of 1000 at most.
goes_on() {
	local r=$TEST_TMP/$1.json ok recycled used
	ok=$(json totals.connects_ok "$r") recycled=$(json counters.TcpExt.TWRecycled "$r")
	echo "$1: $ok of 3000 connections through 1000 ports, TWRecycled $recycled"
	[ "$ok" -ge 2900 ] || fail "$1: only $ok connections"
	used=$(ss_count client)
	[ "$used" -le 1000 ] || fail "$1: $used sockets, more than ports"
	[ "$recycled" = $((ok - used)) ] || fail "$1: $ok connections, $used sockets, TWRecycled $recycled"
	json_is errors.bind "$r" '{}'
	[ "$(json errors.connect.EADDRNOTAVAIL "$r" || echo 0)" = $((3000 - ok)) ] ||
		fail "$1: other errors: $(json errors.connect "$r")"
	json_are "$r" ports.predicted_exhaustion_s=null ports.predicted_max_rate=null \
		ports.prediction.time_wait_reuse=true
}

# ---- alone it is nothing

fresh_hosts
storm alone --reuseaddr
runs_out alone connect EADDRNOTAVAIL

# ---- a port of our own choice

fresh_hosts
storm own_port --bind port
runs_out own_port bind EADDRINUSE
fresh_hosts
storm own_port_reuse --bind port --reuseaddr
goes_on own_port_reuse
fresh_hosts
sysctl_on client ipv4.tcp_timestamps 0
storm own_port_no_timestamps --bind port --reuseaddr
runs_out own_port_no_timestamps connect EADDRNOTAVAIL

# A range outside the sysctl's, shared by workers that never meet on a port, and every one used.
fresh_hosts
sysctl_on client ipv4.ip_local_reserved_ports 20000-20004,20099
client_on_client shared -t $SERVER_ADDR:9000 -n 94 -c 12 -w 3 -q --bind port --source-ports 20000-20099
expect_status 0
json_are "$TEST_TMP/shared.json" totals.connects_ok=94 ports.budget=94 ports.exhausted=false \
	ports.peak_in_use=94
on client ss -Htan state time-wait | awk '{ print $3 }' | sort >"$TEST_TMP/used"
seq -f "$CLIENT_ADDR:%.0f" 20005 20098 | cmp - "$TEST_TMP/used" || fail "not each port once"
# The next run's first ports are taken: no more is known before a whole round of them was tried.
client_on_client taken -t $SERVER_ADDR:9000 -n 5 -r 100/s -q --on-exhaustion spin --bind port \
	--source-ports 20000-20099
expect_status 4
json_are "$TEST_TMP/taken.json" errors.bind='{"EADDRINUSE":5}' outcomes.collision=5 ports.exhausted=false \
	ports.taken_at_start=94 ports.predicted_exhaustion_s=null
client_on_client all_taken -t $SERVER_ADDR:9000 -n 100 -r 1k/s -q --on-exhaustion spin --bind port \
	--source-ports 20000-20099
expect_status 4
json_are "$TEST_TMP/all_taken.json" outcomes.collision=93 outcomes.no_port=7
ran_out_when_predicted "$TEST_TMP/all_taken.json"

# ---- a port of bind()'s choice

fresh_hosts
storm early --bind early --reuseaddr
runs_out early bind EADDRINUSE
fresh_hosts
sysctl_on client ipv4.ip_autobind_reuse 1
storm early_autobind --bind early --reuseaddr
goes_on early_autobind
fresh_hosts
sysctl_on client ipv4.ip_autobind_reuse 1
sysctl_on client ipv4.tcp_timestamps 0
storm early_no_timestamps --bind early --reuseaddr
runs_out early_no_timestamps connect EADDRNOTAVAIL

# ---- TCP_LINGER2 of -1: a RST instead of FIN_WAIT2, so no port is kept

fresh_hosts
client_on_client linger2 -t $SERVER_ADDR:9000 -n 300 -r 1k/s -q --close server-leak --linger2 -1
expect_status 0
json_are "$TEST_TMP/linger2.json" outcomes.completed=300 states.client.end.FIN_WAIT2=0 \
	ports.predicted_max_rate=null
[ "$(ss_count client)" = 0 ] || fail "--linger2 -1: $(ss_count client) sockets are left"
n=$(($(json counters.TcpExt.TCPAbortOnLinger "$TEST_TMP/linger2.json") + \
	$(json counters.TcpExt.TCPAbortOnData "$TEST_TMP/linger2.json")))
[ "$n" = 300 ] || fail "--linger2 -1: the kernel aborted $n of 300"

# ---- a server's restart while TIME_WAIT is left on its port

# restart FIRST SECOND CODE: options of both lives; how the second begins.
restart() {
	new_hosts
	# shellcheck disable=SC2086 # none or one
	server_on_server $1
	client_on_client before -t $SERVER_ADDR:9000 -n 20 -q --close server-fin
	expect_status 0
	[ "$(ss_count server state time-wait)" = 20 ] || fail "no TIME_WAIT on the server"
	stop server
	# shellcheck disable=SC2086
	run on server "$TWSTORM" server -l $SERVER_ADDR:9000 -d 100ms -q $2
	expect_status "$3" "first '$1', then '$2'"
	[ "$3" = 0 ] || grep -q 'Address already in use' "$TEST_TMP/err" || fail "another error: $(cat "$TEST_TMP/err")"
}
restart "" "" 0
restart "" --no-reuseaddr 1
restart --no-reuseaddr "" 1
