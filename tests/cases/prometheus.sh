#!/bin/bash
# Debian's prometheus scrapes a client, its server and their host during a storm; what it is asked for afterwards is what the result says.
# limit: 180
# waits
. "$(dirname "$0")/../lib.sh"
need prometheus curl
in_netns "$@"

docs=$PWD/../docs/monitoring
cd "$TEST_TMP" || exit 1
cat >prometheus.yml <<YAML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$docs/alerts.yml]
scrape_configs:
  - job_name: twstorm
    static_configs: [{targets: ['127.0.0.1:9100', '127.0.0.1:9200', '127.0.0.1:9300']}]
YAML

# value QUERY: of the one series that it finds; nothing where there is none.
value() {
	curl -sG --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query >answer && json data.result.0.value.1 answer
}
same() { [ "$(value "$1")" = "$2" ]; }

start prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:9090
start_listener server "$TWSTORM" server -l 127.0.0.1:9000 --admin 127.0.0.1:9100
start host "$TWSTORM" states --admin 127.0.0.1:9300
wait_until 60 same 'up{instance="127.0.0.1:9100"}' 1 || fail "prometheus does not scrape the server: $(cat answer)"
# 2,000 that close, and then 300 that stay until the end.
start storm "$TWSTORM" client -t 127.0.0.1:9000 -n 2000 -r 200/s -d 60s -q -o storm.json --format none --admin 127.0.0.1:9200 \
	--server-stats 127.0.0.1:9100
wait_exit storm || fail "the storm ends with $?"
start client "$TWSTORM" client -t 127.0.0.1:9000 -n 300 -c 300 --hold 500s -d 600s -q -o client.json --format none \
	--admin 127.0.0.1:9200 --server-stats 127.0.0.1:9100
wait_until 60 same 'twstorm_connections_started_total' 300 || fail "300 were started, and prometheus has $(cat answer)"
wait_until 30 same 'twstorm_sockets{side="host",state="ESTABLISHED"} >= bool 600' 1 || fail "the host: $(cat answer)"
wait_until 30 same 'twstorm_server_connections_accepted_total' 2300 || fail "the server: $(cat answer)"
wait_until 30 same 'twstorm_sockets{side="client",state="ESTABLISHED"}' 300 || fail "the client's sockets: $(cat answer)"
# The storm's, while it went on: more than the 300 of the other run.
same 'max_over_time(twstorm_connections_established_total[5m]) > bool 300' 1 || fail "nothing is left of the storm: $(cat answer)"
same 'count(count by (instance) (twstorm_build_info))' 2 || fail "which twstorm: $(cat answer)"
for row in twstorm_connections_established_total=totals.connects_ok twstorm_syns_sent_total=totals.syns \
	twstorm_ports_budget=ports.budget twstorm_connect_seconds_count=latency_us.connect.count \
	'twstorm_target_connections_started_total{target="127.0.0.1:9000"}=targets.0.started'; do
	value "${row%=*}" >>got
	echo "${row##*=}" >>paths
done
stop client INT
[ $? = 130 ] || fail "the client ends otherwise"
while read -r path; do json "$path" client.json; done <paths >want
cmp -s got want || fail "prometheus has $(paste -s got), and the result $(paste -s want)"
stop prometheus || fail "prometheus ends with $?: $(tail -n3 prometheus.log)"
! grep -i 'level=warn.*scrape' prometheus.log || fail "prometheus could not read something"
