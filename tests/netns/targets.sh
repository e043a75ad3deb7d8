#!/bin/bash
# Errors are kept where they arose: of two targets one serves and one refuses, and each has its own
# counts, which the kernel of either host and the server agree with; the text and the page have a
# row for each.  A refused connection has the time of its connect().
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
new_hosts
server_on_server
served=$SERVER_ADDR:9000 nobody=$SERVER_ADDR:9001

# client NAME TARGETS [OPTION...]: $r is its result, ${grown[COUNTER]} what grew on the host of that counter
declare -A grown
client() {
	local c targets=$2
	r=$TEST_TMP/$1.json
	local name=$1
	shift 2
	for c in client:Tcp.AttemptFails client:Tcp.ActiveOpens server:Tcp.PassiveOpens; do
		grown[$c]=$((-$(netstat_on "${c%%:*}" "${c#*:}")))
	done
	client_on_client "$name" -q -t "$targets" "$@"
	for c in "${!grown[@]}"; do
		grown[$c]=$((grown[$c] + $(netstat_on "${c%%:*}" "${c#*:}")))
	done
}

# grew COUNTER N
grew() {
	[ "${grown[$1]}" = "$2" ] || fail "$1 grew by ${grown[$1]}, not $2"
}

echo "one of two refuses"
client two $served,$nobody -n 200 -w 2 --failover off
json_are "$r" targets.0.address=$served targets.0.started=100 targets.0.ok=100 targets.0.failed='{}' \
	targets.0.last_failed_s=null targets.1.address=$nobody targets.1.started=100 targets.1.ok=0 \
	targets.1.failed='{"ECONNREFUSED":100}' targets.1.last_ok_s=null errors.connect='{"ECONNREFUSED":100}'
grew client:Tcp.AttemptFails 100
grew server:Tcp.PassiveOpens 100
[ "$(ss_count client state time-wait dport = :9000)" = 100 ] || fail "ss has not 100 TIME_WAIT to $served"
tr -s ' ' <"$TEST_TMP/out" | grep -A1 "^targets $served 100 ok of 100\$" |
	grep -q "^ $nobody 0 ok of 100 ECONNREFUSED 100\$" || fail "the text has no rows of targets: $(cat "$TEST_TMP/out")"
"$TWSTORM" report "$r" --html "$TEST_TMP/two.html" >/dev/null || fail "no page"
grep -q targetsSection "$TEST_TMP/two.html" || fail "the page cannot tell of targets"

echo "a condition reaches them"
client cond $served,$nobody -n 4 --failover off --expect "targets.$nobody.failed.ECONNREFUSED == 2" \
	--expect "targets.$served.failed.ECONNREFUSED == 0" --expect "targets.$served.ok == 2"
[[ $(json 'expectations' "$r") != *'"ok":false'* ]] || fail "expectations: $(json expectations "$r")"
client misspelt $served -n 4 --expect "targets.$nobody.ok == 2"
expect_status 2 "a target that is not in the list"

echo "the first and the last time of an errno"
awk -v first="$(json error_times.connect.ECONNREFUSED.first_s "$TEST_TMP/two.json")" \
	-v last="$(json error_times.connect.ECONNREFUSED.last_s "$TEST_TMP/two.json")" \
	-v end="$(json run.duration_s "$TEST_TMP/two.json")" 'BEGIN { exit !(0 <= first && first < last && last <= end) }' ||
	fail "$(json error_times "$TEST_TMP/two.json")"
client once $nobody -n 1
awk -v first="$(json error_times.connect.ECONNREFUSED.first_s "$r")" -v last="$(json error_times.connect.ECONNREFUSED.last_s "$r")" \
	'BEGIN { exit first != last }' || fail "one failure at two times: $(json error_times "$r")"

echo "a target named twice is one, and one target has no rows"
client twice $served,$served,$nobody -n 30 --failover off
json_are "$r" targets.0.address=$served targets.0.started=20 targets.0.ok=20 targets.1.started=10
! json targets.2 "$r" || fail "three targets: $(json targets "$r")"
client one $served -n 30
json_is targets.0.ok "$r" 30
! grep -q '^targets' "$TEST_TMP/out" || fail "rows of one target"

echo "a server that is silent: --timeout counts as ETIMEDOUT"
client silent $served,198.18.0.4:9000 -n 4 --timeout 200ms --failover off
json_are "$r" targets.1.failed='{"ETIMEDOUT":2}' errors.timeout.connect=2 targets.0.ok=2

echo "more than 64: the others are summed"
client many $SERVER_ADDR:9001-9070,$served -n 71 --failover off
json_are "$r" targets.63.started=1 targets.64.address=others targets.64.started=7 targets.64.ok=1 \
	targets.64.failed='{"ECONNREFUSED":6}'
grew client:Tcp.AttemptFails 70
exit 0
