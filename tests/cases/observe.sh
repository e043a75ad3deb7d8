#!/bin/bash
# Observed hosts, where it takes long: what counting three of them costs; 50,000 sockets to 5,000 remote ends; that of the
# failures of connect() the lack of a port alone counts as one, by IPv4 and IPv6; an observer that is killed; nginx and haproxy.
# limit: 300
# alone
. "$(dirname "$0")/../lib.sh"
need python3 ip
cd "$TEST_TMP" || exit 1

# lab NAME CODE: runs NAME.ini
lab() {
	run "$TWSTORM" lab run -q "./$1.ini" -o out.lab
	[ "$status" = 6 ] && skip "no lab here: $(cat err)"
	expect_status "$2" "$1"
}

# holds FILE PYTHON: of the hosts h of a result, and the end that a proxy has.
holds() {
	python3 -c 'import json, sys
h = json.load(open(sys.argv[1]))["hosts"]
end = h.get("proxy", {}).get("to", {}).get("198.18.0.11:9000")
sys.exit(not eval(sys.argv[2]))' "out.lab/$1.json" "$2" || fail "$1: not $2: $(json "hosts" "out.lab/$1.json" | head -c 3000)"
}

echo "three hosts with 10,000 sockets, mostly in TIME_WAIT, cost less than 2 % of a core"
cat >look.sh <<'SH'
# CPU time of the process that observes: it is the lab's own program, and not the keeper, which is number 1.
observer() {
	for p in /proc/[0-9]*; do
		[ "$p" != /proc/1 ] && tr '\0' ' ' <"$p/cmdline" | grep -q 'lab run -q' && awk '{ print $14 + $15 }' "$p/stat"
	done
}
before=$(observer) from=$EPOCHREALTIME
sleep 8
echo "$before $(observer) $from $EPOCHREALTIME" >cost
SH
cat >cost.ini <<'INI'
[scenario]
about = three observed hosts
seconds = 60
[host server]
observe = all
sysctl.net.ipv4.tcp_rfc1337 = 1
[host client]
observe = all
sysctl.net.ipv4.tcp_rfc1337 = 1
[host other]
observe = all
sysctl.net.ipv4.tcp_rfc1337 = 1
[server main]
host = server
args = --listen {server}:9000
[process look]
host = server
command = bash look.sh
after = client main, client more
ready = exit
[client main]
host = client
args = --target {server}:9000 --connections 4850 -c 50
[client more]
host = other
args = --target {server}:9000 --connections 4850 -c 50
[client held]
host = other
args = --target {server}:9000 --connections 300 -c 300 --hold 40s --duration 40s
until = client last
[client last]
host = other
args = --target {server}:9000 -n 1 --close client-rst
after = process look
INI
sed -i 's/ready = exit/ready = line done/; s/bash look.sh/sh -c "bash look.sh; echo done"/' cost.ini
lab cost 0
read -r before after from to <cost || fail "no cost was measured"
awk -v n="$((after - before))" -v s="$(awk "BEGIN { print $to - $from }")" -v hz="$(getconf CLK_TCK)" 'BEGIN {
	printf "%.2f %% of a core\n", 100 * n / hz / s
	exit !(n / hz / s < 0.02) }' || fail "that is too much"
holds cost-main 'sum(sum(x["states"]["end"].values()) for x in h.values()) > 9700'
holds cost-main 'all(x["sampler"]["full_dumps"] >= 0.9 * x["sampler"]["ticks"] / 10 for x in h.values())'

echo "50,000 sockets to 5,000 remote ends"
cat >many.ini <<'INI'
[scenario]
about = 5,000 remote ends
seconds = 60
[host server]
sysctl.net.ipv4.tcp_rfc1337 = 1
[host app]
sysctl.net.ipv4.tcp_rfc1337 = 1
observe = all
[server main]
host = server
args = --listen {server}:10000-14999
[client main]
host = app
args = --target {server}:10000-14999 --connections 50000 -c 200 --duration 50s
INI
lab many 0
holds many 'len(h["app"]["to"]) == 64 and h["app"]["others"]["ends"] == 4936'
holds many 'h["app"]["states"]["end"]["TIME_WAIT"] == 50000 == h["app"]["others"]["states"]["end"]["TIME_WAIT"] + sum(
	x["states"]["end"]["TIME_WAIT"] for x in h["app"]["to"].values())'
