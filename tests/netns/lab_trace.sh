#!/bin/bash
# `twstorm lab trace`: every step of every close strategy is one that RFC 9293 allows, and what is left at the end is what the
# strategy is known for; a lost last ACK brings the FIN again, an old segment meets TIME_WAIT and the next connection; programs of
# others; a key for each segment; an earlier ladder; what is wrong with the words is told in a sentence.
# TWSTORM_ROUNDS=N: each so often (1), and those that are much like another, too
# limit: 900
# waits
. "$(dirname "$0")/../lib.sh"
need python3
cd "$TEST_TMP" || exit 1
run "$TWSTORM" lab trace -q
[ "$status" = 2 ] || fail "-q is no option of it"
run "$TWSTORM" lab trace
[ "$status" = 6 ] && skip "no lab here: $(cat err)"
expect_status 0
grep -Eq '^ +end +TIME_WAIT +-$' out || fail "the text ends otherwise: $(cat out)"
grep -Eq 'timer:\(timewait,(5[5-9]sec|1min),0\)' out || fail "nothing of how long TIME_WAIT stays"

cat >check.py <<'PY'
import json, sys

# RFC 9293, figure 5, one step; "-" is no socket.  A SYN_RECV on the server is the first thing seen of it.
NEXT = {
    "-": {"SYN_SENT", "LISTEN"}, "LISTEN": {"SYN_RECV"}, "SYN_SENT": {"ESTABLISHED", "SYN_RECV", "-"},
    "SYN_RECV": {"ESTABLISHED", "FIN_WAIT1", "CLOSE_WAIT", "-"},
    "ESTABLISHED": {"FIN_WAIT1", "CLOSE_WAIT", "-"}, "FIN_WAIT1": {"FIN_WAIT2", "CLOSING", "TIME_WAIT", "-"},
    "FIN_WAIT2": {"TIME_WAIT", "-"}, "CLOSING": {"TIME_WAIT", "-"}, "CLOSE_WAIT": {"LAST_ACK", "-"}, "LAST_ACK": {"-"},
    "TIME_WAIT": {"-", "SYN_RECV"},  # a SYN that is newer: RFC 9293, 3.10.7.4
}


def reachable(a, b):
    """In at most three steps: between two segments an end may take more than one."""
    seen = {a}
    for _ in range(3):
        seen |= {n for s in seen for n in NEXT[s]}
    return b in seen


def overtaken(steps, side):
    """The other end's FIN, sent on one CPU, has overtaken its ACK, sent on another: TIME_WAIT answers that ACK, and the RST
    for the answer ends TIME_WAIT (RFC 1337).  About 1 trace of 300."""
    theirs = [s for s in steps if s["from"] != side]
    fins = [i for i, s in enumerate(theirs) if "FIN" in s["flags"]]
    return bool(fins) and any(s["flags"] == "ACK" and s["seq"] == theirs[fins[0]]["seq"] for s in theirs[fins[0] + 1:]) and \
        any(s["flags"] == "RST" for s in theirs)


name, ends, through = sys.argv[1], sys.argv[2].split(","), set(sys.argv[3].split(",")) - {""}
doc = json.load(sys.stdin)
for side, end in zip(("client", "server"), ends):
    seen = [s[side] or "-" for s in doc["steps"]] + [doc["end"][side]["state"] or "-"]
    for a, b in zip(seen, seen[1:]):
        if not reachable(a, b):
            sys.exit("%s: the %s went from %s to %s: %s" % (name, side, a, b, seen))
    if (seen[-1], end) == ("-", "TIME_WAIT") and overtaken(doc["steps"], side):
        print("%s: the %s's TIME_WAIT was ended by an RST" % (name, side))
    elif seen[-1] != end:
        sys.exit("%s: the %s ends in %s, not %s: %s" % (name, side, seen[-1], end, seen))
    if not through <= set(seen):
        sys.exit("%s: the %s did not come through %s: %s" % (name, side, through, seen))
if any(not s["event"] for s in doc["steps"]):
    sys.exit("%s: a segment that nobody expects: %s" % (name, doc["steps"]))
if any(s["again"] for s in doc["steps"]) and not name.startswith("drop"):
    print("%s: something was sent again" % name)
