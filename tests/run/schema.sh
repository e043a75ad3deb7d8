#!/bin/bash
# Every JSON document the program writes is as its schema in docs/ says, and the schemas notice
# any key that is gone or renamed.
. "$(dirname "$0")/../lib.sh"

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
admin=$(sed -n 's,^admin on http://\(.*\)/stats$,\1,p' "$TEST_TMP/main.out")
stats=(--server-stats "$admin")

client complete 0 -n 200 -c 8 -w 2 "${stats[@]}" --expect 'totals.connects_ok == 200'
client alone 0 -n 50 -r 1k/s --expect 'errors.connect.EADDRNOTAVAIL == 0'
client mixed 0 -n 60 --close client-rst:1,server-fin:1,server-leak:1,client-leak:1 "${stats[@]}"
client lingering 0 -n 20 --linger 1s "${stats[@]}"
client pooled 0 --pool 5 -n 100 "${stats[@]}"
client no_data 0 -n 5 -d 300ms --requests 0
client exhausted 0 -r 1k/s -d 400ms --source-ports 40000-40099 "${stats[@]}"
client failed 3 -n 10 --expect 'totals.connects_ok == 11' --expect 'states.server.end.CLOSING ~ 1 5%'
client stats_lost 4 -n 10 --server-stats 127.0.0.1:1
port=1 client refused 4 -n 10 -d 200ms
json_is ports.exhausted "$TEST_TMP/exhausted.json" true
json_is error.code "$TEST_TMP/refused.json" never_connected

start interrupted "$TWSTORM" client -t "127.0.0.1:$port" -r 100/s -d 30s --interval 100ms \
	-o "$TEST_TMP/interrupted.json"
wait_line "$TEST_TMP/interrupted.log" '^ +0\.[1-9]' >/dev/null
stop interrupted INT
[ $? = 130 ] || fail "an interrupted client does not end with 130"
json_is error.code "$TEST_TMP/interrupted.json" interrupted

cat >"$TEST_TMP/small.ini" <<'INI'
[scenario]
about = one short run
[host server]
[host client]
sysctl.net.ipv4.ip_local_port_range = 40000 40999
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --connections 20
[expect]
all are served = totals.transactions_ok == 20
INI
run "$TWSTORM" lab run -q "$TEST_TMP/small.ini" -o "$TEST_TMP/lab"
if [ "$status" = 6 ]; then
	echo "without a result of the lab: $(cat "$TEST_TMP/err")"
else
	expect_status 0
	mv "$TEST_TMP/lab/small.json" "$TEST_TMP/lab.json"
	json_is lab.scenario "$TEST_TMP/lab.json" small
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

report() {
	local name=$1
	shift
	"$TWSTORM" report --format json "$@" >"$TEST_TMP/$name.json" || fail "report $*"
}
report report_one "$TEST_TMP/complete.json"
report report_many "$TEST_TMP"/{complete,exhausted,refused,interrupted,pooled}.json
json_is 'figures.errors.connect.ECONNREFUSED' "$TEST_TMP/report_many.json" '[0,0,10,0,0]'

# probe NAME CODE PROBE [OPTION...]
probe() {
	local name=$1 code=$2
	shift 2
	run "$TWSTORM" lab probe "$@" -q -o "$TEST_TMP/$name.json"
	expect_status "$code" "$name"
}
probe probe_rebind 0 rebind --expect 'rebind.bind == EADDRINUSE'
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
fi

# Each document against the schema it names; then each of its keys is taken away, and renamed,
# in turn: the schema must say no, but for what is optional or a map.
cat >"$TEST_TMP/check.py" <<'PYTHON'
import copy, json, re, sys
import jsonschema

SCHEMAS = {"twstorm.result/1": "result", "twstorm.server/1": "server", "twstorm.states/1": "states",
           "twstorm.comparison/1": "comparison", "twstorm.probe/1": "probe"}
# Keys that may be absent: maps (who fails, which states were seen), and a few explanations.
OPTIONAL = re.compile(r"""
    errors/(socket|bind|connect|transfer|accept)/\w+ | server/errors/(accept|transfer)/\w+ |
    series/\d+/(client|server)/\w+ | groups/\d+/states/\w+ |
    (titles|units|figures|ratios)/(errors|states)\..* |
    expectations/\d+/reason | lost/reason | only_ports | only_states | lab | lab/hosts/.*
    """, re.X)
# New options, counters, sysctls and outcomes may come, so an unknown key there is no fault.


def keys(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield path + (key,)
            yield from keys(value, path + (key,))
    elif isinstance(node, list):
        for i, value in enumerate(node[:2]):
            yield from keys(value, path + (i,))


def without(doc, path, new_name=None):
    doc = copy.deepcopy(doc)
    at = doc
    for step in path[:-1]:
        at = at[step]
    value = at.pop(path[-1])
    if new_name:
        at[new_name] = value
    return doc


def small(doc):
    """The same document with few rows: what follows is quick then."""
    for name in ("series", "groups", "expectations"):
        if name in doc:
            del doc[name][2:]
    for h in doc.get("latency_us", {}).values():
        del h["buckets"][2:]
    return doc


# The sub-schema at a key of the top level: a whole document for each of its keys takes minutes.
def part(schema, key):
    sub = dict(schema["properties"][key])
    sub["definitions"] = schema.get("definitions", {})
    return sub


bad = tried = 0
for file in sys.argv[2:]:
    doc = json.load(open(file))
    schema = json.load(open("%s/%s.schema.json" % (sys.argv[1], SCHEMAS[doc["schema"]])))
    check = jsonschema.Draft7Validator
    check.check_schema(schema)
    for e in check(schema).iter_errors(doc):
        print("%s: %s: %s" % (file, "/".join(map(str, e.path)), e.message[:300]))
        bad += 1
    doc = small(doc)
    whole = check(schema)
    parts = {key: check(part(schema, key)) for key in doc}
    for path in keys(doc):
        text = "/".join(map(str, path))
        if OPTIONAL.fullmatch(text):
            continue
        for new_name in None, path[-1] + "_x":
            if len(path) == 1:
                ok = whole.is_valid(without(doc, path, new_name))
            else:
                ok = parts[path[0]].is_valid(without(doc[path[0]], path[1:], new_name))
            tried += 1
            if ok:
                print("%s: the schema does not miss %s (%s)" % (file, text, new_name or "gone"))
                bad += 1
print("%d documents, %d changes tried, %d faults" % (len(sys.argv) - 2, tried, bad))
sys.exit(bad > 0)
PYTHON
$python "$TEST_TMP/check.py" docs "$TEST_TMP"/*.json || fail "documents and schemas do not agree"
