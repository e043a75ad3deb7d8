#!/bin/bash
# tests/lib.sh: reading JSON, waiting, ending what was started, a network namespace.
# shellcheck disable=SC2016
. "$(dirname "$0")/../lib.sh"

echo "json"
cat >"$TEST_TMP/a.json" <<'J'
{ "a": { "b": 1, "b.c": { "d": "text with spaces" } }, "counters": { "Tcp.ActiveOpens": 12345678901 },
  "none": null, "yes": true, "list": [ { "t": 1.5 }, { "t": 2 } ], "a.b": { "x": 9 } }
J
while IFS='|' read -r path value; do
	json_is "$path" "$TEST_TMP/a.json" "$value"
done <<'ROWS'
a.b|1
a.b.c.d|text with spaces
a.b.x|9
counters.Tcp.ActiveOpens|12345678901
counters|{"Tcp.ActiveOpens":12345678901}
none|null
yes|true
list.0.t|1.5
list.1.t|2
list.#|2
#|6
ROWS
for path in b a.c a.b.c.d.e list.2 list.x list.0.u .a a..b; do
	json "$path" "$TEST_TMP/a.json" && fail "there should be no $path"
done
json_are "$TEST_TMP/a.json" a.b=1 yes=true
(json_are "$TEST_TMP/a.json" a.b=1 yes=false) 2>/dev/null && fail "json_are sees no difference"
[ "$(json a.b - <"$TEST_TMP/a.json")" = 1 ] || fail "not from stdin"
json a /dev/null 2>/dev/null
[ $? = 2 ] || fail "an empty document is not an error"

echo "start, wait_line, wait_count, stop"
start one bash -c 'echo ready; sleep 0.2; echo "port 1234"; trap "exit 9" INT; while :; do sleep 0.05; done'
pid=$!
[ "${started_pid[one]}" = $pid ] || fail "no pid"
[ "$(wait_line "$TEST_TMP/one.out" 'port [0-9]+')" = 'port 1234' ] || fail "wrong line"
n=0
count() {
	cat "$TEST_TMP/count"
}
echo 0 >"$TEST_TMP/count"
(sleep 0.2 && echo 7 >"$TEST_TMP/count") &
wait_count 7 5 count
wait $!
stop one INT
[ $? = 9 ] || fail "SIGINT was ignored by what start began"

echo "a test that fails shows why, and takes what it started with it"
cat >"$TEST_TMP/inner.sh" <<S
. $PWD/tests/lib.sh
start child bash -c 'echo something wrong >&2; exec sleep 100'
echo \$! >$TEST_TMP/child.pid
wait_line "\$TEST_TMP/child.log" wrong >/dev/null
wait_line "\$TEST_TMP/child.log" never 0 >/dev/null
S
mkdir "$TEST_TMP/inner"
run env TEST_TMP="$TEST_TMP/inner" bash "$TEST_TMP/inner.sh"
expect_status 1
grep -q "no line like 'never'" "$TEST_TMP/err" || fail "no reason given"
grep -q 'something wrong' "$TEST_TMP/err" || fail "the child's log is not shown"
! kill -0 "$(cat "$TEST_TMP/child.pid")" 2>/dev/null || fail "the child is still there"

echo "in_netns"
cat >"$TEST_TMP/inner.sh" <<S
. $PWD/tests/lib.sh
in_netns "\$@"
echo "\$# \$1"
readlink /proc/self/ns/net
echo >/dev/udp/127.0.0.1/9 || fail "lo is not up"
S
run bash "$TEST_TMP/inner.sh" "an argument"
if [ $status = 77 ]; then
	echo "skipped: $(cat "$TEST_TMP/out")"
else
	expect_status 0
	[ "$(head -n 1 "$TEST_TMP/out")" = "1 an argument" ] || fail "arguments are lost"
	[ "$(sed -n 2p "$TEST_TMP/out")" != "$(readlink /proc/self/ns/net)" ] || fail "the same namespace"
fi
