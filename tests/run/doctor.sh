#!/bin/bash
# `twstorm doctor`: exit codes, one sentence for each bad input, the collector under every shell that is here,
# with and without ss, and the same diagnosis from a collected file, from a paste, and with other addresses.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
cd "$TEST_TMP" || exit 1

doctor() {
	run "$TWSTORM" doctor "$@"
}

cat >sick.txt <<'TEXT'
user@web7:~$ netstat -tanp
tcp        9      0 203.0.113.7:80          198.51.100.4:50000      CLOSE_WAIT  7/java
tcp        9      0 203.0.113.7:80          198.51.100.5:50002      CLOSE_WAIT  7/java
tcp        9      0 203.0.113.7:80          198.51.100.6:50004      CLOSE_WAIT  7/java
tcp        9      0 203.0.113.7:80          198.51.100.4:50006      CLOSE_WAIT  7/java
tcp        9      0 203.0.113.7:80          198.51.100.4:50008      CLOSE_WAIT  7/java
TEXT

echo "exit codes"
doctor sick.txt --expect 'first == close_wait' --expect 'facts.close_wait.owner == java'
expect_status 0
grep -q '^close_wait (exact)$' out || fail "the text has no finding: $(cat out)"
doctor sick.txt --expect 'first == none'
expect_status 3
grep -q 'not as expected: first = close_wait, not == none' err || fail "does not say what is not as expected: $(cat err)"
doctor sick.txt --horizon 10m
expect_status 0 "a finding without a time is not within a horizon"
echo 'nf_conntrack: table full, dropping packet' >now.txt
doctor now.txt --horizon 10m
expect_status 3 "what fails now is within every horizon"
"$TWSTORM" doctor - <now.txt | grep -q '^conntrack (exact, now)$' || fail "standard input is not read"
doctor now.txt sick.txt --format json -o o.json
expect_status 0
cmp out o.json || fail "--output and --format json differ"
json_are o.json first=conntrack findings.1.name=close_wait findings.1.exact=exact findings.1.in_s=null

echo "bad input"
while read -r code words arguments; do
	# shellcheck disable=SC2086 # arguments are words
	doctor $arguments
	expect_status "$code" "doctor $arguments"
	[ "$(wc -l <err)" = 1 ] && grep -q "${words//_/ }" err || fail "doctor $arguments: $(cat err)"
	[ ! -s out ] || fail "doctor $arguments: something on stdout"
done <<'WRONG'
2 needs_a_FILE --anonymize
2 goes_without_FILE sick.txt --interval 1s
2 goes_without_FILE sick.txt --watch
2 cannot_enter --netns no-such-file
2 prints_text --watch --format json
2 cannot_read no-such-file
2 is_a_directory .
2 more_than_0 --interval 0
2 more_than_0 sick.txt --horizon 0s
2 takes_no_FILE --collector sick.txt
2 exclude_each_other --collector --anonymize
2 no_figure sick.txt --expect facts.none>1
5 no-dir sick.txt -o no-dir/x
WRONG

: >empty
head -c 300000 /dev/urandom >binary
{ printf 'tcp 0 0 '; head -c 3000000 /dev/zero | tr '\0' '1'; } >one_line
for file in empty binary one_line; do
	doctor "$file" --format json
	expect_status 0 "$file"
	json_is first out cannot_tell
	doctor "$file"
	[ "$(grep -c '^cannot_tell: ' out)" = 1 ] || fail "$file: $(cat out)"
done

echo "the collector"
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse # or a slow client takes its own ports again
start_server main
run "$TWSTORM" client -t "127.0.0.1:$port" -n 150 -q --close client-fin
expect_status 0
"$TWSTORM" doctor --collector >collect.sh
sh -n collect.sh || fail "the collector is no shell script"
shells=()
for shell in dash bash busybox; do
	command -v $shell >/dev/null && shells+=("$shell") || echo "$shell is not installed"
done
mkdir no_ss
for tool in cat date ls sed sleep tr uname; do
	ln -s "$(command -v $tool)" no_ss/
done
for shell in "${shells[@]}"; do
	words=("$(command -v "$shell")")
	[ "$shell" = busybox ] && words+=(sh)
	start "$shell" "${words[@]}" collect.sh
