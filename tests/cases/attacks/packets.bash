# shellcheck shell=bash
# packets.bash - attacks on the way: lost packets, RSTs and refusals by somebody else, limits of a firewall, links.

# ---- loss

attack_loss_of_syn() {
	told "each fifth SYN is lost at the server" \
		"all served, after a second; as many SYNs were sent again (nstat TcpExtTCPSynRetrans) as nftables dropped"
	serve
	filter server input "$TO $SYN $(each 5)" drop
	go -r 200/s -n 50 "${STATS[@]}"
	right 0 -failed -server_lost retransmitted
	all_served
	balanced
	accepted
	same "SYNs sent again" "$(n counters.TcpExt.TCPSynRetrans)" "$(hits server)"
	at_least "slowest connect, us" "$(printf %.0f "$(n latency_us.connect.max)")" 1000000
}

attack_loss_of_syn_ack() {
	told "each fifth SYN-ACK is lost at the client" \
		"all served; the server's PassiveOpens is connects_ok, each dropped one (nftables) was sent again"
	serve
	filter client input "$FROM $SYNACK $(each 5)" drop
	go -r 200/s -n 50 "${STATS[@]}"
	right 0 -failed -server_lost
	all_served
	balanced
	accepted
	at_least "segments sent again by the server" "$(n server_counters.Tcp.RetransSegs)" "$(hits client)"
}

attack_loss_of_ack() {
	told "every bare ACK of the client is lost at the server, that of the handshake and the last one, too" \
		"all served (data acknowledges as well); TIME_WAIT here, LAST_ACK there, by ss on both"
	serve
	filter server input "$TO $ACK" drop
	go -r 100/s -n 50 "${STATS[@]}"
	right 0 -failed -server_lost retransmitted
	all_served
	balanced
	as_ss TIME_WAIT time-wait
	same "client's TIME_WAIT" "$(n states.client.end.TIME_WAIT)" 50
	same "server's LAST_ACK" "$(n states.server.end.LAST_ACK)" "$(ss_count server state last-ack sport = :9000)"
}

attack_loss_of_data() {
	told "each fourth segment with data is lost at the client, and each fourth at the server" \
		"all served; both hosts sent again at least what nftables dropped for them (TcpRetransSegs)"
	serve
	filter client input "$FROM $DATA $(each 4)" drop
	filter server input "$TO $DATA $(each 4)" drop
	go -r 100/s -n 60 "${STATS[@]}"
	right 0 -failed -server_lost retransmitted
	all_served
	balanced
	at_least "sent again by the client" "$(n counters.Tcp.RetransSegs)" "$(hits server)"
	at_least "sent again by the server" "$(n server_counters.Tcp.RetransSegs)" "$(hits client)"
}

attack_loss_of_fin() {
	told "each second FIN of the client is lost at the server" \
		"all served; each comes to TIME_WAIT in the end (ss, TcpExtTW), the ledger knows of those on the way"
	serve
	filter server input "$TO $FIN $(each 2)" drop
	go -r 200/s -n 60 "${STATS[@]}"
	right 0 -failed -server_lost
	all_served
	balanced
	at_least "sent again by the client" "$(n counters.Tcp.RetransSegs)" 1
	same "all of them" $(($(n states.client.end.TIME_WAIT) + $(n states.client.end.FIN_WAIT1))) 60
}

attack_loss_of_every_fin() {
	told "no FIN of the client ever arrives" \
		"all served, and all stay in FIN_WAIT1 (ss; TcpExtTW 0), which is on the way to TIME_WAIT: balanced"
	serve
	filter server input "$TO $FIN" drop
	go -r 200/s -n 60 "${STATS[@]}"
	right 0 -failed -server_lost
	all_served
	balanced
	as_ss FIN_WAIT1 fin-wait-1
	same "client's FIN_WAIT1" "$(n states.client.end.FIN_WAIT1)" 60
	same TW "$(n counters.TcpExt.TW)" 0
}

