#!/bin/bash
# A server on another host that is killed, or cut off from the network, while --server-stats is on:
# the run ends within 2 s of its duration, with a valid result in which the server's last states
# are null, and not those of an earlier answer.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
result=$TEST_TMP/gone.json

kill_it() { kill -KILL "$(pgrep -P "${started_pid[server]}" -x twstorm || echo "${started_pid[server]}")"; }
cut_off() { on server ip link set veth0 down; }

# gone HOW: in the middle of a run of 1 s
gone() {
	local begin took
	new_hosts
	server_on_server
	start_on client client "$TWSTORM" client -t $SERVER_ADDR:9000 -r 200/s -d 1s --interval 100ms \
		"${STATS[@]}" -o "$result"
	wait_line "$TEST_TMP/client.log" '^ +0\.[4-9]' >/dev/null
	begin=${EPOCHREALTIME/[.,]/}
	"$1"
	wait_exit client
	status=$?
	took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
	[ $status = 4 ] || fail "$1: exit code $status"
	[ $took -lt 3000 ] || fail "$1: $took ms from the middle of a run of 1 s to its end"
	json_are "$result" states.server.end=null states.server.peak.LISTEN=1
	json states.server_reason "$result" | grep -q "9100 does not answer: $2" ||
		fail "$1: states.server_reason is $(json states.server_reason "$result")"
	json_are "$result" server=null ledger.balanced=true
	grep -q '^ *server n/a' "$TEST_TMP/client.out" || fail "$1: the text tells states of the server"
	"$TWSTORM" report "$result" --html "$TEST_TMP/gone.html" >/dev/null || fail "$1: no report can be made of it"
	valid
}

valid() {
	python3 -c 'import jsonschema' 2>/dev/null || return 0
	python3 - "$result" docs/result.schema.json <<'EOF2' || fail "the result is not as its schema says"
import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))
EOF2
}

gone kill_it 'Connection refused (ECONNREFUSED)'
json_is error.code "$result" peer_lost
gone cut_off ''
