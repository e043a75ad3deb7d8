#!/bin/bash
# What the lab asks its servers for goes another way than the network that it measures: no port of
# a host is taken, no TCP socket is made but the load's, and a network that fails does not keep the
# answers from coming.  The commands that it prints work by hand.
# limit: 60
. "$(dirname "$0")/../lib.sh"
need ip ss unshare

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1
hosts='[host server]
[host client]
sysctl.net.ipv4.ip_local_port_range = 40000 RANGE_ENDS
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client'

# lab NAME PORTS ARGS [LINE...]: a lab of these hosts
lab() {
	printf '%s\n' "${hosts/RANGE_ENDS/$((39999 + $2))}" "args = --target {server}:9000 $3" "${@:4}" >"$1.ini"
	run "$TWSTORM" lab run -q "$1.ini" -o out.lab
}

echo "ten ports are ten connections, and their sockets are all there are"
lab ports 10 "--rate 50/s --connections 10 --hold 1s --bind early --on-exhaustion stop" '[process look]' 'host = client' \
	"command = sh -c 'until [ \$(ss -Htan state established dport = :9000 | wc -l) = 10 ]; do sleep 0.05; done; ss -Htan >$PWD/client_has; nsenter --net={tmp}/netns/server ss -Htln >$PWD/server_has'" \
	'[expect]' 'ten = totals.connects_ok == 10' 'none was taken = ports.taken_at_start == 0' \
	'the server told its side = server.totals.accepted == 10' 'balanced = ledger.balanced == true'
expect_status 0 "ten ports"
[ "$(wc -l <client_has)" = 10 ] && [ "$(grep -c ':9000 *$' client_has)" = 10 ] || fail "the client's host has $(cat client_has)"
[ "$(wc -l <server_has)" = 1 ] && grep -q ':9000 ' server_has || fail "on the server's host listens $(cat server_has)"

echo "a network that is cut does not silence the server"
lab cut 1000 "--rate 100/s --duration 1s --timeout 300ms --close server-fin" '[process cutter]' 'host = server' \
	"command = sh -c 'until [ \$(ss -Htan state time-wait sport = :9000 | wc -l) -gt 20 ]; do sleep 0.05; done; ip link set eth0 down'"
r=out.lab/cut.json
[ "$(json server "$r")" != null ] || fail "the server's side is not known: $(json server_reason "$r")"
[ "$(json outcomes.connect_timeout "$r")" -gt 0 ] || fail "the link was not down: $(json outcomes "$r")"
[ "$(json server.totals.accepted "$r")" -gt 0 ] || fail "nothing was accepted before"
! grep -q 'does not answer' out err || fail "it says: $(cat out err)"

echo "what it prints can be typed"
run "$TWSTORM" lab run --dry-run ports.ini
expect_status 0
grep -q -- '--admin unix:' out && grep -q -- '--server-stats unix:' out && ! grep -q -- '--admin-token-file' out ||
	fail "the commands are: $(cat out)"
# A command as it is printed, on lines that go on; the program's name is its path here.
printed() { sed -n "/^  $1\\$ twstorm $1 /,/[^\\\\]\$/p" out | sed "s,^  $1\\$ twstorm,$TWSTORM,"; }
printed server >server.sh
printed client >client.sh
run "$TWSTORM" lab shell -q ports.ini client -- bash -c '
	nsenter --net=/dev/shm/netns/server bash server.sh >/dev/null & server=$!
	for ((i = 0; i < 100; i++)); do [ -S /dev/shm/admin/main ] && break; sleep 0.05; done
	bash client.sh'
expect_status 0 "by hand"
json_are out server.totals.accepted=10 ledger.balanced=true
