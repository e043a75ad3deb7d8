#!/bin/bash
# What the lab makes of its runs: whom it compares, when a verdict is wrong, why a result is
# incomplete, which mistakes it finds only in a result, and what ^C leaves.
# limit: 60
. "$(dirname "$0")/../lib.sh"

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

base='[host server]
[host client]
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --connections 5
'
# lab NAME TEXT [OPTION...]: runs a scenario made of the text.
lab() {
	local name=$1
	printf '%s%s\n' "$base" "$2" >"$name.ini"
	shift 2
	run "$TWSTORM" lab run -q "$name.ini" -o "$name" "$@"
}

# says FILE TEXT: the last run said that there.
says() {
	grep -qF -- "$2" "$1" || fail "$1 does not say: $2, but: $(cat "$1")"
}

# The baseline gets no verdict, whatever is wanted of all; nor is it compared with itself, not
# even in the second round.
lab self '[scenario]
baseline = x
verdict = works
repeat = 2
[compare]
fewer = totals.connects_ok < base.totals.connects_ok
[verdict]
works = totals.connects_ok < 5
[variant x]
[variant y]
client main.args+ = --connections 4'
expect_status 0 "a verdict wanted of all"
[ "$(json rows.0.expectations self/summary.json)" = '[]' ] || fail "the baseline is compared with itself"
json_is rows.2.verdict self/summary.json null
grep -q '"base"' self/summary.json && fail "a baseline within the baseline"
says out 'y        works'

# What is not on this kernel by the file, but is, is told.
lab here '[variant y]
scenario.verdict = not on this kernel'
expect_status 3 "a variant that should not be on this kernel"
says out 'Expected verdict: not on this kernel'

# Only the baseline was asked for, and it is not on this kernel: nothing was shown.
lab nothing '[scenario]
baseline = x
[variant x]
host client.sysctl.net.ipv4.tcp_tw_recycle = 1
[variant y]' --variant x
expect_status 6 "a baseline alone that is not on this kernel"

# Nothing ever connected: it is said, and kept.
lab unheard '[client main]
stats = none
[variant y]
client main.args = --target {server}:9999 --connections 3'
expect_status 4 "a client that never connected"
says err 'client main left an incomplete result: '
[ "$(json rows.0.why unheard/summary.json)" != '""' ] || fail "the summary does not say why"

# A path that no result has is a mistake of the file, with its line.
lab path '[columns]
made = totals.connects_ok
failed = totals.conects_failed'
expect_status 2 "a misspelt path"
says err 'path.ini:11: the result has no totals.conects_failed'

# Whatever a program says last, it is kept.
echo 'printf "\377bad" >&2; exit 1' >bad.sh
lab words "[process p]
host = server
command = sh $TEST_TMP/bad.sh
ready = exit"
expect_status 1 "a program that ends with bytes that are not UTF-8"
json_is rows.0.why words/summary.json 'process p ended with code 1 before it was ready: ?bad'

# An option that the program does not know: where it stands, of a client and of a server.
lab option '[variant y]
client main.args+ = --rtae 5'
expect_status 2 "a client's wrong option"
says err "option.ini:10: client main: twstorm client: unknown option '--rtae'"
lab option '[variant y]
server main.args+ = --lisen 5'
expect_status 2 "a server's wrong option"
says err "option.ini:10: server main ended with code 2"

# A heading keeps its apostrophe and all its words.
lab heading "[columns]
the server's peak = totals.connects_ok
[variant x]
[variant y]"
expect_status 0 "an apostrophe"
says out "server's"

# ^C: no verdict on what did not go on to its end, and the rest is left.
printf '%s%s\n' "$base" '[scenario]
verdict = works
[verdict]
works = totals.connects_ok > 1000000
[variant x]
client main.args = --target {server}:9000 --rate 50/s --duration 20s
[variant y]' >stopped.ini
start stopped "$TWSTORM" lab run stopped.ini -k -o stopped
wait_line stopped.log '^ *1\.0 ' >/dev/null
stop stopped INT
[ $? = 130 ] || fail "^C is not exit code 130"
grep -i verdict stopped.out && fail "a verdict on a run that was cut short"
json_is rows.0.verdict stopped/summary.json null
[ ! -e stopped/y.json ] || fail "^C did not end the series"
