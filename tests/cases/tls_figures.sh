#!/bin/bash
# What a connection over TLS costs: CPU time beside a bare epoll pair over OpenSSL, system calls, one connection at a time, memory of an idle
# connection.  Ratios are of alternating runs, medians; the figures are printed.
# limit: 600
# alone
. "$(dirname "$0")/../lib.sh"
has_tls || skip "built without OpenSSL"
need openssl strace
in_netns "$@"

N=1500 ROUNDS=${TWSTORM_ROUNDS:-9} d=$TEST_TMP
echo "1024 65535" >/proc/sys/net/ipv4/ip_local_port_range
echo 9000-9099 >/proc/sys/net/ipv4/ip_local_reserved_ports # of the listeners
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -keyout "$d/key" -out "$d/cert" 2>/dev/null ||
	fail "openssl makes no certificate"
cat "$d/cert" "$d/key" >"$d/pem"

# CPU time of all threads of a process so far, us.
cpu_us() { cat "/proc/${started_pid[$1]}"/task/*/schedstat | awk '{ n += $1 } END { printf "%d\n", n / 1000 }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }

start pair "$TEST_BIN/tools/tls_pair" server 9001 "$d/pem"
wait_line "$d/pair.out" listening >/dev/null
start_listener ours "$TWSTORM" server -l 127.0.0.1:9000 --tls --cert "$d/pem" --workers 1

# ours, pair: a run of N connections, 8 at a time; the CPU time of both ends for a connection, us, into a file.
ours() {
	local server
	server=$(cpu_us ours)
	run "$TWSTORM" client -t 127.0.0.1:9000 --tls -k --tls-min 1.3 -n $N -d 100s -c 8 --workers 1 -q -o "$d/r.json"
	expect_status 0 "the client"
	json_are "$d/r.json" tls.handshakes.full=$N
	awk -v c="$(json cpu.client.us_per_connection "$d/r.json")" -v s=$(($(cpu_us ours) - server)) -v n=$N \
		'BEGIN { printf "%.1f\n", c + s / n }' >>"$d/ours"
}
pair() {
	local server
	server=$(cpu_us pair)
	run "$TEST_BIN/tools/tls_pair" client 9001 8 $N
	expect_status 0 "the bare client"
	awk -v c="$(cat "$d/out")" -v s=$(($(cpu_us pair) - server)) -v n=$N 'BEGIN { printf "%.1f\n", c + s / n }' >>"$d/pair"
}
for ((i = 0; i < ROUNDS; i++)); do
	ours
	pair
done
ours=$(median <"$d/ours") pair=$(median <"$d/pair")
echo "CPU us a connection, both ends, full TLS 1.3: ours $ours, the bare pair $pair, ratio $(awk "BEGIN { printf \"%.3f\", $ours / $pair }")"
awk "BEGIN { exit !($ours <= 1.1 * $pair) }" || fail "more than a tenth above the bare pair: $(sort -n "$d/ours" | tr '\n' ' ')and $(sort -n "$d/pair" | tr '\n' ' ')"

# On sockets of TCP; others are of the sampler.
run strace -f -yy -o "$d/calls" -e trace=sendto,sendmsg,recvfrom,recvmsg "$TWSTORM" client -t 127.0.0.1:9000 --tls -k --tls-min 1.3 -n 100 -d 100s -c 1 -q
expect_status 0 "the client under strace"
calls() { grep -c "$1([0-9]*<TCP:" "$d/calls"; }
sends=$(calls 'send[a-z]*') receives=$(calls 'recv[a-z]*')
echo "100 full connections of TLS 1.3: $sends sends, $receives receives of the client"
[ "$sends" = 400 ] || fail "not 4 sends a connection"
[ "$receives" -le 400 ] || fail "more than 4 receives a connection"

# calls_of NAME: of the thread that has the connections, from its first to its last close().  Other threads' calls come by the second.
calls_of() {
	local busiest
	busiest=$(grep -HcF 'TCP_NODELAY, [1]' "$d/traced.$1".* | sort -t: -k2n | tail -n 1)
	awk '/^(connect|accept4)\(/ { on = 1 } on { n++ } /^close\(/ { upto = n } END { print upto }' "${busiest%:*}"
}
traced() { start "$1" strace -ff -qq -o "$d/traced.$1" "${@:2}"; }
end_traced() { # NAME: what strace runs; strace then ends by itself
	local pid=${started_pid[$1]}
	kill "$(cat "/proc/$pid/task/$pid/children")"
	wait_exit "$1"
}
# calls_beside IN_FLIGHT: of both sides, ours and the bare pair's.
calls_beside() {
	local n=200 name theirs=$((9010 + 2 * $1)) ours=$((9011 + 2 * $1))
	traced pair_server "$TEST_BIN/tools/tls_pair" server $theirs "$d/pem"
	traced our_server "$TWSTORM" server -l 127.0.0.1:$ours --tls --cert "$d/pem" --workers 1 -q
	wait_line "$d/pair_server.out" listening >/dev/null
	wait_line "$d/our_server.out" listening >/dev/null
	traced pair_client "$TEST_BIN/tools/tls_pair" client $theirs "$1" $n
	wait_exit pair_client || fail "the bare client under strace"
	traced our_client "$TWSTORM" client -t 127.0.0.1:$ours --tls -k --tls-min 1.3 -n $n -d 100s -c "$1" --workers 1 -q
	wait_exit our_client || fail "the client under strace"
	end_traced pair_server
	end_traced our_server || fail "the server under strace"
	for name in pair_client pair_server our_client our_server; do
		printf -v "$name" '%d' "$(calls_of $name)"
	done
	# shellcheck disable=SC2154 # set by printf
	awk -v n=$n -v in_flight="$1" -v pc="$pair_client" -v ps="$pair_server" -v oc="$our_client" -v os="$our_server" 'BEGIN {
		printf "system calls a connection, %d in flight: client %.1f, the bare pair %.1f; server %.1f, the bare pair %.1f\n",
			in_flight, oc / n, pc / n, os / n, ps / n
		exit oc + os > 1.05 * (pc + ps) }' || fail "more than the bare pair's"
}
calls_beside 1
calls_beside 8

# The best of three: without TCP_NODELAY it would be 22.
best=0
for i in 1 2 3; do
	run "$TWSTORM" client -t 127.0.0.1:9000 --tls -k --tls-min 1.3 -n 400 -c 1 -q -o "$d/r.json"
	rate=$(json rate.connections_per_s "$d/r.json")
	best=$(awk "BEGIN { print ($rate > $best) ? $rate : $best }")
done
echo "one at a time: $best connections a second"
awk "BEGIN { exit !($best >= 200) }" || fail "fewer than 200"

ulimit -n 12000 2>/dev/null || { echo "idle connections: too few descriptors here"; exit 0; }
start_listener idle "$TWSTORM" server -l 127.0.0.1:9002 --tls --cert "$d/pem" --workers 1 --idle-timeout 600s --admin 127.0.0.1:0
idle=10000 empty_server=$(memory "${started_pid[idle]}")
start few "$TWSTORM" client -t 127.0.0.1:9002 --tls -k -n 100 -c 100 --hold 300s -d 400s -q
open_now() { ss -Htn state established dport = :9002 | wc -l; }
wait_count 100 30 open_now
empty_client=$(memory "${started_pid[few]}")
start many "$TWSTORM" client -t 127.0.0.1:9002 --tls -k -n $idle -c $idle --hold 300s -d 400s -q
wait_count $((idle + 100)) 200 open_now
responses() {
	exec 9<>"/dev/tcp/${admin%:*}/${admin##*:}"
	printf 'GET /stats HTTP/1.0\r\n\r\n' >&9
	sed '1,/^\r$/d' <&9 | json totals.responses -
	exec 9>&-
}
wait_count $((idle + 100)) 200 responses
server=$((($(memory "${started_pid[idle]}") - empty_server) / (idle + 100)))
client=$((($(memory "${started_pid[many]}") - empty_client) / idle))
echo "$idle idle connections: the server has $server kB for each, the client $client"
[ "$server" -le 45 ] && [ "$client" -le 45 ] || fail "more than 45 kB"
