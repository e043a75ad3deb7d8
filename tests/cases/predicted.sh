#!/bin/bash
# Where the right prediction is known and takes long to come true: a minute of TIME_WAIT, thousands of
# ports.  Then all the quick ones, five times.
# limit: 900
# alone
. "$(dirname "$0")/../lib.sh"
need python3
known() {
	run python3 tests/predictions/known.py "$1"
	cat "$TEST_TMP/out"
	[ "$status" != 77 ] || skip "$(tail -n 1 "$TEST_TMP/out")"
	expect_status 0
}

known long
for ((i = 0; i < 5; i++)); do
	known short
done
