# shellcheck shell=bash
# kernel.bash - attacks in the kernels' own tables: sockets ended by ss -K in each state, sysctls changed in mid-run.

# ---- ss -K

# killed WHAT N: how many ss -K was to have ended; not checked on a kernel that ends none
killed() {
	[ "$2" -gt 0 ] || skip "this kernel's ss -K ends no $1"
}

attack_ss_ends_syn_sent() {
	told "the SYNs of half the run get no answer, and \`ss -K\` ends their sockets on the client's host" \
		"ECONNABORTED as often as ss ended one: by this host, told so; the server was not lost"
	serve
	begin -r 100/s -d 1s
	made 40
	filter server input "$TO $SYN" drop
	wait_count 20 10 ss_count client state syn-sent dport = :9000
	k=$(ended_by_ss client state syn-sent dport = :9000)
	unfilter server
	finish
	killed SYN_SENT "$k"
	right 0 failed -server_lost -no_port
	same ECONNABORTED "$(n errors.connect.ECONNABORTED)" "$k"
	same lost "$(n failures.lost)" "$k"
	never_says "refused"
}

attack_ss_ends_fin_wait_1() {
	told "FINs get no answer, and \`ss -K\` ends the client's FIN_WAIT1" \
		"as many as ss ended are not in TIME_WAIT (ss, TcpExtTW), by this host's own RSTs (TcpOutRsts): nothing is missing"
	serve
	filter server input "$TO $FIN" drop
	begin -r 100/s -n 60 "${STATS[@]}"
	made 50
	k=$(ended_by_ss client state fin-wait-1 dport = :9000)
	finish
	killed FIN_WAIT1 "$k"
	right 0 -failed -server_lost
	all_served
	same "client's FIN_WAIT1" "$(n states.client.end.FIN_WAIT1)" $((60 - k))
	at_least "RSTs of this host" "$(moved client Tcp.OutRsts)" "$k"
	balanced
}

attack_ss_ends_fin_wait_2() {
	told "the server never closes, and \`ss -K\` ends the client's FIN_WAIT2" \
		"as many as ss ended are gone; the peer sent no RST (TcpOutRsts 0): from outside; balanced"
	serve
	begin -r 100/s -n 60 --close server-leak "${STATS[@]}"
	made 50
	k=$(ended_by_ss client state fin-wait-2 dport = :9000)
	finish
	killed FIN_WAIT2 "$k"
	right 0 -failed -server_lost
	all_served
	balanced
	as_ss FIN_WAIT2 fin-wait-2
	same "RSTs of the server's host" "$(moved server Tcp.OutRsts)" "$(n server_counters.Tcp.OutRsts)"
	never_says "RST of the peer"
}

attack_ss_ends_close_wait() {
	told "the client never closes, and \`ss -K\` ends its CLOSE_WAIT" \
		"as many as ss ended are gone, by RSTs of this host (TcpOutRsts); balanced; the server was not lost"
	serve
	begin -r 100/s -n 60 --close client-leak "${STATS[@]}"
	made 50
	k=$(ended_by_ss client state close-wait dport = :9000)
	finish
	killed CLOSE_WAIT "$k"
	right 0 -server_lost -no_port
	at_least "RSTs of this host" "$(moved client Tcp.OutRsts)" "$k"
	balanced
}

attack_ss_ends_the_servers_connections() {
	told "\`ss -K\` on the server's host ends the connections that are held" \
		"as many ended by RST as ss ended there, and that host did send them (TcpOutRsts): nobody on the way is accused"
	serve
	begin -r 500/s -n 50 --hold 1s "${STATS[@]}"
	wait_count 50 10 ss_count server state established sport = :9000
	k=$(ended_by_ss server state established sport = :9000)
	finish
	killed ESTABLISHED "$k"
	says failed || wrong "does not tell of $k: $(cat "$TEXT")"
	says server_lost && wrong "the server was not lost: it answered to the end"
	says reset_on_the_way && wrong "the server's host did send the RSTs"
	same lost "$(n failures.lost)" "$k"
	same "RSTs of the server's host" "$(moved server Tcp.OutRsts)" "$k"
	same "resets here" "$(moved client Tcp.EstabResets)" "$k"
}

