#!/bin/bash
# Files of 200 MB: 2.5 million sockets are counted, all of them, and told to be a lower bound; bytes that are no text say nothing.
# Neither takes more memory than 160 MB, however long the file.
# limit: 600
. "$(dirname "$0")/../lib.sh"
need python3
cd "$TEST_TMP" || exit 1
cat >make.py <<'PYTHON'
import sys
n = 2500000
print("$ ss -tano")
print("State      Recv-Q Send-Q Local Address:Port  Peer Address:Port")
for i in range(n):
    sys.stdout.write("TIME-WAIT  0      0      10.%d.%d.1:%-5d         192.0.2.%d:443    timer:(timewait,%dsec,0)\n"
                     % (i // 28000 // 200, i // 28000 % 200, 32768 + i % 28000, i % 3, 1 + i % 59))
PYTHON
cat >look.py <<'PYTHON'
import resource, subprocess, sys, time
began = time.monotonic()
subprocess.run([sys.argv[1], "doctor", sys.argv[2], "-o", sys.argv[3]], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%s: %.1f s, %.0f MB" % (sys.argv[2], time.monotonic() - began, used.ru_maxrss / 1024))
sys.exit(used.ru_maxrss > 160 * 1024)
PYTHON
python3 make.py >list.txt
[ "$(stat -c %s list.txt)" -gt 200000000 ] || fail "the file is smaller"
python3 look.py "$TWSTORM" list.txt list.json || fail "a list of 200 MB"
json_are list.json states.TIME_WAIT=2500000 facts.worth="lower bound" facts.at_least=true
head -c 200000000 /dev/urandom >binary
python3 look.py "$TWSTORM" binary binary.json || fail "200 MB that are no text"
json_is first binary.json cannot_tell
