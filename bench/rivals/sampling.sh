#!/bin/bash
# sampling.sh [SOCKETS...] - what it costs to count so many sockets in TIME_WAIT (1000, 60000,
# 500000 and 1000000): what our sampler does against ss and netstat|awk.  Then a run that goes on
# beside them: what its sampler did, and whether the run felt it.
#
# Each number has a network namespace of its own.  Figures are ms of CPU time, user and system,
# medians of ROUNDS (5).  A million sockets must be made within the minute that TIME_WAIT lasts:
# the machine should have nothing else to do.  `sockets` says how many there were in the end.
#
# Needs the build's helpers (make check T=none builds them), root or user namespaces, ip, ss;
# netstat and awk if installed.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
TWSTORM=$(realpath "${TWSTORM:-build/twstorm}")
COST=$(realpath "${TEST_BIN:-build/tests}/netns/sampling_cost")
JSON=$(realpath "${TEST_BIN:-build/tests}/tools/json_get")
ROUNDS=${ROUNDS:-5}
export TWSTORM TEST_BIN ROUNDS
TIMEFORMAT='%U %S'

# cpu_ms ROUNDS COMMAND: the median of its CPU time.
cpu_ms() {
	local i rounds=$1
	shift
	for ((i = 0; i < rounds; i++)); do
		{ time bash -c "$*" >/dev/null 2>&1; } 2>&1
	done | awk '{ print 1000 * ($1 + $2) }' | sort -n | sed -n "$((rounds / 2 + 1))p"
}

# of NAME: a figure of the helper's.
of() {
	sed -n "s/^$1 //p" "$dir/cost"
}

beside() {
	"$TWSTORM" server -q -l 127.0.0.1:900 >"$dir/server" &
	until grep -qs '^listening on' "$dir/server"; do sleep 0.1; done
	"$TWSTORM" client -t 127.0.0.1:900 -r 1k/s -d 5s -q --close server-fin -o "$dir/run.json" >/dev/null
	kill $!
	echo "           beside a run of 5 s at 1,000/s: $(awk -v s="$("$JSON" sampler.samples "$dir/run.json")" \
		-v f="$("$JSON" sampler.full_dumps "$dir/run.json")" -v t="$("$JSON" sampler.thinned "$dir/run.json")" \
		-v k="$("$JSON" sampler.ticks "$dir/run.json")" -v c="$("$JSON" sampler.cpu_s "$dir/run.json")" \
		-v l="$("$JSON" sampler.longest_ms "$dir/run.json")" -v p="$("$JSON" latency_us.transaction.p99 "$dir/run.json")" \
		'BEGIN { printf "%d ticks, %d counts, %d full, thinned at %d;\n           %.0f ms of CPU, longest %.0f ms; p99 of transactions %.0f us", k, s, f, t, 1000 * c, l, p }')"
}

inside() {
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	ip link set lo up
	"$COST" "$SAMPLING_INSIDE" "$ROUNDS" >"$dir/cost"
	local summary list netstat=-
	summary=$(cpu_ms "$ROUNDS" ss -s)
	list=$(cpu_ms 1 ss -tan)
	# It takes seconds, so once is enough.
	if command -v netstat >/dev/null; then
		netstat=$(cpu_ms 1 "netstat -n | awk '/^tcp/ { ++s[\$NF] } END { for (a in s) print a, s[a] }'")
	fi
	printf '%10s %9s %9s %9s %9s %9s %11s\n' "$(of sockets)" "$(of sockstat)" "$(of live)" "$(of dump)" \
		"$summary" "$list" "$netstat"
	beside
}

if [ -n "${SAMPLING_INSIDE:-}" ]; then
	inside
	exit
fi
[ $# -gt 0 ] || set -- 1000 60000 500000 1000000
userns=-r
[ "$(id -u)" = 0 ] && userns=
printf '%10s %9s %9s %9s %9s %9s %11s\n' sockets sockstat 'no TIME_W' dump 'ss -s' 'ss -tan' 'netstat|awk'
for n; do
	# shellcheck disable=SC2086 # empty means absent
	SAMPLING_INSIDE=$n unshare $userns -n bash "$0"
done
