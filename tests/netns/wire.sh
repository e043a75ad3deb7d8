#!/bin/bash
# Hosts with delay, loss, duplicates and a rate: the kernel's own counters show what was asked for, without netem and without
# root; hosts that ask for nothing keep the bridge.
# waits
. "$(dirname "$0")/../lib.sh"
need python3
cd "$TEST_TMP" || exit 1

# lab NAME HOST-LINES CLIENT-ARGS: runs it, and leaves NAME.json.
lab() {
	cat >"$1.ini" <<INI
[scenario]
about = $1
seconds = 20
[host server]
[host client]
sysctl.net.ipv4.tcp_rfc1337 = 1
$2
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 $3
INI
	run "$TWSTORM" lab run -q "./$1.ini" -o .
	[ "$status" = 6 ] && skip "no lab here: $(cat err)"
	expect_status 0 "$1"
}

# holds NAME PYTHON: an expression over the result d and its cable w.
holds() {
	python3 - "$1.json" "$2" <<'PY' || fail "$1: not $2"
import json, sys
d = json.load(open(sys.argv[1]))
w = d["lab"]["wire"] and d["lab"]["wire"]["hosts"]["client"]
sys.exit(0 if eval(sys.argv[2]) else "%s %s" % (w, d["latency_us"]["connect"]["p50"]))
PY
}

echo "nothing asked for: no wire"
lab plain "" "--connections 10"
holds plain 'w is None'

echo "delay: no handshake is faster than there and back, nothing is lost, nothing is sent again"
lab late "delay = 20ms" "--rate 100/s --connections 50"
holds late 'd["latency_us"]["connect"]["min"] >= 40000 and d["totals"]["connects_ok"] == 50'
holds late 'd["counters"]["Tcp.RetransSegs"] == 0 and d["server_counters"]["Tcp.RetransSegs"] == 0'
holds late 'w["lost"] == w["refused"] == 0 and w["latest_us"] >= w["late_p99_us"] >= w["late_p50_us"] > 0'
holds late 'd["lab"]["wire"]["frames"] == w["frames"] and 0 < d["lab"]["wire"]["busiest"] < 1.1 and d["lab"]["wire"]["cpu_us_per_frame"] > 0'
# As many as both kernels sent: each segment of either is one frame here or, by offload, a part of one.
holds late 'd["counters"]["Tcp.OutSegs"] <= w["frames"]'

echo "loss: what is lost is sent again"
lab lossy "loss = 20%" "--rate 100/s --connections 60 --timeout 8s --duration 9s"
holds lossy 'abs(w["lost"] - 0.2 * w["frames"]) < 5 * (0.16 * w["frames"]) ** 0.5'
holds lossy 'd["counters"]["Tcp.RetransSegs"] + d["server_counters"]["Tcp.RetransSegs"] >= 0.3 * w["lost"]'

echo "twice: the kernel drops what it has had, and nothing is answered twice"
lab twice "duplicate = 100%" "--connections 20"
holds twice 'w["duplicated"] == w["frames"] and d["totals"]["transactions_ok"] == 20 and d["ledger"]["balanced"]'

echo "a rate: so many bytes take so long"
lab slow "rate = 20mbit" "--connections 10 --response-size 100k"
holds slow 'd["run"]["duration_s"] >= 10 * 100 * 1024 * 8 / 20e6 and d["totals"]["bytes_received"] == 1024000'

echo "what is no such thing"
for bad in "loss = 1" "delay = 1h" "rate = fast" "reorder = 200%"; do
	printf '[scenario]\nabout = x\n[host a]\n%s\n[client c]\nhost = a\nargs = -t 198.18.0.1:1\n' "$bad" >bad.ini
	run "$TWSTORM" lab run ./bad.ini
	expect_status 2 "$bad"
	grep -q 'bad.ini:4: ' err || fail "$bad: no line is named: $(cat err)"
done
