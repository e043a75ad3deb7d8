#!/bin/bash
# `lab probe rebind`: a server can bind its port again over TIME_WAIT only if both it and its
# predecessor set SO_REUSEADDR.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/probe.bash
need ss

# row OLD NEW BIND LISTEN SERVES
row() {
	local name=old_$1_new_$2 before
	before=$(ss -Htan state time-wait | wc -l)
	probe "$name" rebind --old-reuseaddr "$1" --new-reuseaddr "$2" --connections 5
	json_are "$TEST_TMP/$name.json" rebind.time_wait=5 rebind.bind="$3" rebind.listen="$4" \
		rebind.serves="$5"
	# The new server's one connection leaves a TIME_WAIT on the same port.
	local left=5 port
	[ "$5" = true ] && left=6
	port=$(figure "$name" rebind.port)
	[ "$(ss -Htan state time-wait "sport = :$port" | wc -l)" = $left ] ||
		fail "$name: ss shows other than $left TIME_WAIT: $(ss -Htan "sport = :$port")"
	[ "$(ss -Htan state time-wait | wc -l)" = $((before + left)) ] || fail "$name: TIME_WAIT on other ports"
}

row no no EADDRINUSE null false
row no yes EADDRINUSE null false
row yes no EADDRINUSE null false
row yes yes ok ok true
probe v6 rebind --old-reuseaddr yes --address ::1
json_is rebind.bind "$TEST_TMP/v6.json" ok

echo "nothing is left of it where TIME_WAIT is avoided"
set_sysctl tcp_max_tw_buckets 0
probe none rebind
json_are "$TEST_TMP/none.json" rebind.time_wait=0 rebind.bind=ok
