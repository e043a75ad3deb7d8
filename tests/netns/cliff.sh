#!/bin/bash
# The cliff: once half of the range is taken connect() walks over the whole full half, unless
# the socket has a range of its own; connect_by_fill of the result shows both.
# alone
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash

# On one CPU each connect() takes the same way through the kernel; on two a band's p50 depends on
# where the scheduler has put the two ends just then.
taskset -pc "$(taskset -pc $$ | sed 's/.*: *//; s/[-,].*//')" $$ >/dev/null

# fill NAME OPTION...: takes 8000 ports, one after another.
fill() {
	local name=$1
	shift
	new_hosts
	sysctl_on client ipv4.ip_local_port_range "40000 47999"
	sysctl_on client ipv4.tcp_tw_reuse 0
	server_on_server
	client_on_client "$name" -t $SERVER_ADDR:9000 -n 8000 -c 4 -d 50s -q "$@"
	expect_status 0 "$name"
	mv "$TEST_TMP/out" "$TEST_TMP/$name.txt"
	json_is totals.connects_ok "$TEST_TMP/$name.json" 8000
	[ "$(ss_count client state time-wait)" = 8000 ] || fail "$name: not every port is taken"
}

p50() {
	json "connect_by_fill.$2.p50" "$TEST_TMP/$1.json"
}

# steep NAME: band 60 takes so many times band 20.
steep() {
	awk -v a="$(p50 "$1" 20)" -v b="$(p50 "$1" 60)" 'BEGIN { print b / a }'
}

# check_bands NAME: every connection is in one band, and those we look at are not nearly empty
# (which one a connection is in is an estimate, the worse the busier the machine is).
check_bands() {
	local band n sum=0
	for band in 0 10 20 30 40 50 60 70 80 90; do
		n=$(json "connect_by_fill.$band.count" "$TEST_TMP/$1.json") || n=0
		case $band in
		20 | 40 | 60) [ "$n" -ge 200 ] || fail "$1: $n connections in band $band, not about 800" ;;
		esac
		sum=$((sum + n))
	done
	[ "$sum" = 8000 ] || fail "$1: $sum connections in all bands"
}

over() {
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b) }'
}

fill parity
fill own_range --source-ports all
check_bands parity
check_bands own_range
with=$(steep parity) without=$(steep own_range)
echo "connect() at 60 % against 20 %: x$with by default, x$without with --source-ports all"
over "$with" 3 || fail "no cliff: x$with"
over 2 "$without" || fail "a cliff with --source-ports all: x$without"
# Up to the edge both are alike, and beyond it is flat again.
over 2 "$(awk -v a="$(p50 parity 20)" -v b="$(p50 parity 40)" 'BEGIN { print b / a }')" ||
	fail "the cliff comes before 50 %"
# The text says so, in the run that has one alone.
grep '^by fill ' "$TEST_TMP/parity.txt" || fail "the text does not tell of the cliff"
if grep '^by fill ' "$TEST_TMP/own_range.txt"; then fail "the text tells of a cliff that is not there"; fi

