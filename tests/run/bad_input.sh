#!/bin/bash
# What cannot be done is refused before anything is sent: one line on stderr that names what is
# wrong, nothing on stdout, and the exit code that belongs to it.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

cd "$TEST_TMP" || exit 1
echo "a-token" >token
: >empty

# refused CODE WORD...: the last run.
refused() {
	local code=$1 word=$2
	expect_status "$code" "$args"
	[ ! -s out ] || fail "$args: something on stdout: $(head -n 3 out)"
	[ "$(wc -l <err)" = 1 ] || fail "$args: not one line on stderr: $(cat err)"
	grep -qF -e "$word" err || fail "$args: '$word' is not in: $(cat err)"
	grep -Eq "^twstorm ${args%% *}: " err || fail "$args: does not say who speaks: $(cat err)"
}

# Exit code, a word of the sentence, arguments.
while IFS='|' read -r code word args; do
	[ -n "$args" ] || continue
	run timeout 20 bash -c '"$0" '"$args" "$TWSTORM"
	refused "$code" "$word"
done <<'ROWS'
2|--frobnicate|client -t 127.0.0.1:9000 --frobnicate
2|-Z|client -t 127.0.0.1:9000 -Z
2|stray|client -t 127.0.0.1:9000 stray
2|target|client
2|target|client -t ''
2|--target|client -t
2|--target|client -t ,
2|--target|client -t 127.0.0.1
2|--target|client -t 127.0.0.1:
2|--target|client -t :9000
2|--target|client -t 127.0.0.1:0
2|--target|client -t 127.0.0.1:70000
2|--target|client -t 127.0.0.1:9000-
2|--target|client -t 127.0.0.1:9007-9000
2|--target|client -t 127.0.0.1:port
2|--target|client -t '127.0.0.1:9000,'
2|--target|client -t '[::1:9000'
2|no-such-host.invalid|client -t no-such-host.invalid:9000
2|--i-own-this-target|client -t 192.0.2.1:9000
2|--i-own-this-target|client -t 127.0.0.1:9000,192.0.2.1:9000
2|--i-own-this-target|client -t '[2001:db8::1]:9000'
2|shut|client -t 127.0.0.1:9000 --close shut
2|--close|client -t 127.0.0.1:9000 --close ''
2|weight|client -t 127.0.0.1:9000 --close client-fin,client-rst
2|weight|client -t 127.0.0.1:9000 --close client-fin:0
2|weight|client -t 127.0.0.1:9000 --close client-fin:-1
2|--duration|client -t 127.0.0.1:9000 -d 10
2|--duration|client -t 127.0.0.1:9000 -d 0s
2|--duration|client -t 127.0.0.1:9000 -d -1s
2|--duration|client -t 127.0.0.1:9000 -d 10parsecs
2|--hold|client -t 127.0.0.1:9000 --hold 5
2|--timeout|client -t 127.0.0.1:9000 --timeout 0s
2|--rate|client -t 127.0.0.1:9000 -r 500
2|--rate|client -t 127.0.0.1:9000 -r 0/s
2|--rate|client -t 127.0.0.1:9000 -r fast
2|--rate|client -t 127.0.0.1:9000 --arrivals poisson
2|--arrivals|client -t 127.0.0.1:9000 -r 5/s --arrivals gauss
2|--connections|client -t 127.0.0.1:9000 -n many
2|--connections|client -t 127.0.0.1:9000 -n -5
2|--connections|client -t 127.0.0.1:9000 -n 99999999999999999999999
2|--concurrency|client -t 127.0.0.1:9000 -c 0
2|--workers|client -t 127.0.0.1:9000 -w 0
2|--workers|client -t 127.0.0.1:9000 -w 5 -c 4
2|--requests 0|client -t 127.0.0.1:9000 --requests 0 --close server-fin
2|--response-size|client -t 127.0.0.1:9000 --response-size 0 --close client-unread
2|--response-size 0|client -t 127.0.0.1:9000 --response-size 0 --requests 2
2|--response-size 0|client -t 127.0.0.1:9000 --response-size 0 --pool 2
2|--request-size|client -t 127.0.0.1:9000 --request-size 5G
2|--request-size|client -t 127.0.0.1:9000 --request-size 5Q
2|--linger|client -t 127.0.0.1:9000 --linger 500ms
2|--linger2|client -t 127.0.0.1:9000 --linger2 500ms
2|--linger2|client -t 127.0.0.1:9000 --linger2 -2
2|--linger2|client -t 127.0.0.1:9000 --linger 1s --linger2 1s
2|--pool|client -t 127.0.0.1:9000 --max-requests 5
2|--pool|client -t 127.0.0.1:9000 --pool 5 --requests 0
2|--source|client -t 127.0.0.1:9000 --source 203.0.113.7
2|--source|client -t 127.0.0.1:9000 --source ::1
2|--source|client -t 127.0.0.1:9000 --source 127.0.0.1/99
2|--source-ports|client -t 127.0.0.1:9000 --source-ports 40000
2|--source-ports|client -t 127.0.0.1:9000 --source-ports 40099-40000
2|ip_local_port_range|client -t 127.0.0.1:9000 --source-ports 1000-2000
2|--bind|client -t 127.0.0.1:9000 --bind never
2|--on-exhaustion|client -t 127.0.0.1:9000 --on-exhaustion panic
2|--spread|client -t 127.0.0.1:9000 --spread evenly
2|totals.connects|client -t 127.0.0.1:9000 --expect 'totals.connects == 1'
2|is|client -t 127.0.0.1:9000 --expect 'totals.connects_ok is 1'
2|--expect|client -t 127.0.0.1:9000 --expect ''
2|--expect|client -t 127.0.0.1:9000 --expect 'totals.connects_ok =='
2|--format|client -t 127.0.0.1:9000 --format xml
2|--interval|client -t 127.0.0.1:9000 --interval 1ms
2|--server-stats|client -t 127.0.0.1:9000 --server-stats nonsense
2|--server-stats|client -t 127.0.0.1:9000 --admin-token-file token
2|--rank|client -t 127.0.0.1:9000 --rank 1 --ranks 1
2|--start-at|client -t 127.0.0.1:9000 --start-at yesterday
2|--frobnicate|server --frobnicate
2|stray|server stray
2|--listen|server -l 127.0.0.1
2|--listen|server -l 127.0.0.1:70000
2|--listen|server -l ''
2|--workers|server -w 0
2|--backlog|server --backlog 0
2|--idle-timeout|server --idle-timeout 60
2|--max-request|server --max-request 5G
2|--max-connections|server --max-connections 1 -w 2
2|--admin-token-file|server -l 127.0.0.1:0 --admin 0.0.0.0:0
2|--admin|server -l 127.0.0.1:0 --admin-token-file token
2|--admin|server -l 127.0.0.1:0 --admin 127.0.0.1
2|empty|server -l 127.0.0.1:0 --admin 0.0.0.0:0 --admin-token-file empty
2|nowhere|server -l 127.0.0.1:0 --admin 0.0.0.0:0 --admin-token-file nowhere
5|nowhere/result.json|client -t 127.0.0.1:9000 -o nowhere/result.json
5|nowhere/result.json|server -l 127.0.0.1:0 -o nowhere/result.json
ROWS

