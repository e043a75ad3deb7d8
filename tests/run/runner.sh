#!/bin/bash
# tests/run.sh itself: what it counts, what it calls a failure, what it ends, and its last line.
# limit: 120
# shellcheck disable=SC2016 # the made-up tests' text is expanded when they run
# waits
. "$(dirname "$0")/../lib.sh"

repo=$TEST_TMP/repo
mkdir -p "$repo"/{tools,tests/{run,netns,common,cases},build/tests/common}
cp tests/run.sh tests/lib.sh "$repo/tests/"
printf '#!/bin/bash\n[ "$1" = list ] && echo nothing\nexit 0\n' >"$repo/tools/lint.sh"
chmod +x "$repo/tools/lint.sh"

# script NAME BODY, unit NAME BODY: tests of that repository.
script() {
	printf '#!/bin/bash\n# A test.\n%s\n' "$2" >"$repo/tests/$1.sh"
}
unit() {
	: >"$repo/tests/common/test_$1.c"
	printf '#!/bin/bash\n%s\n' "$2" >"$repo/build/tests/common/test_$1"
	chmod +x "$repo/build/tests/common/test_$1"
}

# runs EXIT_CODE LAST_LINE [TEXT...]: the runner on that repository.
runs() {
	local code=$1 last=$2
	shift 2
	run env -u TWSTORM -u SAN -u OUT -u AGAIN ${again:+AGAIN=$again} TMPDIR="$TEST_TMP" "$repo/tests/run.sh" "$@"
	expect_status "$code"
	[ "$(tail -n 1 "$TEST_TMP/out")" = "$last" ] || fail "last line: $(tail -n 1 "$TEST_TMP/out"), not: $last"
	[ "$(grep -Ec '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$TEST_TMP/out")" = 1 ] ||
		fail "more than one line with the sum"
}
says() {
	grep -Eq "$1" "$TEST_TMP/out" || fail "nothing like '$1' in: $(cat "$TEST_TMP/out")"
}
forget() {
	rm -f "$repo"/tests/{run,netns,common,cases}/* "$repo"/build/tests/common/*
}

echo "passed, skipped, failed; the log of a failure only"
script run/good 'echo all is well'
script netns/elsewhere 'echo first; echo no kernel for it; exit 77'
runs 0 '2 passed, 0 failed, 1 skipped'
says '^PASS .* run/good$'
says '^SKIP .* netns/elsewhere: no kernel for it$'
! grep -q 'all is well' "$TEST_TMP/out" || fail "the log of a test that passed is shown"
compgen -G "$TEST_TMP/twstorm-tests.*" && fail "files are left although all passed"
script run/bad 'echo the reason; echo file >"$TEST_TMP/kept"; exit 3'
runs 1 '2 passed, 1 failed, 1 skipped'
says '^FAIL .* run/bad: exit 3$'
says '\| the reason'
compgen -G "$TEST_TMP/twstorm-tests.*/run/bad/tmp/kept" >/dev/null || fail "the files of a failure are gone"
runs 0 '1 passed, 0 failed, 0 skipped' run/good
runs 1 '0 passed, 1 failed, 0 skipped' nothing-is-named-so

echo "libcheck's counts are added up"
forget
unit two 'echo "100%: Checks: 40, Failures: 0, Errors: 0"; echo "100%: Checks: 2, Failures: 0, Errors: 0"'
runs 0 '43 passed, 0 failed, 0 skipped'
says 'unit/common/two \(42 checks\)'
unit bad 'echo "50%: Checks: 4, Failures: 1, Errors: 1"; exit 1'
runs 1 '45 passed, 2 failed, 0 skipped'
unit bad 'echo "Segmentation fault"; exit 139'
runs 1 '43 passed, 1 failed, 0 skipped'
unit bad 'echo "100%: Checks: 4, Failures: 0, Errors: 0"; exit 139'
runs 1 '46 passed, 1 failed, 0 skipped'
unit bad 'exit 0'
runs 1 '43 passed, 1 failed, 0 skipped'
says 'ran no checks'

echo "what fails beside others is run again by itself, if that is asked for"
forget
script run/unsteady '[ -e "$TMPDIR/second" ] && exit 0; touch "$TMPDIR/second"; echo disturbed; exit 1'
script run/bad 'exit 1'
script run/crash 'exit 139'
unit bad 'echo "50%: Checks: 2, Failures: 1, Errors: 0"; exit 1'
runs 1 '2 passed, 4 failed, 0 skipped'
rm "$TEST_TMP/second"
again=4 runs 1 '3 passed, 3 failed, 0 skipped'
says '^again, by itself: run/unsteady$'
says '^again, by itself: run/bad$'
! grep -Eq 'by itself: (run/crash|unit)' "$TEST_TMP/out" || fail "a crash is no disturbance: $(cat "$TEST_TMP/out")"
says '^unsteady .*: run/unsteady$'
says '\| disturbed'
says '^failed: .*run/bad'
rm "$TEST_TMP/second"
again=3 runs 1 '2 passed, 4 failed, 0 skipped'
rm "$TEST_TMP/second" "$repo"/tests/run/{bad,crash}.sh "$repo"/tests/common/* "$repo"/build/tests/common/*
again=1 runs 0 '2 passed, 0 failed, 0 skipped'

echo "too long, left behind, sanitizers"
forget
script run/slow '# limit: 1
sleep 30'
script run/litter 'sleep 77 & sleep 0.1'
script run/escaped 'setsid sleep 78 & sleep 0.1'
script run/asan 'echo "==1==ERROR: AddressSanitizer: heap-use-after-free"'
script run/ubsan 'echo "a.c:1:2: runtime error: null" >"$TEST_TMP/child.log"'
script run/tsan 'to=${TSAN_OPTIONS#log_path=}; echo "a data race" >"${to%%:*}.123"'
runs 1 '1 passed, 6 failed, 0 skipped'
says '^FAIL .* run/slow: took longer than 1 s$'
says '^FAIL .* run/litter: left a process behind: [0-9]+ sleep 77'
says '^FAIL .* run/escaped: left a process behind: [0-9]+ sleep 78'
for name in asan ubsan tsan; do
	says "^FAIL .* run/$name: a sanitizer found something$"
done
says 'runtime error: null'

echo "an interrupted run ends all that it started"
is_gone() { ! grep -qs . "/proc/$1/cmdline"; }
forget
script run/deaf 'trap "" TERM; sleep 79 & echo $! >"$READY/deaf"; sleep 80'
script run/escaped 'setsid sleep 81 & sleep 0.1; echo $! >"$READY/escaped"; wait'
export READY=$TEST_TMP/ready
mkdir "$READY"
start runner env -u TWSTORM -u SAN -u OUT TMPDIR="$TEST_TMP" "$repo/tests/run.sh"
wait_until 20 test -s "$READY/deaf" -a -s "$READY/escaped" || fail "the tests have not begun"
stop runner INT
status=$?
[ $status = 130 ] || fail "exit code $status after SIGINT"
for name in deaf escaped; do
	wait_until 5 is_gone "$(cat "$READY/$name")" || fail "$name outlives SIGINT"
done
compgen -G "$TEST_TMP/twstorm-tests.*/run/deaf" && fail "files are left of an interrupted run"

echo "long ones run when they are named"
forget
script run/short 'exit 0'
script cases/long_run 'exit 0'
runs 0 '2 passed, 0 failed, 0 skipped'
runs 0 '1 passed, 0 failed, 0 skipped' run
runs 0 '2 passed, 0 failed, 0 skipped' cases/ run/

echo "what tests are given"
forget
script run/env '[ -d "$TEST_TMP" ] && [ -z "$(ls "$TEST_TMP")" ] && [[ $TWSTORM == /*/build/twstorm ]] && [ -d "$TEST_BIN" ]'
script run/signals '! grep -q "^SigIgn:.*[2367abef]$" /proc/self/status'
script run/stdin 'read -r line && exit 1; exit 0'
runs 0 '4 passed, 0 failed, 0 skipped'

echo "alone means alone, and quiet ones have only each other"
forget
for name in a b; do
	script run/$name 'touch '"$TEST_TMP/busy.$name"'; sleep 0.3; rm '"$TEST_TMP/busy.$name"
	script run/alone_$name '# alone
! compgen -G '"'$TEST_TMP/busy.*'"' && touch '"$TEST_TMP/busy.$name"' && sleep 0.2 && rm '"$TEST_TMP/busy.$name"
	script run/quiet_$name '# quiet
! compgen -G '"'$TEST_TMP/busy.[!q]*'"' && touch '"$TEST_TMP/busy.q$name"' && sleep 0.2 && rm '"$TEST_TMP/busy.q$name"
done
runs 0 '7 passed, 0 failed, 0 skipped'

rm -rf "$repo" "$TEST_TMP"/twstorm-tests.* # or their sanitizer text would be taken for ours
