#!/bin/bash
# Beside four busy loops the tests that have to do with time are right all the same: they compare
# counts and timetables, not the clock.  TWSTORM_ROUNDS=30 has each of them so often (3).
# limit: 900
# alone
. "$(dirname "$0")/../lib.sh"

for i in 1 2 3 4; do
	start "busy$i" timeout 850 sh -c 'while :; do :; done'
done
for name in netns/lab_shell netns/reuseaddr netns/prediction netns/lab_cues netns/cheapest unit/client/slot_http; do
	for ((round = 1; round <= ${TWSTORM_ROUNDS:-3}; round++)); do
		mkdir -p "$TEST_TMP/one"
		case $name in
		unit/*) run "$TEST_BIN/client/test_slot_http" ;;
		*) run env TEST_TMP="$TEST_TMP/one" bash "tests/$name.sh" ;;
		esac
		[ "$status" = 77 ] || expect_status 0 "$name, round $round"
		rm -rf "$TEST_TMP/one"
	done
	echo "$name: $((round - 1)) of $((round - 1))"
done