for side in doc["end"].values():
    if side["state"] == "TIME_WAIT" and not 55 < side["time_wait_left_s"] <= 60.1:
        sys.exit("TIME_WAIT has %s s left" % side["time_wait_left_s"])
PY

# trace NAME CLIENT,SERVER THROUGH OPTION...: what both end in, and what both come through.
trace() {
	local name=$1 ends=$2 through=$3
	shift 3
	for ((round = 0; round < ${TWSTORM_ROUNDS:-1}; round++)); do
		run "$TWSTORM" lab trace --format json "$@"
		expect_status 0 "$name"
		python3 check.py "$name" "$ends" "$through" <out || fail "$name"
	done
}
also() {
	[ "${TWSTORM_ROUNDS:-1}" = 1 ] || "$@"
}
echo "every strategy"
trace client-fin TIME_WAIT,- ESTABLISHED --close client-fin
trace server-fin -,TIME_WAIT ESTABLISHED --close server-fin
trace client-half TIME_WAIT,- ESTABLISHED --close client-half
also trace server-half -,TIME_WAIT ESTABLISHED --close server-half
trace both TIME_WAIT,TIME_WAIT FIN_WAIT1 --close both
trace client-rst -,- ESTABLISHED --close client-rst
also trace server-rst -,- ESTABLISHED --close server-rst
also trace passive-rst -,- ESTABLISHED --close passive-rst
trace client-unread -,- ESTABLISHED --close client-unread
trace server-leak FIN_WAIT2,CLOSE_WAIT ESTABLISHED --close server-leak
trace client-leak CLOSE_WAIT,FIN_WAIT2 ESTABLISHED --close client-leak
[ "$(json end.server.fin_wait2_left_s out | cut -c1-2)" -ge 55 ] || fail "how long FIN_WAIT2 stays: $(json end.server out)"
also trace http TIME_WAIT,- ESTABLISHED --proto http --requests 2
trace nothing TIME_WAIT,- '' --requests 0

echo "the last ACK is lost"
trace drop TIME_WAIT,- ESTABLISHED --drop 'last ack'
python3 - <<'PY' || fail "the FIN did not come again and was not answered: $(cat out)"
import json
steps = json.load(open("out"))["steps"]
lost = [i for i, s in enumerate(steps) if s["fate"] == "dropped"]
after = steps[lost[0] + 1:]
assert len(lost) == 1 and after[0]["again"] and after[0]["from"] == "server" and "FIN" in after[0]["flags"], lost
assert after[1]["from"] == "client" and after[1]["client"] == "TIME_WAIT" and after[1]["flags"] == "ACK"
assert after[0]["at_s"] - steps[lost[0]]["at_s"] > 0.15
PY

echo "what TIME_WAIT is for"
also trace drop-by-name TIME_WAIT,- ESTABLISHED --show lost-last-ack
trace open TIME_WAIT,- SYN_RECV,ESTABLISHED --show simultaneous-open
trace into-time-wait -,- ESTABLISHED --show rst-into-time-wait
trace not-into-it TIME_WAIT,- ESTABLISHED --show rst-into-time-wait --sysctl net.ipv4.tcp_rfc1337=1
trace old -,TIME_WAIT ESTABLISHED --show old-duplicate
python3 - <<'PY' || fail "the old segment was not refused: $(cat out)"
import json
steps = json.load(open("out"))["steps"]
old = next(i for i, s in enumerate(steps) if s["fate"] == "old")
ack, new = steps[old + 1:old + 3]
assert steps[old]["connection"] == 1 and ack["connection"] == 2 and steps[old]["server"] == "ESTABLISHED" and steps[old]["bytes"] == 17
assert ack["from"] == "server" and ack["flags"] == "ACK" and ack["ack"] == 1 and "takes nothing" in ack["sentence"]
assert new["from"] == "client" and new["bytes"] == 17 and new["seq"] == 1
PY

echo "over IPv6, and one that overtakes"
trace ipv6 TIME_WAIT,- ESTABLISHED --family 6
trace overtaken -,TIME_WAIT ESTABLISHED --close server-fin --reorder 'data from server'
python3 - <<'PY' || fail "the FIN did not overtake the data: $(cat out)"
import json
steps = json.load(open("out"))["steps"]
late = next(i for i, s in enumerate(steps) if s["fate"] == "overtaken")
assert "FIN" in steps[late - 1]["flags"] and steps[late]["bytes"] == 1 and steps[late]["client"] == "ESTABLISHED"
PY

