#!/bin/bash
# Hosts with delay, loss, duplicates, a rate, and segments that are named: the kernel's own counters show what was asked for,
# without netem and without root; hosts that ask for nothing keep the bridge.
# waits
. "$(dirname "$0")/../lib.sh"
need python3
cd "$TEST_TMP" || exit 1

# scenario NAME HOST-LINES CLIENT-ARGS [MORE-LINES]
scenario() {
	cat >"$1.ini" <<INI
[scenario]
about = $1
seconds = 20
[host server]
${address_of_server:-}
[host client]
sysctl.net.ipv4.tcp_rfc1337 = 1
$2
[server main]
host = server
args = --listen {server}:9000
[client main]
host = ${host_of_client:-client}
args = --target {server}:9000 $3
${4:-}
INI
}

# lab NAME ...: runs the scenario beside this script.  All of them mostly wait.
lab() {
	scenario "$@"
	("$TWSTORM" lab run -q "./$1.ini" -o "$1" >"$1.out" 2>"$1.err"; echo $? >"$1.status") &
}

# holds NAME PYTHON...: expressions over the result d, its cable w and, of each host, the kernel's counters at the end.
holds() {
	python3 - "$@" <<'PY' || fail "$1: not so"
import json, os, sys
name = sys.argv[1]
d = json.load(open("%s/%s.json" % (name, name)))
wire = d["lab"]["wire"]
w = wire and wire["hosts"]["client"]
def counters(host):
    """TcpExt of a host, as `nstat -az` prints it."""
    of, words = {}, [line.split() for line in open("%s.%s.netstat" % (name, host)) if line.startswith("TcpExt:")]
    return dict(zip(words[0][1:], map(int, words[1][1:])))
client = counters("client") if os.path.exists(name + ".client.netstat") else {}
server = counters("server") if client else {}
for expression in sys.argv[2:]:
    if not eval(expression):
        sys.exit("not %s\n%s %s %s" % (expression, wire, client, server))
PY
}

# counted NAME: lines that leave the kernel's counters of both hosts.
counted() {
	local host
	for host in client server; do
		cat <<INI
[process counters-$host]
host = $host
command = sh -c 'trap "cat /proc/net/netstat >$PWD/$1.$host.netstat; exit" TERM; while :; do sleep 0.05; done'
INI
	done
}

# datagrams NAME HOST-LINES [ADDRESS-OF-SERVER]: a thousand of them over the cable; which came is in NAME.lines.
datagrams() {
	local to=${3:-198.18.0.11}
	# The client is there because a run has one; its connection is not to be lost.
	address_of_server=${3:+address = $3/64} host_of_client=server lab "$1" "$2" "--connections 1 --requests 0" "after = process send ended
[process receive]
host = server
command = $TEST_BIN/netns/wire_probe receive $to $PWD/$1.lines
ready = line ready
[process send]
host = client
after = process receive
command = $TEST_BIN/netns/wire_probe send $to 1000 2000"
}

echo "nothing asked for: no wire"
scenario plain "" "--connections 10"
run "$TWSTORM" lab run -q ./plain.ini -o plain
[ "$status" = 6 ] && skip "no lab here: $(cat err)"
expect_status 0 plain
holds plain 'w is None'

lab late "delay = 20ms" "--rate 100/s --connections 50"
lab lossy "loss = 20%" "--rate 200/s --connections 150 --timeout 2s --duration 2s"
lab twice "duplicate = 100%" "--connections 20" "$(counted twice)"
lab mixed "delay = 5ms
reorder = 5%" "--connections 2 --response-size 1000k" "$(counted mixed)"
lab slow "rate = 20mbit" "--connections 10 --response-size 100k"
lab named "drop = fin from client, 1st; rst, 99th" "--rate 200/s --connections 60"
lab last "delay = 5ms
drop = last ack" "--rate 100/s --connections 30"
wait

for name in late lossy twice mixed slow named last; do
	[ "$(cat $name.status)" = 0 ] || fail "$name: code $(cat $name.status): $(cat $name.err $name.out)"
done

