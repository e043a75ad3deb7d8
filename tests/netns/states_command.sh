#!/bin/bash
# `twstorm states -- COMMAND` tells a program's own sockets, by the kernel's count, from all others of this host, and
# leaves alone what is not its own.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need python3 ss
python=$(PATH=/usr/bin:$PATH command -v python3) # not a wrapper of it, which may take a second
export PYTHONPATH=$PWD/tests/tools
cd "$TEST_TMP" || exit 1

says() {
	grep -qE -- "$2" "$1" || fail "$1 has no '$2': $(cat "$1")"
}

echo 1 >/proc/sys/net/ipv4/tcp_rfc1337 # no stray RST ends a TIME_WAIT: docs/kernel-facts.md#stray-rst
start_server server -q

# 30 that are seen, since they stay until there were looks at them, in a child that has lost its parent; and what the
# kernel has of them in the end.  Others have 50 to the same end.
cat >program.py <<'PY'
import os, socket, subprocess, sys, time
from looked import looked
twstorm = os.getppid()
def tw(): return int(subprocess.run(["ss", "-Htan", "state", "time-wait"], capture_output=True, text=True).stdout.count("\n"))
if os.fork():
    print("said on stdout"), sys.stdout.flush()
    os.wait()
    print("ss has", tw(), file=sys.stderr)
    sys.exit(5)
if os.fork(): # the parent of the one that connects ends later than this sleep
    os.wait(); os._exit(0)
all = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(30)]
looked(twstorm)
for c in all: c.close()
PY
echo "its own connections, those of others, and what the host has in all"
for ((i = 0; i < 50; i++)); do
	exec 3<>"/dev/tcp/127.0.0.1/$port" && exec 3>&-
done
wait_until 10 eval '[ "$(ss -Htan state time-wait | wc -l)" = 50 ]' || fail "not 50 are in TIME_WAIT"
"$TWSTORM" states -o told.json -- "$python" program.py "$port" >out 2>err </dev/null || fail "exit code $?: $(cat err)"
says out '^.*python3 ended with code 5 after '
says out "^  to 127\.0\.0\.1:$port: 30 connections;"
says out 'TIME_WAIT 30 \(peak 30\)'
says out 'TIME_WAIT to it on this host: 80, whoever'
says out 'opened 30 \(Tcp.ActiveOpens\)'
says out 'TIME_WAIT before: 50'
says err 'ss has 80'
says err 'said on stdout'
end="own.to.127.0.0.1:$port"
json_are told.json schema=twstorm.command/1 complete=true exit_code=5 signal=null $end.connections=30 $end.states.end.TIME_WAIT=30 \
	$end.time_wait_of_all=80 own.others=null meanwhile.states.before.TIME_WAIT=50 meanwhile.states.end.TIME_WAIT=80 \
	meanwhile.counters.Tcp.ActiveOpens=30

echo "accepted connections are apart; a signal is told of"
cat >accepts.py <<'PY'
import os, socket
from looked import looked
s = socket.create_server(("127.0.0.1", 0))
c = [socket.create_connection(s.getsockname()) for _ in range(3)]
a = [s.accept()[0] for _ in range(3)]
looked(os.getppid())
os.kill(os.getpid(), 9)
PY
run "$TWSTORM" states -o - -- "$python" accepts.py
expect_status 4
json_are out complete=false error.code=failed signal=9 exit_code=null
run "$TWSTORM" states -- "$python" accepts.py
expect_status 4
says out 'killed by signal 9'
says out 'accepted at port [0-9]+: 3 connections;'
says out 'to 127\.0\.0\.1:[0-9]+: 3 connections;'

# With one port to have, each connection has the ends of the one before, whose TIME_WAIT it ends; then those of another program.
echo "connections with the same ends are counted, and are not the program's when another has them"
cat >again.py <<'PY'
import os, socket, struct, sys, time
from looked import looked
def connect():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.bind(("127.0.0.1", 47001))
    s.connect(("127.0.0.1", int(sys.argv[1])))
    return s
def come(name):
    while not os.path.exists(name): time.sleep(0.02)
def say(name): open(name, "w").close()
if sys.argv[2] == "other":
    come("mine.done"); c = connect(); say("other.there"); come("over")
else:
    for _ in range(3):
        c = connect(); looked(os.getppid()); c.close()
    say("mine.done"); come("other.there"); looked(os.getppid())
PY
start other "$python" again.py "$port" other
run "$TWSTORM" states -o - -- "$python" again.py "$port" mine
touch over
wait_exit other || fail "the other program: $(cat other.log)"
expect_status 0
json_are out $end.connections=3 $end.states.end.ESTABLISHED=0 $end.states.peak.ESTABLISHED=1 meanwhile.states.peak.ESTABLISHED=2

echo "what cannot be is said in a sentence, and ^C ends what was begun"
"$TWSTORM" states -- there-is-no-such-program 2>err
[ $? = 6 ] || fail "no program: not 6"
says err 'the program there-is-no-such-program is not here'
"$TWSTORM" states --port 80 -- true 2>err
[ $? = 2 ] || fail "an option: not 2"
says err '-- COMMAND goes with --output and with --format text or json'
"$TWSTORM" states true 2>err
[ $? = 2 ] || fail "no --: not 2"
start followed "$TWSTORM" states -- sh -c 'sleep 6262.5 & echo begun; wait'
wait_line followed.log '^begun' >/dev/null
stop followed INT
[ $? = 130 ] || fail "^C: not 130"
! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -qx '6262[.]5' || fail "a process outlived ^C"
