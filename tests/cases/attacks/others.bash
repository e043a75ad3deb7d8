# shellcheck shell=bash
# others.bash - attacks by other programs: second clients in each place, and programs that are no twstorm.

# ---- second clients

attack_second_client_leaves_no_trace() {
	told "a second client of the same host at the same server, within the run, which closes by RST and leaves no socket" \
		"balanced: TcpActiveOpens is the sum of both clients' SYNs, and ours are as many as we started"
	serve
	begin -r 100/s -d 1500ms "${STATS[@]}"
	made 30
	on client "$TWSTORM" client -q -t $T -n 40 -r 200/s --close client-rst -o "$TEST_TMP/second.json" >/dev/null
	finish
	right 0 -failed -not_balanced
	all_served
	balanced
	same "SYNs of both" $(($(n totals.syns) + $(json totals.syns "$TEST_TMP/second.json") + 1)) "$(moved client Tcp.ActiveOpens)"
}

attack_second_client_elsewhere() {
	told "a second client of the same host at another server" \
		"balanced; the first server accepted ours alone, and TcpExtTW has those of both"
	serve
	server_on server other -l $SERVER_ADDR:9001
	start_on client second "$TWSTORM" client -q -t $SERVER_ADDR:9001 -r 200/s -d 20s
	go -r 100/s -n 80 "${STATS[@]}"
	stop second
	right 0 -failed -not_balanced
	all_served
	balanced
	same accepted "$(n server.totals.accepted)" 80
	same "bytes lost" "$(n lost.to_server_bytes)" 0
	at_least TW "$(moved client TcpExt.TW)" 81
}

attack_second_client_at_the_server() {
	told "a client on the server's own host, at the same server, where the server closes first" \
		"balanced; nothing negative; the server's kernel opened those of both (TcpPassiveOpens)"
	serve
	start_on server second "$TWSTORM" client -q -t $T -r 200/s -d 20s --close server-fin
	go -r 100/s -n 80 "${STATS[@]}"
	stop second
	right 0 -failed -not_balanced
	all_served
	balanced
	at_least "opened by the server" "$(moved server Tcp.PassiveOpens)" 82
	[ "$(n server.totals.accepted)" = 80 ] || [ "$(n lost.to_server_bytes)" = null ] || wrong "counts those of others as ours"
}

attack_client_the_other_way() {
	told "a client on the server's host, at a server on the client's host, which closes first" \
		"balanced; its TIME_WAIT (ss) are not counted as ours"
	serve
	server_on client back -l $CLIENT_ADDR:9002
	start_on server second "$TWSTORM" client -q -t $CLIENT_ADDR:9002 -r 200/s -d 20s --close server-fin
	go -r 100/s -n 80 "${STATS[@]}"
	stop second
	right 0 -failed -not_balanced
	all_served
	balanced
	same "client's TIME_WAIT" "$(n states.client.end.TIME_WAIT)" 80
	as_ss TIME_WAIT time-wait
}

attack_two_that_ask() {
	told "two clients of one host, both ask the server for its side" \
		"each is balanced, and has as many accepted as it connected, or says that it cannot tell"
	serve
	begin -r 100/s -n 80 "${STATS[@]}"
	start_on client second "$TWSTORM" client -q -t $T -r 150/s -n 100 -o "$TEST_TMP/second.json" "${STATS[@]}"
	finish
	wait_exit second || wrong "the second ends with $?"
	right 0 -failed -not_balanced
	balanced
	json_is ledger.balanced "$TEST_TMP/second.json" true
	same "made by both" $(($(n totals.connects_ok) + $(json totals.connects_ok "$TEST_TMP/second.json") + 2)) \
		$(($(netstat_on server Tcp.PassiveOpens) - $(recorded server.before Tcp.PassiveOpens)))
	for r in "$R" "$TEST_TMP/second.json"; do
		[ "$(json server.totals.accepted "$r")" = "$(json totals.connects_ok "$r")" ] ||
			[ "$(json lost.to_server_bytes "$r")" = null ] || wrong "$r: accepted $(json server.totals.accepted "$r")"
	done
}

attack_second_client_takes_ports() {
	told "two clients share 200 ports and one target" \
		"no port is left when both together have 200 (ss); ours is told to be without ports, and the other's are counted in"
	sysctl_on client ipv4.ip_local_port_range "40000 40199"
	serve
	start_on client second "$TWSTORM" client -q -t $T -r 100/s -d 20s
	go -r 100/s -d 1500ms
	stop second
	right 0 no_port -server_lost -failed
	same "in use" "$(n ports.peak_in_use)" "$(ss_count client dport = :9000)"
	at_least "first without, ms" "$(json ports.first_exhausted_s "$R" | awk '{ printf "%d", 1000 * $1 }')" 700
	balanced
}

# ---- programs that are no client of ours

attack_port_scan() {
	told "a program of the client's host tries 300 closed ports of the server" \
		"none of ours was refused (TcpAttemptFails are the program's 300); balanced"
	serve
	begin -r 100/s -n 100 "${STATS[@]}"
	made 20
	python_on client scan "
import socket
for port in range(20000, 20300):
    socket.socket().connect_ex(('$SERVER_ADDR', port))
print('ready')"
	finish
	right 0 -failed -server_lost -not_balanced
	all_served
	balanced
	same "refused connects of all" "$(moved client Tcp.AttemptFails)" 300
}