attack_ss_ends_the_listener() {
	told "\`ss -K\` ends the server's listening socket in mid-run; the program lives on" \
		"lost: its host refuses every SYN after it (TcpAttemptFails, TcpOutRsts), exit 4"
	serve
	begin -r 100/s -d 1s
	made 40
	k=$(ended_by_ss server state listening sport = :9000)
	finish
	killed LISTEN "$k"
	right 4 server_lost failed
	same refused "$(n outcomes.refused)" "$(moved client Tcp.AttemptFails)"
	at_least "RSTs of the server's host" "$(moved server Tcp.OutRsts)" "$(n outcomes.refused)"
}

attack_ss_ends_syn_recv() {
	told "SYN-ACKs are lost for a while, and \`ss -K\` ends the server's SYN_RECV" \
		"the SYNs are sent again (TcpExtTCPSynRetrans): all served"
	serve
	begin -r 100/s -d 1s
	made 40
	filter client input "$FROM $SYNACK" drop
	wait_count 20 10 ss_count client state syn-sent dport = :9000
	k=$(ended_by_ss server state syn-recv sport = :9000)
	unfilter client
	finish
	killed SYN_RECV "$k"
	right 0 -failed -server_lost
	all_served
	at_least "SYNs sent again" "$(moved client TcpExt.TCPSynRetrans)" 1
	balanced
}

attack_ss_ends_last_ack() {
	told "the last ACKs are lost, and \`ss -K\` ends the server's LAST_ACK" \
		"all served; the client's TIME_WAIT are what they would have been (ss, TcpExtTW), for tcp_rfc1337 is 1"
	serve
	filter server input "$TO $ACK" drop
	begin -r 100/s -n 60 "${STATS[@]}"
	made 50
	k=$(ended_by_ss server state last-ack sport = :9000)
	finish
	killed LAST_ACK "$k"
	right 0 -failed -server_lost
	all_served
	balanced
	as_ss TIME_WAIT time-wait
	same "client's TIME_WAIT" "$(n states.client.end.TIME_WAIT)" 60
}

attack_ss_ends_the_servers_time_wait() {
	told "the server closes first, and \`ss -K\` ends its TIME_WAIT" \
		"as many as ss ended are gone there (ss), without a RST; ours is balanced"
	serve
	begin -r 100/s -n 60 --close server-fin "${STATS[@]}"
	made 50
	k=$(ended_by_ss server state time-wait sport = :9000)
	finish
	killed TIME_WAIT "$k"
	right 0 -failed -server_lost
	all_served
	balanced
	same "server's TIME_WAIT" "$(n states.server.end.TIME_WAIT)" "$(ss_count server state time-wait sport = :9000)"
	same "those that are left" "$(n states.server.end.TIME_WAIT)" $((60 - k))
}

# ---- sysctls

attack_fewer_buckets() {
	told "tcp_max_tw_buckets becomes 50 in mid-run" \
		"the rest closed without TIME_WAIT, as many as TcpExtTCPTimeWaitOverflow counts; ss shows those that are left"
	serve
	begin -r 200/s -n 120 "${STATS[@]}"
	made 20
	sysctl_on client ipv4.tcp_max_tw_buckets 50
	finish
	right 0 -failed -server_lost
	all_served
	balanced
	as_ss TIME_WAIT time-wait
	same "overflows and TIME_WAIT" $(($(n counters.TcpExt.TCPTimeWaitOverflow) + $(n states.client.end.TIME_WAIT))) 120
	at_least "overflows by the kernel" "$(moved client TcpExt.TCPTimeWaitOverflow)" 70
	grep -q "$(n counters.TcpExt.TCPTimeWaitOverflow) connections were closed without TIME_WAIT" <<<"$(tr -s ' \n' ' ' <"$TEXT")" ||
		wrong "does not tell of the overflow: $(cat "$TEXT")"
}

