#!/bin/bash
# Observed hosts: what is told of their sockets is what ss and nstat say in their namespaces, at rest and in motion; a foreign
# program's lack of ports is seen; a port that nobody uses is said to be; and where no host is observed, nothing is
# there that observes.
. "$(dirname "$0")/../lib.sh"
need ss nstat python3
cd "$TEST_TMP" || exit 1

# Reads the client's TIME_WAIT by ss, again and again: when it began, how many, when it ended.
cat >reader.sh <<'SH'
while :; do
	before=$EPOCHREALTIME
	n=$(ss -Htan state time-wait | wc -l)
	echo "$before $n $EPOCHREALTIME"
done >>"$1"
SH
# A foreign client: 150 connections one after the other, which it closes first, of which 100 have a port.
cat >foreign.py <<'PY'
import socket, sys
ok = no_port = 0
for i in range(150):
    s = socket.socket()
    try:
        s.connect((sys.argv[1], 9000))
        ok += 1
    except OSError as e:
        no_port += e.errno == 99
    s.close()
print(ok, no_port, file=open(sys.argv[2], "w"))
PY
# What is at rest, by ss and the kernel's counters; who is there, and which sockets ask sock_diag for others.
cat >look.sh <<'SH'
for host in client foreign server; do
	nsenter --net="$1/netns/$host" ss -Htan | awk '{ n[$1]++ } END { for (s in n) print s, n[s] }' >"ss_$host$2"
	nsenter --net="$1/netns/$host" nstat -asz TcpExtTW TcpOutRsts 2>/dev/null | awk '/^T/ { print $1, $2 }' >"nstat_$host$2"
done
cat /proc/[0-9]*/comm | grep -c '^twstorm' >"processes$2"
nsenter --net="$1/netns/nobody" awk '$2 == 4 && $3' /proc/net/netlink | wc -l >"netlink$2"
SH

# scenario NAME OBSERVE-LINES: a client of ours through 200 ports, another program through 100, and a look when both are done.
scenario() {
	cat >"$1.ini" <<INI
[scenario]
about = $1
seconds = 30
[host server]
sysctl.net.ipv4.tcp_rfc1337 = 1
[host client]
sysctl.net.ipv4.ip_local_port_range = 40000 40199
sysctl.net.ipv4.tcp_rfc1337 = 1
[host foreign]
sysctl.net.ipv4.ip_local_port_range = 41000 41099
sysctl.net.ipv4.tcp_rfc1337 = 1
[host nobody]
[server main]
host = server
args = --listen {server}:9000
[process reader]
host = client
command = bash reader.sh readings
[process foreign]
host = foreign
command = python3 foreign.py {server} foreign_says
after = server main
ready = exit
[process look]
host = nobody
command = bash look.sh {tmp} .$1
after = client main, process foreign
ready = exit
[client main]
host = client
args = --target {server}:9000 --rate 75/s --connections 230 --duration 20s --on-exhaustion spin
# It is there so that the run goes on until the look is over; it leaves no socket.
[client last]
host = nobody
args = --target {server}:9000 -n 1 --close client-rst
after = process look
INI
	printf '%s\n' "${@:2}" >>"$1.ini"
	run "$TWSTORM" lab run ${quiet:-} "./$1.ini" -o out.lab
	[ "$status" = 6 ] && skip "no lab here: $(cat err)"
}

echo "hosts are as ss and nstat see them"
scenario seen '[host server]' 'observe = all' '[host client]' 'observe = all' 'observe-failures = yes' \
	'[host foreign]' 'observe = {server}:9000, {server}:1' 'observe-failures = yes' '[host nobody]' 'observe = {foreign}:9' \
	'[expect main]' 'all ports = hosts.client.to.{server}:9000.states.peak.TIME_WAIT == 200' \
	'the others had none = hosts.client.to.{server}:9000.ports.no_port == errors.connect.EADDRNOTAVAIL' \
	'full before = hosts.client.to.{server}:9000.ports.full_at_s < ports.first_exhausted_s + 20ms' \
	'by TIME_WAIT = hosts.client.to.{server}:9000.ports.held_by.TIME_WAIT > 190' \
	'foreign, too = hosts.foreign.to.{server}:9000.ports.no_port == 50' \
	'from its address = hosts.foreign.to.{server}:9000.from.{foreign}.ports.used_peak == 100' \
	'exhausted = hosts.foreign.to.{server}:9000.ports.exhausted == true' \
	'entered = hosts.client.counters.TcpExt.TW == 200 and hosts.foreign.counters.TcpExt.TW == 100' \
	'no socket = hosts.nobody.to.{foreign}:9.sockets_peak == 0' \
	'all ends are listed = hosts.server.others.ends == 0' \
	'told = story.host_end_unused > 0 and story.host_no_port > 0 and story.host_ports_full > 0'
