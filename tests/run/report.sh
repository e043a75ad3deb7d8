#!/bin/bash
# `twstorm report`: one result in full, several side by side with ratios to the first, as text, CSV
# and JSON; one page that holds nothing but text of theirs; and one sentence for each bad file.
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
cd "$TEST_TMP" || exit 1

# refuses CODE WORDS ARGUMENT...: the exit code, one sentence on stderr with these words, no output.
refuses() {
	local code=$1 words=$2
	shift 2
	run "$TWSTORM" report "$@"
	expect_status "$code" "report $*"
	[ "$(wc -l <err)" = 1 ] || fail "report $*: not one sentence: $(cat err)"
	grep -q "^twstorm report: .*$words" err || fail "report $*: does not say '$words': $(cat err)"
	[ ! -s out ] || fail "report $*: something on stdout: $(head -n 3 out)"
}

# make NAME CODE [OPTION...]: a result of a client and a server of its own, so that no run counts
# the sockets of an earlier one.
make() {
	local name=$1 code=$2
	shift 2
	start_server "$name"
	[ "$code" = 4 ] && stop "$name"
	run "$TWSTORM" client -t "127.0.0.1:$port" -q -o "$name.json" "$@"
	expect_status "$code" "$name"
}
make first 0 -n 200
make second 0 -n 400 --close server-fin
make third 0 -n 50 --pool 5
make fourth 4 -n 10 -d 200ms

start_server main

echo "one result is the text that the client prints"
run "$TWSTORM" client -t "127.0.0.1:$port" -q -n 30 -o one.json --html one.html
expect_status 0
cp out text
run "$TWSTORM" report one.json
expect_status 0
cmp out text || fail "report prints another text than the client"
"$TWSTORM" report - <one.json | cmp - text || fail "standard input is read differently"
head -n 1 one.html | grep -qx '<!DOCTYPE html>' || fail "--html of the client is no page"
[ "$(stat -c %a one.html)" = "$(printf '%o' $((0666 & ~$(umask))))" ] || fail "one.html is $(stat -c %a one.html)"

echo "several, side by side"
run "$TWSTORM" report first.json second.json third.json
expect_status 0
awk 'length($0) > 80' out | grep . && fail "text: lines of more than 80 columns"
grep -q '^C   third$' out || fail "text: the third has no label"
grep -Eq '^connections made +200 +400 +x2 +5 +x0.025$' out || fail "text: connections made: $(grep made out)"
grep -Eq '^client TIME_WAIT, end +200 +0 +x0 +5 +x0.025$' out || fail "text: TIME_WAIT: $(grep TIME_WAIT out)"
grep -q 'lost to the server' out && fail "text: has a row of zeros"
run "$TWSTORM" report first.json second.json third.json fourth.json
expect_status 0
awk 'length($0) > 80' out | grep . && fail "text of four: lines of more than 80 columns"
[ "$(grep -Ec '^complete +yes' out)" = 2 ] || fail "four results are not two tables"
grep -Eq '^connect ECONNREFUSED +0 +[0-9]+$' out || fail "text of four: ECONNREFUSED: $(grep ECONN out)"

run "$TWSTORM" report first.json second.json fourth.json --format json
expect_status 0
json_are out schema=twstorm.comparison/1 labels='["first","second","fourth"]' \
	figures.totals.connects_ok='[200,400,0]' ratios.totals.connects_ok='[1.0,2.0,0.0]' \
	figures.complete='[true,true,false]' ratios.complete='[null,null,null]' \
	figures.latency_us.connect.p50.2=null ratios.latency_us.connect.p50.2=null \
	figures.states.client.end.TIME_WAIT='[200,0,0]' figures.errors.connect.ECONNREFUSED.0=0 \
	ratios.errors.connect.ECONNREFUSED='[null,null,null]'
json figures.errors.connect.EADDRNOTAVAIL out && fail "an errno that nobody had has a row"
cp out comparison
run "$TWSTORM" report first.json second.json fourth.json -o file.json
expect_status 0
cmp comparison file.json || fail "-o FILE and --format json differ"
grep -q '^connections made' out || fail "no text beside -o FILE"

run "$TWSTORM" report first.json second.json fourth.json --format csv
expect_status 0
head -n 1 out | grep -qx 'figure,unit,first,second,fourth,second / first,fourth / first' || fail "CSV: $(head -n 1 out)"
grep -qx 'totals.connects_ok,,200,400,0,2,0' out || fail "CSV: $(grep connects_ok out)"
grep -qx 'complete,,true,true,false,,' out || fail "CSV: $(grep complete out)"
awk -F, 'NF != 7' out | grep . && fail "CSV: not the same columns in every row"
[ "$(tail -n +2 out | wc -l)" = "$(json 'figures.#' comparison)" ] || fail "CSV and JSON have not the same figures"

