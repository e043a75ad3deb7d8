#!/bin/bash
# What can be wrong with certificates, keys and handshakes: one sentence with OpenSSL's words and what helps, the documented exit code,
# each connection in one outcome.  netns/tls has what needs no openssl(1).
# limit: 120
. "$(dirname "$0")/../lib.sh"
has_tls || skip "built without OpenSSL"
need openssl python3
in_netns "$@"

N=20 d=$TEST_TMP
r=$d/r.json
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "${@:2}" -out "$d/$1.key" 2>/dev/null; }
# certify NAME DAYS SUBJECT [OPTION...]
certify() {
	openssl req -new -key "$d/$1.key" -subj "/CN=$3" -addext "subjectAltName=IP:127.0.0.1" -out "$d/$1.csr" 2>/dev/null &&
		openssl x509 -req -in "$d/$1.csr" -days "$2" -copy_extensions copy "${@:4}" -out "$d/$1.crt" 2>/dev/null ||
		fail "openssl makes no certificate $1"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -keyout "$d/ca.key" -out "$d/ca.crt" 2>/dev/null
for name in good expired other stranger; do new_key $name; done
certify good 2 good -CA "$d/ca.crt" -CAkey "$d/ca.key"
certify expired -1 expired -CA "$d/ca.crt" -CAkey "$d/ca.key"
cat "$d/good.crt" "$d/good.key" >"$d/pem"
certify stranger 2 stranger -key "$d/stranger.key"
new_key locked -aes256 -pass pass:secret

# one_each FILE: the connections of a client's result, or a server's, are each in one of its outcomes.
one_each() {
	python3 - "$1" <<'END' || fail "$1: not each connection is in one outcome"
import json, sys
d = json.load(open(sys.argv[1]))
ended, n = (d["outcomes"], d["totals"]["connects_started"]) if "outcomes" in d else (d["ended"], d["totals"]["accepted"])
print(n, {k: v for k, v in ended.items() if v})
sys.exit(sum(ended.values()) != n)
END
}

# client CODE OUTCOME WORDS [OPTION...]: N connections to $port with that outcome, that exit code and those words on stderr, in one sentence.
client() {
	run "$TWSTORM" client -t "127.0.0.1:$port" -n $N -c 8 -q -o "$r" "${@:4}"
	expect_status "$1" "$*"
	json_are "$r" "outcomes.$2=$N" ledger.balanced=true
	one_each "$r"
	[ -z "$3" ] || grep -qF -- "$3" "$d/out" "$d/err" || fail "'$3' is not said: $(cat "$d/out" "$d/err")"
}

echo "certificates of a server"
for name in good expired; do
	start_server $name --tls --cert "$d/$name.crt" --key "$d/$name.key"
	[ $name = good ] && client 0 completed "" --tls --cacert "$d/ca.crt"
	[ $name = good ] && client 4 tls_certificate 'hostname mismatch' --tls --cacert "$d/ca.crt" --sni elsewhere.test
	[ $name = expired ] && client 4 tls_certificate 'certificate has expired' --tls --cacert "$d/ca.crt"
	client 4 tls_certificate '--cacert, --pin or -k' --tls
	client 0 completed "" --tls -k
	stop $name || fail "the server ends with $?"
done

echo "certificates of a client"
start_server asks --tls --cert "$d/good.crt" --key "$d/good.key" --cacert "$d/ca.crt" -o "$d/asks.json"
for version in 1.2 1.3; do
	of=(--tls -k --tls-min "$version" --tls-max "$version")
	# An alert of 1.2 does not say that it is about a certificate.
	[ $version = 1.2 ] && client 4 handshake_failed 'OpenSSL says: ' "${of[@]}"
	[ $version = 1.3 ] && client 4 tls_certificate 'OpenSSL says: ' "${of[@]}"
	client 4 tls_certificate 'OpenSSL says: ' "${of[@]}" --cert "$d/stranger.crt" --key "$d/stranger.key"
	client 0 completed "" "${of[@]}" --cert "$d/good.crt" --key "$d/good.key"
done
stop asks || fail "the server ends with $?"
one_each "$d/asks.json"
json_are "$d/asks.json" "ended.handshake_failed=$((4 * N))" "tls.handshakes.failed=$((4 * N))"

echo "files"
# refused CODE TEXT COMMAND...
refused() {
	run "$TWSTORM" "${@:3}"
	expect_status "$1" "$*"
	[ "$(wc -l <"$d/err")" = 1 ] || fail "$*: not one line: $(cat "$d/err")"
	grep -qF -- "$2" "$d/err" || fail "$*: $(cat "$d/err")"
}
for side in "server -l 127.0.0.1:0" "client -t 127.0.0.1:1"; do
	# shellcheck disable=SC2086 # several words
	{
		refused 1 'is not the key of' $side --tls --cert "$d/good.crt" --key "$d/other.key"
		refused 1 'the key is encrypted' $side --tls --cert "$d/good.crt" --key "$d/locked.key"
		refused 1 'is a directory' $side --tls --cert "$d" --key "$d/good.key"
		refused 1 'is a directory' $side --tls --cert "$d/good.crt" --key "$d"
		refused 1 'is a directory' $side --tls --cacert "$d"
		refused 1 '--cert' $side --tls --cert "$d/good.key" # no certificate
		refused 1 '--cacert' $side --tls --cacert "$d/good.key"
		refused 1 'No such file' $side --tls --cert "$d/none"
	}
done

echo "nothing in common"
start_server new --tls --tls-min 1.3
client 4 tls_version 'no version of TLS in common' --tls -k --tls-max 1.2
stop new

echo "TLS to who does not speak it, and the reverse, of other programs"
start plain python3 -u -c '
import socketserver
class H(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(1000)
        self.request.sendall(b"220 mail.test ESMTP\r\n")
class S(socketserver.ThreadingTCPServer):
    request_queue_size = 100
s = S(("127.0.0.1", 0), H)
print("listening on 127.0.0.1:%d" % s.server_address[1])
s.serve_forever()'
wait_line "$d/plain.out" '^listening on ' >/dev/null
port=$(sed -n 's/.*://p' "$d/plain.out")
client 4 tls_not_tls 'does not speak TLS' --tls -k
stop plain

s_server() { # s_server OPTION...: openssl's, on $port
	start_listener spare "$TWSTORM" server -l 127.0.0.1:0
	stop spare
	mkfifo "$d/keys.$port"
	start s_server bash -c "exec openssl s_server -accept 127.0.0.1:$port -cert '$d/good.crt' -key '$d/good.key' $* <>'$d/keys.$port'"
	wait_line "$d/s_server.out" '^ACCEPT' >/dev/null
}
s_server -www
N=5
client 4 peer_speaks_tls 'the peer speaks TLS'
client 4 early_eof '' --proto http # it closes, and says nothing
stop s_server

echo "a peer that renegotiates"
N=1
s_server -tls1_2
start asked "$TWSTORM" client -t "127.0.0.1:$port" --tls -k -n 1 -q -o "$r" --timeout 3s
wait_line "$d/s_server.out" 'CIPHER is' >/dev/null
echo r >"$d/keys.$port"
wait_exit asked
[ $? = 4 ] || fail "the client of who renegotiates: exit code"
one_each "$r"
json_are "$r" outcomes.tls_renegotiation=1 tls.handshakes.full=1 tls.handshakes.refused=1 tls.handshakes.failed=0
grep -h 'wanted a new handshake' "$d/asked.out" "$d/asked.log" || fail "it is not said: $(cat "$d/asked.out" "$d/asked.log")"
stop s_server
N=20
start_listener asks "$TEST_BIN/tools/tls_asks" "$d/pem"
client 0 completed "" -c 1 --proto https -k --timeout 3s
json_are "$r" tls.handshakes.full=$N tls.handshakes.refused=$N
stop asks

start_server calm --tls --tls-max 1.2 -o "$d/calm.json"
(sleep 1; echo R; sleep 1) | timeout 20 openssl s_client -connect "127.0.0.1:$port" -tls1_2 >"$d/s_client" 2>&1
grep -q RENEGOTIATING "$d/s_client" || fail "s_client did not ask: $(cat "$d/s_client")"
grep -qi 'no.renegotiation' "$d/s_client" || fail "the server did not refuse: $(cat "$d/s_client")"
N=20
client 0 completed "" --tls -k
stop calm || fail "the server ends with $?"
one_each "$d/calm.json"
json_are "$d/calm.json" tls.handshakes.full=21 tls.handshakes.refused=1 ended.tls_renegotiation=1 ended.served=20
