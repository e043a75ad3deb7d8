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

# Nothing ever connected: it is said, and kept; that is void whatever the figures are, and what has nothing
# to be compared with is void, too.  The others go on, without -k.
unheard='[client main]
stats = none
[scenario]
baseline = x
[verdict]
works = totals.connects_ok < base.totals.connects_ok
no effect = otherwise
[variant x]
[variant deaf]
client main.args = --target {server}:9999 --connections 3
[variant y]'
lab unheard "$unheard"
expect_status 4 "a client that never connected"
says err 'client main left an incomplete result: '
says out '  deaf     void       client main left an incomplete result: nothing ever'
json_are unheard/summary.json rows.0.verdict=null rows.1.verdict=void rows.2.verdict='no effect'
[ "$(json rows.1.why unheard/summary.json)" != '""' ] || fail "the summary does not say why"
lab base "${unheard/baseline = x/baseline = deaf}"
json_are base/summary.json rows.0.variant=deaf rows.0.verdict=void rows.1.verdict=void \
	'rows.1.figure=there is nothing to compare it with: deaf showed nothing'

# What failed as it was expected to is no failure, and not void: by its result, by how a process ended.  A verdict `void` expects it, too.
lab named "${unheard/\[variant y\]/expect.nobody is there = error.code == never_connected}"
expect_status 0 "a failure that is expected of the result"
json_are named/summary.json 'rows.1.verdict=failed as expected' rows.1.ok=true
dies='[process p]
host = server
command = sh -c "echo no room >&2; exit 3"
ready = exit
[verdict]
works = otherwise
[variant x]'
lab ends "$dies
compare.it ends with 3 = part.p.exit_code == 3
[variant y]
process p.command = none"
expect_status 0 "a failed start that is expected"
says out '  x        failed as expected'
json_are ends/summary.json 'rows.0.verdict=failed as expected' rows.1.verdict=works \
	'rows.0.figure=process p ended with code 3 before it was ready: no room'
lab wanted "$dies
scenario.verdict = void"
expect_status 0 "a verdict that is expected"
json_is rows.0.verdict wanted/summary.json void
lab other "$dies
compare.it ends with 4 = part.p.exit_code == 4"
expect_status 1 "another failure than was expected"
json_is rows.0.verdict other/summary.json void

# A path that no result has is a mistake of the file, with its line, before anything runs: also of the
# baseline's result, of another part's, and in what only the last variant expects.
wrong() { # NAME LINE PATH MEANT TEXT
	lab "$1" "$5"
	expect_status 2 "$1"
	says err "$1.ini:$2: '$3' is no figure of the result; did you mean $4?"
	[ ! -e "$1" ] || fail "$1: something was run: $(ls "$1")"
}
wrong shows 10 totals.conects_ok totals.connects_ok '[scenario]
shows = {totals.connects_ok > 0?of these {totals.conects_ok}}'
wrong column 11 totals.conects_ok totals.connects_ok '[columns]
made = totals.connects_ok
failed = totals.connects_ok / totals.conects_ok'
wrong verdict 11 states.client.peak.TIMEWAIT states.client.peak.TIME_WAIT '[verdict]
works = totals.connects_ok > 3
no effect = base.states.client.peak.TIMEWAIT == 0
[scenario]
baseline = x
[variant x]'
wrong cost 14 latency_us.conect.p99 latency_us.connect.p99 '[client b]
host = client
args = --target {server}:9000 --connections 5
[cost]
it waits = part.b.latency_us.connect.p99 < 5ms
it stays = part.b.latency_us.conect.p99 < 5ms'
wrong expect 12 ports.budgets ports.budget '[variant x]
expect.one = totals.connects_ok == 5
[variant y]
expect.two = ports.budgets == 5'
lab group '[columns]
states = states.client'
expect_status 2 "a group"
says err "group.ini:10: 'states.client' is a group of figures"

