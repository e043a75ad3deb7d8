#!/bin/bash
# What a cable of ours does is what was asked for: its delay, beside a bare timer's in the same seconds; its losses; what it
# carries and costs, beside the bridge. Prints the table of docs/performance.md. TWSTORM_ROUNDS=9 takes so many rounds (3).
# limit: 900
# alone
. "$(dirname "$0")/../lib.sh"
need python3
printf '[scenario]\nabout = x\n[host a]\n[client c]\nhost = a\nargs = -t 198.18.0.1:1\n' >"$TEST_TMP/one.ini"
run "$TWSTORM" lab shell "$TEST_TMP/one.ini" -- true
[ "$status" = 6 ] && skip "no lab here: $(cat err)"
python3 tests/cases/wire.py "$TWSTORM" "$TEST_BIN/netns/wire_probe" "$TEST_TMP" "${TWSTORM_ROUNDS:-3}" ||
	fail "not as asked for"
