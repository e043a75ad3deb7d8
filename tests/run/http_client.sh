#!/bin/bash
# twstorm client speaks HTTP to any server: what the server says and does is obeyed, counted,
# and agrees with the kernel; whatever goes wrong is an outcome with a name.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
need ss
in_netns "$@"

# A port in TIME_WAIT stays there, on loopback, too.
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse 2>/dev/null

# client CODE PORT [OPTION...]: a result in $TEST_TMP/r.json; CODE may be a pattern
client() {
	local code=$1 at=$2
	shift 2
	run "$TWSTORM" client -q -t "127.0.0.1:$at" --proto http -o "$TEST_TMP/r.json" "$@"
	# shellcheck disable=SC2053,SC2154 # a pattern; status is set by run
	[[ $status = $code ]] || expect_status "$code" "client $*"
}

is() {
	json_are "$TEST_TMP/r.json" "$@"
}

# time_wait sport|dport PORT: sockets in TIME_WAIT on that side
time_wait() {
	ss -Htan state time-wait "$1 = :$2" | wc -l
}

# time_wait_on WHO N PORT [OPTION...]: the client leaves N on that side, none on the other, on a
# port that had none before
time_wait_on() {
	local who=$1 n=$2 at=$3 server client
	shift 3
	client 0 "$at" "$@"
	server=$(time_wait sport "$at") client=$(time_wait dport "$at")
	case $who in
	client) [ "$client $server" = "$n 0" ] ;;
	server) [ "$client $server" = "0 $n" ] ;;
	nobody) [ "$client $server" = "0 0" ] ;;
	esac || fail "client $*: TIME_WAIT is $client on the client and $server on the server, not $n on the $who"
	is ledger.balanced=true
}

# ---- our own server

# A port for each try: a server's TIME_WAIT gives way to a new connection from the same port.
start_listener ours "$TWSTORM" server -l 127.0.0.1:9000-9019 --admin 127.0.0.1:9100
stats=(--server-stats 127.0.0.1:9100)
port=9000

echo "each strategy against our server"
while read -r close who path; do
	port=$((port + 1))
	time_wait_on "$who" 100 "$port" -n 100 -c 4 --close "$close" --path "${path:-/}" "${stats[@]}"
	is totals.transactions_ok=100 server.totals.http_requests=100 server.totals.http_errors=0 \
		outcomes.completed=100
done <<EOF2
client-fin client
server-fin server
client-half client
client-rst nobody
passive-rst nobody
client-unread nobody
server-half server /?close=server-half
server-rst nobody /?close=server-rst
EOF2

port=9000
echo "who closes is counted as it was"
client 0 "$port" -n 50 --close client-fin
is http.closed_by_client=50 http.closed_by_server=0
client 0 "$port" -n 50 --close server-fin
is http.closed_by_client=0 http.closed_by_server=50

echo "good answers are told from bad ones; a POST has content; an answer may come late"
client 0 "$port" -n 20 --method POST --request-size 100k --path '/?delay=30ms' "${stats[@]}" \
	--expect 'latency_us.transaction.min >= 30ms' --expect 'totals.bytes_sent > 2000000'
is totals.transactions_good=20 http.status.code.200=20 server.totals.http_requests=20 server.totals.http_errors=0 \
	outcomes.completed=20 ledger.balanced=true
run "$TWSTORM" client -q -t "127.0.0.1:$port" --proto http -n 10 --path /nothing -o "$TEST_TMP/r.json" --format text
is totals.transactions_ok=10 totals.transactions_good=0 http.status.code.404=10
grep -q '^transactions *10 = .*, good 0;' "$TEST_TMP/out" || fail "the text does not say how many were good: $(cat "$TEST_TMP/out")"

echo "keep-alive: 5 requests a connection, or a pool"
client 0 "$port" -n 40 --requests 5 "${stats[@]}"
is http.responses=200 http.keep_alive_reused=160 server.totals.http_requests=200 \
	totals.connects_ok=40
client 0 "$port" -n 200 --pool 4 "${stats[@]}"
is http.responses=200 http.status.2xx=200 totals.connects_ok=4 server.totals.accepted=4

echo "large responses, and none at all"
client 0 "$port" -n 20 --path '/?size=3M' "${stats[@]}"
is lost.to_client_bytes=0 http.responses=20
client 0 "$port" -n 20 --path '/?size=0'
is http.responses=20

echo "statuses are counted, and are no failures"
client 0 "$port" -n 30 --path /nothing
is http.status.4xx=30 totals.transactions_ok=30 outcomes.completed=30

echo "fields arrive, up to what a request may have"
client 0 "$port" -n 10 --header 'Accept: */*' --header "X-Long: $(printf 'x%.0s' {1..16000})"
is http.status.2xx=10
client 2 "$port" -n 10 --header "X-Long: $(printf 'x%.0s' {1..16400})"

stop ours || fail "the server ended with $?"

# ---- servers that do something wrong

# nasty MODE: such a server on $port
nasty() {
	start_listener nasty "$TEST_BIN/tools/nasty_http" "$1"
}

