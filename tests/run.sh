#!/bin/bash
# run.sh - runs the tests, and ends with one line: N passed, N failed, N skipped.
#
#   tests/run.sh [TEXT...]   every test, or those whose name contains one of the TEXTs
#   tests/run.sh cases/      the long ones, which run when they are named so, and only then
#   tests/run.sh lint/       what only reads the code; the two that take half a minute each (cppcheck, shellcheck) run only then
#
# Tests are unit/PART/NAME (libcheck programs; each check counts), run/NAME (tests/run/*.sh,
# the whole program), netns/NAME (tests/netns/*.sh, network namespaces), lint/NAME and
# cases/NAME (tests/cases/*.sh).
# `make check` builds what they need first and sets OUT, CC, FLAGS and SAN.
#
# A test ends with 0 = passed, 77 = skipped (its last line says why), anything else = failed.
# It also fails when it takes longer than its limit ("# limit: SECONDS" in the script, 120
# otherwise), when it or a child wrote sanitizer text, and when it leaves a process behind.
# Two run at a time, and beside them four that say "# waits": they mostly sleep.  Then come those
# that say "# quiet", two at a time: they sleep, too, but what they look at is time itself.
# "# alone" in a script makes it run when nothing else does.
# AGAIN=N (`make test`: 5) runs up to N tests of run/ and netns/ that failed once more, when nothing else runs: such a test
# measures time or counts in motion, and the other tests are load beside it.  What passes then is named as unsteady.
# TEST_JOBS=N runs N at a time, KEEP=1 keeps every test's directory, UNIT_WRAPPER=... goes in
# front of unit tests.
set -um
# A shell cannot take back that its caller ignores a signal, and a background job's does.
if [ -z "${SIGNALS_ARE_DEFAULT:-}" ] && env --default-signal true 2>/dev/null; then
	SIGNALS_ARE_DEFAULT=1 exec env --default-signal bash "$0" "$@"
fi
unset SIGNALS_ARE_DEFAULT
shopt -s extglob
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C

OUT=${OUT:-build}
LIMIT=120      # seconds: only what hangs comes near it, on a busy machine too
LONG_LIMIT=300 # of unit tests and linters
SANITIZER_TEXT='ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error:|WARNING: ThreadSanitizer|ERROR: ThreadSanitizer'

TWSTORM=${TWSTORM:-$OUT/twstorm}
case $TWSTORM in
/*) ;;
*) TWSTORM=$PWD/$TWSTORM ;;
esac
case $OUT in
/*) TEST_BIN=$OUT/tests ;;
*) TEST_BIN=$PWD/$OUT/tests ;;
esac
export TWSTORM TEST_BIN
slow=1 # sanitizers and valgrind take their time
[ -n "${SAN:-}${UNIT_WRAPPER:-}" ] && slow=5
export CK_VERBOSITY=normal CK_TIMEOUT_MULTIPLIER=$slow

top=$(mktemp -d "${TMPDIR:-/tmp}/twstorm-tests.XXXXXX") || exit 1
passed=0 failed=0 skipped=0
failures=() unsteady=()
declare -A why_of=() # of failures
declare -A name_of=() started_us=() # by pid of the job, which is also its process group

now_us() { echo "${EPOCHREALTIME/[.,]/}"; }

# ---- which tests there are: name and command, tab between them

all_tests() {
	local f name
	for f in tests/common/test_*.c tests/client/test_*.c tests/server/test_*.c tests/bench/test_*.c; do
		[ -e "$f" ] || continue
		name=${f#tests/} name=${name%.c}
		printf 'unit/%s\t%s %s\n' "${name/test_/}" "${UNIT_WRAPPER:-}" "$TEST_BIN/$name"
	done
	tools/lint.sh list | while read -r name; do
		printf 'lint/%s\ttools/lint.sh %s\n' "$name" "$name"
	done
	for f in tests/run/*.sh tests/netns/*.sh tests/cases/*.sh; do
		[ -e "$f" ] || continue
		name=${f#tests/}
		printf '%s\tbash %s\n' "${name%.sh}" "$f"
	done
}

wanted() {
	local text name=$1
	shift
	[ $# = 0 ] && set -- ''
	for text; do
		[[ $name == *"$text"* ]] || continue
		[[ $name == cases/* && $text != cases/* ]] && continue
		[[ $name == lint/@(cppcheck|shellcheck) && $text != lint/* ]] && continue
		return 0
	done
	return 1
}

# declared WORD COMMAND: what a script says of itself in a "# WORD..." line.
declared() {
	local script=${2##* }
	[[ $script == *.sh && $2 != tools/* ]] || return 1
	sed -n "s/^# $1 *//p" "$script" | grep -m1 .
}

