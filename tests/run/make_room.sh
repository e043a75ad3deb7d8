#!/bin/bash
# Whoever asks for a hold has it as long as it is there itself; one address may hold all places, but
# when another waits while it holds more than half, its oldest connections make room: at
# --max-connections and where descriptors run out, and each is counted.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need ss

cd "$TEST_TMP" || exit 1

# figure PATH: of the server's present figures
figure() {
	exec 9<>/dev/tcp/127.0.0.1/9100
	printf 'GET /stats HTTP/1.0\r\n\r\n' >&9
	sed '1,/^\r$/d' <&9 >stats.json
	exec 9<&-
	json "$1" stats.json
}
open_are() { [ "$(figure totals.open)" = "$1" ]; }

# hold NAME ADDRESS N: N connections of that address, which the server is to hold for a minute.
hold() {
	start "$1" "$TWSTORM" client -t 127.0.0.1:9000 --source "$2" -n "$3" -c "$3" --hold 60s \
		--close server-fin --timeout 60s -q -o "$1.json"
}

# others_get_in NAME: another address is served, and what made room for it is counted.
others_get_in() {
	run timeout 20 "$TWSTORM" client -t 127.0.0.1:9000 --source 127.0.0.2 -n 12 -c 3 -d 10s -q -o other.json
	expect_status 0 "$1: another address"
	json_is totals.transactions_ok other.json 12
	made=$(figure ended.made_room)
	[ "$made" -ge 1 ] || fail "$1: made_room is $made"
}

start_listener server "$TWSTORM" server -l 127.0.0.1:9000 --max-connections 20 --admin 127.0.0.1:9100 -o server.json

# Gone in the middle of a hold: killed, so that nobody says goodbye.
hold gone 127.0.0.1 20
wait_until 10 open_are 20 || fail "the server holds $(figure totals.open), not 20"
kill -KILL "${started_pid[gone]}"
wait_exit gone
wait_until 5 open_are 0 || fail "$(figure totals.open) connections are held for a client that is gone"
left=$(($(figure ended.left_in_hold) + $(figure ended.reset)))
[ $left = 20 ] || fail "$left of 20 are counted as left or reset: $(figure ended)"

# The same by HTTP.
for ((i = 10; i < 20; i++)); do
	eval "exec $i<>/dev/tcp/127.0.0.1/9000"
	printf 'GET /?hold=1m&close=server-fin HTTP/1.1\r\n\r\n' >&$i
done
wait_until 10 open_are 10 || fail "the server holds $(figure totals.open) by HTTP, not 10"
for ((i = 10; i < 20; i++)); do eval "exec $i<&-"; done
wait_until 5 open_are 0 || fail "$(figure totals.open) connections are held by HTTP for a client that is gone"

# One address alone, with more than there are places: all wait, nobody is ended.
hold alone 127.0.0.1 30
wait_until 10 open_are 20 || fail "the server holds $(figure totals.open), not 20"
queued() { [ "$(ss -Htn state established 'dport = :9000' | wc -l)" = 30 ]; }
wait_until 10 queued || fail "30 connections are not in place"
sleep 0.5
[ "$(figure ended.made_room) $(figure totals.open)" = "0 20" ] || fail "alone, and some were ended: $(figure ended)"
# Another, behind ten of the hog's own in the queue.
others_get_in "--max-connections"
[ "$made" -le 30 ] || fail "$made of the hog's were ended for 12 connections, three at a time"
[ "$(figure totals.open)" -ge 5 ] || fail "the hog has only $(figure totals.open) left"
stop alone INT

# Two that hold half each: a third waits as anybody does.
wait_until 10 open_are 0 || fail "$(figure totals.open) are open"
made=$(figure ended.made_room)
hold one 127.0.0.1 10
hold two 127.0.0.3 10
wait_until 10 open_are 20 || fail "the server holds $(figure totals.open), not 20"
run timeout 20 "$TWSTORM" client -t 127.0.0.1:9000 --source 127.0.0.2 -n 1 -d 1s --timeout 1s -q -o third.json
json_is totals.transactions_ok third.json 0
[ "$(figure ended.made_room)" = "$made" ] || fail "half is not more than half"
stop one INT
stop two INT
stop server || fail "the server ends with $?"
sum=$(($(json totals.accepted server.json)))
[ "$(json totals.closes server.json)" = $sum ] || fail "$sum accepted, and $(json totals.closes server.json) closes"

# ---- descriptors

start_listener server bash -c 'ulimit -n 60; exec "$0" server -l 127.0.0.1:9000 --admin 127.0.0.1:9100' "$TWSTORM"
# A connection for the figures, or there would be no descriptor to ask by.
exec 7<>/dev/tcp/127.0.0.1/9100
figure() {
	local length=0 line
	printf 'GET /stats HTTP/1.1\r\n\r\n' >&7
	while IFS= read -r line <&7 && [ "$line" != $'\r' ]; do
		[[ $line =~ ^Content-Length:\ ([0-9]+) ]] && length=${BASH_REMATCH[1]}
	done
	head -c "$length" <&7 >stats.json
	json "$1" stats.json
}
hold alone 127.0.0.1 60
out_of_them() { [ "$(figure errors.accept.EMFILE)" -ge 3 ]; }
wait_until 10 out_of_them || fail "descriptors do not run out: $(figure errors.accept)"
[ "$(figure ended.made_room)" = 0 ] || fail "alone, and some were ended"
others_get_in descriptors
stop alone INT
stop server || fail "the server ends with $?"
