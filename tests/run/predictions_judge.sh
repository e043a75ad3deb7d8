#!/bin/bash
# A wrong prediction, one that was said too late and a false reassurance are found by the judge of
# `make predictions`; a draw depends on its seed and number alone.
. "$(dirname "$0")/../lib.sh"
need python3
run python3 tests/predictions/test_judge.py
expect_status 0
shown() {
	python3 tests/predictions/campaign.py --show --seed "$1" "${@:2}"
}
[ "$(shown 7 --count 30 | tail -n 1)" = "$(shown 7 --only 30)" ] || fail "draw 30 is another one alone"
[ "$(shown 7 --only 30)" != "$(shown 8 --only 30)" ] || fail "draw 30 is the same for two seeds"
