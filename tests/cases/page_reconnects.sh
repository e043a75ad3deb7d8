#!/bin/bash
# A browser that comes again and again, once a second for an hour, here as fast as it can: the client's descriptors and memory stay what
# they are, the run is complete, and its books balance although the reader connects from the address that the client has.
# limit: 240
. "$(dirname "$0")/../lib.sh"
need python3
in_netns "$@"

cd "$TEST_TMP" || exit 1
start_listener server "$TWSTORM" server -l 127.0.0.1:9000 --admin 127.0.0.1:9100
start client "$TWSTORM" client -t 127.0.0.1:9000 -r 200/s -d 200s -q -o run.json --format none --server-stats 127.0.0.1:9100 \
	--admin 127.0.0.1:9200
wait_line client.log '^admin on ' >/dev/null
cat >again.py <<'PY'
import os, socket, sys
pid = int(sys.argv[1])
def held():
    status = open("/proc/%d/status" % pid).read()
    return len(os.listdir("/proc/%d/fd" % pid)), int(status.split("VmRSS:")[1].split()[0])
def come():
    with socket.create_connection(("127.0.0.1", 9200)) as s:
        s.sendall(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        assert s.recv(12) == b"HTTP/1.1 200", "no answer"
for _ in range(100):
    come()
before = held()
for _ in range(3600):
    come()
after = held()
print("descriptors %d, then %d; memory %d kB, then %d kB" % (before[0], after[0], before[1], after[1]))
sys.exit(after[0] > before[0] + 8 or after[1] > before[1] + 2048)
PY
python3 again.py "${started_pid[client]}" || fail "something stays of each visit"
kill -INT "${started_pid[client]}"
wait_exit client
json_are run.json ledger.balanced=true outcomes.connect_error=0 outcomes.reset=0
