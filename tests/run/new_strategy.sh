#!/bin/bash
# A close strategy is one row: a made-up one, added to the table and to that of its test in a copy
# of this source, is known to --close, --help, completion, the server, the ledger, HTTP and the
# HTML page, and the documents are said to lack it.
# limit: 300
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

NAME=answer-rst

# row FILE LINE: LINE becomes the last of the table in FILE.
row() {
	awk -v line="$2" '/^#undef Y$/ || (/^};$/ && in_table) { print line; in_table = 0 }
		/^const struct closing closings/ { in_table = 1 } { print }' "$1" >"$TEST_TMP/with_row"
	! cmp -s "$1" "$TEST_TMP/with_row" || fail "$1 has no table of strategies"
	cat "$TEST_TMP/with_row" >"$1"
}

# The tests have a sanitizer's words in them, which the runner looks for.
cleanup() {
	rm -rf "$TEST_TMP/copy"
}

build() {
	run env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make OUT="$OUT" ${CC:+CC="$CC"} ${SAN:+SAN="$SAN"} "$@"
	expect_status 0
}

# With what has been built, where make looks for it: two files are compiled, not three hundred.
: "${OUT:=build}"
mkdir "$TEST_TMP/copy"
tar -c --exclude=./build --exclude=./out --exclude=./.git . | tar -x -C "$TEST_TMP/copy"
case $OUT in
build*)
	mkdir -p "$TEST_TMP/copy/$OUT"
	tar -c --exclude=./obj/tests -C "$OUT" ./obj | tar -x -C "$TEST_TMP/copy/$OUT"
	;;
*) OUT=build ;;
esac
cd "$TEST_TMP/copy" || exit 1

number=$(grep -c '^	\[[0-9]*\] = {' common/talk/closing.c)
row common/talk/closing.c "	[$number] = { .name = \"$NAME\", .what = \"client closes first, server answers EOF with RST\",
	.client = CLOSES, .server = { .wait_eof = true, .finish = FINISH_RST },
	.time_wait = \"nobody\", .client_entries = MAYBE, .client_port = PORT_FREE_AT_ONCE },"
build "$OUT/twstorm" "$OUT/tests/common/test_closing"
run "$OUT/tests/common/test_closing"
expect_status 1
grep -q "$NAME has no row here" "$TEST_TMP/out" || fail "its row of the test is not missed: $(cat "$TEST_TMP/out")"
row tests/common/test_closing.c \
	"{ \"$NAME\", $number, Y, _, \"nobody\", PORT_FREE_AT_ONCE, \"RST\", \"RST\", _, Y, _, _, Y, _, _, _, _, _ },"
for test in common/test_closing common/test_proto_raw client/test_slot server/test_conn; do
	build "$OUT/tests/$test"
	run "$OUT/tests/$test"
	expect_status 0 $test
done

echo "--close, the server, the ledger, HTTP"
TWSTORM=$PWD/$OUT/twstorm
start_server server
# client OPTION...: the page in $TEST_TMP/page.html, the result in $TEST_TMP/result.json.
client() {
	run "$TWSTORM" client -t "127.0.0.1:$port" -q -n 100 -o "$TEST_TMP/result.json" --html "$TEST_TMP/page.html" "$@"
	expect_status 0
	json_are "$TEST_TMP/result.json" outcomes.completed=100 ledger.balanced=true
}
client --close "client-rst:1,$NAME:3"
client --close "$NAME" --proto http --path "/?close=$NAME"
client --close "$NAME"
json_is states.client.end.TIME_WAIT "$TEST_TMP/result.json" 0
[ "$(awk '/^Tcp: [0-9]/ { print $15 }' /proc/net/snmp)" -ge 275 ] || fail "the server sent no RSTs"

echo "--help, completion, the page"
"$TWSTORM" client --help=all | grep -q "^  $NAME  *client closes first, server answers EOF with RST" || fail "--help=all"
. completions/twstorm.bash
COMP_WORDS=("$TWSTORM" client --close answ) COMP_CWORD=3
_twstorm
[ "${COMPREPLY[*]}" = $NAME ] || fail "completion offers '${COMPREPLY[*]}'"
grep -q "\"$NAME\":{\"client\":\"ESTABLISHED FIN_WAIT1 FIN_WAIT2 RST\",\"server\":\"ESTABLISHED CLOSE_WAIT RST\"}" \
	"$TEST_TMP/page.html" || fail "its ways are not in the page"
if command -v chromium >/dev/null; then
	timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--user-data-dir="$TEST_TMP/browser" --dump-dom "file://$TEST_TMP/page.html" >"$TEST_TMP/dom" 2>/dev/null </dev/null
	grep -q "In colour: the way of a connection that is closed by $NAME" "$TEST_TMP/dom" || fail "the page does not draw it"
fi

echo "the documents"
mkdir "$TEST_TMP/docs"
run env TWSTORM="$TWSTORM" TEST_TMP="$TEST_TMP/docs" bash tests/run/docs.sh
expect_status 1
grep -qF "< | \`$NAME\` | client closes first, server answers EOF with RST | nobody |" "$TEST_TMP/err" ||
	fail "README.md is not said to lack it: $(cat "$TEST_TMP/err")"
