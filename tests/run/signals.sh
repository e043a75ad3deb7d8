#!/bin/bash
# Whoever is told to end ends: SIGINT, SIGTERM and SIGHUP are heard though nobody reads stderr,
# stdout or a FIFO that the result goes to; the exit code says which it was, or that the result
# is lost.  A second signal ends it at once, a SIGHUP that nohup had ignored stays ignored.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
cd "$TEST_TMP" || exit 1

# A pipe that is full and that nobody reads: the test itself holds it open.
mkfifo stuck
exec 9<>stuck
dd if=/dev/zero of=stuck bs=4096 oflag=nonblock 2>dd.err
grep -q 'temporarily unavailable' dd.err || fail "the pipe is not full: $(cat dd.err)"

# begin NAME FD COMMAND...: started with that descriptor on the full pipe, the others in files.
begin() {
	local name=$1 fd=$2
	shift 2
	start "$name" bash -c "exec \"\$@\" $fd>stuck" - "$@"
}

# ends NAME SIGNAL CODE: told so, it ends within ten seconds, with that exit code.
ends() {
	local pid=${started_pid[$1]} status=0
	kill "-$2" "$pid"
	if ! ended_within "$pid" 100; then
		kill -KILL "$pid"
		fail "$1: SIG$2 does not end it"
	fi
	wait_exit "$1" || status=$?
	[ $status = "$3" ] || fail "$1: SIG$2 ends it with $status, not $3: $(cat "$1.log")"
}

