#!/bin/bash
# Every JSON document the program writes is as its schema in docs/ says, and the schemas notice
# any key that is gone or renamed.  Each path has a row in common/result/paths.def, and each row a path.
# limit: 180
. "$(dirname "$0")/../lib.sh"

# What cannot be had here, as DOCUMENT:PATH; whether the ports of an observed host were seen full is a matter of time.
absent="result:hosts.*.to.*.ports.held_by result:hosts.*.to.*.from.*.ports.held_by"
python=/usr/bin/python3 # Debian's: that is where the package puts the module
[ -x $python ] || skip "python3 is not installed"
$python -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not installed"
in_netns "$@"

# client NAME CODE [OPTION...]: a result of a client in $TEST_TMP/NAME.json.
client() {
	local name=$1 code=$2
	shift 2
	run "$TWSTORM" client -t "127.0.0.1:$port" -q -o "$TEST_TMP/$name.json" "$@"
	expect_status "$code" "$name"
}

start_server main -w 2 --admin 127.0.0.1:0 -o "$TEST_TMP/server_end.json"
main_port=$port admin_of_main=$admin
stats=(--server-stats "$admin")

client complete 0 -n 200 -c 8 -w 2 "${stats[@]}" --expect 'totals.connects_ok == 200'
client alone 0 -n 50 -r 1k/s --expect 'errors.connect.EADDRNOTAVAIL == 0'
client mixed 0 -n 60 --close client-rst:1,server-fin:1,server-leak:1,client-leak:1 "${stats[@]}"
client lingering 0 -n 20 --linger 1s "${stats[@]}"
client pooled 0 --pool 5 -n 100 "${stats[@]}"
client no_data 0 -n 5 -d 300ms --requests 0
client exhausted 0 -r 1k/s -d 400ms --source-ports 40000-40099 "${stats[@]}"
client http 0 -n 10 --proto http --header 'X-A: b'
client bound 0 -r 1k/s -d 200ms --source-ports 41000-41099 --bind port
client collided 0 -n 5 --source-ports 41099-41110 --bind port
client failed 3 -n 10 --expect 'totals.connects_ok == 11' --expect 'drain.step_s > 1' --expect 'states.server.end.CLOSING ~ 1 5%'
client stats_lost 4 -n 10 --server-stats 127.0.0.1:1
start others "$TWSTORM" client -t "127.0.0.1:$port" -q -n 200 -r 1k/s --close client-fin:1,server-fin:1
client beside_others 0 -n 5 -r 15/s
wait_exit others || fail "the other client ended with $?"
json_is states.client.own "$TEST_TMP/beside_others.json" null
port=1 client refused 4 -n 10 -d 5s
if has_tls; then
	start_server tls --tls -o "$TEST_TMP/tls_server.json"
	client tls 0 -n 10 --tls -k --resume --alpn http/1.1
	client tls_distrust 4 -n 3 --tls
	stop tls || fail "a server with --tls ends with $?"
	port=$main_port
else
	absent+=" result:tls. server:tls."
fi
json_is ports.exhausted "$TEST_TMP/exhausted.json" true
json_is error.code "$TEST_TMP/refused.json" never_connected

# Where there is no sock_diag, and where descriptors run out; a peer that resets.
poor=(env "LD_PRELOAD=$TEST_BIN/preload/fail_socket.so"
	"ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-}")
start_listener poor bash -c 'ulimit -n 32; exec "$@"' - "${poor[@]}" "$TWSTORM" server -l 127.0.0.1:0 \
	--admin 127.0.0.1:0 -o "$TEST_TMP/poor_server.json"
run "${poor[@]}" "$TWSTORM" client -t "127.0.0.1:$port" -c 100 -n 100 --hold 100ms -q \
	-o "$TEST_TMP/poor_client.json" --server-stats "$admin"
expect_status 0 "a client without sock_diag"
run "${poor[@]}" "$TWSTORM" client -t "127.0.0.1:$port" -n 3 -q --source-ports 41098-41110 --bind port \
	-o "$TEST_TMP/poor_collided.json"
json_is ports.collision "$TEST_TMP/poor_collided.json" null
stop poor || fail "a server without sock_diag ends with $?"
start_listener nasty "$TEST_BIN/tools/nasty_http" half_rst
client reset 4 --proto http -n 3 -c 1
stop nasty
start_listener nasty "$TEST_BIN/tools/nasty_http" ok_rst
client explained 0 --proto http -n 3 -c 1 --close client-fin
stop nasty
port=$main_port