# What a variant changes is told as it was in force, and how to have it if it is what it should be.
force='[verdict]
works = totals.connects_ok == 5
no effect = otherwise
[variant y]
scenario.cure = To keep it: `echo keep` To undo it: `echo undo`
host client.sysctl.net.ipv4.tcp_keepalive_time = 30
host server.sysctl.net.core.somaxconn = 77
server main.args+ = --backlog 7
client main.args+ = --close client-rst'
lab force "$force
scenario.verdict = works"
expect_status 0 "a variant with sysctls and an option"
json_is rows.0.applied force/summary.json \
	'client net.ipv4.tcp_keepalive_time = 30; server net.core.somaxconn = 77; server main: --backlog 7 (not read back); client --close client-rst'
says out '  In force: client net.ipv4.tcp_keepalive_time = 30; server'
grep -qx '  echo undo' out || fail "the cure's command is no line of its own: $(cat out)"
lab refuted "$force
scenario.verdict = no effect"
expect_status 3 "a verdict that is another"
! grep 'echo undo' out || fail "how to have what it is not"

# Several variants are a table: what was seen in the file's words, what was not as expected, where there is
# more; -v tells of each run.
table='[scenario]
baseline = x
shows = {totals.connects_ok} made{base.totals.connects_ok != null?; without it {base.totals.connects_ok}}
[columns]
made = totals.connects_ok
[verdict]
works = totals.connects_ok > base.totals.connects_ok
no effect = otherwise
[cost]
sockets that were taken = totals.connects_ok > 6
[variant x]
[variant same]
[variant more]
scenario.cure = `echo cured`
scenario.verdict = works
expect.eight = totals.connects_ok == 8
client main.args+ = --connections 7'
lab table "$table" -k
expect_status 3 "an expectation that does not hold"
printf '%s\n' '  more     works      7 made; without it 5' '      in force: client --connections 7' \
	'      price: sockets that were taken: 7' '  same     no effect  5 made; without it 5' >table.wanted
sed -n '3,6p' out | diff table.wanted - || fail "the table begins otherwise: $(cat out)"
says out 'Not as expected in more:'
grep -Eq '^  eight +7  == 8 +NO$' out || fail "the expectation that failed is not told: $(cat out)"
grep -E '^What happened in [a-z]+:$|^  echo cured' out && fail "a run is told in full"
json_are table/summary.json rows.0.variant=x 'rows.0.seen=5 made' rows.2.variant=more 'rows.2.seen=7 made; without it 5'
for line in 'twstorm report table/more.json' 'twstorm lab run table.ini --variant more -o table/more'; do
	command=$(grep -F "$line" out) || fail "does not say: $line, but: $(cat out)"
	bash -c "$command" >table.more
	[ -s table.more ] || fail "nothing comes of: $command"
done
grep -qx '  echo cured' table.more || fail "the cure of the only variant is not told: $(cat table.more)"
lab table "$table" -k -v
grep -qx 'What happened in more:' out || fail "-v does not tell of each run"
lab table "$table" -k --format none
expect_status 3 "--format none"
[ ! -s out ] && [ -s table/summary.json ] || fail "--format none: on stdout $(cat out)"
if command -v script >/dev/null; then
	on_terminal() { script -qec "$* '$TWSTORM' lab run -q table.ini -o table -k" /dev/null </dev/null >out; }
	on_terminal NO_COLOR=
	grep -q $'  more     \e\[32mworks\e\[0m      7 made' out && grep -q $'\e\[31mNO\e\[0m' out ||
		fail "no colours on a terminal: $(cat -v out)"
	on_terminal NO_COLOR=1
	grep $'\e' out && fail "colours, though NO_COLOR is set"
fi
lab brace '[scenario]
shows = {totals.connects_ok made'
expect_status 2 "a brace that is not closed"
says err "brace.ini:10: shows: "

# "otherwise" holds where the rules before ask for what was not measured.
lab null '[verdict]
late = ports.first_exhausted_s > 5
fine = otherwise
[variant y]'
expect_status 0 "a rule on what was not measured"
json_is rows.0.verdict null/summary.json fine

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
[ ! -e option ] || fail "a folder for results was made in spite of a wrong option"
says err "option.ini:10: client main: twstorm client: unknown option '--rtae'"
lab option '[variant y]
server main.args+ = --lisen 5'
expect_status 2 "a server's wrong option"
says err "option.ini:10: server main: twstorm server: unknown option '--lisen'"

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
