#!/bin/bash
# How full the ports are, between two counts of the kernel's: each call counts in the tenth that was in use
# though the ports are held, the search of --bind early is in bind(), and a row of the series that nobody
# counted for is null.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
new_hosts
server_on_server

# fill RESULT PORTS OPTION...: all but ten of so many ports, few counts can be afforded.
fill() {
	sysctl_on client ipv4.ip_local_port_range "40000 $((39999 + $2))"
	client_on_client "$1" -q -t $SERVER_ADDR:9000 -n $(($2 - 10)) -d 20s --sample-budget 0.1% "${@:3}"
	expect_status 0 "$1"
	json_is totals.connects_ok "$TEST_TMP/$1.json" $(($2 - 10))
}

# Held: each has a port of its own, so the n-th call met n - 1 of them.
fill held 1000 --source-ports all -r 2k/s --hold 2s --close client-rst -c 1000
[ "$(json totals.most_busy "$TEST_TMP/held.json")" = 990 ] || skip "the machine was too busy: not all were held at once"
for tenth in 0 10 20 30 40 50 60 70 80 90; do
	n=$(json connect_by_fill.$tenth.count "$TEST_TMP/held.json") || n=0
	[ "$n" -ge 50 ] && [ "$n" -le 150 ] || fail "$n of 990 calls at $tenth %, not about 100"
done
json_is latency_us.bind.count "$TEST_TMP/held.json" 0

# A connection that was made keeps its port, so no row has many of those and no port.
json series "$TEST_TMP/held.json" >"$TEST_TMP/series"
if command -v python3 >/dev/null; then
	python3 - "$TEST_TMP/series" <<'PY' || fail "rows that were not counted are 0"
import json, sys
rows = json.load(open(sys.argv[1]))[:-1]
late = [r for r in rows if 100 < r["connects_ok"]]
assert late and rows[0]["ports_in_use"] == 0, rows[0]
assert all(r["ports_in_use"] is None or r["ports_in_use"] > 0 for r in late), late
assert any(r["client"] is None for r in rows), "all was counted, so nothing was shown"
PY
fi

# bind() has looked for each port, and longer where more than half are taken.
fill early 2000 --bind early -r 4k/s
json_is latency_us.bind.count "$TEST_TMP/early.json" 1990
awk -v low="$(json connect_by_fill.20.p50 "$TEST_TMP/early.json")" -v high="$(json connect_by_fill.70.p50 "$TEST_TMP/early.json")" \
	'BEGIN { exit !(low > 0 && high > 2 * low) }' || fail "no search in bind()"
