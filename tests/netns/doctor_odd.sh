#!/bin/bash
# twstorm doctor on odd hosts: IPv6 alone, 10,000 listeners of which one small queue is full, foreign processes hidden, an older
# kernel, a namespace that vanishes while it is looked at.  What cannot be known is named, and nothing wrong is found.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need ip python3
cd "$TEST_TMP" || exit 1
look() {
	"$TWSTORM" doctor --interval 1ms --format json
}
[ -e /proc/sys/net/ipv6/conf/lo/disable_ipv6 ] || skip "no IPv6 here"
echo 0 >/proc/sys/net/ipv6/conf/lo/disable_ipv6
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse
ip addr flush dev lo
ip addr add ::1/128 dev lo 2>/dev/null

echo "IPv6 alone"
cat >six.py <<'PY'
import socket
server = socket.socket(socket.AF_INET6)
server.bind(("::1", 0))
server.listen(64)
for _ in range(50):
    one = socket.create_connection(server.getsockname()[:2])
    other, _ = server.accept()
    one.close()
    other.close()
print("ready", server.getsockname()[1], flush=True)
server.accept()
PY
start six python3 six.py
port=$(wait_line six.out ready 60)
port=${port#ready }
look >six.json || fail "a look"
json_are six.json first=none "facts.busiest.address=[::1]:$port" facts.busiest.ports_used=50 states.TIME_WAIT=50 states.LISTEN=1

echo "a wall clock that jumps by an hour, forward and back, at each reading: nothing that is told depends on it"
# said_of_time FILE: all of it that does not depend on how long the look took.
said_of_time() {
	python3 - "$1" <<'PY'
import json, sys
doc = json.load(open(sys.argv[1]))
facts = doc["facts"]
ago = [i for i, row in enumerate(doc["rate"]) for _ in range(row["born"])]
print(doc["first"], facts["time_wait"]["timed"], facts["time_wait"]["expired"], len(ago), facts["interval_s"], facts["busiest"]["until"])
print(max(ago), facts["failing"]["window_s"], facts["growth"]["TIME_WAIT"], file=sys.stderr)
assert max(ago) < 30 and 0.3 <= facts["failing"]["window_s"] < 30
PY
}
"$TWSTORM" doctor --format json >steady.json || fail "a look"
CLOCK_JUMPS=1 CLOCK_OFF_MS=3600000 LD_PRELOAD=$TEST_BIN/preload/clock_off.so ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-} \
	"$TWSTORM" doctor --format json >jumping.json || fail "a look"
steady=$(said_of_time steady.json) && jumping=$(said_of_time jumping.json) || fail "a time is wrong"
[ "$steady" = "$jumping" ] || fail "the clock jumps: $jumping, not $steady"
stop six

echo "10,000 listeners"
ip addr add 127.0.0.1/8 dev lo
cat >many.py <<'PY'
import resource, socket
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held = []

def listen(backlog):
    held.append(socket.socket())
    held[-1].bind(("127.0.0.1", 0))
    held[-1].listen(backlog)
    return held[-1].getsockname()

def connect(address, n):
    for _ in range(n):
        held.append(socket.socket())
        held[-1].setblocking(False)
        held[-1].connect_ex(address)

n = min(10000, hard - 100)
small, long = listen(3), listen(100)
for _ in range(n - 2):
    listen(8)
connect(long, 30)
connect(small, 4)
print("ready", n, small[1], flush=True)
held[0].settimeout(None)
import time
time.sleep(1000)
PY
start many python3 many.py
read -r _ n small < <(wait_line many.out ready 100)
look >many.json || fail "a look"
json_are many.json first=backlog "states.LISTEN=$n" facts.backlog.at=127.0.0.1:"$small" facts.backlog.waiting=4 facts.backlog.limit=3 \
	listen.1.waiting=30
stop many
echo "$n"

echo "ports that were bound before connect(), or bound alone, are none of the budget; connect() finds as many as are left"
unshare -n bash -s "$TWSTORM" >bound.json 2>bound.err <<'SH' || fail "bound ports: $(cat bound.err)"
ip link set lo up
echo 40000 40999 >/proc/sys/net/ipv4/ip_local_port_range
exec python3 - "$1" <<'PY'
import errno, os, socket, subprocess, sys

