# shellcheck shell=bash
# probe.bash - for tests of `twstorm lab probe`, after lib.sh and in_netns:
#
#   set_sysctl tcp_timestamps 0      of this namespace, below net.ipv4
#   probe NAME PROBE [OPTION...]     runs it; its result in $TEST_TMP/NAME.json
#   figure NAME PATH                 a figure of that result
set_sysctl() {
	echo "$2" >"/proc/sys/net/ipv4/$1" || fail "cannot set $1"
}

probe() {
	local name=$1
	shift
	run "$TWSTORM" lab probe "$@" -q -o "$TEST_TMP/$name.json"
	expect_status 0 "$name: $*"
	json_is complete "$TEST_TMP/$name.json" true
}

figure() {
	json "$2" "$TEST_TMP/$1.json" || fail "$1 has no $2"
}