# An address that this host does not have, and a port that somebody has.
args="server -l 203.0.113.7:9000"
run "$TWSTORM" server -l 203.0.113.7:9000
refused 1 203.0.113.7:9000

# Descriptors: said before anything is sent, with how many it takes.
for args in "client -t 127.0.0.1:9000 -c 1000" "client -t 127.0.0.1:9000 --pool 1000" \
	"server -l 127.0.0.1:9000-9100"; do
	# shellcheck disable=SC2086 # several words
	run bash -c 'ulimit -n 50; exec "$0" "$@"' "$TWSTORM" $args
	refused 6 'ulimit -n'
	grep -Eq 'need 1[0-9]+ descriptors' err || fail "$args: how many are needed? $(cat err)"
done

# Nothing was written anywhere.
[ "$(ls)" = "$(printf '%s\n' empty err out token)" ] || fail "there are files: $(ls)"

# The result goes to a device that is full: the run takes place, the exit code tells.
start_server server
for to in '-o /dev/full' '--format json' '--format csv' ''; do
	args="client -t 127.0.0.1:$port -n 10 $to"
	# shellcheck disable=SC2086
	"$TWSTORM" client -t "127.0.0.1:$port" -n 10 -q $to >/dev/full 2>err
	status=$?
	: >out
	refused 5 'No space left'
done
