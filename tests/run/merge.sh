#!/bin/bash
# merge makes one result of a directory of ranks, whatever else is in there; what is missing, damaged,
# foreign or of another version is named in one sentence, and the exit code says that the result is not complete.
. "$(dirname "$0")/../lib.sh"
deal=$TEST_BIN/tools/deal_ranks
whole=tests/data/merge/whole.json
d=$TEST_TMP/ranks
mkdir "$d"
"$deal" $whole 4 "$d" || fail "deal_ranks"
echo '{"schema": "twstorm.comparison/1"}' >"$d/comparison.json"
echo 'not of ours' >"$d/notes.txt"
echo '{' >"$d/rank-0009.json.Xy12Zz" # what a killed rank leaves
mkdir "$d/more.json"

run "$TWSTORM" merge "$d" -o "$d/all.json"
expect_status 0 "four ranks"
grep -q 'comparison.json is no result of a client or a server' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
grep -q '3 other files in the directory left out' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
grep -q '^connections' "$TEST_TMP/out" || fail "no text"
json_are "$d/all.json" complete=true merged.ranks_present=4 totals.connects_started="$(json totals.connects_started $whole)" \
	latency_us.connect.p99="$(json latency_us.connect.p99 $whole)"
# Its text and its page have a row for each rank; the page has no rank's own result.
run "$TWSTORM" report "$d/all.json" --html "$TEST_TMP/all.html"
expect_status 0 "a page"
run "$TWSTORM" report "$d/all.json"
[ "$(sed -n '/^ranks /,/^ports /p' "$TEST_TMP/out" | grep -cE '^ [0-3] +0 ')" = 4 ] || fail "$(cat "$TEST_TMP/out")"
grep -q ranksSection "$TEST_TMP/all.html" && grep -q '"table":\[{"rank":0' "$TEST_TMP/all.html" || fail "no ranks in the page"
grep -q '"seconds":{' "$TEST_TMP/all.html" && fail "the page has the ranks' own results"
# Once more, with the result in the same directory.
cp "$d/all.json" "$TEST_TMP/first.json"
run "$TWSTORM" merge "$d/" -q -o "$d/all.json"
expect_status 0 "again"
cmp "$d/all.json" "$TEST_TMP/first.json" || fail "merging again gives another result"
# A merged result, alone and with its ranks.
run "$TWSTORM" merge "$TEST_TMP/first.json" -q -o "$TEST_TMP/second.json"
expect_status 0 "a merged result"
cmp "$TEST_TMP/second.json" "$TEST_TMP/first.json" || fail "merging a merged result changes it"
run "$TWSTORM" merge "$d/rank-0002.json" "$TEST_TMP/first.json" -q -o -
expect_status 4 "a rank twice"
grep -q '^twstorm merge: rank 2 was given twice; it is counted once$' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
grep -q '"code": "ranks_incomplete"' "$TEST_TMP/out" || fail "no error in the result"

rm "$d/all.json"

# incomplete TEXT FILE: with FILE in the place of rank 3 the merge is not complete, and says TEXT.
incomplete() {
	cp "$2" "$d/rank-0003.json"
	run "$TWSTORM" merge "$d" -q -o "$TEST_TMP/bad.json"
	expect_status 4 "$1"
	grep -qF -- "$1" "$TEST_TMP/err" || fail "not '$1' but $(cat "$TEST_TMP/err")"
	[ "$(wc -l <"$TEST_TMP/err")" -le 2 ] || fail "$1: $(cat "$TEST_TMP/err")"
	json_are "$TEST_TMP/bad.json" complete=false merged.ranks_present=3 merged.missing.0=3
}
third=$TEST_TMP/third.json
cp "$d/rank-0003.json" "$TEST_TMP/good.json"
head -c 9000 "$TEST_TMP/good.json" >"$third"
incomplete "rank-0003.json is damaged or cut short: line" "$third"
: >"$third"
incomplete "rank-0003.json is damaged or cut short: line" "$third"
sed 's,twstorm.result/1,twstorm.result/9,' "$TEST_TMP/good.json" >"$third"
incomplete "rank-0003.json is of another version, twstorm.result/9" "$third"
sed 's/"closes": [0-9]*/"closes": -1/' "$TEST_TMP/good.json" >"$third"
incomplete "rank-0003.json: totals.closes is negative" "$third"
sed 's/"closes": [0-9]*/"closes": NaN/' "$TEST_TMP/good.json" >"$third"
incomplete "rank-0003.json is damaged or cut short" "$third"
sed 's/"closes": [0-9]*/"closes": 1e999/' "$TEST_TMP/good.json" >"$third"
incomplete "rank-0003.json is damaged or cut short" "$third"
sed 's/"rate": "200\/s"/"rate": "1k\/s"/' "$TEST_TMP/good.json" >"$third"
incomplete 'rank 3 is of another run and not counted: config.rate is "1k/s", not "200/s"' "$third"
truncate -s 100M "$third"
incomplete "rank-0003.json is too long: at most 32 MiB are read" "$third"
rm "$d/rank-0003.json"
run "$TWSTORM" merge "$d" -q
expect_status 4 "a rank that is missing"
grep -qx 'twstorm merge: rank 3 of 4 is missing' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"

# refuses CODE TEXT WORD...
refuses() {
	local code=$1 text=$2
	shift 2
	run "$TWSTORM" merge "$@"
	expect_status "$code" "$*"
	grep -qF -- "$text" "$TEST_TMP/err" || fail "$*: not '$text' but $(cat "$TEST_TMP/err")"
	[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "$*: $(cat "$TEST_TMP/err")"
}
mkdir "$TEST_TMP/empty"
refuses 2 "merge needs a directory or files"
refuses 2 "there is no file *.json in $TEST_TMP/empty" "$TEST_TMP/empty"
refuses 2 "there is no result to merge: $third is too long" "$third"
refuses 2 "it has no \"schema\"" tests/data/results/../../../docs/result.schema.json "$d/rank-0000.json"
refuses 2 "cannot read $TEST_TMP/nowhere" "$TEST_TMP/nowhere"
refuses 2 "would be overwritten" "$d/rank-0000.json" -o "$d/rank-0000.json"
refuses 5 "/dev/full" "$TEST_TMP/first.json" -q -o /dev/full
run "$TWSTORM" merge "$d/rank-0000.json" "$d/rank-0001.json" -q -o "$TEST_TMP/a.json"
run "$TWSTORM" merge "$d/rank-0001.json" "$d/rank-0002.json" -q -o "$TEST_TMP/b.json"
refuses 2 "b.json: some of its ranks are in another merged file as well" "$TEST_TMP/a.json" "$TEST_TMP/b.json"

# The ranks' expectations are asked of the whole.
rm -rf "$d"
mkdir "$d"
sed 's/"expect": \[\]/"expect": ["totals.connects_started == 60", "totals.closes < 0"]/' $whole >"$TEST_TMP/expecting.json"
"$deal" "$TEST_TMP/expecting.json" 3 "$d"
run "$TWSTORM" merge "$d" -q -o "$TEST_TMP/expected.json"
expect_status 3 "an expectation that fails"
json_are "$TEST_TMP/expected.json" expectations.0.ok=true expectations.1.ok=false
