#!/bin/bash
# `lab probe`: what every probe has in common - the list, mistakes told before anything is sent,
# expectations, signals, and output that cannot be written.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

# refused WORDS REGEX: exit 2, one sentence, and no connection was made.
opens() { awk '/^Tcp: [0-9]/ { print $6 }' /proc/net/snmp; }
refused() {
	# shellcheck disable=SC2086 # words
	run "$TWSTORM" lab probe $1
	expect_status 2 "$1"
	grep -q -e "$2" "$TEST_TMP/err" || fail "$1: no '$2' in: $(cat "$TEST_TMP/err")"
	[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "$1: more than a sentence"
	[ ! -s "$TEST_TMP/out" ] || fail "$1: something on stdout"
}

echo "the list"
run "$TWSTORM" lab probe
expect_status 0
for name in old-duplicate reconnect rebind lengths; do
	grep -q "^  $name " "$TEST_TMP/out" || fail "$name is not listed"
	"$TWSTORM" lab probe $name --help >"$TEST_TMP/help" || fail "$name --help"
	grep -q "^Usage: twstorm lab probe $name " "$TEST_TMP/help" || fail "$name --help is another's"
done
mv "$TEST_TMP/out" "$TEST_TMP/list"
"$TWSTORM" lab probe --help | diff "$TEST_TMP/list" - || fail "--help is not the list"

echo "mistakes"
before=$(opens)
refused nonesuch "there is no probe 'nonesuch'"
refused "rebind --count 3" "unknown option"
refused "rebind --connections 0" "from 1 to 1000"
refused "rebind --interval 1ms" "at least 100ms"
refused "reconnect --timeout 0" "more than 0"
refused "reconnect --bulk 3G" "ends at 2G"
refused "reconnect --ahead 1000h" "ends at 576h"
refused "lengths --linger2 1500ms" "whole seconds"
refused "lengths --after 61s" "ends at 60s"
refused "old-duplicate --bulk 1k" "from 1M"
refused "old-duplicate --address ::1" "not IPv4"
for address in 10.0.0.1 192.168.1.1 8.8.8.8 198.17.255.255 198.20.0.0 fd00::1 0.0.0.0; do
	refused "rebind --address $address" "neither loopback nor in 198.18.0.0/15"
done
refused "rebind --address 127.0.0.0/30" "more than one"
refused "rebind --address nobody" "--address"
for path in rebind.bnd rebind lengths.time_wait_left_ms counters.TcpExt.Nonesuch; do
	run "$TWSTORM" lab probe rebind --expect "$path == 1"
	expect_status 2 "$path"
	grep -q "is no figure\|is a group of figures" "$TEST_TMP/err" || fail "$path: $(cat "$TEST_TMP/err")"
done
[ "$(opens)" = "$before" ] || fail "a refused probe opened a connection"
run "$TWSTORM" lab probe rebind --address 198.19.255.255
expect_status 1
grep -q "not an address of this host" "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"

echo "expectations"
run "$TWSTORM" lab probe rebind -q -o - --expect 'rebind.bind == EADDRINUSE' --expect 'rebind.time_wait ~ 1 0%'
expect_status 0
json_is probe "$TEST_TMP/out" rebind
[ "$(json expectations "$TEST_TMP/out" | grep -o '"ok":true' | wc -l)" = 2 ] || fail "two are not true"
run "$TWSTORM" lab probe rebind -q --expect 'rebind.listen == ok'
expect_status 3
grep -q '^FALSE .*rebind.listen == ok.*did not measure' "$TEST_TMP/out" || fail "$(cat "$TEST_TMP/out")"
grep -q '^time wait  *1$' "$TEST_TMP/out" && ! grep '^[a-z]*_[a-z]' "$TEST_TMP/out" || fail "figures are not in words: $(cat "$TEST_TMP/out")"
[ ! -s "$TEST_TMP/err" ] || fail "-q is not quiet: $(cat "$TEST_TMP/err")"
run "$TWSTORM" lab probe rebind --format json
expect_status 0
json_is complete "$TEST_TMP/out" true
[ ! -s "$TEST_TMP/err" ] || fail "progress where there is no terminal: $(cat "$TEST_TMP/err")"

echo "signals"
for signal in INT:130 TERM:143; do
	start probe "$TWSTORM" lab probe lengths --after 50s --interval 100ms -o "$TEST_TMP/signal.json"
	wait_count 3 10 grep -c 'closed by the client' "$TEST_TMP/probe.log"
	stop probe "${signal%:*}"
	status=$?
	[ $status = "${signal#*:}" ] || fail "SIG${signal%:*} ends it with $status"
	json_are "$TEST_TMP/signal.json" complete=false error.code=interrupted finding=null
	[ "$(tail -n 1 "$TEST_TMP/probe.log")" = "twstorm lab probe: interrupted by SIG${signal%:*}" ] || fail "$(cat "$TEST_TMP/probe.log")"
done

echo "output that cannot be written"
before=$(opens)
run "$TWSTORM" lab probe rebind -q -o "$TEST_TMP/none/file.json"
expect_status 5
[ "$(opens)" = "$before" ] || fail "the output was looked at too late"
"$TWSTORM" lab probe rebind -q >/dev/full 2>"$TEST_TMP/err"
[ $? = 5 ] || fail "a full stdout was not noticed"