done
start no_ss env PATH="$PWD/no_ss" "$(command -v "${shells[0]}")" collect.sh
for file in "${shells[@]}" no_ss; do
	wait_exit "$file" || fail "$file: the collector ended with $?"
	[ ! -s "$file.log" ] || fail "$file: the collector wrote on stderr: $(cat "$file.log")"
	doctor "$file.out" --format json -o "$file.json" --expect 'facts.interval_s >= 1'
	expect_status 0 "$file"
	json_are "$file.json" states.TIME_WAIT=150 first=none "facts.busiest.address=127.0.0.1:$port" \
		facts.busiest.ports_used=150 facts.range.assumed=false facts.worth=exact \
		facts.time_wait.timed=150 "facts.closes_first=both ends here, client end" \
		"facts.sysctl.net.ipv4.tcp_tw_reuse=$(cat /proc/sys/net/ipv4/tcp_tw_reuse)"
done
grep -q '^ *sl  *local_address' no_ss.out || fail "without ss the collector does not take /proc/net/tcp"
doctor --format json -o live.json
expect_status 0 "a look at this host"
json_are live.json source=live states.TIME_WAIT=150 "facts.busiest.address=127.0.0.1:$port" \
	facts.busiest.ports_used=150 facts.range.assumed=false facts.worth=exact facts.time_wait.timed=150 \
	"facts.closes_first=both ends here, client end"
doctor --interval 10ms --format json
json_is facts.interval_s out 0.01
if command -v ss >/dev/null; then
	echo "a paste of ss says the same, and what it cannot say"
	ss -tano >paste.txt
	doctor paste.txt --format json -o paste.json
	json_are paste.json states.TIME_WAIT=150 first=none facts.sysctl.net.ipv4.tcp_tw_reuse=null
	[ "$(ss -tan state time-wait | tail -n +2 | wc -l)" = 150 ] || fail "ss does not count 150"
	grep -q '"name": "conntrack"' paste.json || fail "a list of sockets says something of conntrack"
fi
stop main

echo "other addresses, the same diagnosis"
doctor sick.txt --anonymize
expect_status 0
mv out other.txt
grep -qE '203\.0\.113|198\.51\.100|web7' other.txt && fail "an address is still there: $(cat other.txt)"
doctor sick.txt --format json -o sick.json
doctor other.txt --format json -o other.json
[ "$(json findings.0.sentence sick.json)" = "$(json findings.0.sentence other.json)" ] || fail "another diagnosis"
json_are other.json first=close_wait remote.0.sockets=3 remote.1.sockets=1 states.CLOSE_WAIT=5

cat >names.txt <<'TEXT'
db-7:~# uname -a
Linux db-7 6.1.0-13-amd64 #1 SMP x86_64 GNU/Linux
db-7:~# ss -tan state close-wait
Recv-Q Send-Q Local Address:Port Peer Address:Port
9 0 203.0.113.7:80 198.51.100.4:50000
9 0 203.0.113.7:80 198.51.100.5:50002
9 0 203.0.113.7:80 198.51.100.6:50004
9 0 203.0.113.7:80 198.51.100.7:50006
9 0 203.0.113.7:80 198.51.100.8:50008
db-7:~# journalctl -k
Nov 30 10:11:12 db-7 kernel: TCP: too many orphaned sockets
Nov 30 10:11:13 db-8.corp.example.com sshd[7]: Connection from 198.51.100.4 port 50000 on db-8
TEXT
"$TWSTORM" doctor names.txt --anonymize >unnamed.txt || fail "--anonymize"
grep -E 'db-|203\.0\.113|198\.51\.100|corp' unnamed.txt && fail "a name or an address is still there"
for file in names unnamed; do
	"$TWSTORM" doctor $file.txt --format json >$file.json || fail "$file.txt"
	json_are $file.json first=orphans facts.log.orphans=1 states.CLOSE_WAIT=5 facts.close_wait.at=:80
done

echo "documents are as the schema says"
"$TWSTORM" doctor - -o nothing.json </dev/null >/dev/null || fail "a diagnosis of nothing"
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || { echo "python3-jsonschema is not installed"; exit 0; }
/usr/bin/python3 - "${TEST_SCRIPT%/*/*/*}/docs/doctor.schema.json" live.json nothing.json other.json <<'PYTHON' || fail "a document is not as its schema"
import json, sys
import jsonschema
schema, *files = map(lambda name: json.load(open(name)), sys.argv[1:])
for doc in files:
    jsonschema.validate(doc, schema)
PYTHON
