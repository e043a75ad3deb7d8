#!/bin/bash
# A result comes out as text that fits a terminal, as JSON that parses, as CSV whose columns do not
# change; in files and on stdout as asked; progress goes to stderr, or nowhere with -q.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"

cd "$TEST_TMP" || exit 1
start_server server --admin 127.0.0.1:0

# client OPTION...: 100 connections.
client() {
	run "$TWSTORM" client -t "127.0.0.1:$port" -n 100 "$@"
	expect_status 0 "client $*"
}

silent() {
	[ ! -s err ] || fail "$1: something on stderr: $(cat err)"
}

# narrow FILE WHAT: an expectation is as long as its author made it.
narrow() {
	awk '!/^(true|FALSE) / && length($0) > 80' "$1" | grep . && fail "$2: lines of more than 80 columns"
	[ "$(wc -l <"$1")" -le 40 ] || fail "$2: longer than a screen"
}

# ---- text

client -q
silent text
grep -q '^connections  *100 established of 100 started' out || fail "the text does not say 100 established of 100"
grep -q 'TIME_WAIT 100 ' out || fail "the text does not say TIME_WAIT 100"
grep -q $'\x1b' out && fail "escape sequences in a file"
narrow out text
client -q --format none -o none.json
silent "--format none"
[ ! -s out ] || fail "--format none prints: $(cat out)"
json_is config.format none.json none
run env NO_COLOR=1 TERM=xterm-256color "$TWSTORM" client -t "127.0.0.1:$port" -n 100 -q
expect_status 0 "with NO_COLOR"
grep -q '^connections  *100 established of 100 started' out || fail "NO_COLOR changes the text"
grep -q $'\x1b' out err && fail "escape sequences with NO_COLOR"
client -q --server-stats "$admin" --expect 'totals.connects_ok == 100' --close server-fin:50,client-rst:50
narrow out "text with expectations"
grep -q 'totals.connects_ok == 100' out || fail "the expectation is not in the text"
# All that can go wrong: the widest text there is.
echo 40000 40001 >/proc/sys/net/ipv4/ip_local_port_range
echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse
run "$TWSTORM" client -t "127.0.0.1:$port" -n 30 -c 4 -q --server-stats "$admin" \
	--expect 'totals.connects_ok == 30' --expect 'ports.first_exhausted_s ~ ports.predicted_exhaustion_s 10%'
expect_status 3 "an expectation is false"
grep -q 'Cannot assign requested address' out || fail "the text does not name what happened"
grep -q 'FALSE' out || fail "the text does not say what is false"
narrow out "text of an exhausted run"
echo 32768 60999 >/proc/sys/net/ipv4/ip_local_port_range
run "$TWSTORM" client -t 127.0.0.1:9 -n 5 -q
expect_status 4
narrow out "text of a run that never connected"

# ---- JSON

client -q --format json
silent JSON
json_are out schema=twstorm.result/1 totals.connects_ok=100
client -q -o -
json_is totals.connects_ok out 100
client -q -o file.json
grep -q '^connections ' out || fail "no text on stdout beside -o FILE"
json_is totals.connects_ok file.json 100
[ "$(stat -c %a file.json)" = "$(printf '%o' $((0666 & ~$(umask))))" ] || fail "file.json is $(stat -c %a file.json)"
client -q -o file.json --format csv
json_is schema file.json twstorm.result/1
head -n 1 out | grep -q '^t,connects_ok,' || fail "no CSV on stdout beside -o FILE"
ln -s file.json link.json
client -q -o link.json
json_is schema link.json twstorm.result/1
compgen -G 'file.json.*' && fail "a temporary file was left"
grep -Eiw 'nan|inf|infinity' file.json && fail "no JSON has such numbers"

# ---- CSV: a row for each look, columns as in the heading, whatever the run was like