start interrupted "$TWSTORM" client -t "127.0.0.1:$port" -r 100/s -d 30s --interval 100ms \
	-o "$TEST_TMP/interrupted.json"
wait_line "$TEST_TMP/interrupted.log" '^ +0\.[1-9]' >/dev/null
echo 50 >/proc/sys/net/ipv4/tcp_fin_timeout
stop interrupted INT
[ $? = 130 ] || fail "an interrupted client does not end with 130"
json_is error.code "$TEST_TMP/interrupted.json" interrupted

cat >"$TEST_TMP/small.ini" <<'INI'
[scenario]
about = one short run
[host server]
observe = all
[host client]
delay = 1ms
drop = rst, 99th
sysctl.net.ipv4.ip_local_port_range = 40000 40018
observe = all
observe-failures = yes
[server main]
host = server
args = --listen {server}:9000
[process ends]
host = client
command = sh -c 'echo ready; exit 1'
ready = line ready
[client main]
host = client
args = --target {server}:9000 --connections 20 --rate 100/s --hold 1500ms
[expect]
all are served = totals.transactions_ok == 20
INI
run "$TWSTORM" lab run -q "$TEST_TMP/small.ini" -o "$TEST_TMP/lab"
if [ "$status" = 6 ]; then
	echo "without a result of the lab: $(cat "$TEST_TMP/err")"
	absent+=" result:lab result:process process:"
