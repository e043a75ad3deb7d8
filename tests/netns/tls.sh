#!/bin/bash
# Over TLS 1.2 and 1.3 strategies leave their sockets where their rows say, by ss, and send no RST without a reason; and
# what cannot be spoken, or trusted, has a name, one outcome and one sentence.
. "$(dirname "$0")/../lib.sh"
need ss
has_tls || skip "built without OpenSSL"
in_netns "$@"

N=20
r=$TEST_TMP/r.json
echo 1 >/proc/sys/net/ipv4/tcp_rfc1337 # no TIME_WAIT is ended early
start_listener server "$TWSTORM" server -l 127.0.0.1:9000-9063 --tls --save-cert "$TEST_TMP/cert.pem"
pin=$(sed -n 's/.*--pin //p' "$TEST_TMP/server.out")
port=9000

# tls OUTCOMES [OPTION...]: a client to $port, whose result has these.
tls() {
	local wanted=$1
	shift
	run "$TWSTORM" client -t "127.0.0.1:$port" -n $N -c 8 -q -o "$r" "$@"
	# shellcheck disable=SC2086 # several
	json_are "$r" $wanted ledger.balanced=true totals.connects_started=$N
}

ends() { # ends FILTER: "STATE N", as tools/closings has it
	ss -Htan "$1 = :$port" | awk '$1 != "LISTEN" { ++n[$1] } END { for (s in n) print s, n[s] }' |
		sed 's/^TIME-WAIT/TIME_WAIT/' | grep . || echo -
}

# closes STRATEGY CLIENT SERVER RESETS [OPTION...]: on a port of its own.
closes() {
	local name=$1 client=$2 server=$3 reset=$4 before
	shift 4
	port=$((port + 1))
	before=$(counter Tcp.OutRsts)
	tls outcomes.completed=$N --tls --pin "$pin" --close "$name" "$@"
	[ "$(ends dport)" = "$client" ] || fail "$name $*: the client's end is '$(ends dport)', not '$client'"
	[ "$(ends sport)" = "$server" ] || fail "$name $*: the server's end is '$(ends sport)', not '$server'"
	[ "$reset" != 0 ] || [ "$(counter Tcp.OutRsts)" = "$before" ] || fail "$name $*: somebody sent a RST"
}

while IFS=$'\t' read -r name client server _ reset _; do
	case $name in
	both | *leak | tls-uncorked) continue ;; # cases/tls
	*half | *unread) versions="1.2 1.3" ;;
	*) versions=1.3 ;;
	esac
	for version in $versions; do
		closes "$name" "$client" "$server" "$reset" --tls-min $version --tls-max $version --resume
	done
done < <("$TEST_BIN/tools/closings" $N && "$TEST_BIN/tools/closings" $N tls)
closes client-fin "TIME_WAIT $N" - 0 --requests 0 --resume
json_are "$r" tls.tickets=0
closes client-half "TIME_WAIT $N" - 0 --resume -c 1
json_are "$r" tls.handshakes.full=1 "tls.handshakes.resumed=$((N - 1))" "tls.close_notify.sent=$N" \
	"tls.close_notify.received=$N" tls.close_notify.missing=0 "latency_us.handshake.count=$N"

echo "who is not trusted"
tls "outcomes.completed=$N" --tls --cacert "$TEST_TMP/cert.pem"
tls "outcomes.tls_certificate=$N error.code=no_response" --tls
json_is "tls.reasons.self-signed certificate" "$r" $N 2>/dev/null ||
	json_is "tls.reasons.self signed certificate" "$r" $N
tls "outcomes.tls_certificate=$N" --tls --cacert "$TEST_TMP/cert.pem" --sni elsewhere.test
tls "outcomes.tls_certificate=$N" --tls --pin "${pin//[0-9]/f}"

echo "no version, no cipher suite in common"
start_server old --tls --tls-max 1.2 -o "$TEST_TMP/old.json"
tls "outcomes.tls_version=$N" --tls -k --tls-min 1.3
tls "outcomes.handshake_failed=$N" --tls -k --ciphers ECDHE-RSA-AES128-GCM-SHA256
stop old
json_are "$TEST_TMP/old.json" "ended.handshake_failed=$((2 * N))" tls.handshakes.failed=$((2 * N))

