#!/bin/bash
# Any program can be a part of a lab: it is the load and has a result of its own, it may be another
# user, what it says is kept within bounds, and its end, or who has its port, can be asked for.
. "$(dirname "$0")/../lib.sh"
need python3

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

# lab NAME TEXT [OPTION...]: runs a scenario made of the text.
lab() {
	local name=$1
	printf '%s\n' '[scenario]' 'seconds = 20' '[host server]' '[host app]' \
		'sysctl.net.ipv4.ip_local_port_range = 40000 40099' 'sysctl.net.ipv4.tcp_rfc1337 = 1' "$2" >"$name.ini"
	shift 2
	run "$TWSTORM" lab run -q --verbose "$name.ini" -o "$name" "$@"
}
# However the lines are broken.
says() {
	tr -s ' \n' ' ' <"$1" | grep -qF -- "$2" || fail "$1 does not say: $2, but: $(cat "$1")"
}

# The load is somebody else's program; no client of ours is there.  Its file keeps its indentation, and
# a variant replaces a part of it.  The kernel's errno is what it says last.
cat >loop.py <<'PY'
import socket, sys
for i in range({times}):
    socket.create_connection(("{at}", 9000)).close()
print("all made")
PY
lab load '[server main]
host = server
args = --listen {server}:9000
[process step]
host = server
command = true
ready = exit
[process loop]
host = app
counts = yes
exit-code = any
command = python3 {tmp}/loop.py
file.loop.py < loop.py
set.at = {server}
set.times = 150
output = said.txt
to = {server}:9000
rate = 50/s
[columns]
code = process.loop.exit_code
[expect]
the step was good = process.step.exit_code == 0
[variant short]
expect.no port = errno == EADDRNOTAVAIL and exit_code == 1
[variant fewer]
process loop.set.times = 50
expect.all = exit_code == 0 and errno == null and cpu_s > 0 and wall_s >= cpu_s / 100
[variant without]
process step.command = none
process loop.set.times = 10
expect.the step was good =
[variant shorter]
process loop.exit-code = 0' --variant short --variant fewer,without
expect_status 0 "a load that is not ours: $(cat out err)"
says out 'The load loop (python3) ended with code 1 after '
says out 'Predicted: 100 ports to 198.18.0.11:9000 last 2.00 s at 50 connections a second, if the load closes first.'
json_are load/short.json schema=twstorm.process/1 complete=true exit_code=1 errno=EADDRNOTAVAIL signal=null \
	prediction.budget=100 prediction.exhaustion_s=2.0 process.step.exit_code=0 process.loop.exit_code=1 lab.client=loop
json_are load/fewer.json exit_code=0 'last=all made'
json_are load/summary.json rows.0.cells.0=1.0 rows.1.cells.0=0.0 rows.2.ok=true
grep -q 'OSError: \[Errno 99\] Cannot assign requested address' load/short-said.txt || fail "its words are not kept: $(ls load)"
grep -qx 'all made' load/fewer-said.txt || fail "its words are not kept for each variant"

grep -q '"schema":"twstorm.process/1"' load/report.html || fail "the page does not have the loads"

# A code that was not to be expected: the result is there, and not complete.
run "$TWSTORM" lab run -q load.ini -o shorter --variant shorter
expect_status 4 "a load that ends with code 1"
says err 'process loop ended with code 1, not 0: OSError: [Errno 99] Cannot assign requested address'
json_are shorter/shorter.json complete=false error.code=failed
json_are shorter/summary.json rows.0.verdict=void