echo "conditions between results: exit code 3, in the text, the JSON and the page"
both='b.totals.connects_ok == 2 * a.totals.connects_ok' slower='b.totals.connects_ok < 0.95 * a.totals.connects_ok'
run "$TWSTORM" report first.json second.json --expect "$both" -o file.json
expect_status 0 "a condition that holds"
grep -A1 -F "true         $both" out | tr -s ' \n' ' ' | grep -qF '(it is 400, the other side 400)' || fail "text: $(tail -n 3 out)"
json_are file.json expectations.0.ok=true expectations.0.value=400 expectations.0.expected=400
run "$TWSTORM" report first.json second.json fourth.json --expect "$both" --expect "$slower" \
	--expect 'c.errors.connect.ECONNREFUSED > b.errors.connect.ECONNREFUSED' --html compared.html
expect_status 3 "a condition that does not hold"
[ "$(grep -c '^true  ' out)/$(grep -c '^FALSE  ' out)" = 2/1 ] || fail "text: $(tail -n 8 out)"
sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' compared.html >data.json
json_are data.json expectations.0.ok=true expectations.1.ok=false "expectations.1.expr=$slower" expectations.2.ok=true
run "$TWSTORM" report first.json second.json --format none --expect "$slower"
expect_status 3 "--format none"
[ ! -s out ] || fail "--format none prints $(head -n 3 out)"
run "$TWSTORM" report first.json --expect 'a.totals.connects_ok == 200'
expect_status 0 "a condition on one result"
refuses 2 "'b.rate.conections_per_s' is no figure of the result; did you mean b.rate.connections_per_s?" \
	first.json second.json --expect "$both" --expect 'b.rate.conections_per_s > 1'
refuses 2 "'c.totals.connects_ok' is no figure" first.json second.json --expect 'c.totals.connects_ok > 1'
refuses 2 'did you mean a.totals.connects_ok' first.json --expect 'totals.connects_ok > 1'
refuses 2 "expected a duration" first.json second.json --expect 'b.totals.connects_ok < 5ms'

echo "names that tell results apart"
mkdir a b
cp first.json a/same.json
cp second.json b/same.json
run "$TWSTORM" report a/same.json b/same.json --format json
json_is labels out '["a/same.json","b/same.json"]'
sed '2i "lab": {"scenario": "s", "variant": "one"},' first.json >one_of_lab.json
sed '2i "lab": {"scenario": "s", "variant": "two"},' second.json >two_of_lab.json
run "$TWSTORM" report one_of_lab.json two_of_lab.json --format json
json_is labels out '["one","two"]'
cp 'first.json' 'a,"b".json'
run "$TWSTORM" report second.json 'a,"b".json' --format csv
head -n 1 out | grep -qx 'figure,unit,second,"a,""b""","a,""b"" / second"' || fail "CSV: $(head -n 1 out)"

echo "a page holds no markup and no escape sequence of a file's"
evil='<\/script><img src=x onerror=alert(1)><!--'
sed -e "s/\"id\": \"/&$evil/; s/\"client-fin\"/\"$evil\"/; s/\"client\",/\"$evil\\\\u2028\\\\u001b[31m\",/" first.json >evil.json
[ "$(grep -c onerror evil.json)" -ge 3 ] || fail "the hostile file is harmless"
run "$TWSTORM" report evil.json --html evil.html
expect_status 0
grep -q $'\x1b' out && fail "an escape sequence reaches the terminal"
run "$TWSTORM" report evil.json second.json --html evil.html
expect_status 0
grep -q 'onerror' evil.html || fail "the page has lost the text"
grep -q '<img' evil.html && fail "markup of the result is in the page"
grep -qP '\xe2\x80[\xa8\xa9]|\x1b' evil.html && fail "U+2028 or an escape sequence is in the page"
[ "$(grep -c '</script>' evil.html)" = 3 ] || fail "the page has $(grep -c '</script>' evil.html) ends of a script"
grep -Eq '(src|href)="?https?:' evil.html && fail "the page refers to a network"
grep -q sourceMappingURL evil.html && fail "the page refers to a source map"
sed -n 's/^<script type="application\/json" id="data">\(.*\)<\/script>$/\1/p' evil.html >data.json
json_are data.json schema=twstorm.report/1 results.1.totals.connects_ok=400 \
	comparison.figures.totals.connects_ok='[200,400]'