client -q --format csv --server-stats "$admin"
head -n 1 out >heading
for options in '' '--pool 5' '--close server-rst' '-r 400/s -d 1s'; do
	# shellcheck disable=SC2086 # several words
	client -q --format csv $options
	head -n 1 out | cmp - heading || fail "CSV, '$options': the heading is another"
	awk -F, 'NR == 1 { n = NF } NF != n { bad = 1 } END { exit bad || NR < 2 || n < 10 }' out ||
		fail "CSV, '$options': not the same columns in every row: $(cat out)"
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "connects_ok") c = i }
		NR > 1 && ($1 + 0 < t || $c + 0 < n) { exit 1 }
		NR > 1 { t = $1; n = $c }' out || fail "CSV, '$options': goes back: $(cat out)"
	tail -n 1 out | grep -Eq '^[0-9.]+,(100|5),' || fail "CSV, '$options': last row $(tail -n 1 out)"
done

# ---- progress

run "$TWSTORM" client -t "127.0.0.1:$port" -r 50/s -d 700ms --interval 100ms
expect_status 0
n=$(grep -Ec '^ +0\.[1-7] ' err)
[ "$n" -ge 4 ] && [ "$n" -le 7 ] || fail "$n progress lines in 0.7 s at 100 ms each: $(cat err)"
awk 'length($0) > 80' err | grep . && fail "progress: lines of more than 80 columns"
grep -q 'conn/s' out && fail "progress on stdout"
client
grep -q 'conn/s' err && fail "progress where nobody looks"
run "$TWSTORM" client -t "127.0.0.1:$port" -r 50/s -d 300ms --interval 100ms -q
expect_status 0
silent "-q wins over --interval"

# On a terminal: in colour unless NO_COLOR is set, and the heading again every 20 lines; without being asked a line that
# stays (run/terminal).
# on_terminal COMMAND...: its output, as the terminal got it, in $TEST_TMP/terminal.
on_terminal() {
	script -qec "$*" /dev/null </dev/null | tr -d '\r' >terminal
}
plain() {
	sed 's/\x1b\[[0-9]*m//g' terminal
}
if command -v script >/dev/null; then
	on_terminal "$TWSTORM" client -t "127.0.0.1:$port" -r 50/s -d 2500ms --interval 100ms
	grep -q $'\x1b' terminal || fail "no colour on a terminal"
	n=$(plain | grep -c 'conn/s') lines=$(plain | grep -Ec '^ +[0-9.]+ +[0-9]+ \|')
	[ "$n" = $(((lines + 19) / 20)) ] || fail "$n headings for $lines lines"
	plain | awk 'length($0) > 80' | grep . && fail "terminal: lines of more than 80 columns"
	on_terminal NO_COLOR=1 TERM=xterm "$TWSTORM" client -t "127.0.0.1:$port" -r 50/s -d 1200ms
	grep -q $'\x1b\\[[0-9;]*m' terminal && fail "colour in spite of NO_COLOR"
	grep -Eq '^1\.0 s  [0-9]+/s  \[' terminal || fail "no line after a second on a terminal: $(cat terminal)"
else
	echo "script is not installed: not tried on a terminal"
fi

# ---- the server's: people's lines on stdout, or on stderr when the result is there

start other "$TWSTORM" server -l 127.0.0.1:0 -o -
wait_line other.log '^listening on ' >/dev/null
stop other TERM || fail "SIGTERM ends the server with $?"
json_is schema other.out twstorm.server/1
stop server TERM || fail "SIGTERM ends the server with $?"
awk 'length($0) > 80' server.out | grep . && fail "server: lines of more than 80 columns"
start_listener quiet "$TWSTORM" server -l 127.0.0.1:0 -q
# Nobody would see the states that a thread counts.
start_listener shown "$TWSTORM" server -l 127.0.0.1:0
threads() { find "/proc/${started_pid[$1]}/task" -mindepth 1 -maxdepth 1 | wc -l; }
[ $(($(threads quiet) + 1)) = "$(threads shown)" ] || fail "$(threads quiet) threads with -q, $(threads shown) without"
stop shown TERM
stop quiet TERM
[ "$(wc -l <quiet.out)" = 1 ] || fail "server -q: $(cat quiet.out)"
[ ! -s quiet.log ] || fail "server -q: $(cat quiet.log)"