echo "the trace ends before a segment is carried"
run "$TWSTORM" lab trace --format json --stop-at fin
expect_status 0
[ "$(json end.client.state out) $(json end.server.state out)" = "FIN_WAIT1 ESTABLISHED" ] || fail "not held: $(cat out)"
grep -q '"fate": "held"' out || fail "no step says so"
run "$TWSTORM" lab trace --stop-at 'rst, 3rd' --drop 'last ack'
expect_status 0
[ "$(cat err)" = "twstorm lab: no segment was 'rst, 3rd'" ] || fail "a segment that did not come: $(cat err)"

echo "a ladder is the same each time, as text and as JSON, and another is told apart"
run "$TWSTORM" lab trace -o ladder.json
expect_status 0
mv out ladder.txt
for kept in ladder.json ladder.txt; do
	for ((round = 0; round < ${TWSTORM_ROUNDS:-1}; round++)); do
		run "$TWSTORM" lab trace --expect-ladder $kept
		expect_status 0 "$kept: $(cat err)"
	done
done
run "$TWSTORM" lab trace --drop 'last ack' --expect-ladder ladder.txt
expect_status 3
cat >pair <<'TEXT'
twstorm lab: step 10 is another than in ladder.txt
  expected  TIME_WAIT    ---- ACK -------------------->  LAST_ACK
  got       TIME_WAIT    ---- ACK -------------------X   LAST_ACK
TEXT
cmp -s pair err || fail "not that pair: $(cat err)"
printf '{"schema": "twstorm.result/1"}' >other.json
run "$TWSTORM" lab trace --expect-ladder other.json
expect_status 2

echo "other people's programs: the first of three connections is shown, and the end is what ss says"
cat >client.py <<'PY'
import socket, struct, subprocess, sys
address = (sys.argv[1], 9000)
# Before all: the first fragment of a segment, and a frame as large as no other.  And a segment of the connection that
# has no flags.
for host in "client", "server":
    subprocess.run(["nsenter", "--net=/dev/shm/netns/" + host] + "ip link set eth0 mtu 9000".split(), check=True)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
def send(fragment, tcp):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 7, 0x2000 if fragment else 0, 64, 6, 0, bytes(4),
                     socket.inet_aton(address[0]))
    raw.sendto(ip + tcp, address)
send(True, bytes(24))
send(False, bytes(8000))
first = socket.create_connection(address)
send(False, struct.pack("!HHIIBBHHH", first.getsockname()[1], 9000, 1, 0, 0x50, 0, 100, 0, 0))
others = [socket.create_connection(address) for _ in range(2)]
first.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
first.recv(1000)
first.close()
said = b""
while not said:
    said = subprocess.run(["ss", "-Htan", "state", "time-wait"], stdout=subprocess.PIPE).stdout
open(sys.argv[2], "wb").write(said)
PY
chmod 777 .
need ss ip nsenter
run "$TWSTORM" lab trace -o theirs.json -- python3 client.py '{server}' "$TEST_TMP/ss"
expect_status 0
python3 - <<'PY' || fail "not as it was: $(cat out ss)"
import json
t = json.load(open("theirs.json"))
line = open("ss").read().split()
assert t["command"] == "python3" and t["close"] is None
assert t["other_connections"] == 2 and t["other_segments"] >= 6 and t["frames_not_whole"] == 2
assert [s["flags"] for s in t["steps"] if s["event"] == "no event of RFC 9293"] == [""]
assert t["end"]["client"]["state"] == "TIME_WAIT" and t["end"]["server"]["state"] is None
assert line[2:4] == [t["end"]["client"]["local"], t["end"]["client"]["remote"]]
PY
grep -A2 'a segment that nobody expects, as it is:' out | grep -q 'seq' || fail "it is not shown as it is"
cat >server.py <<'PY'
import socket, sys
listener = socket.create_server((sys.argv[1], 8000))
connection = listener.accept()[0]
connection.recv(1)
sys.stdin.read() or listener.accept()
PY
run "$TWSTORM" lab trace --timeout 1s --server 'python3 server.py {server}' -- python3 -c \
	'import socket; s = socket.create_connection(("{server}", 8000)); s.send(b"x"); s.recv(1)'