echo "delay: no handshake is faster than there and back, nothing is lost, nothing is sent again"
# As many as both kernels sent.
holds late 'd["latency_us"]["connect"]["min"] >= 40000 and d["totals"]["connects_ok"] == 50' \
	'd["counters"]["Tcp.RetransSegs"] == 0 and d["server_counters"]["Tcp.RetransSegs"] == 0' \
	'w["lost"] == w["refused"] == 0 and w["latest_us"] >= w["late_p99_us"] >= w["late_p50_us"] > 0' \
	'd["counters"]["Tcp.OutSegs"] + d["server_counters"]["Tcp.OutSegs"] <= w["frames"]' \
	'wire["frames"] == w["frames"] and 0 < wire["busiest"] < 1.1 and wire["cpu_us_per_frame"] > 0'

echo "loss: what is lost is sent again"
holds lossy 'abs(w["lost"] - 0.2 * w["frames"]) < 5 * (0.16 * w["frames"]) ** 0.5' \
	'd["counters"]["Tcp.RetransSegs"] + d["server_counters"]["Tcp.RetransSegs"] >= 0.3 * w["lost"]'

echo "twice: the kernel drops what it has had, says so (DSACK), and nothing is answered twice"
# All but ARP and the like.
holds twice 'd["counters"]["Tcp.OutSegs"] + d["server_counters"]["Tcp.OutSegs"] <= w["duplicated"] <= w["frames"]' \
	'd["totals"]["transactions_ok"] == 20 and d["ledger"]["balanced"]' \
	'server["TCPDSACKOldSent"] >= 20 and client["TCPDSACKRecv"] >= 20'

echo "reorder: segments come out of order, and nothing is lost"
holds mixed 'w["reordered"] > 0 and client["TCPOFOQueue"] > 0 and w["lost"] == 0' \
	'd["totals"]["bytes_received"] == 2048000'

echo "a rate: so many bytes take so long"
holds slow 'd["run"]["duration_s"] >= 10 * 100 * 1024 * 8 / 20e6 and d["totals"]["bytes_received"] == 1024000'

echo "a segment that is named: once for each connection, and the kernel sends it again"
holds named 'w["dropped"] == 60 == w["drops"]["fin from client, 1st"] and w["beyond"] == 0 == w["lost"]' \
	'd["counters"]["Tcp.RetransSegs"] >= 60 and d["totals"]["connects_ok"] == 60' \
	'wire["unmet"] == "drop = rst, 99th of host client" and w["drops"]["rst, 99th"] == 0' \
	'd["lab"]["hosts"]["client"]["cable"] == {"drop": "fin from client, 1st; rst, 99th"}'
grep -q 'No segment was as drop = rst, 99th' named.out || fail "nothing is said of a rule that met nothing: $(cat named.out)"
# The server's FIN comes again, and TIME_WAIT answers it.
holds last 'w["dropped"] == 30 and d["server_counters"]["Tcp.RetransSegs"] >= 30'

echo "chance: the same seed loses the same datagrams, another one others; over IPv6 as well"
datagrams seven "loss = 30%
seed = 7"
datagrams again "loss = 30%
seed = 7"
datagrams eight "loss = 30%
seed = 8"
datagrams six "address = fd00::1/64
loss = 30%
seed = 7" fd00::2
wait
for name in seven again eight six; do
	[ "$(cat $name.status)" = 0 ] || fail "$name: code $(cat $name.status): $(cat $name.err $name.out)"
	cut -d' ' -f1 $name.lines >$name.came
	n=$(wc -l <$name.came)
	# Five standard deviations of 1,000 with 0.7.
	[ "$n" -gt 627 ] && [ "$n" -lt 773 ] || fail "$name: $n of 1,000 came; the receiver had no room for $(cat $name.lines.full)"
done
cmp -s seven.came again.came || fail "the same seed, and others came"
cmp -s seven.came six.came || fail "the same seed over IPv6, and others came"
cmp -s seven.came eight.came && fail "another seed, and the same came"

echo "what is no such thing"
for bad in "loss = 1" "delay = 1h" "rate = fast" "rate = 0mbit" "reorder = 200%" "reorder = 1%" "drop = fun" "drop = fin; ;" "seed = -1"; do
	printf '[scenario]\nabout = x\n[host a]\n%s\n[client c]\nhost = a\nargs = -t 198.18.0.1:1\n' "$bad" >bad.ini
	run "$TWSTORM" lab run ./bad.ini
	expect_status 2 "$bad"
	grep -q 'bad.ini:[34]: ' err || fail "$bad: no line is named: $(cat err)"
done
