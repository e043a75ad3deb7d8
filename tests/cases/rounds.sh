#!/bin/bash
# What must be so each time is so twenty times: the tests whose head says TWSTORM_ROUNDS=N.
# limit: 1200
# quiet
. "$(dirname "$0")/../lib.sh"

for script in $(grep -l '^# TWSTORM_ROUNDS=N' tests/run/*.sh tests/netns/*.sh); do
	name=${script##*/} name=${name%.sh}
	mkdir -p "$TEST_TMP/$name"
	begin=$EPOCHSECONDS
	run env TWSTORM_ROUNDS=20 TEST_TMP="$TEST_TMP/$name" bash "$script"
	case $status in
	0) echo "$name: $((EPOCHSECONDS - begin)) s" ;;
	77) echo "$name: not here: $(tail -n 1 "$TEST_TMP/out")" ;;
	*) expect_status 0 "$name" ;;
	esac
	rm -rf "${TEST_TMP:?}/$name"
	ran=1
done
[ -n "${ran:-}" ] || fail "no test says TWSTORM_ROUNDS=N"
