#!/bin/bash
# What failed over HTTP is told first: answers of 502, and requests lost because the server closed a pooled
# connection just then; a pool whose connections are closed while nobody uses them has lost nothing.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

client() {
	run "$TWSTORM" client -q -t "127.0.0.1:$port" --proto http -o "$TEST_TMP/r.json" "$@"
	expect_status 0 "client $*"
}

# says SENTENCE: the story begins with it.
says() {
	json story "$TEST_TMP/r.json" | grep -q "^\[{\"claim\": *\"failed\".*$1" ||
		fail "the story does not begin with '$1': $(json story "$TEST_TMP/r.json")"
}

echo "two of three answers are 502"
start_listener nasty "$TEST_BIN/tools/nasty_http" bad_gateway
client -n 60 -c 1 --expect 'story.failed == 1'
says '40 of 60 connections failed: 40 x 502 (answered with this status)'
stop nasty
start_listener nasty "$TEST_BIN/tools/nasty_http" chunks
client -n 60 -c 1 --expect 'story.failed == null'
stop nasty

echo "requests that cross the server's close"
start_listener nasty "$TEST_BIN/tools/nasty_http" weary
before=$(counter TcpExt.TCPAbortOnClose)
client --pool 1 -r 17/s -n 20 -d 1m --expect 'story.failed == 1'
lost=$(json outcomes.pool_race "$TEST_TMP/r.json")
rsts=$(($(counter TcpExt.TCPAbortOnClose) - before)) # of the server: it closed with a request unread
[ "$rsts" -gt 0 ] || fail "no request crossed a close: $(json outcomes "$TEST_TMP/r.json")"
[ "$lost" = "$rsts" ] || fail "$lost requests were lost to $rsts closes"
says "$lost of 20 requests failed: $lost x pool_race"

echo "connections that are closed while nobody uses them"
client --pool 1 -r 8/s -n 6 -d 1m
json_is totals.transactions_ok "$TEST_TMP/r.json" 6
[ "$(json outcomes.closed_while_idle "$TEST_TMP/r.json")" -gt 0 ] || fail "none was closed: $(json outcomes "$TEST_TMP/r.json")"
json_is failures.lost "$TEST_TMP/r.json" 0
