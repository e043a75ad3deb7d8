#!/bin/bash
# Peers that begin a handshake and do not end it: none has the server's or the client's time for longer than --handshake-timeout and
# --timeout say, none has more of the memory than OpenSSL needs for a handshake, and who behaves is served meanwhile.
# limit: 180
. "$(dirname "$0")/../lib.sh"
has_tls || skip "built without OpenSSL"
need python3
in_netns "$@"

N=1000 d=$TEST_TMP
ulimit -n 8192 2>/dev/null || skip "too few descriptors"
memory() { awk '/VmRSS/ { print $2 }' "/proc/${started_pid[server]}/status"; }
good() {
	run "$TWSTORM" client -t "127.0.0.1:$port" --tls -k -n 20 -q -o "$d/good.json"
	expect_status 0 "a client beside $1"
	json_are "$d/good.json" outcomes.completed=20
}
# Each begins a ClientHello; then come: nothing; a byte every 100 ms; the beginning of a message of 100,000 bytes.
cat >"$d/flood.py" <<'END'
import select, socket, sys, time
port, n, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
peers = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(n)]
began = time.monotonic()
record = b"\x16\x03\x01\x40\x00\x01" + (100000).to_bytes(3, "big") + b"\x03\x03" + bytes(16378)
for p in peers:
    if how != "mute":
        p.sendall(record[:9] if how == "slow" else record[:5] + record[5:16389] + record[:5] + bytes(10000))
print("begun", flush=True)
left, longest = set(peers), 0
while left:
    if how == "slow":
        for p in list(left):
            try:
                p.send(b"\x03")
            except OSError:
                left.discard(p)
    for p in select.select(list(left), [], [], 0.1)[0]:
        try:
            if p.recv(1000):
                continue
        except OSError:
            pass
        left.discard(p)
        longest = time.monotonic() - began
    if time.monotonic() - began > 60:
        sys.exit("after 60 s %d are still open" % len(left))
print("the last was let go after %.1f s" % longest)
END
for how in mute slow large; do
	n=$N most_each=64 # kB
	# The message that OpenSSL lets a ClientHello have is of 131,396 bytes; beside that there are its buffers.
	[ $how = mute ] || n=200 most_each=220
	start_server server --tls --handshake-timeout 3s -o "$d/server.json"
	good nobody
	before=$(memory)
	start flood python3 "$d/flood.py" "$port" $n $how
	wait_line "$d/flood.out" '^begun' 30 >/dev/null
	good "$n of $how"
	most=$(memory)
	wait_exit flood || fail "$how: $(tail -n 1 "$d/flood.log")"
	good nobody
	stop server || fail "the server ends with $?"
	each=$(((most - before) / n))
	echo "$n that are $how: $(tail -n 1 "$d/flood.out"); $each kB each"
	[ "$each" -lt $most_each ] || fail "$how: $each kB for each"
	json_are "$d/server.json" ended.tls_handshake_timeout=$n tls.handshakes.full=60
done

# Each key update costs who reads it more than who sends it.
start_server server --tls --workers 1 -o "$d/server.json"
run "$TEST_BIN/tools/tls_flood" "$port" "${started_pid[server]}"
expect_status 0 "the flood of key updates"
cat "$d/out"
good "a flood of key updates"
stop server || fail "the server ends with $?"
json_are "$d/server.json" ended.tls_flood=1 ended.served=20 totals.accepted=21

# A server that answers a byte every 100 ms.
start slow python3 -u -c '
import socket, threading, time
s = socket.create_server(("127.0.0.1", 0), backlog=200)
print("listening on 127.0.0.1:%d" % s.getsockname()[1])
def serve(c):
    try:
        c.sendall(b"\x16\x03\x03\x40\x00")
        while True:
            c.sendall(b"\x02\x00\x3f\xfc")
            time.sleep(0.1)
    except OSError:
        pass
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()'
wait_line "$d/slow.out" '^listening on ' >/dev/null
port=$(sed -n 's/.*://p' "$d/slow.out")
run "$TWSTORM" client -t "127.0.0.1:$port" --tls -k -n 50 -c 50 -q -o "$d/r.json" --timeout 2s
expect_status 4 "a client of who answers slowly"
json_are "$d/r.json" outcomes.tls_handshake_timeout=50 ledger.balanced=true
