#!/bin/bash
# scenarios.sh TWSTORM DIR ROUNDS [SCENARIO...] - each of these scenarios (names or files), ROUNDS times; without names every
# scenario that ships, also those that `lab run --all` leaves out.  One line for each: how many runs were as expected, how many
# were skipped because something is not installed here (by name), how long it took.  The last line has the sums.
# The exit code is 0 if all were as expected and, where SCENARIOs are named, none was skipped.
set -u
twstorm=$1 dir=$2 rounds=$3 bad=0 passed=0 failed=0 skipped=0
shift 3
none_skipped=$#
[ $# -gt 0 ] || mapfile -t all < <("$twstorm" lab list | sed -n 's/^\([a-z][^ ]*\).*/\1/p')
[ $# -gt 0 ] || set -- "${all[@]}"
mkdir -p "$dir"
for scenario; do
	begin=$SECONDS name=${scenario%.ini} name=${name#bench/scenarios/} name=${name#tests/}
	[[ $scenario != *.ini ]] || scenario=./$scenario
	mkdir -p "$dir/$name"
	"$twstorm" lab run "$scenario" --repeat "$rounds" -k -q -o "$dir/$name" >"$dir/$name.out" 2>"$dir/$name.err"
	code=$?
	# From the summary: a row is one run of one variant.
	python3 - "$dir/$name/summary.json" "$name" "$code" $((SECONDS - begin)) "$dir/counts" <<'PY' || bad=1
import json, sys
path, name, code, seconds, counts = sys.argv[1:]
try:
    rows = json.load(open(path))["rows"]
except (OSError, ValueError):
    rows = []
def is_skipped(r):
    return r["code"] == 6 and r["wanted"] != "not on this kernel"
skipped = [r for r in rows if is_skipped(r)]
good = sum(r["ok"] for r in rows) - len(skipped)
print(f"{name:25} {good:5} of {len(rows):5} runs as expected, {len(skipped):3} skipped, {seconds:>5} s, exit code {code}", flush=True)
for r in rows:
    if r in skipped:
        print(f"    {r['variant']}, round {r['round']}, skipped: {r['why']}")
    elif not r["ok"]:
        wrong = [e["phrase"] + ": " + e["value"] + ", wanted " + e["expected"] for e in r["expectations"] if not e["ok"]]
        print(f"    {r['variant']}, round {r['round']}: {'; '.join(wrong) or r['why'] or 'verdict ' + str(r['verdict'])}")
# A scenario without a row, as of a mistake in its file, is one failure.
print(good, max(len(rows) - good - len(skipped), int(not rows)), len(skipped), file=open(counts, "w"))
sys.exit(not rows or good + len(skipped) < len(rows))
PY
	read -r p f s <"$dir/counts"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$none_skipped" = 0 ] || [ "$skipped" = 0 ] || bad=1
exit $bad
