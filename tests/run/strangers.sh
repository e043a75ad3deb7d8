#!/bin/bash
# What answers in another protocol is no server of ours: its bytes are no response, and a run that
# never had a response is not complete and says why.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
result=$TEST_TMP/r.json

# stranger HEX|echo: such a server on $port
stranger() {
	start_listener stranger "$TEST_BIN/tools/stranger" "$1"
}

# client [OPTION...]: three connections, one after another
client() {
	run "$TWSTORM" client -t "127.0.0.1:$port" -n 3 -c 1 --timeout 500ms -q -o "$result" "$@"
}

# fruitless OUTCOME WHAT: no response in three connections, which are established all the same
fruitless() {
	expect_status 4 "$2"
	json_are "$result" totals.connects_ok=3 totals.transactions_ok=0 "outcomes.$1"=3 \
		error.code=no_response
	grep -q "^Incomplete: no complete response ever came from 127.0.0.1:$port: " "$TEST_TMP/out" ||
		fail "$2: the text does not say why"
	grep -q '^connections  *3 established of 3 started' "$TEST_TMP/out" || fail "$2: the text says 'ok'"
	json_is ledger.balanced "$result" true
}

hex() { printf "$1" | od -An -tx1 -v | tr -d ' \n'; }

while read -r bytes outcome what; do
	stranger "$bytes"
	for options in '' '--response-size 7' '--response-size 100k' '--close client-half' '--close client-unread' \
		'--close server-fin' '--pool 1 --requests 2' '--proto http' '--proto http --close client-unread'; do
		# shellcheck disable=SC2086
		client $options
		fruitless "$outcome" "$what, '$options'"
	done
	stop stranger || :
done <<EOF2
15030100020246 peer_speaks_tls a TLS alert
$(hex 'SSH-2.0-OpenSSH_9.2\r\n') bad_response an SSH banner
00 bad_response a zero
fffb01 bad_response Telnet
f5 bad_response the first byte of an echo
EOF2

stranger "$(hex 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')"
client
fruitless bad_response "HTTP"
grep -q -- '--proto http' "$TEST_TMP/out" || fail "HTTP: no word of --proto http"
stop stranger || :

stranger echo
client --request-size 1k
fruitless bad_response "an echo"
stop stranger || :

echo "more than was asked for is no response"
stranger fa01747773
client --response-size 4
fruitless bad_response "a byte too many"
client --response-size 5
expect_status 0 "as many bytes as were asked for"
json_is outcomes.completed "$result" 3
stop stranger || :

echo "no answer at all"
stranger ''
for proto in raw http; do
	client --proto $proto
	fruitless early_eof "FIN, $proto"
done
# What asks for no response does not miss it.
client --requests 0
expect_status 0 "--requests 0"
stop stranger || :
stranger fa
client --response-size 0
expect_status 0 "--response-size 0"
client --requests 0 --hold 50ms
expect_status 0 "--requests 0, held"
client --response-size 0 --close client-half
expect_status 4 "a byte where none was asked for"
json_is error.code "$result" no_response
client --response-size 2
fruitless transaction_timeout "half a response"
json error.message "$result" | grep -q 'no complete response in time' || fail "silence is told as: $(json error.message "$result")"
stop stranger || :

echo "a run that is too short for any response"
stranger fa
run "$TWSTORM" client -t "127.0.0.1:$port" -n 0 -c 1 -d 100ms --response-size 2 -q -o "$result"
expect_status 4 "too short"
json_are "$result" error.code=no_response outcomes.cut_off=1
stop stranger || :
