#!/bin/bash
# /metrics has the figures of the result, in Prometheus text and in OpenMetrics; promtool has nothing to say about them.
. "$(dirname "$0")/../lib.sh"
need curl python3
in_netns "$@"

cd "$TEST_TMP" || exit 1
tests=${TEST_SCRIPT%/*/*}

# scrape NAME URL: both forms, in NAME.prom and NAME.open; false where there is nothing yet.
scrape() {
	curl -sSf -o "$1.prom" "$2/metrics" && curl -sSf -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5' \
		-o "$1.open" "$2/metrics" && tail -n1 "$1.open" | grep -qx '# EOF'
}

# metrics NAME DOCUMENT SAMPLE=PATH...
metrics() {
	local name=$1 promtool
	shift
	"$tests/metrics.py" "$name.prom" "$@" || fail "$name.prom"
	"$tests/metrics.py" "$name.open" "$@" || fail "$name.open"
	promtool=$(command -v promtool) || { echo "not checked: promtool is not installed" && return; }
	"$promtool" check metrics <"$name.prom" >said 2>&1 && [ ! -s said ] || fail "promtool of $name.prom: $(cat said)"
}

start_server server --admin 127.0.0.1:0
run "$TWSTORM" client -q -t "127.0.0.1:$port" -n 300 --close server-fin
expect_status 0 "the client"
settled() { curl -sS "$admin/stats?fresh=1" >stats.json && [ "$(json totals.open stats.json)" = 0 ]; }
wait_until 10 settled || fail "the server still has open connections: $(json totals.open stats.json)"
# After a dump of the kernel's sockets TIME_WAIT is an estimate, in which curl's may be.
counted() {
	curl -sS "$admin/stats?fresh=1" >/dev/null && scrape server "$admin" &&
		grep -q '^twstorm_sockets{.*TIME_WAIT.*server.* 30[0-9]$' server.prom
}
wait_until 30 counted || fail "the server's TIME_WAIT: $(grep TIME_WAIT server.prom)"
metrics server stats.json twstorm_server_connections_accepted_total=totals.accepted \
	'twstorm_server_connections_ended_total{outcome="served"}=ended.served' twstorm_server_requests_total=totals.requests \
	twstorm_server_sent_bytes_total=totals.bytes_sent 'twstorm_sockets{side="server",state="LISTEN"}=states.server.end.LISTEN' \
	'twstorm_errors_total{call="accept",errno="EMFILE"}=absent'
json_is totals.accepted stats.json 300

curl -s "$admin/" | grep -q '"live":"server"' || fail "/ of the server is no live page"
timeout 60 curl -sN "$admin/events" | grep -Eom1 '"schema":"twstorm.server/1"|"accepted":300' >said || fail "no event of the server"

# ---- the client: while it runs, and what its result says at the end

start client "$TWSTORM" client -t "127.0.0.1:$port" -n 200 -c 200 --hold 500s -d 600s -w 2 --server-stats "${admin#http://}" \
	--admin 127.0.0.1:0 -q -o client.json --format none
page=$(wait_line client.log '^admin on ' | sed 's/^admin on //')
connected() { scrape client "$page" 2>/dev/null && grep -qx 'twstorm_connections_established_total 200' client.prom; }
page=${page%/}
wait_until 30 connected || fail "200 connections are held, and /metrics says: $(grep established client.prom)"
curl -sS "$page/result.json" >live.json
json_are live.json complete=false error.code=running story.0.claim=running totals.connects_ok=200
timeout 60 curl -sN "$page/events" >events &
reader=$!
for wrong in 'GET /else' 'GET /../etc/passwd' 'GET /./metrics'; do
	curl -s -o /dev/null -w '%{http_code}\n' --path-as-is -X "${wrong% *}" "$page${wrong#* }" >said
	grep -qx 404 said || fail "$wrong: $(cat said)"
done
curl -sI "$page/events" >said && grep -q '^Content-Type: text/event-stream' said || fail "HEAD of /events: $(cat said)"
curl -s "$page/" >page.html && grep -q '"live":"run"' page.html || fail "/ is no live page"
"$TWSTORM" client -t "127.0.0.1:$port" -n 1 -q --format none --admin "${page#http://}" 2>said || fail "a taken address stops the run"
[ "$(wc -l <said)" = 1 ] && grep -q 'warning: nothing is served: .*in use' said || fail "a taken address: $(cat said)"
"$TWSTORM" client -t "127.0.0.1:$port" -n 1 -q --format none --admin 127.0.0.1:0 --admin-token-file none 2>said ||
	fail "a token file that is not there stops the run"
[ "$(wc -l <said)" = 1 ] && grep -q 'warning: nothing is served: .*none' said || fail "no token file: $(cat said)"
run "$TWSTORM" client -t "127.0.0.1:$port" -n 1 --admin 0.0.0.0:0
expect_status 2 "off loopback without a token"
streams() { grep -q '^event: now' events; }
wait_until 30 streams || fail "no event comes: $(cat events)"
stop client INT
[ $? = 130 ] || fail "the client ends otherwise: $(cat client.log)"
wait "$reader" || fail "the stream does not end with the run"
metrics client client.json twstorm_connections_started_total=totals.connects_started twstorm_syns_sent_total=totals.syns \
	twstorm_connections_established_total=totals.connects_ok twstorm_ports_budget=ports.budget \
	twstorm_connect_seconds_count=latency_us.connect.count twstorm_connect_call_seconds_count=latency_us.connect_call.count \
	"twstorm_target_connections_started_total{target=\"127.0.0.1:$port\"}=targets.0.started"
[ "$(grep -c '^event: end' events)" = 1 ] && sed -n '/^event: end/{n;s/^data: //p}' events >end.json || fail "no event of the end"
json_are end.json error.code=interrupted totals.connects_ok=200 series.0.t="$(json series.0.t client.json)"

# ---- the host

start exporter "$TWSTORM" states --admin 127.0.0.1:0 --interval 200ms --by port
host=$(wait_line exporter.log '^admin on ' | sed 's,^admin on \(.*\)/$,\1,')
exported() { scrape exporter "$host" 2>/dev/null && curl -sS "$host/result.json" >host.json && grep -q 'LISTEN.* [1-9]' exporter.prom; }
wait_until 30 exported || fail "no listener among: $(cat exporter.prom)"
metrics exporter host.json 'twstorm_sockets{side="host",state="LISTEN"}=states.LISTEN'
curl -s "$host/" | grep -q '"live":"host"' || fail "/ of the host is no live page"
timeout 60 curl -sN "$host/events" | grep -Eom1 '"schema":"twstorm.states/1"' >said || fail "no event of the host"
stop exporter
[ $? = 143 ] || fail "the exporter ends otherwise: $(cat exporter.log)"

# ---- what watches it: each metric of the dashboard and of the alerts is a row, and the alerts ring when they should

cd "$tests/.." || exit 1
python3 - docs/monitoring/* <<'PYTHON' || fail "docs/monitoring"
import json, re, sys
text = "".join(open(name).read() for name in sys.argv[1:])
rows = set(re.findall(r'"(twstorm_[a-z_]+)"', open("common/admin/metric_rows.c").read()))
rows |= {"twstorm_%s_seconds" % t for t in re.findall(r'TIMER\("([a-z_]+)"', open("common/admin/metric_rows.c").read())}
used = {re.sub("_(total|bucket)$", "", name) for name in re.findall(r"twstorm_[a-z_]+[a-z]", text)}
assert len(used) > 8 and used <= rows, "no such metric: %s" % (used - rows)
dashboard = json.load(open("docs/monitoring/grafana.json"))
assert dashboard["schemaVersion"] and dashboard["uid"] and dashboard["title"]
assert len({p["id"] for p in dashboard["panels"]}) == len(dashboard["panels"])
for panel in dashboard["panels"]:
    assert panel["type"] and panel["title"] and set(panel["gridPos"]) == {"h", "w", "x", "y"}, panel
    assert all(t["refId"] and t["expr"] for t in panel["targets"]), panel
PYTHON
promtool=$(command -v promtool) || { echo "not checked: the alerts; promtool is not installed" && exit; }
for what in "check rules docs/monitoring/alerts.yml" "test rules docs/monitoring/alerts_test.yml"; do
	# shellcheck disable=SC2086 # several words
	"$promtool" $what >"$TEST_TMP/said" 2>&1 || fail "promtool $what: $(cat "$TEST_TMP/said")"
done
