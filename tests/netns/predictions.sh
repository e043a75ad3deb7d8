#!/bin/bash
# A dozen configurations drawn at random from the options that concern ports: no prediction is wrong,
# no reassurance false.  `make cases` draws sixty, `make predictions` any number.
# quiet
. "$(dirname "$0")/../lib.sh"
need python3
run python3 tests/predictions/campaign.py --seed 354 --count 12 --lanes 3 --out "$TEST_TMP/draws"
cat "$TEST_TMP/out"
[ "$status" != 77 ] || skip "$(tail -n 1 "$TEST_TMP/out")"
expect_status 0