attack_timestamps_off() {
	told "tcp_timestamps becomes 0 on both hosts in mid-run" "all served, nothing to tell (TcpPassiveOpens)"
	serve
	begin -r 200/s -n 120 "${STATS[@]}"
	made 40
	sysctl_on client ipv4.tcp_timestamps 0
	sysctl_on server ipv4.tcp_timestamps 0
	finish
	right 0 -failed -server_lost
	all_served
	accepted
	balanced
	as_ss TIME_WAIT time-wait
}

attack_reuse_in_mid_run() {
	told "200 ports, predicted to last 1.33 s; tcp_tw_reuse becomes 1 in mid-run" \
		"ports in TIME_WAIT are taken again after a second (TcpExtTWRecycled), so some come back: what is said of ports is by that"
	sysctl_on client ipv4.tcp_tw_reuse 0
	sysctl_on client ipv4.ip_local_port_range "40000 40199"
	serve
	begin -r 150/s -d 2s "${STATS[@]}"
	made 20
	sysctl_on client ipv4.tcp_tw_reuse 1
	finish
	right 0 -failed -server_lost prediction_missed
	same TWRecycled "$(n counters.TcpExt.TWRecycled)" "$(moved client TcpExt.TWRecycled)"
	same "served" $(($(n outcomes.completed) + $(n outcomes.no_port))) "$(n totals.connects_started)"
	balanced
	as_ss TIME_WAIT time-wait
}

attack_another_range() {
	told "in mid-run the ports are 50000 to 50199 instead of 40000 to 40199" \
		"all served; as many in use as ss shows, or not told"
	sysctl_on client ipv4.ip_local_port_range "40000 40199"
	serve
	begin -r 200/s -n 150 "${STATS[@]}"
	made 40
	sysctl_on client ipv4.ip_local_port_range "50000 50199"
	finish
	right 0 -failed -server_lost -no_port
	all_served
	balanced
	same "client's TIME_WAIT" "$(n states.client.end.TIME_WAIT)" 150
	as_ss TIME_WAIT time-wait
	[ "$(n ports.peak_in_use)" = null ] || same "in use" "$(n ports.peak_in_use)" 150
}

attack_shorter_fin_timeout() {
	told "the server never closes, and tcp_fin_timeout becomes 1 s in mid-run" \
		"FIN_WAIT2 that are gone ended by age: neither host sent a RST (TcpOutRsts 0), nobody used ss -K"
	serve
	begin -r 50/s -d 2s --close server-leak "${STATS[@]}"
	made 10
	sysctl_on client ipv4.tcp_fin_timeout 1
	finish
	right 0 -failed -server_lost
	all_served
	balanced
	same "RSTs of both" $(($(moved client Tcp.OutRsts) + $(moved server Tcp.OutRsts))) 0
	never_says "RST of the peer"
	never_says "ss -K"
}

attack_cookies() {
	told "tcp_syncookies is 2 on the server's host: every handshake by a cookie" \
		"all served; TcpExtSyncookiesRecv there is connects_ok; nothing is accused"
	sysctl_on server ipv4.tcp_syncookies 2
	serve
	go -r 200/s -n 100 "${STATS[@]}"
	right 0 -failed -server_lost
	all_served
	balanced
	accepted
	at_least SyncookiesRecv "$(moved server TcpExt.SyncookiesRecv)" 100
}

attack_small_backlog_without_cookies() {
	told "a queue of 4 half-open connections, no cookies, and SYN-ACKs that are lost for a while" \
		"SYNs were dropped by the server's host (TcpExtListenDrops) and sent again: all served"
	sysctl_on server ipv4.tcp_syncookies 0
	sysctl_on server ipv4.tcp_max_syn_backlog 4
	serve --backlog 4
	filter client input "$FROM $SYNACK" drop
	begin -r 200/s -n 40
	made 30
	unfilter client
	finish
	right 0 -failed -server_lost
	all_served
	at_least "drops" "$(moved server TcpExt.ListenDrops)" 1
	at_least "SYNs sent again" "$(moved client TcpExt.TCPSynRetrans)" 1
	balanced
}
