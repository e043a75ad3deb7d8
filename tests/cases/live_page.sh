#!/bin/bash
# The page of a run that goes on, in Chromium: what its state diagram counts lies between what ss counts before and
# after, and when the run ends the page is its report.
# limit: 240
# waits
. "$(dirname "$0")/../lib.sh"
need chromium ss python3
in_netns "$@"

tests=${TEST_SCRIPT%/*}
export PYTHONPATH=${tests%/*}/tools
cd "$TEST_TMP" || exit 1
start_listener server "$TWSTORM" server -l 127.0.0.1:9000 --admin 127.0.0.1:9100
start client "$TWSTORM" client -t 127.0.0.1:9000 -r 40/s -c 9000 --hold 500s -d 300s -q --format none --server-stats 127.0.0.1:9100 \
	--admin 127.0.0.1:9200
wait_line client.log '^admin on ' >/dev/null

"$tests/live_page.py" "$TEST_TMP/profile" http://127.0.0.1:9200/ "${started_pid[client]}" 2>said || fail "$(cat said)"
wait_exit client
[ $? = 130 ] || fail "the client ends otherwise"