attack_silence_in_the_middle() {
	told "everything to the server's port is lost for half a second in mid-run" \
		"all served in the end, by SYNs sent again (nstat, nftables); the server was never lost"
	serve
	begin -r 100/s -d 1500ms "${STATS[@]}"
	made 40
	filter server input "$TO" drop
	sleep 0.5
	dropped=$(hits server)
	unfilter server
	finish
	right 0 -failed -server_lost
	all_served
	balanced
	at_least "sent again" "$(n counters.Tcp.RetransSegs)" $((dropped > 0))
}

attack_silence_to_the_end() {
	told "everything to the server's port is lost from mid-run on" \
		"silence does not tell a dead server from a dead network: the timeouts are told, and no more; the server runs (ss: it listens)"
	serve
	begin -r 100/s -d 1s --timeout 400ms
	made 40
	filter server input "$TO" drop
	finish
	right 0 failed -server_lost
	accepted
	same "listens" "$(ss_count server state listening sport = :9000)" 1
	same lost "$(n failures.lost)" $(($(n totals.connects_started) - $(n outcomes.completed)))
	balanced
}

# ---- RST and refusals by somebody on the way

attack_rst_for_syn() {
	told "each fourth SYN is answered by a RST of nftables" \
		"so many were refused: as many as nftables counts, and TcpAttemptFails; the server opened all the others (TcpPassiveOpens)"
	serve
	filter server input "$TO $SYN $(each 4)" "reject with tcp reset"
	go -r 100/s -n 101 "${STATS[@]}"
	right 0 failed -server_lost -reset_on_the_way
	same refused "$(n outcomes.refused)" "$(hits server)"
	same refused "$(n outcomes.refused)" "$(moved client Tcp.AttemptFails)"
	same "the server's own RSTs" "$(n server_counters.Tcp.OutRsts)" "$(moved server Tcp.OutRsts)"
	says refused_on_the_way || wrong "does not say that the server's host refused none"
	accepted
	balanced
}

attack_rst_for_ack() {
	told "each fourth bare ACK of the client is answered by a RST of nftables" \
		"no more are told to be reset than TcpEstabResets of the client's host counts, the others were served; the server's host sent no RST (TcpOutRsts 0)"
	serve
	filter server input "$TO $ACK $(each 4)" "reject with tcp reset"
	go -r 100/s -n 80 "${STATS[@]}"
	right 0 failed -server_lost
	at_least "resets by the kernel" "$(moved client Tcp.EstabResets)" "$(n outcomes.reset)"
	at_least reset "$(n outcomes.reset)" 10
	[ "$(moved server Tcp.OutRsts)" != 0 ] || says reset_on_the_way || wrong "the server's host sent no RST, and that is not said"
	same "completed and reset" $(($(n outcomes.completed) + $(n outcomes.reset))) 80
}

attack_rst_for_fin() {
	told "each fourth FIN of the client is answered by a RST of nftables" \
		"all served; as many as nftables counts never came to TIME_WAIT (ss, TcpExtTW), and nobody here ended them"
	serve
	filter server input "$TO $FIN $(each 4)" "reject with tcp reset"
	go -r 100/s -n 80 "${STATS[@]}"
	right 0 -failed -server_lost not_balanced
	all_served
	as_ss TIME_WAIT time-wait
	same "client's TIME_WAIT" "$(n states.client.end.TIME_WAIT)" $((80 - $(hits server)))
	same TW "$(n counters.TcpExt.TW)" $((80 - $(hits server)))
	json ledger.explanation "$R" | grep -q "\"$(hits server) .*never came to it" || wrong "does not explain $(hits server)"
	never_says "ss -K"
}

attack_rst_for_the_server_only() {
	told "each fourth answer is taken away, and the server gets a RST for it (nftables on its way out)" \
		"as many connections end by time as nftables counts; the server, which was reset, ended as many so, and its host sent none (TcpOutRsts)"
	serve
	filter server output "$FROM $DATA $(each 4)" "reject with tcp reset"
	go -r 100/s -n 60 --timeout 600ms "${STATS[@]}"
	right 0 failed -server_lost
	same transaction_timeout "$(n outcomes.transaction_timeout)" "$(hits server)"
	same "reset, by the server" "$(n server.ended.reset)" "$(hits server)"
	same "resets there" "$(moved server Tcp.EstabResets)" "$(hits server)"
	balanced
}

