#!/bin/bash
# What `lab list` and `lab run --dry-run` say: every scenario that comes with the program loads and
# fits a terminal, what is predicted and expected, and what is refused before anything runs.
. "$(dirname "$0")/../lib.sh"
root=$PWD
cd "$TEST_TMP" || exit 1

# plan NAME TEXT [OPTION...]: dry-runs a scenario made of the text.
plan() {
	local name=$1
	cat >"$name.ini" <<INI
[host server]
[host client]
sysctl.net.ipv4.ip_local_port_range = 40000 40999
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --rate 500/s --duration 5s
$2
INI
	shift 2
	run "$TWSTORM" lab run --dry-run "$name.ini" "$@"
}
says() {
	grep -qF -- "$2" "$1" || fail "$1 does not say: $2, but: $(cat "$1")"
}

run "$TWSTORM" lab list
expect_status 0 "lab list"
awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' out || fail "lab list: lines of more than 80 characters"
(cd "$root/bench/scenarios" && find . -name '*.ini') | sed 's,^\./,,; s/\.ini$//' | sort >files
sed -n 's,^\([a-z0-9/-]*\) .*,\1,p' out | sort | diff files - || fail "lab list lists others than there are"
sed 's,.*/,,' files | sort | uniq -d | grep . && fail "two scenarios would write to one out/SCENARIO"
[ "$(sed -n '/^$/,$p' out | grep -c '^cases/')" = "$(grep -c ^cases/ files)" ] || fail "the cases are not a group: $(cat out)"
for file in "$root"/bench/scenarios/{,cases/}*.ini; do
	run "$TWSTORM" lab run --dry-run "$file"
	expect_status 0 "$file"
	# A single longer word apart.
	awk 'length($0) > 80 && NF > 2 { print; bad = 1 } END { exit bad }' out || fail "$file: lines of more than 80 characters"
done

# Every key is in the man page.
for section in scenario 'host a' 'server a' 'client a' 'probe a' 'process a'; do
	printf '[%s]\nno-such-key = 1\n' "$section" >key.ini
	run "$TWSTORM" lab run -n key.ini
	expect_status 2 "[$section] with a key that it has not"
	for key in $(sed -n "s/.*has no key 'no-such-key'; expected //;s/,//gp" err); do
		[ "$key" = sysctl.NAME ] && key=sysctl.net.NAME
		grep -qxF ".It Va $key" "$root/docs/man/twstorm-scenario.5" || fail "twstorm-scenario(5) lacks $key of [$section]"
	done
done

# Predicted is what can come: not after the end, not where ports do not run out.
predicted='Predicted: 1,000 ports at 500 connections a second last 2.00 s.'
plan storm ''
expect_status 0 "a storm"
says out "$predicted"
for change in 'client main.args+ = --duration 1s' 'client main.args+ = --connections 900' \
	'host client.sysctl.net.ipv4.tcp_max_tw_buckets = 100' \
	'host client.sysctl.net.ipv4.ip_local_reserved_ports = 40000-40499' \
	'client main.args+ = --target 127.0.0.1:9000' 'client main.args+ = --target nobody.invalid:9000' \
	'client main.args+ = --bind early' 'client main.args+ = --bind port' 'client main.args+ = --close client-rst' \
	'client main.args+ = --rat 10/s --dur 150s'; do
	plan calm "[variant calm]
$change"
	expect_status 0 "$change"
	grep Predicted: out && fail "predicted in spite of $change"
done

plan half '
[variant half]
client main.args+ = --close client-half
host client.sysctl.net.ipv4.tcp_tw_reuse = 1
host client.sysctl.net.ipv4.tcp_timestamps = 0'
expect_status 0 "no reuse without timestamps"
says out "$predicted"

# What is expected, once, however many rounds; long addresses.
plan expects '[expect]
ports run out = ports.exhausted == true
[compare]
more or as many = totals.connects_ok >= base.totals.connects_ok
[verdict]
works = totals.connects_ok > base.totals.connects_ok
[scenario]
baseline = x
repeat = 3
[variant x]
[variant y]
scenario.verdict = works
[host far]
address = fd00:1111:2222:3333:4444:5555:6666:7771/64, fd00:1111:2222:3333:4444:5555:6666:7772/64,
  fd00:1111:2222:3333:4444:5555:6666:7773/64'
