#!/bin/bash
# What is looked at costs the run nothing: 5,000 connections a second with nobody looking, and scraped every second with a page open,
# in turn; 100 open pages, 10 of which never read.  TWSTORM_ROUNDS=N pairs (3).
# limit: 400
. "$(dirname "$0")/../lib.sh"
need curl python3
in_netns "$@"

tests=${TEST_SCRIPT%/*}
cd "$TEST_TMP" || exit 1
start_listener server "$TWSTORM" server -l 127.0.0.1:9000 --admin 127.0.0.1:9100 -q
"$tests/page_cost.py" "$TWSTORM" "${TWSTORM_ROUNDS:-3}" || fail "a page costs the run something"