expect_status 0 "observed"
grep -q 'Host nobody: no socket to 198.18.0.13:9 was seen' out.lab/seen-main.json || fail "an unused port is not told of"
grep -Eq '^  host client: TIME_WAIT [0-9]+, .* of 200 ports to 198.18.0.11:9000$' err || fail "nothing is said meanwhile: $(cat err)"
[ "$(cat foreign_says)" = "100 50" ] || fail "the foreign program had $(cat foreign_says)"
python3 - out.lab/seen-main.json <<'PY' || fail "not as ss and nstat see it"
import datetime, json, sys
d = json.load(open(sys.argv[1]))
NAMES = {"ESTAB": "ESTABLISHED", "TIME-WAIT": "TIME_WAIT", "LISTEN": "LISTEN", "FIN-WAIT-2": "FIN_WAIT2",
         "CLOSE-WAIT": "CLOSE_WAIT", "FIN-WAIT-1": "FIN_WAIT1", "LAST-ACK": "LAST_ACK"}
faults = []
for name in "client", "foreign", "server":
    host = d["hosts"][name]
    rest = {NAMES[s]: int(n) for s, n in (line.split() for line in open("ss_%s.seen" % name))}
    end = {s: n for s, n in host["states"]["end"].items() if n}
    if rest != end:
        faults.append("%s: ss %s, here %s" % (name, rest, end))
    counted = {k: int(n) for k, n in (line.split() for line in open("nstat_%s.seen" % name))}
    for ours, theirs in ("TcpExt.TW", "TcpExtTW"),:
        if host["counters"][ours] != counted[theirs]:
            faults.append("%s: %s %s, here %s" % (name, theirs, counted[theirs], host["counters"][ours]))
# In motion TIME_WAIT only grows: a count is at least what was read before it, at most what was read after it.
client = d["hosts"]["client"]
began = datetime.datetime.fromisoformat(d["run"]["started_at"].replace("Z", "+00:00")).timestamp()
took = client["sampler"]["longest_ms"] / 1000 + 0.002
readings = [(float(a), int(n), float(b)) for a, n, b in (line.split() for line in open("readings") if line.count(" ") == 2)]
compared = moving = 0
for row in client["series"]:
    if row["states"] is None:
        continue
    at, n = began + row["t"], row["states"].get("TIME_WAIT", 0)
    before = [r[1] for r in readings if r[2] < at - took]
    after = [r[1] for r in readings if r[0] > at + 0.002]
    compared += 1
    moving += 0 < n < 200
    if before and n < max(before) or after and n > min(after):
        faults.append("at %.3f s: %s after, %d here, %s before" % (row["t"], min(after, default=None), n, max(before, default=None)))
if compared < 4 or not moving:
    faults.append("only %d counts were compared, %d while they grew" % (compared, moving))
print(*faults, sep="\n")
sys.exit(bool(faults))
PY

echo "nothing observes where nothing is to be"
quiet=-q scenario unseen
for what in processes netlink; do
	[ "$(cat $what.unseen)" -lt "$(cat $what.seen)" ] || fail "$what: $(cat $what.seen) with, $(cat $what.unseen) without"
done
[ "$(cat netlink.unseen)" = 0 ] || fail "$(cat netlink.unseen) sock_diag sockets in a host that nobody observes"
json hosts out.lab/unseen-main.json >/dev/null && fail "a result has hosts that nobody observed"
exit 0
