#!/bin/bash
# What `make test` has one example of, in every combination: the tests that know
# ALL_CASES=1.
# limit: 900
# alone
. "$(dirname "$0")/../lib.sh"

for script in $(grep -l '^# ALL_CASES=1' tests/run/*.sh tests/netns/*.sh); do
	name=${script##*/} name=${name%.sh}
	mkdir -p "$TEST_TMP/$name"
	begin=$EPOCHSECONDS
	run env ALL_CASES=1 TEST_TMP="$TEST_TMP/$name" bash "$script"
	case $status in
	0) echo "$name: $((EPOCHSECONDS - begin)) s" ;;
	77) echo "$name: not here: $(tail -n 1 "$TEST_TMP/out")" ;;
	*) expect_status 0 "$name" ;;
	esac
	rm -rf "${TEST_TMP:?}/$name"
	ran=1
done
[ -n "${ran:-}" ] || fail "no test knows ALL_CASES"
