#!/bin/bash
# A host made sick in each way that a namespace can have, by programs that are not ours: `twstorm doctor` finds it as
# nobody, and nothing else but what a row allows; the file of its collector and a paste of ss and sysctl say the same
# first.  A healthy host has nothing.  What a namespace cannot lack comes from files.  The curve of the last minute is
# what was made, and a predicted moment is the moment.
# limit: 900
. "$(dirname "$0")/../lib.sh"
need python3
need ss
[ "$(id -u)" = 0 ] || skip "needs root, to look as nobody"
sick=$PWD/tests/cases/doctor/sick.py
cd "$TEST_TMP" || exit 1
chmod 755 . && cp "$TWSTORM" twstorm && chmod 755 twstorm
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"$TWSTORM" doctor --collector >collect.sh
settings='net.ipv4.ip_local_port_range|net.ipv4.tcp_(tw_reuse|max_tw_buckets|fin_timeout|timestamps) |net.core.somaxconn'

# host [SYSCTL=VALUE...]: a fresh host with 198.18.0.1, whose other addresses nobody has; enter COMMAND... runs there.
host() {
	local setting
	[ -z "${started_pid[host]:-}" ] || stop host
	start host unshare -n sleep 900
	pid=${started_pid[host]}
	wait_until 10 in_other_net "$pid" || fail "no namespace"
	enter ip link set lo up
	enter ip link add none type veth peer name nowhere
	enter ip addr add 198.18.0.1/16 dev none
	enter ip link set none up
	enter ip link set nowhere up
	enter ip neigh add 198.18.0.9 lladdr 02:00:00:00:00:09 dev none
	for setting; do
		echo "${setting#*=}" >setting
		enter tee "/proc/sys/net/${setting%%=*}" <setting >tee.out || fail "cannot set $setting"
	done
}
in_other_net() {
	[ "$(stat -Lc %i "/proc/$1/ns/net")" != "$(stat -Lc %i /proc/self/ns/net)" ]
}
enter() {
	nsenter -t "$pid" -n "$@"
}

# names FILE: the findings, in their order, or `none` and its like.
names() {
	/usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(*([f["name"] for f in d["findings"]] or [d["first"]]))' "$1"
}

# judge FINDING ALLOWED FILE: it is among the findings of the file, and nothing else that is not allowed.
judge() {
	local name found
	found=$(names "$3")
	[[ " $found " = *" $1 "* ]] || fail "$1 is not found in $3: $found"
	for name in $found; do
		[[ " $1 $2 " = *" $name "* ]] || fail "$3: $name is found where there is $1: $(cat "$3")"
	done
}

# look FINDING ALLOWED [ways]: live as nobody, by the collected file, by a paste.  A second is long enough for what happens
# again and again, however busy this machine is.
look() {
	enter "${nobody[@]}" ./twstorm doctor --interval 1s --format json >"$1.live.json" || fail "$1: doctor ended with $?"
	judge "$1" "$2" "$1.live.json"
	[ -n "${3:-}" ] || return 0
	enter "${nobody[@]}" sh collect.sh >"$1.txt" 2>"$1.err"
	{ echo '$ ss -tano'; enter "${nobody[@]}" ss -tano; echo '$ sysctl -a'; enter sysctl -a 2>/dev/null | grep -E "$settings"; } >"$1.paste"
	for way in txt paste; do
		"$TWSTORM" doctor "$1.$way" --format json >"$1.$way.json"
		[ "$(json first "$1.$way.json")" = "$(json first "$1.live.json")" ] ||
			fail "$1: $way says $(names "$1.$way.json"), live $(names "$1.live.json")"
	done
	echo "$1: $(names "$1.live.json"); collected and pasted the same first"
}

# make_sick NAME ARGUMENT...: by other programs, on the host that was made last.
make_sick() {
	[ -z "${started_pid[sick]:-}" ] || stop sick
	start sick nsenter -t "$pid" -n python3 "$sick" "$@"
	wait_line sick.out '^ready' 60 >/dev/null
}
few='ipv4/ip_local_port_range=40000 40999'

