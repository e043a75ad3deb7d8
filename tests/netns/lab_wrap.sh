#!/bin/bash
# Any program in the lab with one command: what it does to its ports, by the kernel's count, beside another, and without
# a mess in any case.
. "$(dirname "$0")/../lib.sh"
need python3
python=$(PATH=/usr/bin:$PATH command -v python3) # not a wrapper of it, which may take a second

unshare -Ur true 2>/dev/null || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

# wrap CODE [OPTION...]: its streams in out and err.
wrap() {
	local want=$1 code
	shift
	"$TWSTORM" lab wrap "$@" >out 2>err </dev/null
	code=$?
	[ $code = "$want" ] || fail "lab wrap $*: exit code $code, not $want: $(tail -n 3 err out)"
}
says() {
	grep -qF -- "$2" "$1" || fail "$1 has no '$2': $(cat "$1")"
}

# Each connection is accepted, and closed when the client has closed it.
cat >server.py <<'PY'
import socket
s = socket.create_server(("", 7000), backlog=200)
while True:
    c, _ = s.accept()
    c.recv(1)
    c.close()
PY
# So many connections, closed first here; until one finds no port.
cat >client.py <<'PY'
import socket, sys, subprocess
for i in range(int(sys.argv[2])):
    c = socket.create_connection((sys.argv[1], 7000))
    c.shutdown(socket.SHUT_WR)
    c.recv(1)
    c.close()
print("the kernel has", open("/proc/net/sockstat").read().split("tw ")[1].split()[0], "in TIME_WAIT")
PY

echo "a program that closes first runs out of ports, and one that closes less does not"
wrap 0 --ports 40000-40099 --server "$python server.py" -o a.json --html a.html --compare "$python client.py {server} 40" \
	--expect 'a.exit_code == 1 and a.errno == EADDRNOTAVAIL' --expect 'b.exit_code == 0' \
	--expect 'a.hosts.client.to.198.18.0.12:7000.ports.exhausted == true' \
	--expect 'b.hosts.client.to.198.18.0.12:7000.ports.exhausted == false' -- "$python" client.py "{server}" 150
json_are a.json schema=twstorm.process/1 complete=true exit_code=1 hosts.client.counters.TcpExt.TW=100 \
	hosts.client.to.198.18.0.12:7000.ports.used_peak=100 hosts.client.to.198.18.0.12:7000.ports.no_port=1 \
	hosts.server.counters.TcpExt.TW=0 lab.argv.0=wrap
json_are a.compare.json exit_code=0 hosts.client.counters.TcpExt.TW=40 last="the kernel has 40 in TIME_WAIT"
says err 'the kernel has 40 in TIME_WAIT' # as it comes
says out 'TIME_WAIT was entered 100 times, at most 100 were there at once'
says out 'found no port (EADDRNOTAVAIL), 1'
says out 'no connect() to 198.18.0.12:7000 failed for lack of a port'
grep -Eq '^client TIME_WAIT entered +100 +40 +x0\.4$' out || fail "no row of TIME_WAIT: $(cat out)"
grep -q '"twstorm.process/1"' a.html || fail "the page has no result"

echo "twstorm report reads its results, and compares them"
"$TWSTORM" report a.json >out || fail "report of one"
says out 'command      exit code 1 after'
"$TWSTORM" report a.json a.compare.json --html b.html --expect 'a.hosts.client.counters.TcpExt.TW == 100' \
	--expect 'b.exit_code == 0' >out || fail "report of two"
grep -Eq '^client to :7000 ran out +yes +no' out || fail "no row: $(cat out)"
"$TWSTORM" report a.json --expect 'a.exit_code == 0' >/dev/null && fail "exit code 1 is no 0"

echo "JSON on stdout is nothing else; our own server, by default"
wrap 0 --format json -- "$python" -c 'import socket, sys; socket.create_connection((sys.argv[1], 9000)); print("a word")' "{server}"
json_are out schema=twstorm.process/1 last="a word" hosts.server.counters.Tcp.PassiveOpens=1
says err 'a word'

echo "braces of the command are its own; it may be killed, end late, flood, fork away"
wrap 4 -q --expect 'signal == 9' -- "$python" -c 'import os; x = {1}; os.kill(os.getpid(), 9)'
says err 'process command was killed by signal 9'
wrap 4 -q -t 1s -- sleep 60
says err 'stopped after 1 s'
wrap 3 --expect 'exit_code == 0' -- sh -c 'seq 20000; (sleep 60 &); exit 7'
says err 'it says more than 1000 lines: the rest is not shown'
[ "$(wc -l <err)" -lt 1100 ] || fail "$(wc -l <err) lines on stderr"
says out 'ended with code 7'
says out 'A process that it had started ran on'

echo "what is wrong is said in a sentence"
wrap 2
says err 'lab wrap needs a program: -- COMMAND'
wrap 2 true
says err "expected '-- COMMAND', not 'true'"
wrap 2 --ports 9-5 -- true
says err "--ports: expected LO-HI"
wrap 2 --expect 'exit_cod == 0' -- true
says err 'did you mean exit_code?'
wrap 2 --server '' -- true
says err '--server: expected a program'
wrap 6 -- there-is-no-such-program
says err 'process command needs the program there-is-no-such-program, which is not here'
wrap 1 -q --server 'sh -c "echo no such file; exit 3"' -- true
says err 'process server ended with code 3 before it was ready'
says err 'no such file'

echo "^C leaves nothing"
start wrapped "$TWSTORM" lab wrap -- sh -c 'echo begun; exec env THE_WRAPPED=yes sleep 61'
wait_line wrapped.log '^begun' >/dev/null
stop wrapped INT
[ $? = 130 ] || fail "^C: not 130"
! grep -lz 'THE_WRAPPED=yes' /proc/[0-9]*/environ 2>/dev/null || fail "a process outlived ^C"
