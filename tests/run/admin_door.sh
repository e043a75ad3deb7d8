#!/bin/bash
# The admin door keeps within bounds whoever knocks: out of descriptors it waits quietly, requests
# that never end and connections that never ask are ended, HEAD has no body, and a token file that
# others can read or write is refused.
# limit: 60
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

cd "$TEST_TMP" || exit 1

# ---- the token

(umask 077 && echo secret-token >token)
for mode in 0666 0644 0620; do
	chmod $mode token
	for args in "server -l 127.0.0.1:0 --admin 127.0.0.1:0 --admin-token-file token -d 100ms" \
		"client -t 127.0.0.1:9 -n 1 --server-stats 127.0.0.1:9 --admin-token-file token"; do
		# shellcheck disable=SC2086 # several words
		run "$TWSTORM" $args
		expect_status 2 "a token of mode $mode: $args"
		[ "$(wc -l <err)" = 1 ] && grep -q "token.*mode $mode" err || fail "mode $mode: $(cat err)"
	done
done
chmod 0600 token

# ---- a request that never ends, and connections that never ask

start_listener server "$TWSTORM" server -l 127.0.0.1:9000 --admin 127.0.0.1:9100 --admin-token-file token
pid=${started_pid[server]}
descriptors() {
	local all=("/proc/$1/fd"/*)
	echo ${#all[@]}
}
before=$(descriptors "$pid")
for ((i = 10; i < 230; i++)); do
	eval "exec $i<>/dev/tcp/127.0.0.1/9100" || fail "connection $i"
done

# ask REQUEST: what the door answers until it closes
ask() {
	exec 8<>/dev/tcp/127.0.0.1/9100 || fail "cannot connect"
	# shellcheck disable=SC2059 # escapes are wanted
	printf "$1" >&8
	timeout 5 cat <&8
	exec 8<&-
}
ask 'GET /healthz HTTP/1.0\r\n\r\n' >said
grep -q '^ok$' said || fail "220 silent connections, and /healthz says: $(cat said)"
held=$(($(descriptors "$pid") - before))
[ $held -le 134 ] || fail "220 silent connections hold $held descriptors"
for ((i = 10; i < 230; i++)); do eval "exec $i<&-"; done

# It goes on until the door closes, a byte every now and then.
exec 7<>/dev/tcp/127.0.0.1/9100
printf 'GET /healthz HTTP/1.1\r\nSlow: ' >&7
slow_since=$EPOCHSECONDS
slow_end() { ! (trap '' PIPE && printf 'X' >&7) 2>/dev/null; }

# ---- what is answered

printf '%s\r\n' 'HTTP/1.1 200 OK' 'Content-Type: text/plain' 'Content-Length: 3' 'Connection: close' '' >want
ask 'HEAD /healthz HTTP/1.0\r\n\r\n' | cmp - want || fail "HEAD is not answered with a head alone"
ask 'HEAD /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n' >said
[ "$(grep -c '^HTTP/1.1 200 OK' said) $(grep -c '^ok$' said)" = "2 1" ] || fail "HEAD and GET at a time: $(cat said)"
ask 'GET /stats HTTP/1.0\r\n\r\n' | grep -q '^HTTP/1.1 401 ' || fail "no token, and no 401"
ask 'GET /stats HTTP/1.0\r\nAuthorization: Bearer secret-tokem\r\n\r\n' | grep -q '^HTTP/1.1 401 ' ||
	fail "a wrong token, and no 401"
basic=$(printf 'any:secret-token' | base64)
ask "GET /stats HTTP/1.0\r\nAuthorization: Basic $basic\r\n\r\n" | grep -q '^HTTP/1.1 200 ' || fail "no 200 for the token as a password"
ask "GET /stats HTTP/1.0\r\nAuthorization: Basic ${basic/t/u}\r\n\r\n" | grep -q '^HTTP/1.1 401 ' || fail "a wrong password, and no 401"
ask 'GET /stats?fresh=1 HTTP/1.0\r\nauthorization:Bearer secret-token\r\n\r\n' >said
grep -q '^HTTP/1.1 200 OK' said && sed '1,/^\r$/d' said >stats.json || fail "the token does not help: $(cat said)"
json_is schema stats.json twstorm.server/1
ask 'HEAD /stats HTTP/1.0\r\nAuthorization: Bearer secret-token\r\n\r\n' >said
grep -q '^Content-Length: [1-9][0-9][0-9][0-9]*.$' said && [ "$(wc -l <said)" = 5 ] || fail "HEAD of /stats: $(cat said)"
ask 'GET http://any.where/healthz HTTP/1.1\r\nConnection: close\r\n\r\n' | grep -q '^ok$' || fail "an absolute target"
ask 'GET /else HTTP/1.0\r\n\r\n' | grep -q '^HTTP/1.1 404 ' || fail "no 404"
ask 'POST /stats HTTP/1.0\r\nContent-Length: 2\r\n\r\nab' | grep -q '^HTTP/1.1 405 ' || fail "no 405"
ask 'GET /healthz HTTP/1.1\r\nContent-Length: 99999\r\n\r\n' | grep -q '^HTTP/1.1 413 ' || fail "no 413"
ask "GET /$(printf 'x%.0s' {1..9000}) HTTP/1.0\r\n\r\n" | grep -q '^HTTP/1.1 413 ' || fail "9000 bytes, and no 413"
ask 'GET /../etc/passwd HTTP/1.0\r\n\r\n' | grep -q '^HTTP/1.1 404 ' || fail "a path with dots, and no 404"
exec 8<>/dev/tcp/127.0.0.1/9100
text=$'GET /healthz HTTP/1.0\r\nX: y\r\n\r\n'
for ((i = 0; i < ${#text}; i++)); do printf %s "${text:i:1}" >&8; done
timeout 5 cat <&8 | grep -q '^ok$' || fail "a request byte by byte is not answered"
exec 8<&-
# What cannot be sent any more is not read; what was answered before may be lost with it.
{ printf 'GET /healthz HTTP/1.0\r\n' && printf 'X: %01000d\r\n' {1..1000}; } >million
exec 8<>/dev/tcp/127.0.0.1/9100
(trap '' PIPE && cat million >&8) 2>/dev/null
timeout 5 cat <&8 >said 2>/dev/null
exec 8<&-
! grep -q '^ok$' said || fail "a megabyte of fields is answered"
ask 'GET /healthz HTTP/1.0\r\n\r\n' | grep -q '^ok$' || fail "nothing is answered after a megabyte of fields"
ask 'nonsense\r\n\r\n' | grep -q '^HTTP/1.1 400 ' || fail "no 400"

# ---- no descriptors

start_listener poor bash -c 'ulimit -n 40; exec "$0" server -l 127.0.0.1:9001 --admin 127.0.0.1:9101' "$TWSTORM"
poor=${started_pid[poor]}
start crowd "$TWSTORM" client -t 127.0.0.1:9001 -n 60 -c 60 --hold 60s -q
full() { [ "$(descriptors "$poor")" -ge 40 ]; }
wait_until 10 full || fail "the server still has descriptors: $(descriptors "$poor")"
exec 9<>/dev/tcp/127.0.0.1/9101
printf 'GET /healthz HTTP/1.0\r\n\r\n' >&9
ticks() { awk '{ print $14 + $15 }' "/proc/$poor/stat"; }
cpu=$(ticks)
sleep 1
cpu=$(($(ticks) - cpu))
[ $cpu -le 30 ] || fail "out of descriptors the server spins: $((cpu * 10)) ms of CPU in a second"
[ "$(wc -c <poor.log)" -lt 4000 ] || fail "out of descriptors it writes $(wc -c <poor.log) bytes to stderr"
stop crowd INT
timeout 5 cat <&9 >said
grep -q '^ok$' said || fail "there are descriptors again, and it says: $(cat said)"
stop poor || fail "the poor server ends with $?"

# ---- the slow request is given up, whatever it still sends

wait_until 15 slow_end || fail "a request is still waited for after $((EPOCHSECONDS - slow_since)) s"
stop server || fail "the server ends with $?"