catches() {
	local mask
	[ "$(readlink "/proc/${started_pid[$1]}/exe")" = "$(realpath "$TWSTORM")" ] || return 1
	mask=$(sed -n 's/^SigCgt:\t*//p' "/proc/${started_pid[$1]}/status" 2>/dev/null) || return 1
	[ -n "$mask" ] && ((16#$mask & 2))
}

# The client waits for a reader: in poll() or write(), or between two looks at the FIFO.  Its
# workers are gone by then, the sampler's thread is not.
is_blocked() {
	local tasks=("/proc/${started_pid[$1]}/task"/*) most=2
	[ "${SAN:-}" = thread ] && most=3 # it has one of its own
	catches "$1" && [ ${#tasks[@]} -le $most ] &&
		grep -Eqs 'poll|pipe|fifo|nanosleep|wait_for_partner' "/proc/${started_pid[$1]}/wchan"
}

whole() {
	compgen -G "$1.*" && fail "a temporary file was left"
	json_are "$1" complete=false error.code=interrupted
	rm "$1"
}

start_server server
connected() { [ "$(awk '/^TCP:/ { print $3 }' /proc/net/sockstat)" -ge 8 ]; }

# ---- stderr that nobody reads

for signal in INT:130 TERM:143 HUP:129; do
	begin client 2 "$TWSTORM" client -t "127.0.0.1:$port" -d 60s -c 4 --hold 10s --interval 100ms -o client.json
	wait_until 10 catches client
	wait_until 10 connected || fail "the client waits for who does not read"
	ends client "${signal%:*}" "${signal#*:}"
	whole client.json
done
for signal in INT TERM HUP; do
	begin other 2 "$TWSTORM" server -l 127.0.0.1:0 --interval 100ms -o other.json
	wait_line other.out '^listening on ' >/dev/null
	ends other $signal 0
	json_is schema other.json twstorm.server/1
	rm other.json
done
# Nor is the run longer for it.
begin client 2 "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -r 20/s --interval 100ms -o client.json
ended_within "${started_pid[client]}" 80 || fail "the run lasts as long as nobody reads stderr"
wait_exit client || fail "the run ends with $?"
json_is complete client.json true
begin probe 2 "$TWSTORM" lab probe lengths --after 50s --interval 100ms -o client.json
wait_until 10 catches probe
ends probe HUP 129
whole client.json
begin states 2 "$TWSTORM" states --interval 1h -o states.json
wait_until 10 test -s states.json
ends states HUP 129
rm states.json

# ---- stdout, and a FIFO

begin stdout 1 "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q --format json
begin text 1 "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q
mkfifo fifo
start fifo "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q -o fifo
start page "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q --html fifo
for name in stdout:INT text:HUP fifo:TERM page:HUP; do
	wait_until 10 is_blocked "${name%:*}" || fail "$name: it does not wait for a reader"
	kill "-${name#*:}" "${started_pid[${name%:*}]}"
done
start other "$TWSTORM" server -l 127.0.0.1:0 -o fifo
wait_line other.out '^listening on ' >/dev/null
kill -HUP "${started_pid[other]}"
for name in stdout text fifo page other; do
	ended_within "${started_pid[$name]}" 100 || fail "$name: no signal ends it"
	wait_exit $name
	status=$?
	[ $status = 5 ] || fail "$name: nobody read it, and the exit code is $status"
	grep -q 'nobody reads ' $name.log || fail "$name: $(cat $name.log)"
done
# The second one does not wait for the grace that the first has given.
start client "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q -o fifo
wait_until 10 is_blocked client || fail "the client does not wait for a reader"
kill -TERM "${started_pid[client]}"
sleep 0.7 # sooner it would be the same order said twice
ends client TERM 143
# One that is read in the end gets all of it.
start client "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -q -o fifo
wait_until 10 is_blocked client || fail "the client does not wait for a reader"
timeout 20 cat fifo >late.json
wait_exit client || fail "a FIFO with a late reader: exit code $?"
json_is complete late.json true

# ---- nohup

start client env --ignore-signal=HUP "$TWSTORM" client -t "127.0.0.1:$port" -d 60s -c 4 -q -o client.json
wait_until 10 catches client
kill -HUP "${started_pid[client]}"
sleep 0.3
kill -0 "${started_pid[client]}" || fail "an ignored SIGHUP ends the client"
ends client INT 130
whole client.json
stop server

# ---- the lab: it has two processes of its own, and the second one relays

run unshare -Ur true
[ "$status" = 0 ] || { echo "note: no user namespaces here, so the lab is not tried" && exit 0; }
cat >lab.ini <<INI
[scenario]
about = a client that has much to say
[host server]
[host client]
[server main]
host = server
args = --listen {server}:9000
[process ignored]
host = client
command = sh -c 'grep SigIgn /proc/self/status >"$PWD/process"; exec sleep 60'
[client main]
host = client
args = --target {server}:9000 --rate 20/s --duration 60s --interval 100ms
INI
for signal in INT:130 TERM:143 HUP:129; do
	begin lab 2 "$TWSTORM" lab run lab.ini -o lab
	wait_until 10 catches lab
	client_runs() { pgrep -f "client --target 198.18.*--interval 100ms" >/dev/null; }
	wait_until 20 client_runs || fail "the lab waits for who does not read"
	sleep 0.5 # lines to relay
	ends lab "${signal%:*}" "${signal#*:}"
	whole lab/lab.json
	json_is schema lab/summary.json twstorm.lab/1
	rm -r lab
done

# What we ignore, others do not: a command in the lab starts as one started here would.  Numbers 32
# and more are the thread library's, and the thread sanitizer ignores one.
of_people() { read -r _ mask && printf '%x\n' $((0x$mask & 0x7fffffff)); }
grep SigIgn /proc/self/status | of_people >here
of_people <process >process.people
cmp here process.people || fail "a process in the lab ignores $(cat process)"
run "$TWSTORM" lab shell -q lab.ini client -- grep SigIgn /proc/self/status
expect_status 0
of_people <out >out.people
cmp here out.people || fail "a command in the lab ignores $(cat out)"

# Whoever was told to end is not told again when all of them are: it would end at once.
cat >told.ini <<INI
[host server]
[host client]
[server main]
host = server
args = --listen {server}:9000
[process told]
host = client
lasts = 200ms
command = sh -c 'trap "echo told >>\\"$PWD/told\\"" TERM; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 0.1; done'
[client main]
host = client
args = --target {server}:9000 --rate 20/s --duration 700ms
INI
run "$TWSTORM" lab run -q told.ini -o told.d
expect_status 0
[ "$(wc -l <told)" = 1 ] || fail "told to end $(wc -l <told) times"
