#!/bin/bash
# A merge of 1,000 ranks takes less than 10 s and 200 MB, on a machine that does nothing else; and where the disk is full, the
# old file stays and the exit code says so.
# limit: 300
# alone
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
TWSTORM_SPLITS=1000 "$TEST_BIN/bench/test_merge" >"$TEST_TMP/splits" || fail "a split is not the whole: $(cat "$TEST_TMP/splits")"
d=$TEST_TMP/ranks
mkdir "$d"
# 60 million connections, so that each rank has all buckets that one run has.
cp tests/data/merge/whole.json "$TEST_TMP/whole.json"
/usr/bin/python3 - "$TEST_TMP/whole.json" <<'PY' || skip "python3 is not installed"
import json, sys
doc = json.load(open(sys.argv[1]))
for part in ("totals", "outcomes"):
    doc[part] = {key: n * 3000 for key, n in doc[part].items()}
for h in doc["latency_us"].values():
    h["buckets"] = [[i, 3000] for i in range(8000, 9200)] if h["count"] else []
    h["count"] = 3000 * len(h["buckets"])
    h["sum_ns"], h["overflow"] = h["count"] * 20000, 0
json.dump(doc, open(sys.argv[1], "w"))
PY
"$TEST_BIN/tools/deal_ranks" "$TEST_TMP/whole.json" 1000 "$d" || fail "deal_ranks"
echo "$(du -sm "$d" | cut -f1) MB of results"
( TIMEFORMAT='%R %U %S'; time "$TWSTORM" merge "$d" -q -o "$TEST_TMP/all.json" >/dev/null 2>&1 ) 2>"$TEST_TMP/time"
/usr/bin/python3 - "$TWSTORM" "$d" <<'PY' >"$TEST_TMP/peak"
import resource, subprocess, sys
subprocess.call([sys.argv[1], "merge", sys.argv[2], "-q"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
echo "time, CPU time of user and system: $(cat "$TEST_TMP/time") s; memory: $(cat "$TEST_TMP/peak") kB"
json_are "$TEST_TMP/all.json" merged.ranks_present=1000 totals.closes="$(json totals.closes "$TEST_TMP/whole.json")"
awk '{ exit !($1 < 10) }' "$TEST_TMP/time" || fail "it takes $(cat "$TEST_TMP/time") s"
[ "$(cat "$TEST_TMP/peak")" -lt 200000 ] || fail "it takes $(cat "$TEST_TMP/peak") kB"

# A disk that is full.
mkdir "$TEST_TMP/small"
mount -t tmpfs -o size=1m tmpfs "$TEST_TMP/small" || skip "cannot mount a small disk here"
echo old >"$TEST_TMP/small/all.json"
run "$TWSTORM" merge "$d" -q -o "$TEST_TMP/small/all.json"
expect_status 5 "a full disk"
grep -q 'cannot write .*small/all.json: No space left on device' "$TEST_TMP/err" || fail "$(tail -1 "$TEST_TMP/err")"
[ "$(cat "$TEST_TMP/small/all.json")" = old ] && [ "$(ls -A "$TEST_TMP/small")" = all.json ] ||
	fail "in $TEST_TMP/small are $(ls -A "$TEST_TMP/small")"
umount "$TEST_TMP/small"