expect_status 4
grep -q '^twstorm lab: stopped after 1 s$' err || fail "an end that never answers: $(cat err)"
grep -Eq '^ +end +FIN_WAIT2 +CLOSE_WAIT$' out || fail "the ends: $(cat out)"
run "$TWSTORM" lab trace --server 'sh -c "echo one; echo two >&2; echo three; exit 3"' -- true
expect_status 1
grep -q 'ended with code 3 before it was ready: two' err || fail "no reason: $(cat err)"
{ grep -q '^    one$' err && grep -q '^    three$' err; } || fail "no last lines: $(cat err)"

echo "a key for each segment; q and ^C end it, and the terminal is as it was"
cat >keys.py <<'PY'
import os, pty, re, sys, termios

def step(answer):
    """Answers each line of the ladder with answer(its number); the exit code, and the whole text."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(os.environ["TWSTORM"], ["twstorm", "lab", "trace", "--step"])
    text, lines, before = b"", 0, termios.tcgetattr(fd)
    while True:
        try:
            some = os.read(fd, 4096)
        except OSError:
            break
        text += some
        while len(re.findall(rb"\d ms  .*\n(?= )", text)) > lines:
            lines += 1
            os.write(fd, answer(lines))
            after = termios.tcgetattr(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text.decode(), lines

code, text, lines = step(lambda n: b" ")
assert code == 0 and lines == 10 and re.search(r"end +TIME_WAIT +-", text), (code, text)
code, text, lines = step(lambda n: b"q" if n == 3 else b" ")
assert code == 0 and lines == 3 and re.search(r"end +ESTABLISHED +SYN_RECV", text), (code, text)
code, text, lines = step(lambda n: b"\x03" if n == 10 else b" ")
assert code == 130 and lines == 10 and re.search(r"end +TIME_WAIT +LAST_ACK", text), (code, text)
PY
python3 keys.py || fail "not stepped"
run "$TWSTORM" lab trace --step </dev/null
expect_status 2

echo "twice, and late"
trace drop-duplicate TIME_WAIT,- ESTABLISHED --duplicate 'data from client' --delay 5ms
python3 - <<'PY' || fail "no delay of 5 ms each way: $(cat out)"
import json
steps = json.load(open("out"))["steps"]
assert steps[1]["at_s"] >= 0.005 and steps[2]["at_s"] >= 0.010
assert [s["fate"] for s in steps].count("duplicated") == 1
PY

echo "a file for Wireshark: blocks of the lengths they say, a frame for each segment"
run "$TWSTORM" lab trace --pcap trace.pcapng -o trace.json
expect_status 0
python3 - <<'PY' || fail "trace.pcapng is not what was carried"
import json, struct
data, at, frames = open("trace.pcapng", "rb").read(), 0, []
while at < len(data):
    kind, size = struct.unpack_from("=II", data, at)
    assert size % 4 == 0 and struct.unpack_from("=I", data, at + size - 4)[0] == size
    if kind == 6:
        length = struct.unpack_from("=I", data, at + 20)[0]
        frames.append(data[at + 28:at + 28 + length])
    at += size
assert at == len(data) and struct.unpack_from("=I", data, 8)[0] == 0x1A2B3C4D
tcp = [f for f in frames if f[12:14] == b"\x08\x00" and f[23] == 6]
flags = lambda f: "+".join(n for b, n in ((2, "SYN"), (1, "FIN"), (4, "RST"), (16, "ACK")) if f[47] & b)
assert [flags(f) for f in tcp] == [s["flags"] for s in json.load(open("trace.json"))["steps"]]
PY

echo "bad words"
for bad in "--drop nothing" "--close nobody" "--pace 1s" "--sysctl kernel.panic=1" "--format csv" "--fin-with-data" \
	"--show nothing" "--stop-at nothing" "--reorder acks" "--server cat" "curl" "--show old-duplicate -- curl" "--timeout 1ms" \
	"--step --format json" "--expect-ladder /dev/null"; do
	# shellcheck disable=SC2086 # an option and its value
	run "$TWSTORM" lab trace $bad
	expect_status 2 "$bad"
	[ "$(wc -l <err)" = 1 ] || fail "$bad: not one sentence: $(cat err)"
done
