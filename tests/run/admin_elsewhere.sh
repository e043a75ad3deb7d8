#!/bin/bash
# The admin address need not be a port: --admin and --server-stats take a path in the file system,
# and sockets that were handed in, which keep the network namespace that they were made in.  Such a
# socket is not of the network that is measured, and is not counted as if it were.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
cd "$TEST_TMP" || exit 1

# right NAME: the client asked, and the books hold
right() {
	expect_status 0 "$1"
	json_are "$1.json" server.totals.accepted=20 ledger.balanced=true ledger.explanation='[]' lost.to_server_bytes=0
}

client=("$TWSTORM" client -q -n 20 -c 2)

echo "a path"
start_server named --admin unix:./door
grep -q '^admin on unix:\./door$' named.out || fail "it says $(cat named.out)"
run "${client[@]}" -t "127.0.0.1:$port" --server-stats unix:./door -o path.json
right path
[ "$(json counters.Tcp.ActiveOpens path.json)" = 20 ] || fail "the question was one of the network's connections"
start_server late --admin unix:./other
run "$TWSTORM" server -l 127.0.0.1:0 --admin unix:./door -d 100ms
expect_status 1 "a path that is another's"
grep -q 'unix:\./door' err || fail "it says $(cat err)"
stop named
[ ! -e door ] || fail "the path is left behind"

echo "one that a killed server left behind"
stop late KILL
[ -S other ] || fail "there is nothing to take over"
start_server again --admin unix:./other
stop again

echo "what cannot be"
run "$TWSTORM" server -l 127.0.0.1:0 --admin fd:0 </dev/null
expect_status 2 "no socket"
run "${client[@]}" -t 127.0.0.1:1 --server-stats unix:
expect_status 2 "no path"
run "${client[@]}" -t 127.0.0.1:1 --server-stats fd:77
expect_status 2 "no descriptor"

command -v python3 >/dev/null || { echo "not checked: sockets that are handed in; python3 is not here" && exit; }

# handed.py WHAT PROGRAM...: the program with a socket as descriptor 3: listening on loopback, or connected
cat >handed.py <<'PY'
import os, socket, sys
what, *program = sys.argv[1:]
s = socket.create_server(("127.0.0.1", 0)) if what == "listening" else socket.create_connection(("127.0.0.1", int(what)))
if s.fileno() != 3:
    os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.execv(program[0], program)
PY

echo "a listening socket, and a connection, handed in"
start_listener given python3 handed.py listening "$TWSTORM" server -l 127.0.0.1:0 --admin fd:3
[ -n "$admin" ] || fail "it says $(cat given.out)"
run "${client[@]}" -t "127.0.0.1:$port" --server-stats "$admin" -o listening.json
right listening
run python3 handed.py "${admin##*:}" "${client[@]}" -t "127.0.0.1:$port" --server-stats fd:3 -o connected.json
right connected
stop given