expect_status 0 "expectations"
says out 'Expected: ports run out; more or as many.'
says out 'Expected verdict: works'
[ "$(grep -c '^== expects' out)" = 2 ] || fail "the plan is not printed once: $(cat out)"
awk 'length($0) > 80 { print; bad = 1 } END { exit bad }' out || fail "three addresses in a line"

# Results that would be written over one another.
plan names '[probe main]
host = client
args = states'
expect_status 2 "two results of one name"
says err 'names.ini:10: there is a [client main]: its result would have the same name'
plan names '[client b-main]
host = client
args = none
[variant a]
client b-main.args = x
[variant a-b]
[client d]
host = client
args = x'
expect_status 2 "two files of one name"
says err 'names.ini:7: in variant a-b the result would be a-b-main.json, which there is already'
plan names '[variant summary]'
expect_status 2 "a variant named summary"
says err 'names.ini:10: no variant can be named summary'
plan summary ''
expect_status 2 "a scenario named summary"
mkdir -p one two
cp storm.ini one/x.ini
cp storm.ini two/x.ini
run "$TWSTORM" lab run -n one/x.ini two/x.ini -o out
expect_status 2 "two scenarios of one name"
says err 'one/x.ini and two/x.ini would both write to out/x'

# A mistake in the second is told before the first runs.
run "$TWSTORM" lab run -n storm.ini names.ini
expect_status 2 "the second has a mistake"
[ ! -s out ] || fail "the first was begun"
# By name, a case as well; with ./ or .ini it is a file of the user's own.
run "$TWSTORM" lab run -n cases/restart
expect_status 0 "a case by name"
run "$TWSTORM" lab run -n cases/no-such-case
expect_status 2 "no such case"
says err "there is no scenario 'cases/no-such-case'"
mkdir cases && cp storm.ini cases/mine.ini && cp storm.ini cases/plain
for own in cases/mine.ini ./cases/plain; do
	run "$TWSTORM" lab run -n "$own"
	expect_status 0 "a file of one's own: $own"
done
run "$TWSTORM" lab run -n storm.ini --variant nobody
expect_status 2 "no such variant"

run "$TWSTORM" lab run -n storm.ini -o ''
expect_status 2 "an empty --output"
says err '--output: expected a directory'

# What client, server or probe would refuse, in its own words, before there is a host.
while IFS='|' read -r change words; do
	plan options "[variant wrong]
$change"
	expect_status 2 "$change"
	says err "options.ini:11: $words"
done <<'ROWS'
client main.args+ = --rtae 5|client main: twstorm client: unknown option '--rtae', did you mean --rate?
client main.args+ = --linger 1.5s|client main: twstorm client: --linger takes whole seconds
client main.args+ = --close server-foo|client main: twstorm client: --close: there is no close strategy 'server-foo'
client main.args+ = --close client-unread --response-size 0|client main: twstorm client: --close client-unread needs a --response-size
client main.args+ = --source-ports 5|client main: twstorm client: --source-ports: '5' is no range of ports
client main.args+ = --proto http --close both|client main: twstorm client: --close both is not in HTTP
client main.args+ = -t http://{server}/|client main: twstorm client: --target 'http://198.18.0.11/' is a URL
client main.args+ = --expect 'totals.x == 1'|client main: twstorm client: --expect
server main.args+ = --backlog 0|server main: twstorm server: --backlog must be from 1 to 65535
server main.args+ = --listen {server}|server main: twstorm server: --listen: '198.18.0.11' has no port
ROWS
plan options '[probe p]
host = server
args = rebin'
expect_status 2 "no such probe"
says err "options.ini:12: probe p: twstorm lab probe: there is no probe 'rebin'"
for change in '--target nobody.invalid:9000' "--expect 'totals.connects_ok == 1'" '--source-ports all --fastopen'; do
	plan options "[variant right]
client main.args+ = $change"
	expect_status 0 "$change"
done

# A delay without a cue holds up the run: said; with one it does not.
plan late '[process p]
host = client
command = true
delay = 1500ms'
says out 'process p begins 1.5 s after the hosts are there, and client main waits'
plan later '[process p]
host = client
command = true
delay = 1500ms
after = server main'
grep -q 'begins 1.5 s' out && fail "a delay after a cue is told as one without"
true

echo "the scenarios of other people's programs are read"
for file in "$root"/tests/programs/*.ini; do
	"$TWSTORM" lab run --dry-run "$file" >/dev/null || fail "$file"
done