while read -r mode outcome close; do
	echo "$mode: $outcome"
	nasty "$mode"
	code=4 # no transaction at all
	case $mode in
	interim | bad_gateway | chunks | until_eof | liar | late) code=0 ;;
	esac
	client "$code" "$port" -n 3 -c 1 --timeout 500ms --close "${close:-client-fin}"
	is "outcomes.$outcome"=3 ledger.balanced=true
	case $outcome in
	completed) is totals.transactions_ok=3 ;;
	transaction_timeout) is errors.timeout.transaction=3 ;;
	bad_response) is totals.transactions_ok=3 ;; # it was all there, and then came more
	*) is totals.transactions_ok=0 ;;
	esac
	case $mode in
	half_rst) is errors.transfer.ECONNRESET=3 ;;
	long_head) is http.malformed.head_too_large=3 ;;
	huge_chunk) is http.malformed.chunk_too_large=3 ;;
	interim) is http.status.1xx=6 http.status.code='{"100":3,"103":3,"200":3}' ;;
	bad_gateway)
		is http.status.code='{"200":1,"502":2}' http.status.5xx=2 http.responses=3
		tr -s ' ' <"$TEST_TMP/out" | grep -q '^http 3 responses 2xx 1 5xx 2 (502: 2)' ||
			fail "the text does not tell the 502: $(grep '^http' "$TEST_TMP/out")"
		;;
	until_eof) is http.closed_by_client=0 http.close_left_to_us=0 ;;
	liar) is http.closed_by_client=3 http.closed_by_server=0 http.close_left_to_us=3 ;;
	esac
	stop nasty
done <<EOF2
half_rst truncated
half_fin truncated
long_head head_too_large
huge_chunk bad_chunk
drip transaction_timeout
interim completed
bad_gateway completed
chunks completed
until_eof completed
liar completed
flood head_too_large
flood_100 head_too_large
flood_chunks transaction_timeout
flood_trailers head_too_large
late bad_response client-half
EOF2

echo "ok_rst: connections that we closed, and that were reset before TIME_WAIT, are told as such"
nasty ok_rst
client 0 "$port" -n 3 -c 1 --close client-fin
is outcomes.completed=3 ledger.balanced=false
json ledger.explanation "$TEST_TMP/r.json" >"$TEST_TMP/why"
# On a busy machine a RST may come when TIME_WAIT has been entered: then that is told, of that one.
grep -q 'never came to it' "$TEST_TMP/why" || fail "explained by: $(cat "$TEST_TMP/why")"
[ "$(grep -oE '"[0-9]+ (connections? .* never came to it|TIME_WAIT sockets? .* ended early by a RST)' "$TEST_TMP/why" | tr -d '"' | awk '{ n += $1 } END { print n }')" = 3 ] ||
	fail "these are not 3: $(cat "$TEST_TMP/why")"
stop nasty

# ---- other people's servers

if PATH=$PATH:/usr/sbin command -v nginx >/dev/null; then
	echo "nginx: keep-alive, its own Connection: close, its log"
	mkdir -p "$TEST_TMP/www"
	printf 'x%.0s' {1..5000} >"$TEST_TMP/www/index.html"
	cat >"$TEST_TMP/nginx.conf" <<CONF
daemon off; master_process off; pid $TEST_TMP/nginx.pid; error_log stderr;
$([ "$(id -u)" = 0 ] && echo "user root;")
events { worker_connections 512; }
http {
	access_log $TEST_TMP/access.log;
	client_body_temp_path $TEST_TMP/t1; proxy_temp_path $TEST_TMP/t2; fastcgi_temp_path $TEST_TMP/t3;
	uwsgi_temp_path $TEST_TMP/t4; scgi_temp_path $TEST_TMP/t5;
	keepalive_requests 3;
	server { listen 127.0.0.1:8080; listen 127.0.0.1:8081; listen 127.0.0.1:8082; listen 127.0.0.1:8083; listen 127.0.0.1:8089; root $TEST_TMP/www; }
}
CONF
	PATH=$PATH:/usr/sbin
	start nginx nginx -c "$TEST_TMP/nginx.conf" -e stderr
	wait_until 10 bash -c ': </dev/tcp/127.0.0.1/8089' 2>/dev/null || fail "nginx does not start"
	: >"$TEST_TMP/access.log"
	time_wait_on client 100 8080 -n 100 -c 4
	time_wait_on server 100 8081 -n 100 -c 4 --close server-fin
	time_wait_on nobody 0 8082 -n 100 -c 4 --close passive-rst
	client 0 8080 -n 100 -c 4 --requests 2
	is http.responses=200 http.keep_alive_reused=100 http.closed_by_server=0
	time_wait_on server 50 8083 -n 50 -c 4 --requests 5 --close server-fin
	is http.responses=150 http.ended_early=50 http.closed_by_server=50
	client 0 8080 -n 90 --pool 1
	is http.responses=90 totals.connects_ok=30
	client 0 8080 -n 10 --path /nothing
	is http.status.4xx=10
	stop nginx QUIT
	[ "$(wc -l <"$TEST_TMP/access.log")" = 750 ] ||
		fail "nginx counted $(wc -l <"$TEST_TMP/access.log") requests, not 750"
else
	echo "nginx is not installed: not tried"
fi

if [ -x /usr/bin/python3 ]; then
	echo "python's http.server, HTTP/1.0: it closes first"
	start python /usr/bin/python3 -u -m http.server -b 127.0.0.1 -d "$TEST_TMP" 8090
	wait_line "$TEST_TMP/python.out" '^Serving HTTP' >/dev/null
	time_wait_on server 20 8090 -n 20 -c 2 --close server-fin
	is http.closed_by_server=20 http.status.2xx=20
	stop python || : # it has no handler for SIGTERM
else
	echo "python3 is not installed: not tried"
fi
