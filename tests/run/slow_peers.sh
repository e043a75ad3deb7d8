#!/bin/bash
# Clients that are slow on purpose cost little: a byte now and then keeps no connection open beyond
# --idle-timeout, and what a client does not read waits in the kernel in small numbers of bytes,
# while others are served.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need ss

cd "$TEST_TMP" || exit 1
header='\365\1' # of a raw request: magic and version

# ---- a byte every 0.5 s

start_listener server "$TWSTORM" server -l 127.0.0.1:9000 --idle-timeout 2s -o server.json

# trickle NAME BEGIN BYTE: until the server ends it, or for 8 s; tells when in NAME.
trickle() {
	local begin=$EPOCHREALTIME i
	trap '' PIPE
	exec 8<>/dev/tcp/127.0.0.1/9000
	# shellcheck disable=SC2059 # escapes are wanted
	printf "$2" >&8
	for ((i = 0; i < 16; i++)); do
		sleep 0.5
		# shellcheck disable=SC2059
		printf "$3" >&8 || break
	done 2>/dev/null
	echo $(((${EPOCHREALTIME/[.,]/} - ${begin/[.,]/}) / 1000)) >"$1"
}
tricklers=()
trickle raw_header "$header" '\1' & # 14 bytes would take 7 s
tricklers+=($!)
trickle raw_body "$header"'\1\1\0\0\0\0\0\0\0\1\0\0\4\0' x &
tricklers+=($!)
trickle http_head 'GET / HTTP/1.1\r\nA: ' x &
tricklers+=($!)
trickle http_body 'POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n' x &
tricklers+=($!)
trickle http_blank_lines '\r\n' '\r\n' &
tricklers+=($!)
trickle http_chunks 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n' '1\r\nx\r\n' &
tricklers+=($!)
wait "${tricklers[@]}"
for name in raw_header raw_body http_head http_body http_blank_lines http_chunks; do
	ms=$(cat $name)
	echo "$name: given up after $ms ms"
	[ "$ms" -le 6000 ] || fail "$name: a byte now and then keeps the connection open for $ms ms"
	[ "$ms" -ge 2000 ] || fail "$name: ended after $ms ms, before --idle-timeout"
done
# Whoever is slower than --idle-timeout for the whole, and makes progress, is served.
exec 8<>/dev/tcp/127.0.0.1/9000
printf 'GET /?size=1M&close=server-fin HTTP/1.1\r\n\r\n' >&8
got=0
while n=$(head -c 65536 <&8 | wc -c) && [ "$n" -gt 0 ]; do
	got=$((got + n))
	sleep 0.2
done
exec 8<&-
[ $got -gt $((1 << 20)) ] || fail "a slow reader got only $got bytes"
stop server || fail "the server ends with $?"
json_is ended.idle_timeout server.json 6

# ---- responses that nobody reads

start_listener server "$TWSTORM" server -l 127.0.0.1:9000
for ((i = 10; i < 160; i++)); do
	eval "exec $i<>/dev/tcp/127.0.0.1/9000"
	printf "$header"'\2\1\0\0\0\0\4\0\0\0\0\0\0\0' >&$i
done
# What the server's sockets have in their send queues: bytes of memory, all together.
queued() { ss -Htmn 'sport = :9000' | sed -n 's/.*skmem:(.*,w\([0-9]*\),.*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'; }
wait_count 3000000 10 queued
run timeout 20 "$TWSTORM" client -t 127.0.0.1:9000 -n 500 -c 2 -d 10s -q -o other.json
expect_status 0 "beside 150 clients that do not read"
json_is totals.transactions_ok other.json 500
sleep 0.3
n=$(queued)
echo "150 unread responses of 64 MiB: $n bytes in the kernel, for others p50 is $(json latency_us.transaction.p50 other.json) us"
[ "$n" -le $((150 * 200000)) ] || fail "150 clients that do not read have $n bytes waiting"
stop server || fail "the server ends with $?"