else
	expect_status 4 "a process that ends with code 1"
	mv "$TEST_TMP/lab/small.json" "$TEST_TMP/lab.json"
	json_is lab.scenario "$TEST_TMP/lab.json" small
	json_is story.0.claim "$TEST_TMP/lab.json" process_ended
	# A load that is not ours; a server whose port a connection has, and processes whose ports a server has.
	taken="sh -c 'echo ready; echo {server}:9000: Address already in use >\&2; exit 1'"
	sed -i -e "s/^command = .*/command = $taken/; /^.process ends/,/^host/s/client/server\\nafter = server main/" "$TEST_TMP/small.ini"
	sed -e '/^\[client main/,$d' "$TEST_TMP/small.ini" >"$TEST_TMP/load.ini"
	cat >>"$TEST_TMP/load.ini" <<-INI
		[process load]
		host = server
		counts = yes
		to = {server}:9000
		rate = 500/s
		command = ${taken//\\/}
		[expect]
		it fails = exit_code == 1
		by a signal = signal > 0
	INI
	run "$TWSTORM" lab run -q "$TEST_TMP/load.ini" -o "$TEST_TMP/lab"
	expect_status 4 "a load that ends with code 1"
	mv "$TEST_TMP/lab/load.json" "$TEST_TMP/load.json"
	absent+=" process:story[].cure process:hosts"
	sed -i 's/^\[process ends/[server own]\nhost = client\nargs = --listen 0.0.0.0:40001\nafter = client main\n&/' "$TEST_TMP/small.ini"
	sed -i 's/--connections 20 --rate 100.s/--connections 18 --rate 100\/s --source-ports 40001-40018/' "$TEST_TMP/small.ini"
	run "$TWSTORM" lab run -q "$TEST_TMP/small.ini" -o "$TEST_TMP/lab"
	expect_status 1 "a server whose port is taken"
	mv "$TEST_TMP/lab/small.json" "$TEST_TMP/held.json"
fi

states() {
	local name=$1
	shift
	"$TWSTORM" states --format json "$@" >"$TEST_TMP/$name.json" || fail "states $*"
}
states states_all
states states_some --port "$port" --state TIME_WAIT
states states_peer --by peer
states states_port --by port --top 1
TWSTORM_PROC_ROOT=/proc/self states states_proc
json_is method "$TEST_TMP/states_proc.json" /proc/net/tcp

# A program that accepts, and is connected to more ends than are kept apart; one that a signal ends.
cat >"$TEST_TMP/many.py" <<'PY'
import os, socket
from looked import looked
s = socket.create_server(("", 0), backlog=100)
c = [(socket.create_connection((f"127.0.0.{i}", s.getsockname()[1])), s.accept()) for i in range(1, 67)]
looked(os.getppid())
PY
PYTHONPATH=tests/tools "$TWSTORM" states -o "$TEST_TMP/command.json" -- $python "$TEST_TMP/many.py" >/dev/null || fail "a program's sockets"
json_is own.others.connections "$TEST_TMP/command.json" 3
run "$TWSTORM" states -o "$TEST_TMP/command_killed.json" -- sh -c 'kill -9 $$'
expect_status 4 "a program that a signal kills"

mkdir "$TEST_TMP/ranks"
client ranks/0 0 -n 20 --rank 0 --ranks 3 "${stats[@]}"
client ranks/1 0 -n 20 --rank 1 --ranks 3
"$TWSTORM" merge "$TEST_TMP/ranks" -q -o "$TEST_TMP/merged.json" >"$TEST_TMP/out" 2>&1
json_is merged.missing.0 "$TEST_TMP/merged.json" 2
# All that a merge can have to say.
ranks=$TEST_TMP/ranks/
"$TEST_BIN/tools/deal_ranks" tests/data/merge/whole.json 6 "$ranks"
sed 's/"closes": [0-9]*/"closes": 1000/' "${ranks}rank-0001.json" >"${ranks}again.json"
sed 's/"rate": "200.s"/"rate": "1k\/s"/' "${ranks}rank-0001.json" >"${ranks}foreign.json"
sed -i 's/"connections_per_s": [0-9.]*/"connections_per_s": 7000.0/; s/"sockstat_tw": [0-9]*/"sockstat_tw": null/' "${ranks}rank-0004.json"
echo '{' >"${ranks}damaged.json"
"$TWSTORM" merge "$ranks" "$TEST_TMP/poor_server.json" -q -o "$TEST_TMP/merged_more.json" >"$TEST_TMP/out" 2>&1
json_is merged.outliers.0.rank "$TEST_TMP/merged_more.json" 4
"$TWSTORM" merge "$TEST_TMP/poor_server.json" -q -o "$TEST_TMP/merged_servers.json" || fail "merge of a server"

# Text with a list, timers, counts, an estimate, and expectations that hold, do not, and cannot be compared.
cat >"$TEST_TMP/pasted.txt" <<'TEXT'
net.ipv4.ip_local_port_range = 40000 40999
root@web7:~# netstat -tanpo
tcp 0 0 10.1.0.1:40000 10.1.0.2:443 TIME_WAIT timewait (59.42/0/0)
tcp 0 0 10.1.0.1:40002 10.1.0.2:443 ESTABLISHED
tcp 9 0 10.1.0.1:80 10.1.0.3:50000 CLOSE_WAIT 7/java
tcp 9 0 10.1.0.1:80 10.1.0.3:50001 CLOSE_WAIT 7/java
tcp 9 0 10.1.0.1:80 10.1.0.3:50002 CLOSE_WAIT 7/java
tcp 9 0 10.1.0.1:80 10.1.0.3:50003 CLOSE_WAIT 7/java
tcp 9 0 10.1.0.1:80 10.1.0.3:50004 CLOSE_WAIT 7/java
tcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN 7/java
failed to bind to 10.1.0.6:0: Address already in use
TEXT
run "$TWSTORM" doctor "$TEST_TMP/pasted.txt" -o "$TEST_TMP/doctor.json" --expect 'first == ports' \
	--expect 'remote.1.sockets == 9' --expect 'facts.conntrack.max > 1'
expect_status 3 "a diagnosis that is not as expected"
# shellcheck disable=SC2016 # expanded by the inner shell
start refused bash -c 'while :; do (: </dev/tcp/127.0.0.1/1) 2>/dev/null; done'
something_failed() {
	LD_PRELOAD=$TEST_BIN/preload/old_kernel.so ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-} \
		"$TWSTORM" doctor -o "$TEST_TMP/doctor_live.json" >/dev/null && json failing.0.n "$TEST_TMP/doctor_live.json" >/dev/null &&
		json findings.0.read_from.0 "$TEST_TMP/doctor_live.json" >/dev/null
}
wait_until 60 something_failed || fail "a look sees no refused connection"
stop refused

report() {
	local name=$1
	shift
	"$TWSTORM" report --format json "$@" >"$TEST_TMP/$name.json" || [ $? = 3 ] || fail "report $*"
}
report report_one "$TEST_TMP/complete.json"
report report_many "$TEST_TMP"/{complete,exhausted,refused,interrupted,pooled}.json --expect 'a.complete == true' --expect 'c.latency_us.connect.p50 == 0'
json_is 'figures.errors.connect.ECONNREFUSED' "$TEST_TMP/report_many.json" '[0,0,10,0,0]'