# Another user; lines of any length; a flood is kept within bounds, and what it said first and last is there.
lab floods '[process who]
host = app
user = 1000
command = sh -c "id -u; id -g; touch {tmp}/mine && stat -c %u {tmp}/mine; cat /proc/self/uid_map"
output = who
ready = exit
exit-code = 0
[process long]
host = app
command = python3 {tmp}/long.py
file.long.py = print(20000 * "x" + "re" + "ady" + 20000 * "y", flush=True); import time; time.sleep(60)
ready = line ready
[process flood]
host = app
counts = yes
command = python3 {tmp}/flood.py
file.flood.py = import sys; sys.stdout.write("first\n" + 300000 * "0123456\n" + "last\n")
output = flood'
expect_status 0 "a flood: $(cat err)"
printf '1000\n1000\n1000\n' | cmp -s - <(head -n 3 floods/floods-who) || fail "another user: $(cat floods/floods-who)"
[ "$(stat -c %s floods/floods-flood)" -lt 1049000 ] || fail "the flood is not bounded"
[ "$(head -n 1 floods/floods-flood)" = first ] && [ "$(tail -n 1 floods/floods-flood)" = last ] || fail "its ends are not kept"
says floods/floods-flood '[here 1351435 bytes are left out]'
json_is said_bytes floods/floods.json 2400011

# A server cannot have its port: the variant is a row like any other, says who has the port, and can be judged.
lab taken '[server far]
host = server
args = --listen {server}:9000
[client outgoing]
host = app
args = --target {server}:9000 --connections 100 -c 1
stats = far
[server own]
host = app
args = --listen 0.0.0.0:40050
after = client outgoing
[client visitor]
host = server
stats = own
args = --target {app}:40050 --connections 3
after = server own
[expect visitor]
it was there = totals.connects_ok == 3
[verdict]
cannot start = part.own.exit_code == 1 and part.own.errno == EADDRINUSE
starts = otherwise
[variant as-it-is]
scenario.verdict = cannot start
client visitor.args = none
compare.an outgoing connection has it = story.port_held > 0 and part.own.held_by.state == TIME_WAIT
compare.that = part.own.held_by.port == 40050
[variant reserved]
scenario.verdict = starts
host app.sysctl.net.ipv4.ip_local_reserved_ports = 40050
client outgoing.args+ = --connections 99'
expect_status 0 "a server whose port is taken: $(cat out err)"
says out 'Port 40050 of host app was held by a connection from 198.18.0.12:40050 to 198.18.0.11:9000, in TIME_WAIT ('
json_are taken/summary.json 'rows.0.verdict=cannot start' rows.1.verdict=starts

# Somebody else's program says it in its own words; a listener has it.
lab listener '[server main]
host = server
args = --listen {server}:9000
[client main]
host = app
args = --target {server}:9000 --connections 1
[process second]
host = server
after = server main
command = sh -c "echo up >&2; echo cannot bind {server}:9000: Address already in use >&2; exit 1"
ready = line never'
expect_status 1 "a port that another listens at"
says err 'process second ended with code 1 before it was ready: cannot bind 198.18.0.11:9000: Address already in use; port 9000 is held by a socket that listens at 198.18.0.11:9000'
grep -qx '    up' err || fail "its other lines are not shown: $(cat err)"

# A load that a signal ends, one that the time limit ends, and one that leaves a daemon behind.
lab ends '[process load]
host = app
counts = yes
command = sh -c "kill -SEGV $$"
[variant dies]
compare.by a signal = process.load.signal == 11 and part.load.exit_code == null
[variant long]
scenario.seconds = 1
process load.command = sleep 60
[variant told]
process load.command = sleep 60
process load.lasts = 100ms
[variant forks]
process load.command = sh -c "(IS=there sleep 60 </dev/null >/dev/null 2>&1 &) && (setsid env IS=there sleep 60 &);
  until [ $(grep -sl IS=there /proc/[0-9]*/environ | wc -l) = 2 ]; do :; done"
expect.two run on = left_behind == 2 and story.load_left_behind == 2
[variant judged]
process load.command = sh -c "exit 3"
expect.three = exit_code == 3
[variant complains]
process load.command = sh -c "echo cannot connect: Connection refused >&2; printf \"cannot read $(seq -s , 400): No such file or directory\\n%.0s\" 1 2 3"
expect.what stderr says = errno == ECONNREFUSED' -k
expect_status 4 "a load that takes too long"
json_are ends/summary.json 'rows.0.verdict=failed as expected' rows.0.code=0 rows.1.code=4 rows.2.code=0 rows.3.code=0 rows.4.code=0 rows.5.code=0
json_are ends/long.json error.code=timed_out exit_code=null
json_are ends/told.json complete=true exit_code=null
says err 'process load was killed by signal 11'
says err 'stopped after 1 s'