def listen(port):
    s = socket.socket()
    s.bind(("127.0.0.1", port))
    s.listen(2000)
    return s

def bound():
    s = socket.socket()
    s.bind(("0.0.0.0", 0))
    return s

import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
elsewhere, here = listen(9000), listen(9001)
held = [bound() for _ in range(200)]
for _ in range(100):
    held.append(bound())
    held[-1].connect(elsewhere.getsockname())
for _ in range(50):
    held.append(socket.create_connection(here.getsockname()))
doctor = subprocess.run([sys.argv[1], "doctor", "--interval", "1ms", "--format", "json", "--expect", "facts.bound_early == 100",
                         "--expect", "facts.not_for_connect == 200", "--expect", "remote.1.budget == 700"], stdout=subprocess.PIPE)
sys.stdout.buffer.write(doctor.stdout)
n = 50
try:
    while n < 2000:
        held.append(socket.create_connection(here.getsockname()))
        n += 1
except OSError as e:
    print(n, e, file=sys.stderr)
    sys.exit(doctor.returncode or (n not in (699, 700)))
PY
SH

echo "an older kernel: no cgroups of sockets, no number of descriptors, no sockets that are only bound; each is named, and nothing is found by it"
cat >old.py <<'PY'
import socket, time
held = [socket.socket() for _ in range(2)]
for one in held:
    one.bind(("127.0.0.1", 0))
held[0].listen(8)
print("ready", flush=True)
time.sleep(1000)
PY
start old python3 old.py
wait_line old.out ready 60 >/dev/null
look >new.json || fail "a look"
for by_family in "" 1; do
	OLD_KERNEL_BY_FAMILY=$by_family LD_PRELOAD=$TEST_BIN/preload/old_kernel.so ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-} \
		"$TWSTORM" doctor --interval 1ms --format json >old.json || fail "a look"
	json_are old.json facts.descriptors.used=null facts.not_for_connect=1 first="$(json first new.json)" states.LISTEN=1 facts.method=sock_diag
	for named in "cgroups of sockets (Linux 5.8 and later do)" "descriptors of processes (Linux 6.2 and later do)" \
		"sockets that are only bound (Linux 6.8 and later do)"; do
		grep -qF "\"$named\"" old.json || fail "does not say: $named"
	done
	grep -q '"name": "descriptors"' old.json || fail "descriptors are not among what cannot be told"
done
grep -q "only bound" new.json || json_is facts.not_for_connect new.json 2 # or this kernel is an old one
stop old

echo "a namespace that vanishes"
start other unshare -n sleep 600
other=${started_pid[other]}
is_unshared() {
	[ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
wait_until 20 is_unshared || fail "unshare does not unshare"
if setpriv --reuid=65534 --clear-groups "$TWSTORM" --version >/dev/null 2>&1; then
	start vanish setpriv --reuid=65534 --clear-groups "$TWSTORM" doctor --netns "/proc/$other/ns/net" --interval 1s --format json
	sleep 0.3
	stop other
	if wait_exit vanish; then
		json_are vanish.out first=cannot_tell facts.method=nothing states.TIME_WAIT=null
	else # it was gone before
		grep -q "^twstorm doctor: cannot enter /proc/$other/ns/net" vanish.log || fail "a namespace that vanished: $(cat vanish.log)"
	fi

	echo "foreign processes are hidden"
	if unshare -mp --fork sh -c 'mount -t proc -o hidepid=2 proc /proc' 2>/dev/null; then
		# shellcheck disable=SC2016 # for the other shell
		unshare -mp --fork sh -c 'mount -t proc -o hidepid=2 proc /proc && setpriv --reuid=65534 --regid=65534 --clear-groups "$0" doctor --interval 1ms --format json; exit' \
			"$TWSTORM" >hidden.json || fail "a look"
		json_are hidden.json facts.descriptors.used=null facts.method=sock_diag
	fi
fi
