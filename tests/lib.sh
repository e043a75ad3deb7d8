# shellcheck shell=bash
# lib.sh - what whole-program tests share.  A test begins:
#
#   #!/bin/bash
#   # One sentence: the behaviour that is checked.
#   # limit: 300        (only if 120 s are not enough)
#   # alone             (only if it measures, and needs the machine quiet)
#   . "$(dirname "$0")/../lib.sh"
#
# tests/run.sh sets TWSTORM (the program to test), TEST_BIN (helper programs) and TEST_TMP (an
# empty directory of the test's own).  By hand, `bash tests/run/NAME.sh` does as well.
set -u
export LC_ALL=C
TEST_SCRIPT=$(realpath "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
: "${TWSTORM:=$PWD/build/twstorm}"
case $TWSTORM in
/*) ;;
*) TWSTORM=$PWD/$TWSTORM ;;
esac
: "${TEST_BIN:=${TWSTORM%/*}/tests}"
if [ -z "${TEST_TMP:-}" ]; then
	TEST_TMP=$(mktemp -d "${TMPDIR:-/tmp}/twstorm-test.XXXXXX") || exit 1
	test_tmp_is_mine=$BASHPID
fi
export TWSTORM TEST_BIN TEST_TMP

# What start began and has not been stopped: pid by name.
declare -A started_pid=()

# fail MESSAGE...: ends the test as failed, with the logs of what it started.  On stderr, for who
# calls wait_line may not want to see the line.
fail() {
	local name
	exec >&2
	echo "FAIL: $*"
	for name in "${!started_pid[@]}"; do
		echo "--- stderr of $name, last lines"
		tail -n 30 "$TEST_TMP/$name.log"
	done
	exit 1
}

# skip REASON...: ends the test as skipped.
skip() {
	echo "$*"
	exit 77
}

# need TOOL...: skips the test where one is not installed.
need() {
	local tool
	PATH=$PATH:/usr/sbin:/sbin
	for tool; do
		command -v "$tool" >/dev/null 2>&1 || skip "$tool is not installed"
	done
}

# has_tls: whether the program was built with OpenSSL.
has_tls() {
	"$TWSTORM" server --tls -l 127.0.0.1:0 -d 1ms -q >/dev/null 2>&1
	[ $? != 6 ]
}

# all_cases: whether every example is wanted (ALL_CASES=1, as cases/matrices sets it for the tests
# whose head says so), or one of each kind.  more COMMAND...: an example where every one is wanted.
all_cases() {
	[ -n "${ALL_CASES:-}" ]
}
more() {
	! all_cases || "$@"
}

# start NAME COMMAND...: runs it in the background, stdout in $TEST_TMP/NAME.out and stderr in
# $TEST_TMP/NAME.log.  Its pid is then in $! and ${started_pid[NAME]}; it ends with the test.
start() {
	local name=$1
	shift
	rm -f "$TEST_TMP/$name.out" "$TEST_TMP/$name.log" # nobody waits for an old line
	(
		trap - INT QUIT # or it would be started with them ignored
		exec "$@" </dev/null >"$TEST_TMP/$name.out" 2>"$TEST_TMP/$name.log"
	) &
	started_pid[$name]=$!
}

# start_listener NAME COMMAND...: as start; returns when it has said "listening on ADDR:PORT", its
# port then in $port and, of a twstorm server, its admin address in $admin.
# shellcheck disable=SC2034 # for the test
start_listener() {
	start "$@"
	wait_line "$TEST_TMP/$1.out" '^listening on ' >/dev/null
	port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p;T;q' "$TEST_TMP/$1.out")
	admin=$(sed -n 's,^admin on http://\(.*\)/stats$,\1,p' "$TEST_TMP/$1.out")
}

# start_server NAME [OPTION...]: `twstorm server` on a free port of 127.0.0.1.
start_server() {
	local name=$1
	shift
	start_listener "$name" "$TWSTORM" server -l 127.0.0.1:0 "$@"
}

# stop NAME [SIGNAL]: ends what start began and waits for it; returns its exit code.
stop() {
	local pid=${started_pid[$1]}
	unset "started_pid[$1]"
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid"
}

# wait_exit NAME: waits until it ends by itself; returns its exit code.
wait_exit() {
	local pid=${started_pid[$1]}
	unset "started_pid[$1]"
	wait "$pid"
}

# The test's own EXIT handler, if it needs one, is a function called cleanup.
lib_exit() {
	local rc=$? pid
	trap - EXIT
	declare -F cleanup >/dev/null && cleanup
	for pid in "${started_pid[@]}"; do
		kill -TERM "$pid" 2>/dev/null
	done
	for pid in "${started_pid[@]}"; do
		ended_within "$pid" 60 || kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	[ "${test_tmp_is_mine:-}" = "$BASHPID" ] && [ "$rc" != 1 ] && rm -rf "$TEST_TMP"
	exit "$rc"
}
trap lib_exit EXIT

# ended_within PID TENTHS
ended_within() {
	local i
	for ((i = 0; i < $2; i++)); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# wait_until SECONDS COMMAND...: runs it until it succeeds; returns 1 when time is up.
wait_until() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# wait_line FILE REGEX [SECONDS]: until FILE has a line matching REGEX (extended); prints it.
wait_line() {
	wait_until "${3:-10}" grep -Eqs -e "$2" "$1" || fail "no line like '$2' in $1 after ${3:-10} s"
	grep -Em1 -e "$2" "$1"
}

# wait_count N SECONDS COMMAND...: until COMMAND prints a number >= N.
count_reached() {
	local n=$1 got
	shift
	got=$("$@") && [ -n "$got" ] && [ "$got" -ge "$n" ]
}
wait_count() {
	local n=$1 seconds=$2
	shift 2
	wait_until "$seconds" count_reached "$n" "$@" || fail "'$*' is $("$@") after $seconds s, not $n"
}

# json PATH FILE: the value at a dotted path of a JSON document ("-" = stdin): text bare,
# anything else as JSON.  Keys may contain dots: counters.Tcp.ActiveOpens is found.
# Fails (exit 1, nothing printed) when there is no such path.
json() {
	"$TEST_BIN/tools/json_get" "$1" "$2"
}

# json_is PATH FILE VALUE: or the test fails.
json_is() {
	local got
	got=$(json "$1" "$2") || fail "$2 has no $1"
	[ "$got" = "$3" ] || fail "$1 in $2 is $got, not $3"
}

# json_are FILE PATH=VALUE...: each of them.
json_are() {
	local file=$1 row
	shift
	for row; do
		json_is "${row%%=*}" "$file" "${row#*=}"
	done
}

# counter NAME [COMMAND...]: a counter of the kernel's, as in TcpExt.TW, or sockstat's tw as in
# sockstat.tw; of the namespace in which COMMAND... runs a command.
counter() {
	local name=$1
	shift
	"$@" cat /proc/net/netstat /proc/net/snmp /proc/net/sockstat | awk -v want="$name" '
		/^TCP: inuse/ { for (i = 2; i < NF; i += 2) if ("sockstat." $i == want) print $(i + 1) }
		/^(Tcp|TcpExt|IpExt): [A-Z]/ { n = split($0, name); next }
		/^(Tcp|TcpExt|IpExt): / {
			for (i = 2; i <= n; i++)
				if (substr($1, 1, length($1) - 1) "." name[i] == want) print $i
		}'
}

# ran_out_when_predicted FILE: the first connection without a port is the one that was due at the
# moment that was predicted, and it did not fail before it was due.  How much later it failed is
# this machine's business: by as much as its starts were late, which the result says as well.
ran_out_when_predicted() {
	local due late
	json_is ports.exhausted "$1" true
	due=$(json ports.first_exhausted_due_s "$1")
	late=$(json latency_us.start_lag.max "$1")
	awk -v p="$(json ports.predicted_exhaustion_s "$1")" -v due="$due" -v late="$late" \
		-v call="$(json latency_us.connect_call.max "$1")" -v seen="$(json ports.first_exhausted_s "$1")" '
		BEGIN { exit !(p > 0 && due > p - 1e-4 && due < p + 1e-4 && seen > due - 1e-4 &&
			seen < due + (late + call) / 1e6 + 0.5) }' ||
		fail "predicted $(json ports.predicted_exhaustion_s "$1") s, due $due s," \
			"seen $(json ports.first_exhausted_s "$1") s, late $late us: $1"
}

# in_netns "$@": runs the rest of the test in a network namespace of its own, loopback up.
# Call it first; what is above it runs twice.
in_netns() {
	if [ -z "${TEST_IN_NETNS:-}" ]; then
		local userns=-r
		[ "$(id -u)" = 0 ] && userns=
		# shellcheck disable=SC2086 # empty means absent
		unshare $userns -n true 2>/dev/null || skip "cannot make a network namespace here"
		trap - EXIT
		# shellcheck disable=SC2086
		TEST_IN_NETNS=1 exec unshare $userns -n bash "$TEST_SCRIPT" "$@"
	fi
	if command -v ip >/dev/null 2>&1; then
		ip link set lo up
	else
		"$TEST_BIN/tools/lo_up"
	fi || fail "cannot bring up lo"
}

# run COMMAND...: runs it; its exit code in $status, output in $TEST_TMP/out and $TEST_TMP/err.
run() {
	status=0
	"$@" </dev/null >"$TEST_TMP/out" 2>"$TEST_TMP/err" || status=$?
}

# expect_status N: of the last run, or the test fails with its output.
expect_status() {
	[ "$status" = "$1" ] && return
	echo "--- stdout" && head -n 50 "$TEST_TMP/out"
	echo "--- stderr" && head -n 50 "$TEST_TMP/err"
	fail "exit code $status, not $1${2:+: $2}"
}

# give_to_nobody DIR: a directory below $TEST_TMP becomes the ordinary user nobody's, who can also
# get there.  As root.
give_to_nobody() {
	local dir=$TEST_TMP
	chown -R nobody "$1"
	chmod -R a+rX "$1"
	while :; do
		[ "$(stat -c %u "$dir")" = 0 ] && [ "$(stat -c %a "$dir")" = 700 ] && chmod a+x "$dir"
		dir=${dir%/*}
		[[ $dir == */twstorm-test* ]] || return 0 # the runner's, and no further up
	done
}
