#!/bin/bash
# `twstorm lab run storm`, as whoever runs the tests and as an ordinary user: every
# expectation is true, the table says so, and the result is on disk.
# limit: 120
# quiet
. "$(dirname "$0")/../lib.sh"

check_run() {
	expect_status 0 "$1"
	grep -q 'NO$' "$TEST_TMP/out" && fail "$1: an expectation is false"
	[ "$(grep -c ' yes$' "$TEST_TMP/out")" = 6 ] || fail "$1: not six expectations"
	grep -q '^Result: ' "$TEST_TMP/out" || fail "$1: does not say where the result is"
	# Nothing wraps on a terminal of 80 columns, but for paths.
	awk '!/^(Result|File):|twstorm lab run remedies$/ && length($0) > 79 { print; bad = 1 } END { exit bad }' "$TEST_TMP/out" "$TEST_TMP/err" ||
		fail "$1: lines of more than 79 characters"
	# The command lines are those of a person, and the live lines came through.
	grep -q 'server\$ twstorm server --listen 198.18.0.11:9000' "$TEST_TMP/err" ||
		fail "$1: no command line shown"
	json_are "$2" schema=twstorm.result/1 complete=true totals.connects_ok=2000 \
		states.client.peak.TIME_WAIT=2000 lab.scenario=storm
}

# check_hint WHO DIR: the last command printed can be pasted where the first was given.
check_hint() {
	local hint
	hint=$(sed -n 's/^  \(.*twstorm lab run remedies\)$/\1/p' "$TEST_TMP/out")
	[ -n "$hint" ] || fail "$1: nothing to paste"
	(cd "$2" && PATH=/usr/bin:/bin bash -c "$hint --dry-run" >/dev/null) || fail "$1: cannot be pasted: $hint"
}

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

root=$PWD
# An ordinary user, with a copy where it can be read; at the same time, in a lab of its own.
if [ "$(id -u)" = 0 ]; then
	need setpriv
	mkdir -p "$TEST_TMP/user/bench" "$TEST_TMP/user/build"
	cp "$TWSTORM" "$TEST_TMP/user/build/twstorm"
	cp -r "$root/bench/scenarios" "$TEST_TMP/user/bench/"
	give_to_nobody "$TEST_TMP/user"
	start nobody setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups \
		env -C "$TEST_TMP/user" build/twstorm lab run storm
fi
mkdir "$TEST_TMP/work" && cd "$TEST_TMP/work" || exit 1
run "$TWSTORM" lab run storm
check_run "as $(id -un)" out/storm/storm.json
check_hint "as $(id -un)" .

[ "$(id -u)" = 0 ] || exit 0
status=0
wait_exit nobody || status=$?
mv "$TEST_TMP/nobody.out" "$TEST_TMP/out" && mv "$TEST_TMP/nobody.log" "$TEST_TMP/err"
check_run "as nobody" "$TEST_TMP/user/out/storm/storm.json"
check_hint "as nobody" "$TEST_TMP/user"
grep -qx "  build/twstorm lab run remedies" "$TEST_TMP/out" || fail "not as it was called"
