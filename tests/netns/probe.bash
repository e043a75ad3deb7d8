# shellcheck shell=bash
# probe.bash - for tests of `twstorm lab probe`, after lib.sh and in_netns:
#
#   set_sysctl tcp_timestamps 0      of this namespace, below net.ipv4
#   probe NAME PROBE [OPTION...]     runs it; its result in $TEST_TMP/NAME.json
#   figure NAME PATH                 a figure of that result
#   counter TcpExt.TW                of this namespace, by /proc
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

counter() {
	awk -v want="$1" '
		/^TCP: inuse/ { for (i = 2; i < NF; i += 2) if ("sockstat." $i == want) print $(i + 1) }
		/^(Tcp|TcpExt): [A-Z]/ { n = split($0, name); next }
		/^(Tcp|TcpExt): / {
			for (i = 2; i <= n; i++)
				if (substr($1, 1, length($1) - 1) "." name[i] == want) print $i
		}' /proc/net/netstat /proc/net/snmp /proc/net/sockstat
}
