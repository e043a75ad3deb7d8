#!/bin/bash
# A lab's server and client hold no capability, by /proc/PID/status, and have a port below 1024 all the same; a process and
# a probe hold those of the lab's root.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
cd "$TEST_TMP" || exit 1

# Looks until it has seen each of them.
cat >look.sh <<'SH'
: >seen
until grep -q '^server ' seen && grep -q '^client ' seen && grep -q '^probe ' seen; do
	for pid in /proc/[0-9]*; do
		mapfile -d '' -t words <"$pid/cmdline" 2>/dev/null
		[[ ${words[0]} == *twstorm ]] || continue
		[[ $(awk '/^SigCgt/ { print $2 }' "$pid/status" 2>/dev/null) != 0000000000000000 ]] || continue
		[ "${words[1]}" = lab ] && words[1]=${words[2]}
		grep -q "^${words[1]} " seen ||
			echo "${words[1]} $(awk '/^Cap/ { printf "%s ", $2 }' "$pid/status" 2>/dev/null)" >>seen
	done
done
echo "process $(awk '/^Cap/ { printf "%s ", $2 }' /proc/self/status)" >>seen
SH
cat >caps.ini <<'INI'
[scenario]
about = who holds capabilities
seconds = 20
[host server]
[host client]
[host other]
[host peer]
[server main]
host = server
args = --listen {server}:80
[process look]
host = server
command = bash look.sh
[client main]
host = client
args = --target {server}:80 --connections 1 --hold 600ms
[probe states]
host = other
args = states --peer-netns {tmp}/netns/peer --hold 600ms --mix ESTABLISHED=1
[expect main]
it came through = totals.connects_ok == 1
INI
status=0
"$TWSTORM" lab run -q ./caps.ini -o out >text 2>&1 || status=$?
[ $status = 6 ] && skip "no lab here: $(cat text)"
[ $status = 0 ] || fail "exit $status: $(cat text seen)"
for part in server client probe process; do
	grep -q "^$part " seen || fail "$part was not seen: $(cat seen)"
done
# Inheritable, permitted, effective, bounding, ambient.
none=0000000000000000
for part in server client; do
	grep -qx "$part $none $none $none $none $none *" seen || fail "$part holds some: $(cat seen)"
done
awk '$1 == "process" || $1 == "probe" { held += $4 !~ /^0*$/ } END { exit held != 2 }' seen || fail "a process or a probe holds none: $(cat seen)"
exit 0
