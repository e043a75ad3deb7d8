#!/bin/bash
# `lab probe old-duplicate`: an old segment is read by the next connection where TIME_WAIT is avoided
# and timestamps are off, and by nobody otherwise: each combination, every time.
# TIMES=20 runs each so often.
# limit: 120
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/probe.bash
TIMES=${TIMES:-3}

# combination WHAT SYSCTLS OPTIONS TIME_WAIT SECOND DELIVERED LOST PAWS
combination() {
	local what=$1 time_wait=$4 second=$5 delivered=$6 lost=$7 paws=$8 i setting before
	for setting in $2; do
		set_sysctl "${setting%=*}" "${setting#*=}"
	done
	for ((i = 0; i < TIMES; i++)); do
		before=$(counter TcpExt.PAWSEstab)
		# shellcheck disable=SC2086 # options are words
		probe one old-duplicate $3
		json_are "$TEST_TMP/one.json" old_duplicate.time_wait="$time_wait" \
			old_duplicate.second_connection="$second" \
			old_duplicate.delivered="$delivered" old_duplicate.bytes_lost="$lost" \
			old_duplicate.bytes_corrupted="$lost" counters.TcpExt.PAWSEstab="$paws"
		[ $(($(counter TcpExt.PAWSEstab) - before)) = "$paws" ] ||
			fail "$what: the kernel's PAWSEstab did not grow by $paws"
		if [ "$second" = made ]; then
			json_is old_duplicate.injected "$TEST_TMP/one.json" 1
			json_is old_duplicate.bytes_unacknowledged "$TEST_TMP/one.json" 0
		else
			json_is old_duplicate.injected "$TEST_TMP/one.json" 0
		fi
	done
	echo "$what: $TIMES of $TIMES"
}

combination "TIME_WAIT, no timestamps" "tcp_timestamps=0" "" 1 EADDRNOTAVAIL false 0 0
combination "linger, no timestamps" "" "--avoid linger" 0 made true 32 0
json_is old_duplicate.server_read "$TEST_TMP/one.json" OLD-DATA-OLD-DATA-OLD-DATA-OLD-D
combination "linger, timestamps" "tcp_timestamps=1" "--avoid linger" 0 made false 0 1
combination "TIME_WAIT reused, timestamps" "" "" 1 made false 0 1
# 65537 above the old end, where the FIN was: message, FIN, SYN.
json_is old_duplicate.sequence_gap "$TEST_TMP/one.json" $((-65537 - 32 - 1 - 1))
combination "no buckets, timestamps" "tcp_max_tw_buckets=0" "" 0 made false 0 1
combination "no buckets, no timestamps" "tcp_timestamps=0" "" 0 made true 32 0

echo "the address may be one of 198.18.0.0/15"
if command -v ip >/dev/null; then
	ip addr add 198.18.0.1/32 dev lo
	probe there old-duplicate --address 198.18.0.1
	json_is old_duplicate.delivered "$TEST_TMP/there.json" true
fi

echo "what cannot be done is told"
run "$TWSTORM" lab probe old-duplicate --address ::1
expect_status 2
grep -q IPv4 "$TEST_TMP/err" || fail "no sentence about IPv4"
if command -v setpriv >/dev/null; then
	run setpriv --bounding-set=-net_raw --inh-caps=-all "$TWSTORM" lab probe old-duplicate
	expect_status 6 "without CAP_NET_RAW"
	grep -q 'needs CAP_NET_RAW' "$TEST_TMP/err" || fail "no sentence about CAP_NET_RAW"
	[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "more than a sentence"
fi