echo "TLS to who does not speak it, the handshake that stalls, the response that is cut off"
start_server plain
tls "outcomes.tls_not_tls=$N" --tls -k
stop plain
start_server mute --tls --admin 127.0.0.1:0
kill -STOP "${started_pid[mute]}"
tls "outcomes.tls_handshake_timeout=$N errors.timeout.handshake=$N" --tls -k -c $N --timeout 300ms
kill -CONT "${started_pid[mute]}"
# The server has the request, and is to answer in a minute.
start cut "$TWSTORM" client -t "127.0.0.1:$port" -n 1 -q -o "$r" --proto https -k --path '/?delay=60s' --timeout 60s
asked() {
	exec 9<>"/dev/tcp/${admin%:*}/${admin##*:}"
	printf 'GET /stats HTTP/1.0\r\n\r\n' >&9
	grep -q '"bytes_received": *[1-9]' <&9
}
wait_until 10 asked || fail "no request has come"
stop mute TERM # it cuts off what it has to answer later, without close_notify
wait_exit cut
json_are "$r" outcomes.tls_truncated=1 tls.close_notify.missing=1

start_server impatient --tls --handshake-timeout 300ms -o "$TEST_TMP/impatient.json"
exec 3<>"/dev/tcp/127.0.0.1/$port"
cat <&3 >/dev/null # until the server has enough of who says nothing
exec 3>&-
stop impatient || fail "the server ends with $?"
json_are "$TEST_TMP/impatient.json" ended.tls_handshake_timeout=1

echo "the lab's hosts trust its authority, which says for whom a certificate is"
cat >"$TEST_TMP/trust.ini" <<'END'
[scenario]
about = trust
[host server]
[host client]
[server main]
args = --listen {server}:9000 --tls
host = server
[client main]
args = --target {server}:9000 --proto https -n 20
host = client
[variants server main.args+]
p256 = --cert {tmp}/tls/server.pem
rsa = --cert {tmp}/tls/server-rsa.pem
of-another = --cert {tmp}/tls/client.pem
[variant p256]
expect.it is trusted = tls.handshakes.full == 20
[variant rsa]
expect.it is trusted = tls.handshakes.full == 20
[variant of-another]
expect.it is not = error.code == no_response and outcomes.tls_certificate == 20
END
run "$TWSTORM" lab run -q -k "$TEST_TMP/trust.ini" -o "$TEST_TMP/trust"
expect_status 0 "lab run trust.ini"

echo "one sentence, and the exit code"
# refused CODE TEXT COMMAND...
refused() {
	local code=$1 text=$2
	shift 2
	run "$TWSTORM" "$@"
	expect_status "$code" "$*"
	[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "$*: not one line: $(cat "$TEST_TMP/err")"
	grep -qF -- "$text" "$TEST_TMP/err" || fail "$*: $(cat "$TEST_TMP/err")"
}
refused 1 'is a directory' server --tls --cert "$TEST_TMP"
refused 1 'No such file' client -t 127.0.0.1:1 --tls --cacert "$TEST_TMP/none"
refused 1 '--cert' server --tls --cert "$TEST_TMP/cert.pem" # it has no key
refused 2 '--ciphers' client -t 127.0.0.1:1 --tls --ciphers none
refused 2 '--groups' client -t 127.0.0.1:1 --tls --groups none
refused 2 '64 hex digits' client -t 127.0.0.1:1 --tls --pin xyz
refused 2 'needs --tls' client -t 127.0.0.1:1 --resume
refused 2 'needs --tls' server --tickets 3
refused 2 'does not go with TLS' client -t 127.0.0.1:1 --tls --fastopen
refused 2 '--tls-min is above' client -t 127.0.0.1:1 --tls --tls-min 1.3 --tls-max 1.2
refused 2 '--sni' client -t localhost:1,localhost:2 --tls