# probe NAME CODE PROBE [OPTION...]
probe() {
	local name=$1 code=$2
	shift 2
	run "$TWSTORM" lab probe "$@" -q -o "$TEST_TMP/$name.json"
	expect_status "$code" "$name"
}
probe probe_rebind 0 rebind --expect 'rebind.bind == EADDRINUSE'
probe probe_unmeasured 3 rebind --expect 'rebind.listen > 1'
probe probe_reconnect 3 reconnect --count 2 --expect 'reconnect.attempts == 3'
probe probe_lengths 0 lengths --after 0
run "$TWSTORM" lab probe old-duplicate -q -o "$TEST_TMP/probe_old_duplicate.json"
[ "$status" = 6 ] || expect_status 0 # without CAP_NET_RAW that has a result as well
start probe_interrupted "$TWSTORM" lab probe lengths --after 30s --interval 100ms \
	-o "$TEST_TMP/probe_interrupted.json"
wait_line "$TEST_TMP/probe_interrupted.log" 'closed by the client' >/dev/null
stop probe_interrupted INT
[ $? = 130 ] || fail "an interrupted probe does not end with 130"
json_is error.code "$TEST_TMP/probe_interrupted.json" interrupted

run "$TWSTORM" lab trace -o "$TEST_TMP/trace.json" --fastopen
if [ "$status" = 6 ]; then
	rm -f "$TEST_TMP/trace.json"
	absent+=" trace:"
else
	expect_status 0 "a trace"
	run "$TWSTORM" lab trace -o "$TEST_TMP/trace_cookie.json" --fastopen --sysctl net.ipv4.tcp_fastopen=3
	expect_status 0 "a trace of who asks for a cookie"
	run "$TWSTORM" lab wrap -q -o "$TEST_TMP/wrap.json" -- true
	expect_status 0 "a program of anybody's"
fi

# A run's own counts, with a connection that names its number, and is reset: its answer is not read.
ask() {
	exec 3<>"/dev/tcp/${admin_of_main%:*}/${admin_of_main##*:}" || fail "the admin address cannot be asked"
	printf 'GET /stats HTTP/1.0\r\nTwstorm-Run: 5eed\r\n\r\n' >&3
	sed '1,/^\r$/d' <&3 >"$TEST_TMP/server_of_run.json"
	exec 3<&-
}
ask
number=$(json of_run.number "$TEST_TMP/server_of_run.json")
exec 4<>"/dev/tcp/127.0.0.1/$port"
# shellcheck disable=SC2059 # escapes are wanted
printf "\\xf5\\1\\1\\0\\0\\0\\0\\x$(printf %02x "$number")\\0\\0\\0\\1\\0\\0\\0\\0" >&4
wait_until 10 eval 'ask && [ "$(json of_run.totals.responses "$TEST_TMP/server_of_run.json")" = 1 ]' || fail "its run is not counted"
exec 4<&-
wait_until 10 eval 'ask && [ "$(json of_run.errors.transfer.ECONNRESET "$TEST_TMP/server_of_run.json")" = 1 ]' ||
	fail "its end is not counted"
json_are "$TEST_TMP/server_of_run.json" of_run.totals.accepted=1 of_run.totals.bytes_received=16

stop main || fail "the server ended with $?"

if command -v ip >/dev/null && command -v ss >/dev/null && command -v nsenter >/dev/null; then
	. tests/netns/two_hosts.bash
	for mix in SYN_RECV=2,TIME_WAIT=3 LISTEN=1 ESTABLISHED=1M; do
		new_hosts
		run on server "$TWSTORM" lab probe states -q --hold 100ms --mix $mix \
			--peer-netns "/proc/${host_pid[client]}/ns/net" -o "$TEST_TMP/probe_states_$mix.json"
		[ $mix = ESTABLISHED=1M ] && expect_status 6 || expect_status 0
	done
	drop_hosts
else
	echo "without a result of lab probe states: ip, ss or nsenter is not installed"
	absent="$absent probe:states probe:config."
fi

# Each document against the schema it names; each of its keys against the table; then each key is
# taken away, and renamed, in turn: the schema must say no, but for what the table has as optional.
cat >"$TEST_TMP/check.py" <<'PYTHON'
import collections, copy, json, os, sys
import jsonschema

sys.path.insert(0, "tools")
import paths

faults, without_row = [], {}


