#!/bin/bash
# `twstorm lab trace`: every step of every close strategy is one that RFC 9293 allows, and what is left at the end is what the
# strategy is known for; a lost last ACK brings the FIN again; what is wrong with the words is told in a sentence.
# TWSTORM_ROUNDS=N: each so often (1)
# limit: 600
# waits
. "$(dirname "$0")/../lib.sh"
need python3
cd "$TEST_TMP" || exit 1
run "$TWSTORM" lab trace -q
[ "$status" = 2 ] || fail "-q is no option of it"
run "$TWSTORM" lab trace
[ "$status" = 6 ] && skip "no lab here: $(cat err)"
expect_status 0
tail -n 3 out | head -n 1 | grep -Eq '^ +end +TIME_WAIT +-$' || fail "the text ends otherwise: $(cat out)"
grep -q '60 s left\|59 s left' out || fail "nothing of how long TIME_WAIT stays"

cat >check.py <<'PY'
import json, sys

# RFC 9293, figure 5, one step; "-" is no socket.  A SYN_RECV on the server is the first thing seen of it.
NEXT = {
    "-": {"SYN_SENT", "LISTEN"}, "LISTEN": {"SYN_RECV"}, "SYN_SENT": {"ESTABLISHED", "SYN_RECV", "-"},
    "SYN_RECV": {"ESTABLISHED", "FIN_WAIT1", "CLOSE_WAIT", "-"},
    "ESTABLISHED": {"FIN_WAIT1", "CLOSE_WAIT", "-"}, "FIN_WAIT1": {"FIN_WAIT2", "CLOSING", "TIME_WAIT", "-"},
    "FIN_WAIT2": {"TIME_WAIT", "-"}, "CLOSING": {"TIME_WAIT", "-"}, "CLOSE_WAIT": {"LAST_ACK", "-"}, "LAST_ACK": {"-"},
    "TIME_WAIT": {"-"},
}


def reachable(a, b):
    """In at most three steps: between two segments an end may take more than one."""
    seen = {a}
    for _ in range(3):
        seen |= {n for s in seen for n in NEXT[s]}
    return b in seen


name, ends, through = sys.argv[1], sys.argv[2].split(","), set(sys.argv[3].split(",")) - {""}
doc = json.load(sys.stdin)
for side, end in zip(("client", "server"), ends):
    seen = [s[side] or "-" for s in doc["steps"]] + [doc["end"][side]["state"] or "-"]
    for a, b in zip(seen, seen[1:]):
        if not reachable(a, b):
            sys.exit("%s: the %s went from %s to %s: %s" % (name, side, a, b, seen))
    if seen[-1] != end:
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
echo "every strategy"
trace client-fin TIME_WAIT,- ESTABLISHED --close client-fin
trace server-fin -,TIME_WAIT ESTABLISHED --close server-fin
trace client-half TIME_WAIT,- ESTABLISHED --close client-half
trace server-half -,TIME_WAIT ESTABLISHED --close server-half
trace both TIME_WAIT,TIME_WAIT FIN_WAIT1 --close both
trace client-rst -,- ESTABLISHED --close client-rst
trace server-rst -,- ESTABLISHED --close server-rst
trace passive-rst -,- ESTABLISHED --close passive-rst
trace client-unread -,- ESTABLISHED --close client-unread
trace server-leak FIN_WAIT2,CLOSE_WAIT ESTABLISHED --close server-leak
trace http TIME_WAIT,- ESTABLISHED --proto http --requests 2
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
for bad in "--drop nothing" "--close nobody" "--pace 1s" "--sysctl kernel.panic=1" "--format csv" "--fin-with-data"; do
	# shellcheck disable=SC2086 # an option and its value
	run "$TWSTORM" lab trace $bad
	expect_status 2 "$bad"
	[ "$(wc -l <err)" = 1 ] || fail "$bad: not one sentence: $(cat err)"
done
