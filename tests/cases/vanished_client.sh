#!/bin/bash
# A client whose host goes away in the middle of a long hold, without a FIN or a RST, is missed
# within about a minute, and its connections are ended.
# limit: 150
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

new_hosts
server_on server server -l $SERVER_ADDR:9000 -o "$TEST_TMP/server.json"
start_on client client "$TWSTORM" client -t $SERVER_ADDR:9000 -n 20 -c 20 --hold 10m --timeout 15m --close server-fin -q
held() { [ "$(ss_count server state established)" = 20 ]; }
wait_until 10 held || fail "the server holds $(ss_count server state established), not 20"
on client ip link set veth0 down
# Asked first after 30 s, three times, every 10 s.
sleep 25
held || fail "the server gave up after 25 s: $(ss_count server state established) are left"
gone() { [ "$(ss_count server state established)" = 0 ]; }
wait_until 60 gone || fail "$(ss_count server state established) connections are still held"
stop server || fail "the server ends with $?"
json_are "$TEST_TMP/server.json" ended.reset=20 errors.transfer='{"ETIMEDOUT":20}'