def keys(node, value, path=()):
    """Each key, and whether it may be missing.  Finds what has no row, and marks what is there."""
    node.found = True
    if isinstance(value, dict) and (node.keys or node.sets):
        for key, below in value.items():
            child, by_pattern = node.child(key)
            if not child or by_pattern and child.row and child.row.path.endswith("*") and child.row.what == "-":
                without_row.setdefault(".".join(map(str, path + (key,))), file)
                continue
            verb = child.there()[0]
            yield path + (key,), by_pattern or verb == "optional" or verb == "if" and child.row.type.endswith("?")
            yield from keys(child, below, path + (key,))
    elif isinstance(value, list) and node.items:
        for i, element in enumerate(value):
            for at in keys(node.items, element, path + (i,)):
                if i < 2:
                    yield at


def never_seen(node, name):
    """The rows of a document that no result had, the outermost of each; not those for what may come."""
    if node.row and not node.found:
        if not node.row.path.endswith("*") or node.row.what != "-" and node.row.type != "any":
            yield "%s:%s" % (name, node.row.path)
    else:
        for child in node.children():
            yield from never_seen(child, name)


def without(at, key, new_name):
    """The object without that key, or with it under another name."""
    at = dict(at)
    value = at.pop(key)
    if new_name:
        at[new_name] = value
    return at


def with_at(doc, path, value):
    """The document with that value there."""
    if not path:
        return value
    doc = copy.copy(doc)
    doc[path[0]] = with_at(doc[path[0]], path[1:], value)
    return doc


def small(doc):
    """The same document with few rows: what follows is quick then."""
    for name in ("series", "groups", "expectations"):
        if name in doc:
            del doc[name][2:]
    for h in doc.get("latency_us", {}).values():
        del h["buckets"][2:]
    for h in doc.get("hosts", {}).values():
        del h["series"][2:]
    return doc


def below(schema, node, step):
    """The sub-schema of a key or an element; {}, which takes anything, where it cannot be told."""
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].rsplit("/", 1)[1]]
    if isinstance(step, int):
        node = node.get("items", {})
    elif step in node.get("properties", {}):
        node = node["properties"][step]
    else:
        node = node.get("additionalProperties", {})
    return node if isinstance(node, dict) else {}


# An object alone is checked first: a whole document for each of its keys takes minutes.
def part(schema, path):
    node = schema
    for step in path:
        node = below(schema, node, step)
    return check(dict(node, definitions=schema.get("definitions", {})))


def place(document, path):
    """The place of a key in its schema."""
    return document.name, tuple("[]" if isinstance(step, int) else step for step in path)


documents = {d.root.keys["schema"].row.type[1:]: d for d in paths.read().values()}
check = jsonschema.Draft7Validator
tried, tried_at = 0, collections.Counter()
for file in sys.argv[2:]:
    doc = json.load(open(file))
    document = documents[doc["schema"]]
    schema = json.load(open("%s/%s.schema.json" % (sys.argv[1], document.name)))
    check.check_schema(schema)
    whole = check(schema)
    for e in whole.iter_errors(doc):
        faults.append("%s: %s: %s" % (file, "/".join(map(str, e.path)), e.message[:300]))
    all_keys = list(keys(document.root, doc))
    doc = small(doc)
    parts = {}
    for path, optional in all_keys:
        where, key = path[:-1], path[-1]
        if optional or tried_at[place(document, path)] == 2:  # results are much alike
            continue
        tried_at[place(document, path)] += 1
        at = doc
        for step in where:
            at = at[step]
        if where not in parts:
            parts[where] = part(schema, where)
            if not parts[where].is_valid(at):
                faults.append("%s: what is at %s is not as its part of the schema says" % (file, "/".join(map(str, where))))
        for new_name in None, key + "_x":
            tried += 1
            less = without(at, key, new_name)
            if parts[where].is_valid(less) and whole.is_valid(with_at(doc, where, less)):
                faults.append("%s: the schema does not miss %s (%s)" % (file, "/".join(map(str, path)), new_name or "gone"))
faults += ["%s is in a result and not in %s (%s)" % (path, paths.TABLE, file) for path, file in without_row.items()]
for d in documents.values():
    faults += ["%s is in %s and in no result here" % (row, paths.TABLE) for row in never_seen(d.root, d.name)
               if not row.startswith(tuple(os.environ["ABSENT"].split()))]
print("\n".join(faults))
print("%d documents, %d changes tried, %d faults" % (len(sys.argv) - 2, tried, len(faults)))
sys.exit(bool(faults))
PYTHON
ABSENT=$absent $python -B "$TEST_TMP/check.py" docs "$TEST_TMP"/*.json tests/data/results/*.json || fail "documents and schemas do not agree"