attack_refused_by_our_own_firewall() {
	told "from mid-run on the client's own firewall answers each SYN by a RST" \
		"nothing left this host: the server's host sent no RST (TcpOutRsts 0) and listens (ss); it was not lost"
	serve
	begin -r 100/s -d 1s "${STATS[@]}"
	made 40
	filter client output "$TO $SYN" "reject with tcp reset"
	finish
	right 0 failed -server_lost
	same refused "$(n outcomes.refused)" "$(moved client Tcp.AttemptFails)"
	same "RSTs of the server's host" "$(moved server Tcp.OutRsts)" 0
	says refused_on_the_way || wrong "does not say that the server's host refused none"
	accepted
}

attack_refused_by_icmp() {
	told "each fifth SYN is answered by ICMP: administratively prohibited" \
		"each is an EHOSTUNREACH, or a SYN sent again (TcpExtTCPSynRetrans), together what nftables counts; the server is not accused"
	sysctl_on server ipv4.icmp_ratelimit 0
	serve
	filter server input "$TO $SYN $(each 5)" "reject with icmp type admin-prohibited"
	go -r 100/s -n 60 "${STATS[@]}"
	right 0 -server_lost
	same "EHOSTUNREACH, or sent again" $(($(n errors.connect.EHOSTUNREACH) + $(moved client TcpExt.TCPSynRetrans))) "$(hits server)"
	same failed "$(n failures.lost)" "$(n errors.connect.EHOSTUNREACH)"
	balanced
}

attack_sent_to_a_closed_port() {
	told "each fourth connection is redirected to a port of the server's host where nothing listens" \
		"so many were refused, and by that host itself (TcpOutRsts): nobody on the way is accused"
	tool nft
	serve
	on server nft -f - <<-END || skip "nftables cannot redirect here"
		table ip attack {
			chain way { type nat hook prerouting priority -100; $TO $(each 4) redirect to :9999; }
		}
	END
	go -r 100/s -n 81 "${STATS[@]}"
	right 0 failed -server_lost -refused_on_the_way -reset_on_the_way
	same refused "$(n outcomes.refused)" "$(moved server Tcp.OutRsts)"
	same refused "$(n outcomes.refused)" 21
	accepted
}

# ---- limits of others

attack_rate_limit() {
	told "a firewall lets 50 SYNs a second through, the client sends 150" \
		"SYNs were sent again as often as nftables dropped one, or given up by --timeout; the server took the others (TcpPassiveOpens)"
	serve
	filter server input "$TO $SYN limit rate over 50/second burst 5 packets" drop
	go -r 150/s -d 1s -c 300 --timeout 800ms "${STATS[@]}"
	right 0 failed -server_lost
	accepted
	same "SYNs dropped" "$(hits server)" $(($(n outcomes.connect_timeout) + $(n counters.TcpExt.TCPSynRetrans)))
	same lost "$(n failures.lost)" "$(n outcomes.connect_timeout)"
	balanced
}

attack_full_table() {
	told "a firewall's table has room for 20 connections of a host; the client holds 60" \
		"20 connect (ss on the server, TcpPassiveOpens), the SYNs of the others are given up: told as timeouts"
	serve
	filter server input "$TO $SYN ct state new ct count over 20" drop
	go -r 200/s -n 60 --hold 1s --timeout 700ms
	right 0 failed -server_lost
	accepted
	same ESTABLISHED "$(n states.client.peak.ESTABLISHED)" 20
	same connect_timeout "$(n outcomes.connect_timeout)" 40
	balanced
}

attack_nat_without_ports() {
	told "a NAT has 20 ports for the client's 60 connections, which are held" \
		"20 connect (TcpPassiveOpens); all ports of the client itself are free (ss): none is said to be missing"
	tool nft
	serve
	on client nft -f - <<-END || skip "nftables cannot masquerade here"
		table ip attack {
			chain way { type nat hook postrouting priority 100; $TO masquerade to :40000-40019; }
		}
	END
	go -r 200/s -n 60 --hold 1s --timeout 700ms
	right 0 failed -server_lost -no_port
	accepted
	same connects_ok "$(n totals.connects_ok)" 20
	same exhausted "$(n ports.exhausted)" false
	same lost "$(n failures.lost)" 40
}

