#!/bin/bash
# A look at this host is what a foreign client counted, to the connection: those that found no port, were refused, were reset; a
# leak has its age and its program; TIME_WAIT is what ss says.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need ip ss python3
cd "$TEST_TMP" || exit 1
ip addr add 198.18.0.1/32 dev lo
ip addr add 198.18.0.2/32 dev lo
echo 40000 40099 >/proc/sys/net/ipv4/ip_local_port_range
echo 1 >/proc/sys/net/ipv4/tcp_rfc1337

# Echoes a byte and waits for the end; on port 9001 resets; on 9002 never closes.
cat >server.py <<'PY'
import selectors, socket, struct
ready, kept = selectors.DefaultSelector(), []
for port in 9000, 9001, 9002:
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("198.18.0.2", port))
    s.listen(200)
    ready.register(s, selectors.EVENT_READ, port)
print("listening", flush=True)
while True:
    for key, _ in ready.select():
        if key.data in (9000, 9001, 9002):
            c, _ = key.fileobj.accept()
            if key.data == 9001:
                c.recv(1)
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                c.close()
            elif key.data == 9002:
                kept.append(c)
            else:
                ready.register(c, selectors.EVENT_READ, 0)
        elif key.fileobj.recv(9):
            key.fileobj.send(b"y")
        else:
            ready.unregister(key.fileobj)
            key.fileobj.close()
PY
# CLIENT PORT N [reset]: one connection after the other; prints how many there were of each errno.
cat >client.py <<'PY'
import collections, socket, sys
ended = collections.Counter()
for i in range(int(sys.argv[2])):
    s = socket.socket()
    try:
        s.connect(("198.18.0.2", int(sys.argv[1])))
        s.send(b"x")
        if sys.argv[1] != "9002":
            s.recv(1)
        ended[0] += 1
    except OSError as e:
        ended[e.errno] += 1
    s.close()
print(*("%d=%d" % e for e in sorted(ended.items())))
PY

joined() { # who asks for the events of sock_diag
	awk '$2 == 4 && $4 != "00000000" { n++ } END { exit !n }' /proc/net/netlink
}

# look_while NAME COMMAND...: a look that lasts from before it to after it, in NAME.json.
look_while() {
	local name=$1
	shift
	start look "$TWSTORM" doctor --interval 10m -o "$name.json"
	wait_until 20 joined || fail "the look has not joined"
	"$@" >ended || fail "$* failed"
	sleep 0.1 # the kernel tells of it by a thread of its own
	stop look INT
	[ $? = 130 ] || fail "a look that is interrupted: $(cat look.log)"
}

start server python3 server.py
wait_line server.out listening >/dev/null

echo "a leak: its program, and since when"
python3 client.py 9002 6 >ended
look_while leak python3 client.py 9003 4
[ "$(cat ended)" = "111=4" ] || fail "the client says $(cat ended)"
json_are leak.json first=refused facts.failing.refused.n=4 facts.failing.refused.at=198.18.0.2 facts.failing.lost=0 \
	facts.close_wait_all=6 facts.close_wait.at=:9002 facts.method=sock_diag "facts.close_wait.owner=$(cat /proc/${started_pid[server]}/comm), process ${started_pid[server]}" facts.failing.no_port.n=0 facts.growth.CLOSE_WAIT=0
case $(json facts.close_wait.oldest_s leak.json) in
0.0* | null) fail "the oldest is $(json facts.close_wait.oldest_s leak.json) s old" ;;
esac

echo "what failed, to the connection"
look_while resets python3 client.py 9001 8
[ "$(cat ended)" = "104=8" ] || fail "the client says $(cat ended)"
json_are resets.json facts.failing.reset.n=8 facts.failing.reset.at=198.18.0.2:9001 first=resets
look_while storm python3 client.py 9000 150
[ "$(cat ended)" = "0=100 99=50" ] || fail "the client says $(cat ended)"
json_are storm.json first=ports facts.failing.no_port.n=50 facts.failing.no_port.at=198.18.0.2 facts.failing.refused.n=0 \
	facts.failing.reset.n=0 facts.failing.no_answer.n=0 facts.busiest.ports_used=100 facts.busiest.budget=100 \
	"states.TIME_WAIT=$(ss -Htan state time-wait | wc -l)" facts.busiest.address=198.18.0.2:9000
grep -q '"name": "no_port_now"' storm.json || fail "no finding says no_port_now"

echo "the same as nobody"
if setpriv --reuid=65534 --clear-groups "$TWSTORM" --version >/dev/null 2>&1; then
	setpriv --reuid=65534 --clear-groups "$TWSTORM" doctor --format json >nobody.json || fail "a look as nobody"
	json_are nobody.json first=ports facts.busiest.ports_used=100 facts.close_wait_all=6 facts.failing.no_port.n=0
	[ "$(json facts.close_wait.owner nobody.json)" != null ] || fail "nobody knows of no user"
fi

echo "ports outside the range are not counted among its own"
echo 40000 40049 >/proc/sys/net/ipv4/ip_local_port_range
"$TWSTORM" doctor --interval 1ms --format json >narrow.json || fail "a look after the range was narrowed"
json_are narrow.json facts.busiest.ports_used=50 facts.busiest.budget=50 facts.busiest.sockets=100
echo 40000 40099 >/proc/sys/net/ipv4/ip_local_port_range

