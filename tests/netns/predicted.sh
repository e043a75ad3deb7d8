#!/bin/bash
# Where the right prediction is known, that is what is said: every kind of thing that takes a port,
# keeps it or gives it back.  `make cases` has those that take long.
# quiet
. "$(dirname "$0")/../lib.sh"
need python3
run python3 tests/predictions/known.py short
cat "$TEST_TMP/out"
[ "$status" != 77 ] || skip "$(tail -n 1 "$TEST_TMP/out")"
expect_status 0
