#!/bin/bash
# `lab probe reconnect`: the same address and port again is accepted at once by a server in TIME_WAIT;
# after a hiccup if the SYN looks old; and not at all with tcp_rfc1337=1.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/probe.bash

# came_back NAME N: every attempt met a TIME_WAIT and was accepted.
came_back() {
	json_are "$TEST_TMP/$1.json" reconnect.attempts="$2" reconnect.time_wait_met="$2" \
		reconnect.made="$2" reconnect.errno=ok
}

# at_once NAME N: ... and no SYN was sent twice, so none was refused.
at_once() {
	came_back "$1" "$2"
	json_are "$TEST_TMP/$1.json" counters.TcpExt.TCPSynRetrans=0 counters.Tcp.OutRsts=0
}

# hiccup NAME N: ... each SYN was refused once: an ACK, our RST, and the SYN again.  The kernel's
# shortest timer is 2 jiffies, 2 ms at HZ=1000.
hiccup() {
	came_back "$1" "$2"
	json_are "$TEST_TMP/$1.json" counters.TcpExt.TCPSynRetrans="$2" counters.Tcp.OutRsts="$2"
	[ "$(figure "$1" reconnect.latency_us.min | cut -d. -f1)" -ge 1000 ] ||
		fail "$1: no hiccup, $(figure "$1" reconnect.latency_us)"
}

# blocked NAME: the first one never came back.
blocked() {
	json_are "$TEST_TMP/$1.json" reconnect.attempts=1 reconnect.time_wait_met=1 \
		reconnect.made=0 reconnect.timed_out=1 reconnect.errno=ETIMEDOUT \
		reconnect.latency_us='{"min":null,"p50":null,"max":null}'
	[ "$(figure "$1" counters.TcpExt.TCPSynRetrans)" -ge 1 ] || fail "$1: the SYN was not sent again"
	[ "$(figure "$1" counters.Tcp.OutRsts)" -ge 2 ] || fail "$1: no RST was sent"
	[ "$(figure "$1" counters.TcpExt.TCPACKSkippedTimeWait)" -ge 1 ] ||
		fail "$1: TIME_WAIT answered every SYN with an ACK, so none came 8 ms after the first"
}

# 200 MiB in less than 13 s is faster than 15.6 MB/s.
echo "with timestamps"
probe ts1 reconnect
at_once ts1 10
# Each took the place of the last one: TW counts eleven, one is there, of the last connection.
json_is counters.TcpExt.TW "$TEST_TMP/ts1.json" 11
[ "$(counter sockstat.tw)" = 1 ] || fail "sockstat tw is $(counter sockstat.tw), not 1"
probe ts1_bulk reconnect --bulk 200M --count 2
at_once ts1_bulk 2

echo "with timestamps that are behind the last connection's"
probe ahead reconnect --ahead 1h --count 3
hiccup ahead 3
json_is counters.TcpExt.PAWSTimewait "$TEST_TMP/ahead.json" 3

echo "without timestamps"
set_sysctl tcp_timestamps 0
probe ts0 reconnect
at_once ts0 10
probe ts0_bulk reconnect --bulk 200M --count 2
hiccup ts0_bulk 2
json_is counters.TcpExt.PAWSTimewait "$TEST_TMP/ts0_bulk.json" 0

echo "with tcp_rfc1337"
set_sysctl tcp_rfc1337 1
probe ts0_1337 reconnect
at_once ts0_1337 10
probe bulk_1337 reconnect --bulk 200M --count 2 --timeout 2s
blocked bulk_1337
set_sysctl tcp_timestamps 1
probe ahead_1337 reconnect --ahead 1h --timeout 2s
blocked ahead_1337
[ "$(figure ahead_1337 counters.TcpExt.PAWSTimewait)" -ge 2 ] || fail "PAWS did not refuse each SYN"

echo "IPv6 too"
probe v6 reconnect --address ::1
at_once v6 10

if command -v setpriv >/dev/null; then
	run setpriv --bounding-set=-net_admin --inh-caps=-all "$TWSTORM" lab probe reconnect --ahead 1h
	expect_status 6 "without CAP_NET_ADMIN"
	grep -q 'needs CAP_NET_ADMIN' "$TEST_TMP/err" || fail "no sentence about CAP_NET_ADMIN"
fi