echo "without sock_diag, and without /proc/sys"
LD_PRELOAD=$TEST_BIN/preload/fail_socket.so ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-} "$TWSTORM" doctor --interval 1ms --format json >poor.json
json_are poor.json first=ports facts.method=/proc/net/tcp states.TIME_WAIT=100 facts.busiest.ports_used=100 facts.failing.no_port.n=null \
	facts.failing.why_not="$(json facts.method_why poor.json)"
if unshare -m mount -t tmpfs none /proc/sys 2>/dev/null; then
	unshare -m sh -c 'mount -t tmpfs none /proc/sys && exec "$0" doctor --interval 1ms --format json' "$TWSTORM" >bare.json
	json_are bare.json facts.busiest.ports_used=100 facts.range.assumed=true facts.range.other=false \
		facts.sysctl.net.ipv4.tcp_tw_reuse=null
fi

echo "another namespace: entered by root, by files of a process in it for others"
start other unshare -n sleep 600
other=${started_pid[other]}
is_unshared() {
	[ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
wait_until 20 is_unshared || fail "unshare does not unshare"
"$TWSTORM" doctor --netns "/proc/$other/ns/net" --interval 1ms --format json >other.json || fail "--netns"
json_are other.json states.TIME_WAIT=0 facts.listed=0 facts.method=sock_diag \
	"netns=$(stat -Lc %i "/proc/$other/ns/net")"
# The descriptors of the programs beside this test are this host's, whichever the namespace.
case $(json first other.json) in none | descriptors) ;; *) fail "first is $(json first other.json)" ;; esac
run "$TWSTORM" doctor --netns "$TEST_TMP/server.py"
expect_status 2 "a namespace that is none"
if [ -e nobody.json ]; then
	setpriv --reuid=65534 --clear-groups "$TWSTORM" doctor --netns "/proc/${started_pid[server]}/ns/net" --interval 1ms \
		--format json >foreign.json || fail "--netns as nobody"
	json_are foreign.json facts.method=/proc/net/tcp states.TIME_WAIT=100 states.CLOSE_WAIT=6 facts.busiest.ports_used=100 \
		facts.range.assumed=true facts.failing.no_port.n=null netns=null
fi

echo "what is new, and what is gone"
start watch "$TWSTORM" doctor --watch --interval 50ms
wait_line watch.out '^close_wait \(exact\)' 20 >/dev/null
stop server
wait_line watch.out ' close_wait: no more$' 20 >/dev/null
[ "$(grep -c '^this host' watch.out)" = 1 ] || fail "more is printed than what changes"
joined && fail "--watch joins the events"
stop watch INT
[ $? = 130 ] || fail "a watch that is interrupted"

echo "whose the TIME_WAIT of a server is: its listener's, as /proc says; nobody's once nobody listens"
cat >closer.py <<'PY'
import signal, socket, sys
def listen(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    s.listen(64)
    return s
many, few = listen(9005), listen(9006)
for server, n in (few, 20), (many, 40):
    for _ in range(n):
        client = socket.create_connection(server.getsockname())
        one, _ = server.accept()
        one.close()
        client.recv(1)
        client.close()
print("ready", flush=True)
sys.stdin.readline()
many.close()
few.close()
print("closed", flush=True)
signal.pause()
PY
mkfifo orders
# shellcheck disable=SC2016 # for the other shell
start closer unshare -n sh -c 'ip link set lo up && exec python3 closer.py <orders'
exec 8>orders
wait_line closer.out ready 60 >/dev/null
closer=${started_pid[closer]}
served() { # FILE OWNER [COMMAND...]
	nsenter -t "$closer" -n "${@:3}" "$TWSTORM" doctor --interval 1ms --format json >"$1" || fail "a look at a server"
	json_are "$1" first=none facts.served.at=:9005 facts.served.owner="$2" \
		"facts.served.n=$(nsenter -t "$closer" -n ss -Htan state time-wait sport = :9005 | wc -l)"
	[ "$(json facts.served.n "$1")" -gt 30 ] || fail "$(json facts.served.n "$1") in TIME_WAIT"
}
served served.json "$(cat "/proc/$closer/comm"), process $closer"
grep -q "$(json facts.served.n served.json) of them are of $(cat "/proc/$closer/comm"), process $closer, which listens on :9005" served.json ||
	fail "no sentence says whose they are"
if [ -e nobody.json ]; then
	cgroup=$(sed -n 's/^0:://p' "/proc/$closer/cgroup")
	owner="a process of user 0"
	[ "${cgroup:-/}" = / ] || owner=$(json facts.served.owner <(nsenter -t "$closer" -n setpriv --reuid=65534 --clear-groups "$TWSTORM" doctor --interval 1ms --format json))
	case $owner in "a process of user 0" | "cgroup $cgroup, user 0"*) ;; *) fail "nobody is told: $owner" ;; esac
	served as_nobody.json "$owner" setpriv --reuid=65534 --clear-groups
fi

echo "whose a client's ports are, of those that were seen alive"
cat >user.py <<'PY'
import signal, socket
held = [socket.create_connection(("127.0.0.1", 9006)) for _ in range(8)]
print("ready", flush=True)
signal.pause()
PY
start user nsenter -t "$closer" -n python3 user.py
wait_line user.out ready 60 >/dev/null
user=${started_pid[user]}
nsenter -t "$closer" -n "$TWSTORM" doctor --format json >users.json || fail "a look at a client"
json_are users.json facts.busiest.address=127.0.0.1:9006 facts.users.n=8 "facts.users.owner=$(cat "/proc/$user/comm"), process $user"
stop user

echo >&8
wait_line closer.out closed 60 >/dev/null
served closed.json null
