#!/bin/bash
# Other people's clients against twstorm server: no request fails, the closer is who the headers
# say, and both sides count the same.
# limit: 120
. "$(dirname "$0")/../lib.sh"
need ss
in_netns "$@"
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse 2>/dev/null

# A port for each try, so that TIME_WAIT is that try's own.
start_listener server "$TWSTORM" server -l 127.0.0.1:9000-9029 --admin 127.0.0.1:9100 --idle-timeout 20s \
	-o "$TEST_TMP/end.json"
port=9000

have() {
	command -v "$1" >/dev/null 2>&1 && return
	echo "$1 is not installed: not tried"
	return 1
}

# figure PATH: of the server's present figures
figure() {
	exec 9<>/dev/tcp/127.0.0.1/9100
	printf 'GET /stats HTTP/1.0\r\n\r\n' >&9
	sed '1,/^\r$/d' <&9 >"$TEST_TMP/stats.json"
	exec 9<&-
	json "$1" "$TEST_TMP/stats.json"
}

# begin: the next port, and what the server has counted until now
begin() {
	port=$((port + 1))
	url=http://127.0.0.1:$port
	requests=$(figure totals.http_requests) errors=$(figure totals.http_errors)
	silent=$(figure ended.connect_only)
}

# counted N [MOST]: the server counted so many requests since begin, none answered by an error
counted() {
	local n=$(($(figure totals.http_requests) - requests)) most=${2:-$1}
	if [ "$n" -lt "$1" ] || [ "$n" -gt "$most" ]; then
		fail "the server counted $n requests, the client $1"
	fi
	[ "$(figure totals.http_errors)" = "$errors" ] || fail "the server answered with errors"
}

time_wait() {
	ss -Htan state time-wait "$1 = :$port" | wc -l
}

all_closed() {
	[ "$(figure totals.open)" = 0 ]
}

# closed_by WHO N: N connections of this try have ended, that side having moved first.  Those
# without a request (ab opens some more than it needs) are the client's and do not count.
closed_by() {
	local server client
	wait_until 10 all_closed || fail "the server has open connections"
	server=$(time_wait sport)
	client=$(($(time_wait dport) - ($(figure ended.connect_only) - silent)))
	case $1 in
	client) [ "$client $server" = "$2 0" ] ;;
	server) [ "$client $server" = "0 $2" ] ;;
	nobody) [ "$client $server" = "0 0" ] ;;
	esac || fail "TIME_WAIT is $client on the client and $server on the server, not $2 on the $1"
}

# ---- a client that waits for the end of the connection

# talk BYTES: what the server answers until its FIN
talk() {
	exec 8<>"/dev/tcp/127.0.0.1/$port"
	# shellcheck disable=SC2059 # the bytes are a format
	printf "$1" >&8
	cat <&8
	exec 8<&-
}

echo "bare requests"
begin
for ((i = 0; i < 10; i++)); do
	talk 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >"$TEST_TMP/got"
	grep -q '^Connection: close' "$TEST_TMP/got" || fail "the server closes and does not say so"
	talk 'GET / HTTP/1.0\r\n\r\n' >"$TEST_TMP/got"
	grep -q '^Connection: close' "$TEST_TMP/got" || fail "the server closes and does not say so"
done
counted 20
closed_by server 20
begin
talk 'GET / HTTP/1.1\r\n\r\nGET /?size=100k HTTP/1.1\r\n\r\nGET /?close=server-fin HTTP/1.1\r\n\r\n' >"$TEST_TMP/got"
[ "$(grep -ao 'HTTP/1.1 200 OK' "$TEST_TMP/got" | wc -l)" = 3 ] || fail "three requests at a time are not answered"
counted 3
closed_by server 1
begin
talk 'GET /?close=server-rst HTTP/1.1\r\n\r\n' >"$TEST_TMP/got" 2>"$TEST_TMP/err"
grep -q 'reset by peer' "$TEST_TMP/err" || fail "close=server-rst does not reset"
closed_by nobody 0
begin
talk 'PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc' >"$TEST_TMP/got"
grep -q '^HTTP/1.1 405 ' "$TEST_TMP/got" || fail "PUT is not answered with 405"
[ "$(figure totals.http_errors)" = $((errors + 1)) ] || fail "the 405 is not counted"
closed_by server 1

# ---- curl

if have curl; then
	echo "curl"
	begin
	got=$(curl -sSf "$url/" "$url/" "$url/?size=7" | tr '\0' .) || fail "curl failed"
	[ "$got" = $'twstorm server\ntwstorm server\n.......' ] || fail "curl got '$got'"
	counted 3
	closed_by client 1
	begin
	[ "$(curl -sSf "$url/?size=3M" | wc -c)" = $((3 << 20)) ] || fail "curl did not get 3 MiB"
	counted 1
	closed_by client 1
	begin
	curl -sSfI "$url/?size=10" | grep -q '^Content-Length: 10' || fail "no length in answer to HEAD"
	counted 1
	closed_by client 1
	begin
	curl -sSf -0 "$url/?close=client-fin" >/dev/null || fail "curl -0 failed"
	counted 1
	closed_by client 1
	begin
	[ "$(curl -sS -o /dev/null -w '%{http_code}' "$url/nothing")" = 404 ] || fail "no 404"
	[ "$(curl -sS -o /dev/null -w '%{http_code}' "$url/?size=1G")" = 400 ] || fail "no 400"
	[ "$(curl -sS -o /dev/null -w '%{http_code}' -X PUT -d abc "$url/")" = 405 ] || fail "no 405"
	[ "$(curl -sS -o /dev/null -w '%{http_code}' -X BREW "$url/")" = 501 ] || fail "no 501"
	[ "$(curl -sS -o /dev/null -w '%{http_code}' -H "X: $(printf 'x%.0s' {1..17000})" "$url/")" = 431 ] ||
		fail "no 431"
	[ "$(figure totals.http_errors)" = $((errors + 5)) ] || fail "five errors are not counted"
