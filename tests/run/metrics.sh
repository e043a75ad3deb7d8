#!/bin/bash
# /metrics has the figures of the result, in Prometheus text and in OpenMetrics; promtool has nothing to say about them.
. "$(dirname "$0")/../lib.sh"
need curl python3
in_netns "$@"

cd "$TEST_TMP" || exit 1
tests=${TEST_SCRIPT%/*/*}

# scrape NAME URL: both forms, in NAME.prom and NAME.open.
scrape() {
	curl -sS -o "$1.prom" "$2/metrics" && curl -sS -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5' \
		-o "$1.open" "$2/metrics" || fail "$2/metrics cannot be had"
	tail -n1 "$1.open" | grep -qx '# EOF' || fail "OpenMetrics is asked for, and this comes: $(tail -n1 "$1.open")"
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
# Between two dumps of the kernel's sockets TIME_WAIT is an estimate, in which curl's may be.
counted() { scrape server "$admin" && grep -q '^twstorm_sockets{.*TIME_WAIT.*server.* 300$' server.prom; }
wait_until 10 counted || fail "the server's TIME_WAIT: $(grep TIME_WAIT server.prom)"
metrics server stats.json twstorm_server_connections_accepted_total=totals.accepted \
	'twstorm_server_connections_ended_total{outcome="served"}=ended.served' twstorm_server_requests_total=totals.requests \
	twstorm_server_sent_bytes_total=totals.bytes_sent 'twstorm_sockets{side="server",state="LISTEN"}=states.server.end.LISTEN' \
	'twstorm_errors_total{call="accept",errno="EMFILE"}=absent'
json_is totals.accepted stats.json 300