host "$few" ipv4/tcp_tw_reuse=0
make_sick ports 127.0.0.1 990
look ports "" ways
host "$few" ipv4/tcp_tw_reuse=1
make_sick ports 127.0.0.1 990
sleep 1.5 # after a second connect() takes them again
look none "" ways
host "$few" ipv4/tcp_tw_reuse=0
make_sick no_port_now 127.0.0.1 990
sleep 0.5
look no_port_now ports
host
make_sick resets
look resets ""
make_sick refused 198.18.0.1
look refused ""
host
make_sick no_answer 198.18.0.9 10
look no_answer "" ways
host ipv4/tcp_max_tw_buckets=100
make_sick ports 127.0.0.1 300
look tw_buckets "" ways
host
make_sick backlog 127.0.0.1 20
look backlog no_answer ways
host ipv4/tcp_syncookies=0 ipv4/tcp_max_syn_backlog=128 ipv4/conf/all/rp_filter=0 ipv4/conf/lo/rp_filter=0
make_sick syn_queue 198.18.0.1 400
look syn_queue ""
host
start fds nsenter -t "$pid" -n bash -c "ulimit -n 200 && exec python3 '$sick' descriptors"
wait_line fds.out '^ready' 60 >/dev/null
look descriptors ""
stop fds
host
make_sick pool
look pool ""
host
make_sick healthy 127.0.0.1 20
look none "" ways

echo "a peer that does not close, and a program that does not, on hosts of their own"
host
start peer unshare -n sleep 900
peer=${started_pid[peer]}
wait_until 10 in_other_net "$peer" || fail "no namespace"
enter ip link del none
enter ip link add here0 type veth peer name there0 netns "$peer"
enter ip addr add 198.18.0.1/24 dev here0
enter ip link set here0 up
nsenter -t "$peer" -n sh -c 'ip link set lo up; ip addr add 198.18.0.2/24 dev there0; ip link set there0 up'
make_sick hold 198.18.0.1
start leaver nsenter -t "$peer" -n python3 "$sick" leave 198.18.0.1 40
wait_line leaver.out '^ready' 60 >/dev/null
look close_wait "" ways
stop leaver
stop sick
start holder nsenter -t "$peer" -n python3 "$sick" hold 198.18.0.2
wait_line holder.out '^ready' 60 >/dev/null
make_sick leave 198.18.0.2 40 half
look fin_wait2 "" ways
stop sick
stop holder

echo "tcp_tw_reuse helps where both ends use timestamps, and is said not to where the peer does not"
echo 1 >one
enter tee /proc/sys/net/ipv4/tcp_tw_reuse <one >tee.out
for timestamps in 0 1; do
	nsenter -t "$peer" -n sh -c "echo $timestamps >/proc/sys/net/ipv4/tcp_timestamps"
	start echoes nsenter -t "$peer" -n python3 "$sick" echo 198.18.0.2
	wait_line echoes.out '^ready' 60 >/dev/null
	make_sick short 198.18.0.2 40
	enter "${nobody[@]}" ./twstorm doctor --format json >reuse.json || fail "doctor ended with $?"
	json_is facts.busiest.reuse_is reuse.json "$( ((timestamps)) && echo works || echo no_timestamps_there)"
	enter "${nobody[@]}" ss -tanoie >reuse.txt
	{ echo '$ ss -tanoie'; cat reuse.txt; echo net.ipv4.tcp_tw_reuse = 1; } >reuse.paste
	"$TWSTORM" doctor reuse.paste --format json >pasted.json
	json_is facts.busiest.reuse_is pasted.json "$(json facts.busiest.reuse_is reuse.json)"
	stop sick
	stop echoes
done
stop peer

echo "what a namespace cannot lack, from files"
while IFS='|' read -r name text; do
	echo -e "$text" >"$name.file"
	"$TWSTORM" doctor "$name.file" --format json >"$name.file.json"
	judge "$name" "" "$name.file.json"
done <<'FILES'
orphans|TCP: inuse 5 orphan 70000 tw 3 alloc 9 mem 2\nnet.ipv4.tcp_max_orphans = 65536
memory|TCP: inuse 5 orphan 7 tw 3 alloc 9 mem 42360\nnet.ipv4.tcp_mem = 21180\t28243\t42360
conntrack|net.netfilter.nf_conntrack_count = 65536\nnet.netfilter.nf_conntrack_max = 65536
conntrack_insert|cpu=0 found=1 insert=10 insert_failed=2 drop=0 early_drop=0
FILES

