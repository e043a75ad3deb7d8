#!/bin/bash
# A lab's page while it runs: a tab for each variant, lanes for observed hosts, sentences as they become true, and at the end
# the report; served outside the lab, where nothing listens.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
need curl
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

cat >two.ini <<'INI'
[scenario]
about = one that ends and one that lasts
seconds = 100
[host server]
[host app]
observe = all
[server main]
host = server
args = --listen {server}:9000
[client main]
host = app
args = --target {server}:9000 --connections 20 --duration 90s
[columns]
made = totals.connects_ok
[variant short]
[variant long]
client main.args+ = --connections 50 --concurrency 50 --hold 500s
INI

# follow NAME: its page's address in $page; who reads its events in $reader, whom nothing keeps from reading all of them.
follow() {
	page=$(wait_line "$1.log" '^admin on ' 30 | sed 's,^admin on \(.*\)/$,\1,')
	timeout 100 curl -sN "$page/events" >"$1.events" &
	reader=$!
}
result_has() {
	curl -s "$page/result.json" >now.json && [ "$(json "$1" now.json)" = "$2" ]
}
# last_event NAME: the document of its end, in NAME.end.json.
last_event() {
	wait "$reader" || fail "the events of $1 do not end with it"
	[ "$(grep -c '^event: end' "$1.events")" = 1 ] || fail "no event of the end: $(cut -c1-300 "$1.events")"
	sed -n '/^event: end/{n;s/^data: //p}' "$1.events" >"$1.end.json"
}

start two "$TWSTORM" lab run two.ini -o two -q --admin 127.0.0.1:0
follow two
wait_until 60 result_has results.1.states.client.end.ESTABLISHED 50 || fail "the second variant: $(cut -c1-300 now.json)"
json_are now.json schema=twstorm.report/1 labels.0=short labels.1=long results.0.complete=true results.0.totals.connects_ok=20 \
	results.1.error.code=running results.1.story.0.claim=running lab.rows.0.variant=short lab.rows.0.cells.0=20.0
wait_until 30 result_has results.1.hosts.app.states.end.ESTABLISHED 50 || fail "the observed host: $(json results.1.hosts.app.states now.json)"
# The server's own listener, and no other.
json_is results.1.states.server.end.LISTEN now.json 1
[ "$(json results.1.hosts.app.states.end.LISTEN now.json)" = 0 ] || fail "something listens on the client's host"
curl -s "$page/" >page.html && grep -q '"live":"lab"' page.html || fail "/ is no live page"
moved() { grep -A1 '^event: now' two.events | grep '"long"' | grep '"now":1' | grep -q '"ESTABLISHED":50'; }
wait_until 30 moved || fail "no event has the 50 connections: $(grep -c '^event: now' two.events) events"
curl -s "$page/metrics" >metrics
grep -qx 'twstorm_connections_established_total{variant="short"} 20' metrics &&
	grep -qx 'twstorm_sockets{variant="long",state="ESTABLISHED",side="client"} 50' metrics &&
	grep -qx 'twstorm_lab_host_sockets{variant="long",host="app",state="ESTABLISHED"} 50' metrics || fail "/metrics: $(grep -v '^#' metrics | head -n 30)"
if command -v promtool >/dev/null; then
	promtool check metrics <metrics >said 2>&1 && [ ! -s said ] || fail "promtool: $(cat said)"
	echo "promtool has nothing to say"
else
	echo "not checked: promtool is not installed"
fi
stop two INT
[ $? = 130 ] || fail "the lab ends otherwise: $(cat two.log)"
last_event two
json_are two.end.json results.1.error.code=interrupted results.1.totals.connects_ok=50 lab.rows.1.variant=long
sed -n 's,^<script type="application/json" id="data">\(.*\)</script>$,\1,p' two/report.html >report.json
for path in results.0.series results.1.series results.1.story results.1.hosts lab.rows; do
	[ "$(json "$path" two.end.json)" = "$(json "$path" report.json)" ] || fail "$path is not that of the report"
done
json_is live two.end.json null

# ---- somebody else's program

# It has a connection for as long as it is let.
# shellcheck disable=SC2016 # for the other shell
start wrap "$TWSTORM" lab wrap -q --admin 127.0.0.1:0 -o wrap.json --format none -- bash -c \
	'exec 3<>"/dev/tcp/$0/9000" && while [ ! -e go ]; do sleep 0.1; done' "{server}"
follow wrap
wait_until 60 result_has results.0.hosts.client.states.end.ESTABLISHED 1 || fail "the command's host: $(cut -c1-300 now.json)"
json_are now.json results.0.schema=twstorm.process/1 results.0.error.code=running results.0.run.argv.0=bash
touch go
wait_exit wrap || fail "lab wrap ends with $?"
last_event wrap
json_are wrap.end.json results.0.exit_code=0 results.0.complete=true
[ "$(json results.0.hosts wrap.end.json)" = "$(json hosts wrap.json)" ] || fail "the hosts are not those of the result"

# ---- what cannot be served does not stop a run

start taken "$TWSTORM" server -l 127.0.0.1:0 --admin 127.0.0.1:0
taken=$(wait_line taken.out '^admin on ' | sed 's,^admin on http://\(.*\)/stats$,\1,')
for options in "--admin $taken" "--admin 127.0.0.1:0 --admin-token-file none"; do
	# shellcheck disable=SC2086 # several words
	run "$TWSTORM" lab wrap -q $options --format none -- true
	expect_status 0 "lab wrap $options"
	[ "$(wc -l <err)" = 1 ] && grep -q '^twstorm lab: warning: nothing is served: ' err || fail "lab wrap $options: $(cat err)"
done
run "$TWSTORM" lab run two.ini --admin 0.0.0.0:0
expect_status 2 "off loopback without a token"
run "$TWSTORM" lab wrap --admin-token-file none -- true
expect_status 2 "a token for nothing"
