#!/bin/bash
# Whatever a process of the lab waits for, it begins as soon as that is so, and what can never be
# is found beforehand or named; daemons, odd text and a lack of descriptors do no harm.
# limit: 120
. "$(dirname "$0")/../lib.sh"
need timeout

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

# lab NAME TEXT: runs a scenario made of the text, with that limit for its clients; all of it
# takes less than $seconds.
limit=8
seconds=15
lab() {
	printf '[scenario]\nseconds = %s\n[host server]\n[host client]\n%s\n' $limit "$2" >"$1.ini"
	run timeout "$seconds" "$TWSTORM" lab run -q "$1.ini" -o "$1"
	[ "$status" != 124 ] || fail "$1: not over after $seconds s: $(cat err)"
}
# says CODE TEXT WHAT: the last run's exit code and what is on its stderr.
says() {
	expect_status "$1" "$3"
	grep -qF -- "$2" err || fail "$3: stderr does not say: $2, but: $(cat err)"
}
client='[client main]
host = client
args = --target {server}:9000 --rate 20/s --duration 200ms
'
server='[server main]
host = server
args = --listen {server}:9000
'

# The last cue comes from a process that is ready by being started, and stands below the client.
seconds=6
lab cue "$client${server}[process idle]
host = server
command = sleep 100
delay = 1s"
expect_status 0 "a client whose last cue stands below it"
# The same from a listener that is found by looking.
lab listener "[client main]
host = client
args = --target {server}:9000 --rate 20/s --duration 200ms
[process echo]
host = server
command = '$TWSTORM' server -q --listen {server}:9000
ready = listen 9000"
expect_status 0 "a client whose only cue is a listener"
seconds=15

# Nine cues: the client waits for the last of them, too.
text=
for i in 1 2 3 4 5 6 7 8; do
	text+="[process q$i]
host = server
command = sleep 100
"
done
lab nine "$text${server}delay = 500ms
$client"
expect_status 0 "nine cues"

# Each waits for the seven before it: millions of ways to go round, none of which is a circle.
text=
for ((i = 0; i < 30; i++)); do
	after=
	for ((j = i < 7 ? 0 : i - 7; j < i; j++)); do
		after+=${after:+, }"process p$j"
	done
	text+="[process p$i]
host = server
command = true
after = $after
"
done
printf '[host server]\n[host client]\n%s%s%s\n' "$text" "$server" "$client" >many.ini
run timeout 5 "$TWSTORM" lab run -n many.ini
expect_status 0 "many that wait for many"

# Waits without an end.
lab circle "${server}until = client main
${client}after = server main ended"
says 2 'circle.ini:8: until: the end of server main would wait for itself' "an end that waits for itself"
lab circle "$server${client}[process a]
host = server
command = true
after = process b
[process b]
host = server
command = true
after = client main, process a ended"
says 2 'after: process a would wait for itself' "a beginning that waits for itself"
[ ! -e circle/circle.json ] || fail "a circle was run"
limit=1
lab never "$server${client}[client late]
host = client
args = --target {server}:9000 --connections 1
after = server main ended"
limit=8
says 4 "the scenario's time limit; client late never began: it waited for server main to end" "a wait in vain"

# No limit: the run lasts as long as it likes.
limit=none
lab unlimited "$server$client"
expect_status 0 "a run without a limit"
limit=8

# A daemon: the step of the set-up is over when the parent is; it may get ready later; and nobody
# waits for it at the end.
seconds=5
for ready in exit 'at once' 'line up and running' 'listen 9001'; do
	lab daemon "${server}[process daemon]
host = server
command = sh -c \"(sleep 0.3; echo up and running; exec '$TWSTORM' server -q --listen {server}:9001) & exit 0\"
ready = $ready
$client"
	expect_status 0 "a daemon, ready = $ready"
done
lab daemon "${server}[process daemon]
host = server
command = sh -c 'sleep 100 & exit 3'
ready = listen 9001
$client"
says 1 'process daemon ended with code 3 before it was ready' "a daemon that fails"
seconds=15

# A part that ended before its time leaves nothing to wait for: the lab sleeps meanwhile.
TIMEFORMAT='%U %S'
{ time lab ended "$server${client}lasts = 500ms
[client slow]
host = client
args = --target {server}:9000 --rate 5/s --duration 3s"; } 2>cpu
expect_status 0 "a client that ended before it was told to"
awk '{ exit !($1 + $2 < 1.5) }' cpu || fail "the lab was busy while it waited: $(cat cpu) s"

# What a program says need not be UTF-8; what is kept of it is, whole characters only.
cat >odd.sh <<'SH'
printf 'caf\351 na\303\257ve \355\240\200 \0 ' >&2
for i in $(seq 100); do printf '\342\202\254' >&2; done
exit 3
SH
lab odd "${server}[process odd]
host = server
command = sh $TEST_TMP/odd.sh
ready = exit
$client"
says 1 "process odd ended with code 3 before it was ready: caf? na$(printf '\303\257')ve ??? ? $(printf '\342\202\254')" "odd text"
iconv -f UTF-8 -t UTF-8 err >/dev/null || fail "what it said is not UTF-8"

# A pipe that nobody reads ends its writer, as everywhere else.
lab pipe "${server}[process pipe]
host = server
command = bash -c 'yes | head -n 1 >/dev/null; test \${PIPESTATUS[0]} = 141'
ready = exit
$client"
expect_status 0 "a pipe that nobody reads"

# Sysctls that a host has not.
lab wide "[host server]
sysctl.net.ipv4.tcp_max_orphans = 100
$server$client"
says 2 'wide.ini:6: net.ipv4.tcp_max_orphans is one for the whole machine: a host has none of its own' "a sysctl of the machine"
lab group "[host server]
sysctl.net.ipv4 = 100
$server$client"
says 2 'group.ini:6: net.ipv4 is not a sysctl but a group of them' "a directory of sysctls"

# Too few descriptors to start anything: said at once.
found=0
for ((n = 12; n <= 20; n++)); do
	run timeout 15 bash -c "ulimit -n $n; exec '$TWSTORM' lab run -q cue.ini -o few"
	[ "$status" != 124 ] && [ "$status" -lt 128 ] || fail "with $n descriptors: exit code $status: $(cat err)"
	grep -q 'start .*: Too many open files' err && expect_status 1 && found=$((found + 1))
done
[ $found -gt 0 ] || fail "never too few descriptors"