echo "the curve of the last minute, and the moment when ports are gone"
cat >judge.py <<'PYTHON'
import bisect, json, sys
doc = json.load(open("curve.json"))
lines = [line.split() for line in open("sick.out") if line[0] in "cf"]
closed = [float(t) for what, t in lines if what == "closed"]
failed = [float(t) for what, t in lines if what == "failed"][0]
born = [row["born"] for row in doc["rate"]]
late = max(t - closed[0] - i / 500 for i, t in enumerate(closed))

def worst(moment):
    edge = [bisect.bisect_left(closed, moment - i) for i in range(4)]
    made = [edge[i] - edge[i + 1] for i in range(3)]
    return max(abs(born[i] - made[i]) / max(1, made[i]) for i in (1, 2))

# The dump was between the close of the last that is in it, and the next one's.
n = doc["facts"]["time_wait"]["timed"]
error, moment = min((worst(t), t) for t in (closed[n - 1] + (closed[n] - closed[n - 1]) * part / 10 for part in range(11)))
ports = [f for f in doc["findings"] if f["name"] == "ports"]
said = ports[0]["in_s"] if ports else float("nan")
off = abs(moment + said - failed) / said
print("per second %.2f %% wrong at most; predicted %.2f s, found after %.2f s: %.2f %%; %.0f ms late at most"
      % (100 * error, said, failed - moment, 100 * off, 1000 * late))
sys.exit(0 if error <= 0.01 and off <= 0.02 else 75 if late > 0.05 else 1)
PYTHON

# The kernel's clock has steps of 4 ms: of 500 a second that is 0.4 %.  A busy machine does not make them evenly: then the round says
# nothing.
even=
for ((round = 1; round <= 6 && !even; round++)); do
	host 'ipv4/ip_local_port_range=40000 44999' ipv4/tcp_tw_reuse=0
	make_sick paced 127.0.0.1 500 60
	sleep 3.5
	enter "${nobody[@]}" ./twstorm doctor --format json >curve.json
	wait_line sick.out '^failed' 60 >/dev/null
	/usr/bin/python3 judge.py && even=1 || [ $? = 75 ] || fail "the curve or the moment is not what was made"
done
[ -n "$even" ] || skip "this machine made no 500 connections a second evenly"

echo "past half of the ports: the moment is within 10 % where the pace is kept, and not before what is said where connect() gets slower"
cat >past.py <<'PYTHON'
"""past.py kept|slower: 75 = connections did not go on as before the look, so that nothing was foretold."""
import json, sys
doc = json.load(open("past.json"))
lines = [line.split() for line in open("sick.out") if line[0] in "cf"]
closed = [float(t) for what, t in lines if what == "closed"]
failed = [float(t) for what, t in lines if what == "failed"][0]
soonest = doc["facts"]["soonest"]
n, said = soonest["ports_used"], soonest["full_in_s"]
assert doc["first"] == "ports" and n > soonest["budget"] / 2, (doc["first"], n)
sentence = doc["findings"][0]["sentence"]
assert "not before, since connect() searches longer past half of them" in sentence, sentence
moment = (closed[n - 1] + closed[n]) / 2
took, left = failed - moment, len(closed) - n

def rate(begin, end):
    return sum(begin <= t < end for t in closed) / (end - begin)

before, after = rate(moment - 2, moment), left / took
print("%d of %d taken, %.0f a second: predicted %.2f s, found after %.2f s at %.0f a second" % (n, soonest["budget"], before, said, took, after))
if sys.argv[1] == "kept":
    sys.exit(0 if abs(took - said) <= 0.1 * said else 75 if abs(after - before) > 0.05 * before else 1)
sys.exit(75 if after > before else 0 if took >= 0.98 * said else 1)
PYTHON
# past_half kept|slower PORTS RATE
past_half() {
	for ((round = 1; round <= 6; round++)); do
		host "ipv4/ip_local_port_range=40000 $((39999 + $2))" ipv4/tcp_tw_reuse=0
		make_sick paced 127.0.0.1 "$3" 60
		wait_count $(($2 * 62 / 100)) 60 counter sockstat.tw enter
		enter "${nobody[@]}" ./twstorm doctor --format json >past.json
		wait_line sick.out '^failed' 60 >/dev/null
		/usr/bin/python3 past.py "$1" && return
		[ $? = 75 ] || fail "the moment past half is not what was said"
	done
	skip "this machine made no connections evenly"
}
past_half kept 5000 500
past_half slower 8000 100000
