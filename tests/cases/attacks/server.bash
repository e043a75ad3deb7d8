# shellcheck shell=bash
# server.bash - attacks on the server: stopped, killed, exchanged, too small.

# signal NAME SIGNAL
signal() {
	kill "-$2" "${started_pid[$1]}"
}

attack_server_stopped_for_a_while() {
	told "the server is stopped (SIGSTOP) for 0.5 s in mid-run" \
		"all served, late; its kernel opened all (TcpPassiveOpens); not lost"
	serve
	begin -r 100/s -d 1500ms "${STATS[@]}"
	made 40
	signal server STOP
	sleep 0.5
	signal server CONT
	finish
	right 0 -failed -server_lost
	all_served
	accepted
	balanced
}

attack_server_stopped() {
	told "the server is stopped from mid-run on" \
		"its kernel opens all (TcpPassiveOpens), nobody answers: timeouts; it neither refused nor reset"
	serve
	begin -r 100/s -d 1s --timeout 400ms
	made 40
	signal server STOP
	finish
	signal server CONT
	right 0 failed -server_lost
	accepted
	same lost "$(n failures.lost)" "$(n outcomes.transaction_timeout)"
	same "RSTs of the server's host" "$(moved server Tcp.OutRsts)" 0
}

attack_server_ended() {
	told "the server ends (SIGTERM) in mid-run and does not come back" \
		"lost: every SYN after it is refused by its host (TcpAttemptFails, TcpOutRsts), exit 4"
	serve
	begin -r 100/s -d 1s
	made 40
	stop server
	finish
	right 4 server_lost failed
	same refused "$(n outcomes.refused)" "$(moved client Tcp.AttemptFails)"
	same "listens" "$(ss_count server state listening sport = :9000)" 0
}

attack_server_started_again() {
	told "the server is killed in mid-run and started again 0.4 s later" \
		"so many were refused as TcpAttemptFails counts; it served again, so it was not lost"
	server_on server server -l $T
	begin -r 100/s -d 1500ms
	made 40
	stop server KILL 2>/dev/null
	sleep 0.4
	server_on server anew -l $T
	finish
	right 0 failed -server_lost
	same refused "$(n outcomes.refused)" "$(moved client Tcp.AttemptFails)"
	at_least refused "$(n outcomes.refused)" 1
	same lost "$(n failures.lost)" $(($(n totals.connects_started) - $(n outcomes.completed)))
}

attack_server_exchanged_for_another_program() {
	told "in mid-run another program takes the server's port, and answers each request by 503" \
		"as many 503 as that program counts; somebody answered until the end, so no server was lost"
	server_on server server -l $T
	peer_later busy
	begin --proto http -r 100/s -d 1500ms
	made 40
	stop server
	peer_listens
	finish
	right 0 failed -server_lost
	same 503 "$(n http.status.code.503)" "$(did)"
	same refused "$(n outcomes.refused)" "$(moved client Tcp.AttemptFails)"
}

attack_killed_while_held() {
	told "the server is killed while 50 connections are held, and none is to come" \
		"50 were ended by RST or FIN of its host (TcpEstabResets, ss), and all that is told is that"
	server_on server server -l $T
	begin -r 500/s -n 50 --hold 1s
	wait_count 50 10 ss_count server state established sport = :9000
	stop server KILL 2>/dev/null
	finish
	[ "$status" = 0 ] || [ "$status" = 4 ] || wrong "exit code $status"
	says failed || wrong "does not tell of 50 that were lost: $(cat "$TEXT")"
	same lost "$(n failures.lost)" 50
	same "ended by the server" $(($(n outcomes.closed_while_idle) + $(n outcomes.reset))) 50
}

attack_full_queue() {
	told "a stopped server with room for 4 in its accept queue" \
		"its host takes 5 (TcpPassiveOpens) and drops the SYNs of the others (TcpExtListenDrops): timeouts, and no response at all"
	serve --backlog 4
	signal server STOP
	go -r 400/s -n 40 --timeout 600ms
	signal server CONT
	right 4 no_response -server_lost
	accepted
	at_least ListenDrops "$(moved server TcpExt.ListenDrops)" "$(n outcomes.connect_timeout)"
	same "timeouts" $(($(n outcomes.connect_timeout) + $(n outcomes.transaction_timeout))) 40
}

attack_full_queue_for_a_while() {
	told "a server with room for 4 in its queue is stopped for 0.4 s while 60 connect" \
		"SYNs were dropped (TcpExtListenDrops) and sent again; all served in the end"
	serve --backlog 4
	signal server STOP
	begin -r 300/s -n 60
	made 60
	sleep 0.2
	signal server CONT
	finish
	right 0 -failed -server_lost
	all_served
	at_least ListenDrops "$(moved server TcpExt.ListenDrops)" 1
	at_least "SYNs sent again" "$(moved client TcpExt.TCPSynRetrans)" 1
	balanced
}

attack_few_places() {
	told "a server that takes 5 connections at a time (--max-connections), each held for 50 ms" \
		"all served, the others wait in its queue (TcpPassiveOpens); nothing is accused"
	serve --max-connections 5
	go -r 100/s -n 60 --hold 50ms "${STATS[@]}"
	right 0 -failed -server_lost
	all_served
	accepted
	balanced
	at_least "pauses" "$(n server.totals.accept_pauses)" 1
}

attack_server_without_descriptors() {
	told "the server may open no more descriptors from mid-run on (prlimit), each connection is held 100 ms" \
		"it takes them when others have gone: all served (TcpPassiveOpens); not lost"
	tool prlimit
	serve
	most=$(find "/proc/${started_pid[server]}/fd" -mindepth 1 -printf '%f\n' | sort -n | tail -n 1)
	begin -r 100/s -d 1s --hold 100ms "${STATS[@]}"
	made 40
	prlimit --pid "${started_pid[server]}" --nofile=$((most + 4))
	finish
	right 0 -server_lost
	accepted
	balanced
}

attack_client_without_descriptors() {
	told "the client may open no more descriptors from mid-run on (prlimit), each connection is held 300 ms" \
		"EMFILE of socket() for each that was not begun (TcpActiveOpens): this process's limit, not the server"
	tool prlimit
	serve
	begin -r 100/s -d 1s --hold 300ms
	made 40
	prlimit --pid "${started_pid[run]}" --nofile=24
	finish
	right 0 failed -server_lost -no_port
	same EMFILE "$(n errors.socket.EMFILE)" $(($(n totals.connects_started) - $(n totals.syns)))
	at_least EMFILE "$(n errors.socket.EMFILE)" 1
	same SYNs "$(n totals.syns)" "$(moved client Tcp.ActiveOpens)"
	accepted
}
