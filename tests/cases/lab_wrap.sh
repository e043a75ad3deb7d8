#!/bin/bash
# `lab wrap` with programs that people have: redis-benchmark without keep-alive runs out of ports within 10 s of typing, with
# it does not; a proxy's client and a database's.
# limit: 300
. "$(dirname "$0")/../lib.sh"
need redis-server redis-benchmark
unshare -Ur true 2>/dev/null || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

to=hosts.client.to.198.18.0.12
echo "redis-benchmark: every connection in TIME_WAIT or reset, and no port left, five times of five; with keep-alive none of it"
for ((i = 0; i < 5; i++)); do
	begin=${EPOCHREALTIME/[.,]/}
	run "$TWSTORM" lab wrap --ports 40000-40999 --server 'redis-server --port 6379 --protected-mode no' -o a.json \
		--compare 'redis-benchmark -h {server} -n 3000 -t set' \
		--expect "a.exit_code == 1 and a.errno == EADDRNOTAVAIL and a.$to:6379.ports.exhausted == true" \
		--expect 'a.hosts.client.counters.Tcp.ActiveOpens == 1000 and a.hosts.server.counters.TcpExt.TW == 0' \
		--expect 'a.hosts.client.counters.TcpExt.TW + a.hosts.client.counters.TcpExt.TCPAbortOnClose == 1000' \
		--expect "b.exit_code == 0 and b.$to:6379.ports.exhausted == false and b.$to:6379.ports.used_peak < 100" -- \
		redis-benchmark -h '{server}' -k 0 -n 3000 -t set
	expect_status 0 "redis-benchmark"
	[ $((${EPOCHREALTIME/[.,]/} - begin)) -lt 10000000 ] || fail "two answers took more than 10 s"
done

if command -v nginx >/dev/null && command -v ab >/dev/null; then
	echo "nginx closes first towards ab: its TIME_WAIT"
	mkdir -p p && echo "user root; daemon off; pid $PWD/p/pid; error_log stderr; events {} http { access_log off; keepalive_timeout 0;
		client_body_temp_path $PWD/p/1; proxy_temp_path $PWD/p/2; fastcgi_temp_path $PWD/p/3; uwsgi_temp_path $PWD/p/4;
		scgi_temp_path $PWD/p/5; server { listen 8080; location / { return 200 ok; } } }" >nginx.conf
	run "$TWSTORM" lab wrap --server "nginx -p $PWD/p -c $PWD/nginx.conf" --expect 'hosts.server.counters.TcpExt.TW > 190' \
		--expect 'hosts.client.counters.TcpExt.TW < 10' --expect 'exit_code == 0' -- ab -n 200 -c 5 'http://{server}:8080/'
	expect_status 0 "nginx and ab"
fi
