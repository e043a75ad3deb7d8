#!/bin/bash
# scenarios.sh TWSTORM DIR ROUNDS - every scenario that ships, ROUNDS times each, also those that
# `lab run --all` leaves out; one line for each: how many runs were as expected, how long it took.
set -u
twstorm=$1 dir=$2 rounds=$3 bad=0
mkdir -p "$dir"
while read -r name _; do
	begin=$SECONDS
	mkdir -p "$dir/$name"
	"$twstorm" lab run "$name" --repeat "$rounds" -k -q -o "$dir/$name" >"$dir/$name.out" 2>"$dir/$name.err"
	code=$?
	# From the summary: a row is one run of one variant.
	python3 - "$dir/$name/summary.json" "$name" "$code" $((SECONDS - begin)) <<'PY' || bad=1
import json, sys
path, name, code, seconds = sys.argv[1:]
try:
    rows = json.load(open(path))["rows"]
except (OSError, ValueError):
    rows = []
good = sum(r["ok"] for r in rows)
print(f"{name:25} {good:5} of {len(rows):5} runs as expected, {seconds:>5} s, exit code {code}", flush=True)
for r in rows:
    if not r["ok"]:
        wrong = [e["phrase"] + ": " + e["value"] + ", wanted " + e["expected"] for e in r["expectations"] if not e["ok"]]
        print(f"    {r['variant']}, round {r['round']}: {'; '.join(wrong) or r['why'] or 'verdict ' + str(r['verdict'])}")
sys.exit(not rows or good < len(rows))
PY
done < <("$twstorm" lab list | grep '^[a-z]')
exit $bad
