#!/bin/bash
# On a terminal the client's progress is a line that stays, and `twstorm states` a screen that is drawn anew in place, with
# keys, within its size; whatever ends or stops it gets the terminal as it was.
. "$(dirname "$0")/../lib.sh"
need python3
python=$(PATH=/usr/bin:$PATH command -v python3) # not a wrapper of it, which may take a second
in_netns "$@"

cd "$TEST_TMP" || exit 1
export PYTHONPATH=${TEST_SCRIPT%/*/*}/tools
unset NO_COLOR
start_server server -q
"$python" - "$TWSTORM" "$port" <<'PY' || exit 1
import re, signal, socket, sys
from screen import Screen, wait

print("a line that stays, and lines where the cursor cannot be moved")
client = [sys.argv[1], "client", "-t", "127.0.0.1:" + sys.argv[2], "-r", "40/s", "-d", "2200ms", "--format", "none"]
moves, dumb = Screen(client, 24, 80), Screen(client, 24, 80, "dumb")
assert (moves.wait_end(), dumb.wait_end()) == (0, 0)
drawn = re.findall(rb"\r([^\r\n]*)\x1b\[K", moves.raw)
assert len(drawn) >= 2 and b"| client" not in moves.raw, moves.raw
line = re.sub(r"\x1b\[[0-9;]*m", "", drawn[-1].decode())
assert len(line) < 80 and re.match(r"[0-9.]+ s  [0-9]+/s .*\[[#.]{14}\] +[0-9]+% of [0-9,]+ ports", line), line
assert moves.raw.rpartition(b"\x1b[K")[2].startswith(b"\r\n"), moves.raw  # what comes then has a line of its own
assert b"\x1b[K" not in dumb.raw and b"TIME_W |ports/budget" in dumb.raw, dumb.raw

states = [sys.argv[1], "states", "--interval", "100ms"]
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
# 7 connections, 14 ends; of one the peer has closed.
ends = [(socket.create_connection(("127.0.0.1", port)), server.accept()[0]) for _ in range(7)]
ends[0][0].shutdown(socket.SHUT_WR)
assert ends[0][1].recv(1) == b""


def row(screen, name):
    return next((line.split() for line in screen.lines() if line.startswith(name)), [])


def count_is(screen, name, n):
    wait(lambda: row(screen, name)[1:2] == [str(n)], lambda: "%s is not %d: %s" % (name, n, screen.lines()))


print("the counts, the ends, and the keys")
s = Screen(states, 24, 80)
count_is(s, "ESTABLISHED", 12)
count_is(s, "CLOSE_WAIT", 1)
count_is(s, "FIN_WAIT2", 1)
wait(lambda: row(s, "127.0.0.1:%d " % port)[1:3] == ["7", "6"], lambda: "no remote end: %s" % s.lines())
assert row(s, "%d/server" % port)[1:2] == ["8"], s.lines()  # and the listener
assert "PORTS OF 28,232" in s.text() and "0%" in s.text(), s.lines()
assert len(s.lines()) <= 24 and max(map(len, s.lines())) <= 80, s.lines()
s.key("s")
wait(lambda: "sort: ESTABLISHED" in s.text(), s.lines)
s.key("f")
s.key("BOGUS\r")
wait(lambda: "'BOGUS' is not a TCP state" in s.text(), s.lines)
s.key("\x7f" * 5 + "close_wait\r")
wait(lambda: not row(s, "ESTABLISHED") and "states: close_wait" in s.text(), s.lines)
count_is(s, "CLOSE_WAIT", 1)
s.key("f\r")
s.key("p9\r")
wait(lambda: "ports: 9" in s.text() and row(s, "ESTABLISHED")[1:2] == ["0"], s.lines)
s.key("p")
s.key("\r")
count_is(s, "ESTABLISHED", 12)

print("another size")
s.resize(9, 20)
wait(lambda: len(s.lines()) <= 9 and max(map(len, s.lines())) <= 20 and row(s, "ESTABLISHED")[1:2] == ["12"], s.lines)
s.resize(24, 80)
wait(lambda: row(s, "ESTABLISHED") and "PORTS OF" in s.text(), s.lines)

print("^Z, and on again")
s.key("\x1a")
s.wait_stopped()
s.is_given_back()
s.kill(signal.SIGCONT)
ends[1][0].close()
count_is(s, "ESTABLISHED", 10)
assert s.is_taken()
s.key("q")
assert s.wait_end() == 0
s.is_given_back()

print("^C, kill, a terminal that goes away")
for end, code in ((lambda s: s.key("\x03"), 130), (lambda s: s.kill(signal.SIGTERM), 143), (lambda s: s.kill(signal.SIGHUP), 129)):
    s = Screen(states, 24, 80)
    count_is(s, "ESTABLISHED", 10)
    end(s)
    assert s.wait_end() == code, code
    s.is_given_back()
s = Screen(states, 24, 80)
count_is(s, "ESTABLISHED", 10)
s.hang_up()
assert s.wait_end() == 129

print("no cursor that moves, or once: lines")
for term, more in (("dumb", []), ("xterm", ["-n", "1"])):
    s = Screen([sys.argv[1], "states"] + more, 24, 80, term)
    assert s.wait_end() == 0
    assert b"\x1b" not in s.raw and b"ESTABLISHED" in s.raw, s.raw
PY