fi

# ---- load generators

# ab_said WHAT: a figure of ab's report
ab_said() {
	sed -n "s/^$1: *\([0-9]*\).*/\1/p" "$TEST_TMP/out"
}

if have ab; then
	echo "ab: HTTP/1.0, the server closes; -k: kept"
	begin
	run ab -q -n 300 -c 8 "$url/"
	expect_status 0
	[ "$(ab_said 'Complete requests') $(ab_said 'Failed requests')" = "300 0" ] || fail "ab: $(cat "$TEST_TMP/out")"
	counted 300
	closed_by server 300
	begin
	run ab -q -k -n 300 -c 8 "$url/?size=2k"
	expect_status 0
	[ "$(ab_said 'Complete requests') $(ab_said 'Failed requests')" = "300 0" ] || fail "ab -k: $(cat "$TEST_TMP/out")"
	[ "$(ab_said 'Keep-Alive requests')" = 300 ] || fail "ab -k was not kept alive"
	counted 300
	closed_by client 8
fi

if have wrk; then
	echo "wrk: kept; its last requests may be under way when it ends"
	begin
	run wrk -t1 -c8 -d1s "$url/"
	expect_status 0
	n=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$TEST_TMP/out")
	[ "${n:-0}" -gt 0 ] || fail "wrk: $(cat "$TEST_TMP/out")"
	grep -E 'Socket errors|Non-2xx' "$TEST_TMP/out" && fail "wrk: $(cat "$TEST_TMP/out")"
	counted "$n" $((n + 16))
	wait_until 10 all_closed || fail "wrk left open connections"
	[ "$(time_wait sport)" = 0 ] || fail "the server closed a kept connection first"
	echo "wrk and Connection: close"
	begin
	run wrk -t1 -c4 -d1s -H 'Connection: close' "$url/"
	expect_status 0
	n=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$TEST_TMP/out")
	[ "${n:-0}" -gt 0 ] || fail "wrk: $(cat "$TEST_TMP/out")"
	grep -E 'Socket errors|Non-2xx' "$TEST_TMP/out" && fail "wrk: $(cat "$TEST_TMP/out")"
	counted "$n" $((n + 8))
fi

if have h2load; then
	echo "h2load --h1"
	begin
	run h2load --h1 -n 300 -c 6 "$url/?size=500"
	expect_status 0
	grep -q '^requests: 300 total, 300 started, 300 done, 300 succeeded, 0 failed, 0 errored' "$TEST_TMP/out" ||
		fail "h2load: $(cat "$TEST_TMP/out")"
	counted 300
	closed_by client 6
	begin
	run h2load --h1 -n 100 -c 4 -H 'Connection: close' "$url/"
	expect_status 0
	grep -q '^requests: 100 total, 100 started, 100 done, 100 succeeded, 0 failed, 0 errored' "$TEST_TMP/out" ||
		fail "h2load, Connection: close: $(cat "$TEST_TMP/out")"
	counted 100
fi

if have httperf; then
	echo "httperf: 50 connections of 4 calls; then HTTP/1.0"
	begin
	run httperf --server 127.0.0.1 --port "$port" --num-conns 50 --num-calls 4
	expect_status 0
	grep -q '^Total: connections 50 requests 200 replies 200 ' "$TEST_TMP/out" || fail "httperf: $(cat "$TEST_TMP/out")"
	grep -q '^Errors: total 0 ' "$TEST_TMP/out" || fail "httperf: $(cat "$TEST_TMP/out")"
	counted 200
	closed_by client 50
	begin
	run httperf --server 127.0.0.1 --port "$port" --num-conns 50 --num-calls 1 --http-version 1.0
	expect_status 0
	grep -q '^Errors: total 0 ' "$TEST_TMP/out" || fail "httperf: $(cat "$TEST_TMP/out")"
	grep -q '2xx=50 ' "$TEST_TMP/out" || fail "httperf: $(cat "$TEST_TMP/out")"
	counted 50
fi

# ---- raw and HTTP at one port

echo "raw and HTTP side by side"
begin
run "$TWSTORM" client -q -t "127.0.0.1:$port" -n 200 -c 8 -o "$TEST_TMP/raw.json" --server-stats 127.0.0.1:9100
expect_status 0
json_are "$TEST_TMP/raw.json" totals.transactions_ok=200 server.totals.requests=200 \
	server.totals.http_requests=0
counted 0
closed_by client 200

stop server || fail "the server ended with $?"
json_are "$TEST_TMP/end.json" ended.truncated=0 totals.open=0