# What a script says it does: alone, quiet, waiting, or (nothing said) working.
kind_of_test() {
	local script=${1##* }
	if [[ $script == tests/*.sh ]]; then
		grep -q '^# alone' "$script" && echo alone && return
		grep -q '^# quiet' "$script" && echo quiet && return
		grep -q '^# waits' "$script" && echo waiting && return
	fi
	echo working
}

# ---- one test

start_test() {
	local name=$1 command=$2 dir limit
	dir=$top/$name
	mkdir -p "$dir/tmp"
	limit=$(declared limit: "$command") || limit=$LIMIT
	[[ $name == unit/* || $name == lint/* ]] && limit=$LONG_LIMIT
	limit=$((limit * slow))
	echo "$limit" >"$dir/limit"
	(
		export TEST_NAME=$name TEST_TMP=$dir/tmp
		# One file for each process that has something to say, however its output is used.
		export ASAN_OPTIONS="log_path=$dir/sanitizer:${ASAN_OPTIONS:-}"
		export UBSAN_OPTIONS="log_path=$dir/sanitizer:print_stacktrace=1:${UBSAN_OPTIONS:-}"
		export TSAN_OPTIONS="log_path=$dir/sanitizer:${TSAN_OPTIONS:-}"
		# shellcheck disable=SC2086 # a command and its words
		exec timeout -k 5 "$limit" $command </dev/null >"$dir/log" 2>&1
	) &
	name_of[$!]=$name
	started_us[$!]=$(now_us)
}

# Prints "pid command" of every process of group $1 that is not merely waiting to be reaped.
group_members() {
	local stat rest
	for stat in /proc/[0-9]*/stat; do
		read -r rest 2>/dev/null <"$stat" || continue
		[[ ${rest##*) } == [!ZX]\ +([0-9])\ "$1 "* ]] || continue
		stat=${stat%/stat}
		echo "${stat##*/} $(tr '\0' ' ' 2>/dev/null <"$stat/cmdline")"
	done
}

# Prints "pid command" of every process that was given a TEST_TMP which begins with $1: also those
# that have left their test's process group, as `setsid` and `script` do.
given_directory() {
	local environ
	grep -lzs "^TEST_TMP=$1" /proc/[0-9]*/environ | while read -r environ; do
		environ=${environ%/environ}
		echo "${environ##*/} $(tr '\0' ' ' 2>/dev/null <"$environ/cmdline")"
	done
}

# Gives what the test of process group $1 and directory $2 started a moment to go, then ends it;
# true if there was anything.  What it was goes to file $3.
left_behind() {
	local tries=40 pid
	while [ $((tries--)) -gt 0 ]; do
		{
			kill -0 -- "-$1" 2>/dev/null && group_members "$1"
			given_directory "$2/"
		} | sort -u >"$3"
		[ -s "$3" ] || return 1
		sleep 0.05
	done
	while read -r pid _; do
		kill -KILL "$pid" 2>/dev/null
	done <"$3"
	return 0
}

# Sums libcheck's lines "NN%: Checks: N, Failures: F, Errors: E" of a log.
count_checks() {
	sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$1" |
		{
			local n=0 bad=0 checks fails errors
			while read -r checks fails errors; do
				n=$((n + checks)) bad=$((bad + fails + errors))
			done
			echo "$n $bad"
		}
}

finish_test() {
	local pid=$1 rc=$2 name dir log why='' checks=1 bad=0 note='' took
	name=${name_of[$pid]} dir=$top/$name log=$top/$name/log
	took=$(($(now_us) - started_us[$pid]))
	took=$(printf '%d.%02d' $((took / 1000000)) $((took % 1000000 / 10000)))
	unset "name_of[$pid]" "started_us[$pid]"

	left_behind "$pid" "$dir" "$dir/left" && why="left a process behind: $(tr '\n' ';' <"$dir/left")"
	if [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
		why="took longer than $(cat "$dir/limit") s"
	elif [ "$rc" != 0 ] && [ "$rc" != 77 ]; then
		why=${why:-exit $rc}
	fi
	if compgen -G "$dir/sanitizer.*" >/dev/null; then
		cat "$dir"/sanitizer.* >>"$log"
		why='a sanitizer found something'
	elif grep -rEqs "$SANITIZER_TEXT" "$log" "$dir/tmp"; then
		grep -rEhs -A 20 "$SANITIZER_TEXT" "$dir/tmp" >>"$log"
		why='a sanitizer found something'
	fi
	if [[ $name == unit/* && $rc != 77 ]]; then
		read -r checks bad <<<"$(count_checks "$log")"
		note=" ($checks checks)"
		[ "$checks" = 0 ] && why=${why:-it ran no checks}
		[ "$bad" = 0 ] && [ -n "$why" ] && bad=1
		[ "$checks" -lt "$bad" ] && checks=$bad
	elif [ -n "$why" ]; then
		bad=1
	fi

	if [ -n "$why" ] || [ "$bad" != 0 ]; then
		passed=$((passed + checks - bad)) failed=$((failed + bad))
		failures+=("$name")
		why_of[$name]=$why
		printf 'FAIL %7s s  %s%s: %s\n' "$took" "$name" "$note" "${why:-$bad failed}"
		sed 's/^/     | /' "$log" | tail -n 200
		printf '     its files are in %s\n' "$dir"
		return
	fi
	if [ "$rc" = 77 ]; then
		skipped=$((skipped + 1))
		printf 'SKIP %7s s  %s: %s\n' "$took" "$name" "$(tail -n 1 "$log")"
	else
		passed=$((passed + checks))
		printf 'PASS %7s s  %s%s\n' "$took" "$name" "$note"
	fi
	[ -n "${KEEP:-}" ] || rm -rf "$dir"
}

wait_for_one() {
	local pid rc
	wait -n -p pid "${!name_of[@]}"
	rc=$?
	finish_test "$pid" "$rc"
}

# interrupted EXIT_CODE: ends every test, and then whatever of theirs took no notice of it.
interrupted() {
	local pid
	trap '' INT TERM HUP
	exec 3>&2 2>/dev/null # bash would say of each that it was terminated
	for pid in "${!name_of[@]}"; do
		kill -TERM -- "-$pid"
	done
	wait
	for pid in "${!name_of[@]}"; do
		kill -KILL -- "-$pid"
	done
	given_directory "$top/" | while read -r pid _; do
		kill -KILL "$pid"
	done
	rm -rf "$top"
	echo "interrupted" >&3
	exit "$1"
}
trap 'interrupted 129' HUP
trap 'interrupted 130' INT
trap 'interrupted 143' TERM

# ---- all of them: side by side first, then two, then one at a time

# running KIND: how many of these are.
running() {
	local pid n=0
	for pid in "${!name_of[@]}"; do
		[ "${kind_of[${name_of[$pid]}]}" = "$1" ] && n=$((n + 1))
	done
	echo $n
}

list=$(all_tests) || exit 1
declare -A kind_of=() command_of=() room=([working]=${TEST_JOBS:-2} [waiting]=${TEST_JOBS:-4} [quiet]=${TEST_JOBS:-2} [alone]=1)
declare -A queue=()
while IFS=$'\t' read -r name command; do
	wanted "$name" "$@" || continue
	kind_of[$name]=$(kind_of_test "$command")
	command_of[$name]=$command
	queue[${kind_of[$name]}]+="$name "
done <<<"$list"
for phase in "waiting working" quiet alone; do
	while :; do
		for kind in $phase; do
			while [ -n "${queue[$kind]:-}" ] && [ "$(running "$kind")" -lt "${room[$kind]}" ]; do
				name=${queue[$kind]%% *}
				queue[$kind]=${queue[$kind]#* }
				start_test "$name" "${command_of[$name]}"
			done
		done
		[ ${#name_of[@]} -gt 0 ] || break
		wait_for_one
	done
done

# Only what ended by itself and said that it failed: a sanitizer's find, a crash, a process left behind stays one.
may_be_disturbed() { [[ $1 == @(run|netns)/* && ${why_of[$1]} == "exit 1" ]]; }

run_again() {
	local first=("${failures[@]}") name
	failures=()
	for name in "${first[@]}"; do
		if ! may_be_disturbed "$name"; then
			failures+=("$name")
			continue
		fi
		mv "$top/$name" "$top/$name.first"
		failed=$((failed - 1))
		echo "again, by itself: $name"
		start_test "$name" "${command_of[$name]}"
		wait_for_one
		[[ " ${failures[*]} " == *" $name "* ]] || unsteady+=("$name")
	done
}
if [ ${#failures[@]} -gt 0 ] && [ ${#failures[@]} -le "${AGAIN:-0}" ]; then
	run_again
fi

if [ $((passed + failed + skipped)) = 0 ]; then
	echo "no test is named like: $*"
	failed=1
fi
if [ ${#unsteady[@]} -gt 0 ]; then
	echo "unsteady (failed beside other tests, passed alone): ${unsteady[*]}"
fi
if [ ${#failures[@]} -gt 0 ]; then
	echo "failed: ${failures[*]}"
elif [ -n "${KEEP:-}" ]; then
	echo "the tests' files are in $top"
else
	rm -rf "$top"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
