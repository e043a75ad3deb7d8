#!/bin/bash
# Our client over TLS against nginx and haproxy: the TIME_WAIT and RSTs of its result are what ss and the kernel's counters have, its full
# and resumed handshakes are what the server's log has, and each connection has one outcome.  Prints a table of both sides.
# limit: 300
. "$(dirname "$0")/../lib.sh"
has_tls || skip "built without OpenSSL"
need nginx haproxy openssl ss
in_netns "$@"
. tests/netns/two_hosts.bash

N=200 d=$TEST_TMP
log=$d/log r=$d/r.json
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -addext "subjectAltName=IP:$SERVER_ADDR" \
	-keyout "$d/key" -out "$d/cert" 2>/dev/null || fail "openssl makes no certificate"
cat "$d/cert" "$d/key" >"$d/pem"
cat >"$d/nginx.conf" <<END
daemon off; user root; worker_processes 1; pid $d/nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
	log_format resumed '\$ssl_session_reused'; access_log $log resumed; keepalive_requests 100000;
	client_body_temp_path $d/b; proxy_temp_path $d/p; fastcgi_temp_path $d/f; uwsgi_temp_path $d/u; scgi_temp_path $d/s;
	ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate $d/cert; ssl_certificate_key $d/key; ssl_session_cache shared:s:1m;
	server { listen $SERVER_ADDR:9000 ssl; location / { return 200 "ok\n"; } }
}
END
cat >"$d/haproxy.cfg" <<END
global
	log stdout format raw daemon
defaults
	mode http
	timeout connect 5s
	timeout client 10s
	timeout server 10s
frontend f
	bind $SERVER_ADDR:9000 ssl crt $d/pem
	log global
	log-format %[ssl_fc_is_resumed]
	http-request return status 200 content-type text/plain string ok
END

listens() { [ "$(ss_count server state listening "sport = :9000")" -gt 0 ]; }
begin_nginx() { start_on server web nginx -p "$d/" -e stderr -c "$d/nginx.conf"; }
begin_haproxy() { start_on server web bash -c "exec haproxy -db -f '$d/haproxy.cfg' >'$log'"; }
lines() { wc -l <"$log"; }
logged() { grep -c "$1" "$log"; }

# same WHAT A B
same() { [ "$2" = "$3" ] || fail "$program $strategy $*"; }

# one STRATEGY VERSION [OPTION]
one() {
	local strategy=$1 version=$2 resume=${3-} client_rsts server_rsts full resumed
	: >"$log"
	new_hosts
	"begin_$program"
	wait_until 10 listens || fail "$program does not listen"
	client_rsts=$(netstat_on client Tcp.OutRsts) server_rsts=$(netstat_on server Tcp.OutRsts)
	# shellcheck disable=SC2086 # empty or an option
	client_on_client r -q -t $SERVER_ADDR:9000 --proto https --cacert "$d/cert" -n $N -c 4 --close "$strategy" \
		--tls-min "$version" --tls-max "$version" $resume
	expect_status 0 "$program $strategy $version $resume"
	wait_count $N 10 lines
	client_rsts=$(($(netstat_on client Tcp.OutRsts) - client_rsts)) server_rsts=$(($(netstat_on server Tcp.OutRsts) - server_rsts))
	json_are "$r" outcomes.completed=$N totals.transactions_ok=$N tls.handshakes.failed=0
	full=$(json tls.handshakes.full "$r") resumed=$(json tls.handshakes.resumed "$r")
	same "handshakes" $N $((full + resumed))
	same "resumed: ours and its log's" "$resumed" "$(logged '^[r1]$')"
	same "full: ours and its log's" "$full" "$(logged '^[.0]$')"
	if [ -n "$resume" ]; then
		[ "$resumed" -ge $((N * 95 / 100)) ] || fail "$program $version: only $resumed are resumed"
	else
		same "resumed without --resume" 0 "$resumed"
	fi
	same "TIME_WAIT of the client, in the result and by ss" "$(json states.client.end.TIME_WAIT "$r")" \
		"$(ss_count client state time-wait)"
	same "RSTs of the client, in the result and by its kernel" "$(json counters.Tcp.OutRsts "$r")" "$client_rsts"
	[ "$program $strategy" = "haproxy client-fin" ] || json_are "$r" ledger.balanced=true
	case $strategy in
	client-fin)
		json_are "$r" tls.close_notify.sent=$N
		# haproxy answers the close_notify of who has closed: each is ended by a RST, and the ledger says so.
		[ $program = nginx ] || same "connections that data ended after the close" $N \
			$(($(json ledger.found.data_after_fin "$r") + $(json ledger.found.ended_early "$r")))
		;;
	client-rst) json_are "$r" tls.close_notify.sent=0 ;;
	server-fin) same "close_notify heard, or missing" $N \
		$(($(json tls.close_notify.received "$r") + $(json tls.close_notify.missing "$r"))) ;;
	esac
	printf '%-8s %-11s %s %-8s  %9s %9s %6s %6s %6s %8s %8s\n' "$program" "$strategy" "$version" "$resume" \
		"$(ss_count client state time-wait)" "$(ss_count server state time-wait)" "$client_rsts" "$server_rsts" \
		"$(json tls.close_notify.sent "$r")" "$(json tls.close_notify.received "$r")" "$resumed"
}

# nginx's tickets of TLS 1.3 come after the handshake: who only connects leaves them unread, and its close() is a RST.
connect_only() {
	program=nginx strategy=connect-only
	new_hosts
	begin_nginx
	wait_until 10 listens || fail "nginx does not listen"
	client_on_client r -q -t $SERVER_ADDR:9000 --proto https --cacert "$d/cert" -n $N -c 4 --requests 0 --tls-min "$1" --tls-max "$1"
	expect_status 0 "connect-only $1"
	same "TIME_WAIT on the client" "$2" "$(ss_count client state time-wait)"
	same "RSTs of the client" "$3" "$(json counters.Tcp.OutRsts "$r")"
	[ "$3" = 0 ] || grep -q "by data that came after this end's close" "$r" || fail "what ended TIME_WAIT is told otherwise"
	echo "nginx    connect-only $1: TIME_WAIT $2 on the client, $3 RSTs"
}

printf '%-32s %9s %9s %6s %6s %6s %8s %8s\n' '' TIME_WAIT TIME_WAIT RSTs RSTs c_n c_n '' 'program  strategy    TLS' \
	client server client server said heard resumed
for program in nginx haproxy; do
	for version in 1.2 1.3; do
		for strategy in client-fin server-fin client-rst; do
			one $strategy $version
		done
		one client-fin $version --resume
	done
done
connect_only 1.2 $N 0
connect_only 1.3 0 $N