grep -q 'Host app: 4,936 more ends beside the largest 64 are summed' out.lab/many.json || fail "the sum is not told of"

echo "no other failure of connect() is a lack of ports"
cat >failures.py <<'PY'
import collections, socket, subprocess, sys
def connect(address, port=9000, times=5):
    came = collections.Counter()
    for _ in range(times):
        s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        s.settimeout(0.2)
        try:
            s.connect((address, port))
            came["ok"] += 1
        except OSError as e:
            came[e.errno or "timeout"] += 1
        s.close()
    return came
for kind in "prohibit", "blackhole", "unreachable":
    for address in "198.19.1.%d" % len(kind), "fd01::%x" % len(kind):
        subprocess.run(["ip", "route", "add", kind, address], check=True)
        assert "ok" not in connect(address) and 99 not in connect(address)
for address in sys.argv[1], sys.argv[2], "10.9.9.9", "2001:db8::1", "198.18.0.99", "fd00::99":
    assert "ok" not in connect(address, 9001), address
for address in sys.argv[1:]:
    assert connect(address, 9000, 130) == {"ok": 100, 99: 30}
PY
cat >failures.ini <<'INI'
[scenario]
about = failures of connect()
seconds = 40
[host server]
address = 198.18.0.11/24, fd00::11/64
[host app]
address = 198.18.0.12/24, fd00::12/64
sysctl.net.ipv4.tcp_rfc1337 = 1
sysctl.net.ipv4.ip_local_port_range = 40000 40099
observe = all
observe-failures = yes
[server main]
host = server
args = --listen {server}:9000,{server.2}:9000
[process script]
host = app
command = python3 failures.py {server} fd00::11
after = server main
ready = exit
[client main]
host = server
args = --target {server}:9000 --connections 1
after = process script
[expect]
by IPv4 = hosts.app.to.{server}:9000.ports.no_port == 30
by IPv6 = hosts.app.to.{server.2}:9000.ports.no_port == 30
all of them = hosts.app.failures.no_port == 60 and hosts.app.failures.lost == 0 and hosts.app.failures.unplaced == 0
IPv6 that is none = hosts.app.failures.others > 30
INI
lab failures 0

echo "an observer that is killed is a failure with a reason, and the other results are kept"
cat >killed.ini <<'INI'
[scenario]
about = an observer that is killed
[host server]
observe = all
[host client]
[server main]
host = server
args = --listen {server}:9000
[process killer]
host = client
command = bash -c 'for p in /proc/[0-9]*; do [ $p != /proc/1 ] && [ $(cat $p/comm) = twstorm ] && tr "\\0" " " <$p/cmdline | grep -q "lab run" && kill -9 ${p#/proc/}; done; exit 0'
ready = exit
[client main]
host = client
args = --target {server}:9000 --connections 10
after = process killer
INI
lab killed 4
grep -q 'the process that observes hosts did not go on to the end' err || fail "it says: $(cat err)"
json_is totals.connects_ok out.lab/killed.json 10
json hosts out.lab/killed.json >/dev/null && fail "there are hosts all the same"

# Each with 500 ports on the proxy's host, 1,500 requests at 500 a second.
proxy() {
	cat >"$1.ini" <<INI
[scenario]
about = $1
seconds = 30
[host server]
address = 198.18.0.11/24, 198.18.0.21/24, 198.18.0.31/24, 198.18.0.41/24
sysctl.net.ipv4.tcp_rfc1337 = 1
observe = all
[host proxy]
address = 198.18.0.12/24, 198.18.0.22/24
sysctl.net.ipv4.ip_local_port_range = 40000 40499
sysctl.net.ipv4.tcp_rfc1337 = 1
observe = all
observe-failures = yes
[host client]
sysctl.net.ipv4.tcp_rfc1337 = 1
[server main]
host = server
args = --listen {server}:9000,{server.2}:9000,{server.3}:9000,{server.4}:9000
[client main]
host = client
args = --target {proxy}:8080 --proto http --rate 500/s --duration 3s --close client-fin
[process proxy]
host = proxy
ready = listen 8080
$2
INI
	lab "$1" 0
}