attack_full_queue_of_another() {
	told "another program on the server's host has a full accept queue and is hammered" \
		"none of ours met it: all accepted (TcpPassiveOpens); TcpExtListenOverflows is not told as ours"
	serve
	begin -r 100/s -n 100 "${STATS[@]}"
	made 10
	python_on server hammer "
import socket
s = socket.socket(); s.bind(('127.0.0.1', 7)); s.listen(0)
c = [socket.socket() for i in range(40)]
for x in c: x.setblocking(False); x.connect_ex(('127.0.0.1', 7))
print('ready')"
	finish
	right 0 -failed -server_lost
	all_served
	at_least ListenOverflows "$(moved server TcpExt.ListenOverflows)" 1
	never_says "accept queue"
	balanced
}

attack_bound_ports() {
	told "another program has bound 120 of the 200 ports before the run" \
		"80 connections get a port (TcpActiveOpens), the next finds none: told, and no more in use than there were"
	sysctl_on client ipv4.ip_local_port_range "40000 40199"
	serve
	python_on client binder "
import socket, time
held = [socket.socket() for i in range(120)]
for i, s in enumerate(held): s.bind(('0.0.0.0', 40000 + i))
print('ready'); time.sleep(60)"
	go -r 100/s -d 1500ms
	right 0 no_port -server_lost -failed
	same connects_ok "$(n totals.connects_ok)" 80
	same "in use" "$(ss_count client dport = :9000)" 80
	balanced
}

attack_ports_bound_in_mid_run() {
	told "another program binds what it can of the 200 ports in mid-run" \
		"the ports are gone before the 2 s that were predicted: told, and that the prediction did not come true"
	sysctl_on client ipv4.ip_local_port_range "40000 40199"
	serve
	begin -r 100/s -d 2500ms
	made 40
	python_on client binder "
import socket, time
held = []
for port in range(40000, 40200):
    s = socket.socket()
    try: s.bind(('0.0.0.0', port)); held.append(s)
    except OSError: pass
print('ready', len(held)); time.sleep(60)"
	finish
	right 0 no_port prediction_missed -server_lost -failed
	same connects_ok "$(n totals.connects_ok)" "$(ss_count client dport = :9000)"
	same "theirs and ours" $(($(sed 's/ready //' "$TEST_TMP/binder.out") + $(n totals.connects_ok))) 200
	balanced
}

# ---- servers that are no twstorm

attack_silent_server() {
	told "a server that takes connections and requests and never answers" \
		"exit 4: not one response; by time, not because it was lost: it opened all (TcpPassiveOpens)"
	peer silent
	go --proto http -r 50/s -n 40 --timeout 400ms
	right 4 no_response -server_lost
	same transaction_timeout "$(n outcomes.transaction_timeout)" "$(did)"
	accepted
	balanced
}

attack_server_falls_silent() {
	told "a server answers 40 requests and then none, but goes on to accept" \
		"as many timeouts as it left unanswered by its own count; not lost: it opened all (TcpPassiveOpens)"
	peer silent 40
	go --proto http -r 100/s -n 80 --timeout 400ms
	right 0 failed -server_lost
	same transaction_timeout "$(n outcomes.transaction_timeout)" "$(did)"
	same lost "$(n failures.lost)" "$(did)"
	accepted
}

attack_garbage() {
	told "a server answers 40 requests and then speaks another protocol" \
		"as many bad responses as it sent by its own count; not lost"
	peer garbage 40
	go --proto http -r 100/s -n 80 --timeout 400ms
	right 0 failed -server_lost
	same bad_response "$(n outcomes.bad_response)" "$(did)"
	same lost "$(n failures.lost)" "$(did)"
	accepted
}

attack_early_eof() {
	told "a server answers 40 requests and then closes without an answer" \
		"as many without a response as it closed so by its own count; TIME_WAIT is its own (ss on both)"
	peer eof 40
	go --proto http -r 100/s -n 80 --timeout 400ms
	right 0 failed -server_lost
	same early_eof "$(n outcomes.early_eof)" "$(did)"
	same lost "$(n failures.lost)" "$(did)"
	as_ss TIME_WAIT time-wait
	same "server's TIME_WAIT" "$(ss_count server state time-wait sport = :9000)" "$(did)"
}

attack_rst_in_a_response() {
	told "a server answers 40 requests and then resets in the middle of each response" \
		"as many truncated as it reset by its own count, and TcpOutRsts of its host"
	peer cut 40
	go --proto http -r 100/s -n 80 --timeout 400ms
	right 0 failed -server_lost
	same truncated "$(n outcomes.truncated)" "$(did)"
	same "RSTs of the server's host" "$(moved server Tcp.OutRsts)" "$(did)"
	same "resets here" "$(moved client Tcp.EstabResets)" "$(did)"
	same lost "$(n failures.lost)" "$(did)"
}

attack_busy_server() {
	told "a server answers 40 requests and then 503" \
		"as many 503 as it sent by its own count; each was a connection that came to its end"
	peer busy 40
	go --proto http -r 100/s -n 80
	right 0 failed -server_lost
	same 503 "$(n http.status.code.503)" "$(did)"
	same lost "$(n failures.lost)" "$(did)"
	same completed "$(n outcomes.completed)" 80
	balanced
}
