#!/bin/bash
# A rank whose clock is 3 s off begins at the wrong moment of --start-at, and by its own clock at the right one. Each rank asked
# the server what time it is, so the merge names the rank; without --server-stats nobody knows, and that is said.
# waits
. "$(dirname "$0")/../lib.sh"
start_server server --admin 127.0.0.1:0

# all_begin SECONDS: three ranks wait for a moment; the clock of rank 1 is 3 s ahead. False: one of them came too late.
all_begin() {
	local at r ok=true
	at=$(awk -v now="$EPOCHREALTIME" -v ahead="$1" 'BEGIN { printf "%.3f", now + ahead }')
	for r in 0 1 2; do
		start "rank$r" env CLOCK_OFF_MS=$((r == 1 ? 3000 : 0)) "LD_PRELOAD=$TEST_BIN/preload/clock_off.so" \
			"ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-}" "$TWSTORM" client -q -t "127.0.0.1:$port" -n 30 \
			--rank $r --ranks 3 --start-at "$at" --server-stats "$admin" -o "$TEST_TMP/ranks/"
	done
	for r in 0 1 2; do
		wait_exit "rank$r" || ok=false
	done
	$ok
}
all_begin 3.4 || all_begin 10 || all_begin 30 || fail "$(cat "$TEST_TMP"/rank*.log)"

run "$TWSTORM" merge "$TEST_TMP/ranks" -o "$TEST_TMP/all.json"
expect_status 4 "a clock that is 3 s off: $(cat "$TEST_TMP/err")"
grep -qE "^twstorm merge: the clock of rank 1 is [23][0-9]{3} ms ahead of the others', by the server's clock, give or take [0-9.]+ ms\$" \
	"$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
grep -qE "^twstorm merge: the ranks did not begin together: rank [02] [0-9]+ ms after the first, by the server's clock\$" "$TEST_TMP/err" ||
	fail "$(cat "$TEST_TMP/err")"
grep -qE "^ clocks +rank 1's is furthest from the others': [23][0-9.]+ ms ahead" "$TEST_TMP/out" || fail "$(cat "$TEST_TMP/out")"
json_are "$TEST_TMP/all.json" complete=false merged.skew=failed merged.clock_rank=1 totals.connects_ok=30
for r in 0 1 2; do
	json_is clock.host "$TEST_TMP/ranks/rank-000$r.json" "$(json host.boot_id "$TEST_TMP/ranks/rank-000$r.json")"
	# Right to its error: half of a round trip, whatever that took.
	awk -v off="$(json clock.offset_us "$TEST_TMP/ranks/rank-000$r.json")" -v error="$(json clock.error_us "$TEST_TMP/ranks/rank-000$r.json")" \
		-v true=$((r == 1 ? -3000000 : 0)) 'BEGIN { d = off - true; exit !(error > 0 && d <= error && -d <= error) }' ||
		fail "the clock of rank $r: $(json clock "$TEST_TMP/ranks/rank-000$r.json")"
done

# Without --server-stats it is not known.
for r in 0 1; do
	run "$TWSTORM" client -q -t "127.0.0.1:$port" -n 20 --rank $r --ranks 2 -o "$TEST_TMP/unknown/"
	expect_status 0 "rank $r"
	json_are "$TEST_TMP/unknown/rank-000$r.json" clock=null clock_reason='not asked: no --server-stats'
done
run "$TWSTORM" merge "$TEST_TMP/unknown" -o "$TEST_TMP/unknown.json"
json_are "$TEST_TMP/unknown.json" merged.clock_us=null merged.clock_reason='rank 0: not asked: no --server-stats'
grep -qE '^ clocks +n/a \(rank 0: not asked: no --server-stats\)$' "$TEST_TMP/out" || fail "$(cat "$TEST_TMP/out")"
