#!/bin/bash
# The lab starts and ends each process when its cue comes, knows when a third party's is ready,
# and says in one sentence what did not work.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
need python3

hosts='[scenario]
seconds = 20
[host server]
[host client]
'
client='[client main]
host = client
args = --target {server}:9000 --connections 5 --timeout 2s
'
# lab NAME TEXT [OPTION...]: runs a scenario made of the text.
lab() {
	local name=$1
	printf '%s%s\n' "$hosts" "$2" >"$TEST_TMP/$name.ini"
	shift 2
	run "$TWSTORM" lab run -q "$TEST_TMP/$name.ini" -o "$TEST_TMP/$name" "$@"
}

# says TEXT: the last run said that on stderr.
says() {
	grep -qF -- "$1" "$TEST_TMP/err" || fail "stderr does not say: $1, but: $(cat "$TEST_TMP/err")"
}

# A restart: the second server takes the port when the first has been told to end, the second
# client comes after the first, the third is told to end a second after its beginning.
lab order '[server first]
host = server
args = --listen {server}:9000
until = client one
[server second]
host = server
args = --listen {server}:9000
after = server first ended
[client one]
host = client
stats = none
args = --target {server}:9000 --connections 10
[client two]
host = client
stats = none
args = --target {server}:9000 --connections 20
after = client one, server second
[client three]
host = client
stats = none
args = --target {server}:9000 --duration 30s --rate 100/s
after = client two
lasts = 1s
[expect one]
all = totals.connects_ok == 10
[expect two]
all = totals.connects_ok == 20'
expect_status 0 "order" # the third was told to end, by the plan and not by ^C
json_is totals.connects_ok "$TEST_TMP/order/order-one.json" 10
json_is totals.connects_ok "$TEST_TMP/order/order-two.json" 20
awk -v n="$(json run.duration_s "$TEST_TMP/order/order-three.json")" 'BEGIN { exit !(n > 0.2 && n < 8) }' ||
	fail "client three was not told to end after a second"

# A third party: it gets its file, its readiness is a listener or a line, a step of the set-up
# has ended before anything else begins.
cat >"$TEST_TMP/echo.py" <<'PY'
import socket, sys, time
text = open(sys.argv[2]).read()
time.sleep(0.3)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], 9000)); s.listen(100)
print("serving", text, file=sys.stderr, flush=True)
while True:
    c, _ = s.accept()
    d = c.recv(100)
    c.sendall(b"\xfa"); c.recv(100); c.close()
PY
for ready in 'listen 9000' 'line serving for 198.18.0.12'; do
	lab third "[process step]
host = server
command = sh -c 'sleep 0.2; echo done >{tmp}/step'
ready = exit
[process echo]
host = server
command = sh -c 'test -s {tmp}/step && exec python3 $TEST_TMP/echo.py {server} {tmp}/echo.conf'
file.echo.conf = for {client}
after = process step
ready = $ready
${client}after = process echo
[expect]
all = totals.connects_ok == 5"
	expect_status 0 "a third party, ready = $ready"
done

# What does not get ready, says so: each sentence on one line, exit code 1.
lab never '[process p]
host = server
command = sh -c "echo no luck >&2; exit 3"
ready = listen 9000
'"$client"
expect_status 1 "a process that ends too early"
says 'process p ended with code 3 before it was ready: no luck'

lab late '[process p]
host = server
command = sleep 100
ready = listen 9000
'"$client"
expect_status 1 "a process that never gets ready"
says 'process p did not listen on port 9000 within 10 s'

lab step '[process p]
host = server
command = false
ready = exit
'"$client"
expect_status 1 "a step that fails"
says 'process p ended with code 1 before it was ready'

lab dies '[server main]
host = server
args = --listen {server}:9000
[process p]
host = server
command = sh -c "sleep 0.1; exit 7"
'"$client"'[variant a]
client main.args = --target {server}:9000 --duration 1s'
expect_status 4 "a process that ends before its time"
says 'process p ended with code 7 before its time'

