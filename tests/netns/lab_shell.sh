#!/bin/bash
# `twstorm lab shell`: what runs in it has the terminal and its signals to itself, and the
# environment it came with; a signal to the lab ends it.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
need python3

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1
cat >two.ini <<'INI'
[host server]
[host client]
[host HOME]
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000
INI

# The hosts' addresses are there, but take nobody's place.
run env HOME=/nowhere "$TWSTORM" lab shell -q two.ini client -- sh -c 'echo $server $HOME $TWSTORM_LAB_HOST'
expect_status 0 "a command"
[ "$(cat out)" = "198.18.0.11 /nowhere client" ] || fail "the environment is $(cat out)"

# A pipe that nobody reads ends its writer.
run "$TWSTORM" lab shell -q two.ini -- bash -c 'yes | head -n 1; exit ${PIPESTATUS[0]}'
expect_status 2 "-- where a host is expected"
run "$TWSTORM" lab shell -q two.ini client -- bash -c 'yes | head -n 1; exit ${PIPESTATUS[0]}'
expect_status 141 "a pipe that nobody reads"

# SIGTERM and SIGINT that somebody sent reach the command.
for sig in TERM INT; do
	start "told-$sig" "$TWSTORM" lab shell -q two.ini client -- python3 -c '
import signal, sys, time
signal.signal(signal.SIG'$sig', lambda *_: sys.exit(7))
print("up", flush=True)
time.sleep(100)'
	wait_line "told-$sig.out" '^up$' >/dev/null
	kill -$sig "${started_pid[told-$sig]}"
	ended_within "${started_pid[told-$sig]}" 50 || fail "the command did not get SIG$sig"
	wait_exit "told-$sig"
	got=$?
	[ $got = 7 ] || fail "exit code $got after SIG$sig, not the command's 7"
done

# At a terminal: ^C is the command's, each of them; and SIGTERM ends an interactive shell.
cat >terminal.py <<'PY'
import os, pty, signal, sys

signal.alarm(20)
twstorm, what = sys.argv[1:]
# os.write(), not print(): a signal that comes while print() still runs would enter it twice.
count = """
import os, signal, sys, time
seen = []
def hear(*_):
    seen.append(1)
    os.write(1, b"int %d." % len(seen))
signal.signal(signal.SIGINT, hear)
os.write(1, b"up")
while len(seen) < 3:
    time.sleep(0.05)
sys.exit(9)
"""
args = {"command": ["client", "--", "python3", "-c", count], "shell": ["client"]}[what]
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(SHELL="/bin/sh", PS1="ready> ", ENV="")
    os.execv(twstorm, ["twstorm", "lab", "shell", "-q", "two.ini"] + args)
text = b""

def wait_for(word):
    global text
    while word not in text:
        try:
            text += os.read(fd, 4096)
        except OSError:
            sys.exit("ended before it said %r: %r" % (word, text))

if what == "command":
    wait_for(b"up")
    for i in (1, 2, 3):
        os.write(fd, b"\x03")
        wait_for(b"int %d." % i)
else:
    wait_for(b"ready> ")
    os.write(fd, b"echo $((6 * 7)).\n")
    wait_for(b"42.")
    os.kill(pid, signal.SIGTERM)
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) % 256)
PY
run python3 terminal.py "$TWSTORM" command
expect_status 9 "three ^C for the command"
run python3 terminal.py "$TWSTORM" shell
expect_status 143 "SIGTERM for an interactive shell"