if command -v nginx >/dev/null; then
	echo "nginx"
	nginx='command = nginx -p {tmp}/ -e stderr -c {tmp}/nginx.conf
file.nginx.conf = daemon off; user root; pid {tmp}/nginx.pid; error_log stderr emerg; worker_processes 1;
  events { worker_connections 4096; }
  http { access_log off; client_body_temp_path {tmp}/b; proxy_temp_path {tmp}/p; fastcgi_temp_path {tmp}/f;
  uwsgi_temp_path {tmp}/u; scgi_temp_path {tmp}/s; upstream b { UPSTREAM }
  server { listen 8080 backlog=4096; location / { proxy_pass http://b; proxy_connect_timeout 1s; MORE } } }'
	storm='proxy_http_version 1.1; proxy_set_header Connection "";'
	conf() { # UPSTREAM MORE
		sed "s/UPSTREAM/$1/; s/MORE/$2/" <<<"$nginx"
	}
	four='server {server}:9000; server {server.2}:9000; server {server.3}:9000; server {server.4}:9000;'
	proxy nginx_storm "$(conf 'server {server}:9000;' "$storm")"
	holds nginx_storm "end['states']['peak']['TIME_WAIT'] == 500 == end['ports']['used_peak']"
	holds nginx_storm "end['ports']['exhausted'] is True and end['ports']['no_port'] > 0"
	holds nginx_storm "end['ports']['full_at_s'] <= end['ports']['first_no_port_s'] + 0.02"
	proxy nginx_default "$(conf 'server {server}:9000;' '')"
	holds nginx_default "end['ports']['exhausted'] is False and h['server']['counters']['TcpExt.TW'] > 700"
	holds nginx_default "h['server']['counters']['TcpExt.TW'] > h['server']['states']['peak']['TIME_WAIT']"
	proxy nginx_four "$(conf "$four" "$storm")"
	holds nginx_four "[x['states']['peak']['TIME_WAIT'] for x in h['proxy']['to'].values()] == [h['proxy']['counters']['TcpExt.TW'] // 4] * 4"
	proxy nginx_bind "$(conf 'server {server}:9000;' "$storm proxy_bind {proxy.2};")"
	holds nginx_bind "list(end['from']) == ['198.18.0.22'] and end['from']['198.18.0.22']['ports']['used_peak'] == 500"
fi
if command -v haproxy >/dev/null; then
	echo "haproxy"
	haproxy='command = haproxy -db -f {tmp}/haproxy.cfg
file.haproxy.cfg = defaults
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  retries 0
  listen f
  mode MODE
  bind :8080
  server s1 {server}:9000 MORE'
	conf() { # MODE MORE
		sed "s/MODE/$1/; s/MORE/$2/" <<<"$haproxy"
	}
	proxy haproxy_tcp "$(conf tcp '')"
	holds haproxy_tcp "end['states']['peak']['TIME_WAIT'] == 500 and end['ports']['exhausted'] is True"
	proxy haproxy_http "$(conf http '')"
	holds haproxy_http "end['states']['peak']['TIME_WAIT'] == 0 and h['proxy']['counters']['TcpExt.TCPAbortOnData'] > 1000"
	proxy haproxy_ports "$(conf tcp 'source {proxy.2}:50000-50299')"
	# While a port is taken again a dump may show both of its sockets.
	holds haproxy_ports "295 <= end['ports']['outside_peak'] <= 310 and end['ports']['used_peak'] == 0"
	holds haproxy_ports "h['proxy']['counters']['TcpExt.TW'] > 1000"
fi
exit 0