# A program, a sysctl or an option that is not here: told, the others go on, no failure; but
# it is one if there is nothing else, and a slip of the pen is a mistake of the file.
server='[server main]
host = server
args = --listen {server}:9000
'
lab lacks "$server$client
[expect]
all = totals.connects_ok == 5
[variant ok]
[variant program]
server main.lasts = 100s
host client.sysctl.net.ipv4.tcp_tw_recycle = 1
[variant ok-too]"
expect_status 0 "variants that this kernel has not"
grep -q 'this kernel has no net.ipv4.tcp_tw_recycle' "$TEST_TMP/err" || fail "does not say what is missing"
[ -s "$TEST_TMP/lacks/ok.json" ] && [ -s "$TEST_TMP/lacks/ok-too.json" ] || fail "the others did not run"
[ "$(grep -c 'not on this kernel$' "$TEST_TMP/out")" = 1 ] || fail "no verdict on it"
json_is rows.1.verdict "$TEST_TMP/lacks/summary.json" 'not on this kernel'
lab lacks "$server$client
[variant ok]
[variant program]
host client.sysctl.net.ipv4.tcp_tw_recycle = 1" --variant program
expect_status 6 "only a variant that this kernel has not"

# A part without a command is left out; a script that says what it needs is not here.
lab scripts "$server$client
[process p]
host = client
command = none
ready = line ready
[expect]
all = totals.connects_ok == 5
[variant without]
[variant with]
process p.command = sh -c 'echo ready; sleep 100'
[variant script]
process p.command = sh -c 'exit 6'"
expect_status 0 "a process that only some variants have"
[ "$(grep -c 'not on this kernel$' "$TEST_TMP/out")" = 1 ] || fail "no verdict on the script's code 6"
json_is rows.2.verdict "$TEST_TMP/scripts/summary.json" 'not on this kernel'
! json lab.commands.2 "$TEST_TMP/scripts/without.json" >"$TEST_TMP/got" || fail "started without a command: $(cat "$TEST_TMP/got")"
json lab.commands.2 "$TEST_TMP/scripts/with.json" >"$TEST_TMP/got" || fail "not started with one"

lab nowhere "$server$client
[process p]
host = server
command = twstorm-no-such-program --flag"
expect_status 6 "a program that is not installed"
says 'process p needs the program twstorm-no-such-program, which is not here'

lab slip "$server$client
[variant ok]
[variant slip]
host client.sysctl.net.ipv4.tcp_tw_resue = 1"
expect_status 2 "a misspelt sysctl"
grep -q 'slip.ini:[0-9]*: this kernel has no net.ipv4.tcp_tw_resue; it has tcp_tw_reuse' "$TEST_TMP/err" ||
	fail "does not say which was meant"
[ -s "$TEST_TMP/slip/ok.json" ] || fail "the variant before it is lost"

# Rounds and the baseline: it is run though not named, and each round has a file of its own.
lab rounds "$server$client
[scenario]
baseline = base
[columns]
made = totals.connects_ok
[compare]
as many as the baseline = totals.connects_ok >= base.totals.connects_ok
[variant base]
[variant other]
[variant third]" --variant other --repeat 2
expect_status 0 "two rounds"
for file in base base.2 other other.2; do
	json_is totals.connects_ok "$TEST_TMP/rounds/$file.json" 5
done
[ ! -e "$TEST_TMP/rounds/third.json" ] || fail "ran a variant that was not asked for"
grep -q 'other *2 of 2 as expected' "$TEST_TMP/out" || fail "does not count the rounds"

# A comparison can fail: exit code 3.
lab less "$server$client
[scenario]
baseline = base
[compare]
more = totals.connects_ok > 1000 * base.totals.connects_ok
[variant base]
[variant other]"
expect_status 3 "a comparison that is false"

# A wrong verdict as well, and it is said which was expected.
lab verdict "$server$client
[scenario]
baseline = base
[verdict]
works = totals.connects_ok > 2 * base.totals.connects_ok
no effect = otherwise
[variant base]
[variant other]
scenario.verdict = works"
expect_status 3 "a verdict that was not expected"
grep -q 'Expected verdict: works' "$TEST_TMP/out" || fail "does not say which verdict was expected"

# By hand: a command in a host, with a variant's sysctls, its exit code passed on.
printf '%s%s%s[variant v]\nhost client.sysctl.net.ipv4.tcp_fin_timeout = 7\n' "$hosts" "$server" "$client" >"$TEST_TMP/shell.ini"
run "$TWSTORM" lab shell "$TEST_TMP/shell.ini" client --variant v -- \
	sh -c 'cat /proc/sys/net/ipv4/tcp_fin_timeout; echo $server; exit 9'
expect_status 9 "the command's exit code"
[ "$(tr '\n' ' ' <"$TEST_TMP/out")" = "7 198.18.0.11 " ] || fail "the shell is in the wrong place: $(cat "$TEST_TMP/out")"
run "$TWSTORM" lab shell "$TEST_TMP/shell.ini" nobody -- true
expect_status 2 "a host that there is not"
