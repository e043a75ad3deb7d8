#!/bin/bash
# The books are of this run's own connections: what another client, another server or somebody with
# ss -K does is told as theirs, or the comparison is listed as one that could not be made.  Nothing is
# negative, and `balanced` is false only where something is missing.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

T=$SERVER_ADDR:9000
TEXT=$TEST_TMP/out # what the client says

# books NAME OPTION...: a run of 200 connections a second
books() {
	local name=$1
	shift
	client_on_client "$name" -t $T -r 200/s -q "$@"
	expect_status 0 "$name"
	r=$TEST_TMP/$name.json
}

# says WORDS, never_says WORDS: in the text
says() { tr -s ' \n' ' ' <"$TEXT" | grep -qF -- "$1" || fail "does not say '$1': $(cat "$TEXT")"; }
never_says() { ! tr -s ' \n' ' ' <"$TEXT" | grep -qF -- "$1" || fail "says '$1': $(cat "$TEXT")"; }

echo "alone: nothing to explain"
new_hosts
server_on_server
books alone -n 100 "${STATS[@]}"
json_are "$r" ledger.balanced=true ledger.explanation='[]' ledger.not_compared='[]' \
	lost='{"to_server_bytes":0,"to_client_bytes":0}'

echo "a target named twice is one"
client_on_client twice -t $T,$T -r 200/s -n 100 -q "${STATS[@]}"
expect_status 0 twice
json_are "$TEST_TMP/twice.json" ledger.balanced=true ledger.not_compared='[]' lost.to_server_bytes=0

# own_books: the server's counts are this run's own: all that the client counted, and no more
own_books() {
	! json ledger.not_compared "$r" | grep -q accepted || fail "not compared: $(json ledger.not_compared "$r")"
	json_are "$r" ledger.balanced=true lost='{"to_server_bytes":0,"to_client_bytes":0}' \
		server.totals.accepted="$(json totals.connects_ok "$r")" \
		server.totals.requests="$(json totals.transactions_ok "$r")" \
		server.totals.bytes_received="$(json totals.bytes_sent "$r")" \
		server.totals.bytes_sent="$(json totals.bytes_received "$r")" server.totals.open=0
	[ "$(json server.ended.served "$r")" = "$(json totals.connects_ok "$r")" ] ||
		fail "the server counted $(json server.ended "$r")"
}

echo "a second client at the same server, and others that name no run"
start_on server second "$TWSTORM" client -q -t $T -r 300/s -d 20s "${STATS[@]}" -o "$TEST_TMP/second.json"
start_on server third "$TWSTORM" client -q -t $T -r 50/s -d 20s --proto http
start_on server mute "$TWSTORM" client -q -t $T -r 50/s -d 20s --requests 0
books shared -d 500ms "${STATS[@]}"
own_books
books shared_http -d 500ms --proto http --requests 3 "${STATS[@]}"
own_books
books shared_linger -d 500ms --close server-fin --linger 1s "${STATS[@]}"
json_are "$r" ledger.balanced=true lost.to_server_bytes=null
[ "$(json server.totals.accepted "$r")" -gt "$(json totals.connects_ok "$r")" ] || fail "the others were not there"
says "other programs connect there too"
says "balanced, as far as it could be compared"
for other in third mute; do stop $other; done
stop second INT
r=$TEST_TMP/second.json
own_books

echo "what was accepted before --start-at is not of the run"
at=$(($(date +%s) + 4))
start_on server early "$TWSTORM" client -q -t $T -n 300 -r 1000/s --start-at $((at - 2))
books later -n 100 --start-at $at "${STATS[@]}"
wait_exit early
json_are "$r" server.totals.accepted=100 ledger.balanced=true lost.to_server_bytes=0

echo "... nor of a server that says nothing just when the run begins"
at=$(($(date +%s) + 3))
start_on server mute_at_start bash -c "sleep 1; kill -STOP \$0; sleep \$((\$1 - \$(date +%s))).2; kill -CONT \$0" \
	"${started_pid[server]}" $at
books late_answer -n 100 --start-at $at "${STATS[@]}"
wait_exit mute_at_start
json_are "$r" server.totals.accepted=100 ledger.balanced=true lost.to_server_bytes=0 server_counters=null cpu.server=null

echo "two servers, one is asked"
server_on server two -l $SERVER_ADDR:9001
client_on_client halves -t $T,$SERVER_ADDR:9001 -r 200/s -n 100 -q "${STATS[@]}"
expect_status 0 halves
json_are "$TEST_TMP/halves.json" server.totals.accepted=50 ledger.balanced=true lost.to_server_bytes=null
says "not every target is known to be the server that was asked"

echo "the range of ports is another one now"
new_hosts
sysctl_on client ipv4.ip_local_port_range "40000 40499"
server_on_server
start_on client widen bash -c "until [ \$(ss -Htan state time-wait dport = :9000 | wc -l) -gt 20 ]; do sleep 0.05; done
	echo '40000 41999' >/proc/sys/net/ipv4/ip_local_port_range"
books widened -n 300 "${STATS[@]}"
wait_exit widen
json_are "$r" ports.peak_in_use=null ports.peak_in_use_reason="net.ipv4.ip_local_port_range changed during the run" \
	ledger.balanced=true

echo "FIN_WAIT2 that is to last longer than TIME_WAIT has not entered it"
new_hosts
server_on_server
sysctl_on client ipv4.tcp_fin_timeout 120
books full -n 50 --close server-leak "${STATS[@]}"
json_are "$r" states.client.end.FIN_WAIT2=50 counters.TcpExt.TW=0 ledger.balanced=true ledger.explanation='[]'

echo "TIME_WAIT that somebody ends is not the peer's doing"
new_hosts
server_on_server
start_on client killer bash -c 'while ss -H -K state time-wait >/dev/null 2>&1; do sleep 0.1; done'
books killed -n 200 "${STATS[@]}"
stop killer
json_are "$r" server_counters.Tcp.OutRsts=0 ledger.balanced=true
never_says "RST of the peer"
if [ "$(json states.client.end.TIME_WAIT "$r")" -lt 200 ]; then
	says "were ended from outside, as by ss -K"
else
	echo "not checked: this kernel's ss -K ends no TIME_WAIT"
fi

echo "a server exchanged in mid-run is told"
new_hosts
server_on_server
client_on_client before -t $T -n 500 -q
start_on client run "$TWSTORM" client -o "$TEST_TMP/exchanged.json" -t $T -r 100/s -d 3s -q "${STATS[@]}"
wait_count 550 10 ss_count client state time-wait dport = :9000
stop server KILL 2>/dev/null
server_on server anew -l $T --admin $SERVER_ADDR:9100 --admin-token-file "$TEST_TMP/token"
wait_exit run # what it ends with depends on what was under way
r=$TEST_TMP/exchanged.json
json_are "$r" server=null server_exchanged=true lost.to_server_bytes=null \
	lost.reason="the server was started anew during the run"
json ledger.not_compared "$r" | grep -q 'started anew' || fail "the ledger does not tell of it"