json results.0.latency_us.connect.buckets data.json && fail "the page carries histograms that it does not draw"
grep -q 'THE SOFTWARE IS PROVIDED "AS IS"' evil.html || fail "the page lacks the licence of dygraphs"

echo "what is no result is refused in one sentence"
refuses 2 'needs a result'
refuses 2 'cannot read nowhere.json: No such file' nowhere.json
refuses 2 'is a directory' a
echo '{"schema": "twstorm.result/1", ' >broken.json
refuses 2 'broken.json is no JSON: line 2' first.json broken.json
: >empty.json
refuses 2 'empty.json is no JSON' empty.json
echo '[1]' >list.json
refuses 2 'list.json is no twstorm result' list.json
echo '{"a": 1}' >other.json
refuses 2 'other.json is no twstorm result' other.json
echo '{"schema": "twstorm.result/2"}' >newer.json
refuses 2 'another version, twstorm.result/2' newer.json
"$TWSTORM" states --format json >states.json
refuses 2 'states.json is shown as a page alone, with --html FILE: a count of states' states.json
refuses 2 'states.json is shown as a page alone' states.json --html x -o y
refuses 2 'states.json is not shown beside first.json' first.json states.json --html x
"$TWSTORM" states --format json -i 10ms -n 2 >lines.json
echo '{"schema": "twstorm.result/1"}' >>lines.json
refuses 2 'line 3 of lines.json is no count of states' lines.json --html x
echo '{' >>lines.json
sed -i 3d lines.json
refuses 2 'line 3 of lines.json is no JSON' lines.json --html x
echo '$ ss -s
TCP: 177 (estab 15, closed 119, orphaned 2, timewait 26)' >ss.txt
"$TWSTORM" doctor ss.txt -o diagnosis.json >diagnosis.txt || fail "doctor"
refuses 2 'diagnosis.json is not shown beside first.json: a diagnosis' first.json diagnosis.json --html x
refuses 2 'diagnosis.json is shown as a page alone, with --html FILE, or as text' diagnosis.json --format csv
"$TWSTORM" report diagnosis.json --html diagnosis.html >shown.txt || fail "a diagnosis is not shown"
cmp diagnosis.txt shown.txt || fail "a diagnosis is shown as another text"
head -n 1 diagnosis.html | grep -qx '<!DOCTYPE html>' && grep -q 'twstorm.doctor/1' diagnosis.html || fail "a diagnosis has no page"
echo '{"schema": "twstorm.doctor/1", "findings": [{"cure": [1, null], "read_from": [{}]}, 2], "remote": [3], "unsupported": [4]}' >odd.json
"$TWSTORM" report odd.json >odd.txt || fail "a diagnosis that lacks all"
echo '{"schema": "twstorm.probe/1", "finding": "It was found."}' >probe.json
refuses 2 'probe.json is shown as a page alone' first.json probe.json
[ -e x ] && fail "a page was written all the same"
echo '{"schema": "twstorm.trace/1"}' >trace.json
refuses 2 'no client.s result .* but twstorm.trace/1' trace.json
refuses 2 'the same file' first.json second.json ./first.json
refuses 2 'would be overwritten' first.json -o first.json
refuses 2 'would be overwritten' first.json --html ./first.json
refuses 2 'the same file' first.json -o x --html x
refuses 2 'the same file' first.json -o - --html -
refuses 2 '--format' first.json --format html
refuses 5 'none/x.html' first.json --html none/x.html
refuses 5 'none/x.json' first.json second.json -o none/x.json
json_is schema first.json twstorm.result/1

echo "what cannot be written is not forgotten"
if [ -w /dev/full ]; then
	for format in text csv json; do
		"$TWSTORM" report first.json second.json --format $format >/dev/full 2>err
		[ $? = 5 ] || fail "--format $format on a full disk: not 5"
		[ "$(wc -l <err)" = 1 ] || fail "--format $format on a full disk: $(cat err)"
	done
	refuses 5 '/dev/full' first.json --html /dev/full
	run "$TWSTORM" client -t "127.0.0.1:$port" -q -n 5 --html /dev/full -o kept.json
	expect_status 5
	grep -q '/dev/full' err || fail "the client does not say what it could not write"
	json_is totals.connects_ok kept.json 5
fi
run "$TWSTORM" client -t "127.0.0.1:$port" -q -n 5 --html none/x.html
expect_status 5 "said before the run"
[ ! -s out ] || fail "the client ran for nothing"
compgen -G '*.html.*' && fail "a temporary file was left"
stop main