# ---- links and routes

attack_server_link_down_and_up() {
	told "the server's link is down for 0.3 s in mid-run" \
		"all served in the end (TcpPassiveOpens); the server was not lost"
	serve
	begin -r 100/s -d 1500ms
	made 40
	on server ip link set veth0 down
	sleep 0.3
	on server ip link set veth0 up
	finish
	right 0 -server_lost
	at_least "opened by the server" "$(moved server Tcp.PassiveOpens)" "$(n totals.connects_ok)"
	same served "$(n outcomes.completed)" $(($(n totals.connects_started) - $(n failures.lost)))
	balanced
}

attack_server_link_down() {
	told "the server's link goes down in mid-run, and its admin address with it" \
		"exit 4, since the server's side is not known; what is told is silence, not a server that refused (it listens, ss)"
	serve
	begin -r 100/s -d 1s --timeout 400ms "${STATS[@]}"
	made 40
	on server ip link set veth0 down
	finish
	right 4 -server_lost server_stats_lost failed
	same "listens" "$(ss_count server state listening sport = :9000)" 1
	same "server's end" "$(n states.server.end)" null
}

# route_instead KIND ERRNO
route_instead() {
	serve
	begin -r 100/s -d 1s
	made 40
	on client ip route add "$1" $SERVER_ADDR/32
	finish
	right 0 failed -server_lost -no_port
	same "errors.connect.$2" "$(n errors.connect."$2")" "$(($(n totals.connects_started) - $(n totals.syns)))"
	at_least "$2" "$(n errors.connect."$2")" 10
	same lost "$(n failures.lost)" $(($(n totals.connects_started) - $(n outcomes.completed)))
	grep -q "$2" "$TEXT" || wrong "does not name $2"
	balanced
}

attack_route_prohibited() {
	told "in mid-run the client's host gets a route \`prohibit\` to the server" \
		"EACCES of connect() for each SYN that was not sent (TcpActiveOpens): this host's doing"
	route_instead prohibit EACCES
}

attack_route_unreachable() {
	told "the same with \`unreachable\`" "EHOSTUNREACH, the same way"
	route_instead unreachable EHOSTUNREACH
}

attack_route_blackhole() {
	told "the same with \`blackhole\`" "EINVAL, the same way"
	route_instead blackhole EINVAL
}

attack_wrong_neighbour() {
	told "from mid-run on the client's host has a wrong hardware address for the server" \
		"silence: the server's host counts no further SYN (TcpPassiveOpens) and no RST; timeouts are told, no lost server"
	serve
	begin -r 100/s -d 1s --timeout 400ms
	made 40
	on client ip neigh replace $SERVER_ADDR lladdr 02:00:00:00:00:99 nud permanent dev veth0
	finish
	right 0 failed -server_lost
	accepted
	same "RSTs of the server's host" "$(moved server Tcp.OutRsts)" 0
	balanced
}

attack_source_address_removed() {
	told "the address of --source is taken from this host in mid-run; another one stays" \
		"EADDRNOTAVAIL of bind() for each that was not begun: the address is missing (ip addr), no port"
	serve
	on client ip addr add 198.18.0.3/24 dev veth0
	begin -r 100/s -d 1s --source 198.18.0.3
	made 40
	on client ip addr del 198.18.0.3/24 dev veth0
	finish
	right 0 no_source_address -server_lost -no_port
	same "errors.bind.EADDRNOTAVAIL" "$(n errors.bind.EADDRNOTAVAIL)" $(($(n totals.connects_started) - $(n totals.syns)))
	same exhausted "$(n ports.exhausted)" false
}

attack_mtu_lowered() {
	told "the MTU of both links falls to 600 in mid-run, answers have 8 KiB" "all served, nothing is told of the network"
	serve
	begin -r 100/s -d 1s --response-size 8k "${STATS[@]}"
	made 40
	on server ip link set veth0 mtu 600
	on client ip link set veth0 mtu 600
	finish
	right 0 -failed -server_lost
	all_served
	accepted
	balanced
	same "bytes lost" "$(n lost.to_client_bytes)" 0
}
