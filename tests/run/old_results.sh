#!/bin/bash
# Results that an earlier twstorm wrote (tests/data/results) open in this one's report, as text, CSV
# and page, with the same figures, and the schema accepts them: a path that is new is one that
# older results lack.
. "$(dirname "$0")/../lib.sh"
data=$PWD/tests/data/results docs=$PWD/docs
cd "$TEST_TMP" || exit 1

# says TEXT...: lines of the last output, blanks squeezed.
says() {
	local text
	tr -s ' ' <out >squeezed
	for text; do
		grep -qxF -- "$text" squeezed || fail "no line '$text' but: $(cat squeezed)"
	done
}

run "$TWSTORM" report "$data/raw.json"
expect_status 0 "raw as text"
says 'The ports did not run out: at most 40 of 28,232 were in use.' \
	'transactions 40 = 205/s; 680 bytes sent, 40 received' \
	'outcomes completed 40' 'errors none' \
	'ports 32768-60999, 28,232 usable x 1 tuple = budget 28,232' \
	' peak in use 40; they sustain 471/s (each is taken for 60 s)' \
	'states client TIME_WAIT 40 (peak 40)' ' server LISTEN 1 (peak 1)' \
	' connect 40 40.1 74.0 6062.5 6062.5 6062.5' \
	'ledger balanced: every connection accounted for, by us and by the kernel' \
	'true totals.connects_ok == 40 (it is 40)'

run "$TWSTORM" report "$data/http_pool.json"
expect_status 0 "http_pool as text"
says 'The ports did not run out: at most 6 of 28,232 were in use.' \
	'transactions 60 = 3,966/s; 4,020 bytes sent, 5,820 received' \
	'http 60 responses 2xx 60 reused 54 closed by client 6, by server 0' \
	'pool 6 connections opened, a perfect pool needs 3' \
	'states client TIME_WAIT 6 (peak 6)' \
	'ledger balanced: every connection accounted for, by us and by the kernel'

run "$TWSTORM" report "$data/raw.json" "$data/http_pool.json" --format csv
expect_status 0 "both as CSV"
says 'figure,unit,raw,http_pool,http_pool / raw' 'complete,,true,true,' \
	'run.duration_s,s,0.195183424,0.015129807,0.0775158397' \
	'totals.connects_ok,,40,6,0.15' 'totals.transactions_ok,,40,60,1.5' \
	'ports.budget,,28232,28232,1' 'ports.exhausted,,false,false,' \
	'states.client.peak.TIME_WAIT,,40,6,0.15' 'latency_us.connect.p50,us,40.08,10.052,0.250798403' \
	'cpu.server.us_per_connection,us,118.9,,' 'pool.connections_opened,,,6,' 'ledger.balanced,,true,true,'

run "$TWSTORM" report "$data/raw.json" "$data/http_pool.json" --html page.html
expect_status 0 "both as a page"
sed -n 's,.*<script type="application/json" id="data">\(.*\)</script>.*,\1,p' page.html >page.json
json_are page.json 'results.#'=2 results.0.totals.connects_ok=40 \
	results.0.server.totals.accepted="$(json server.totals.accepted "$data/raw.json")" \
	results.0.expectations.0.ok="$(json expectations.0.ok "$data/raw.json")" \
	results.1.http.keep_alive_reused=54 results.1.pool.connections_opened=6

python=/usr/bin/python3 # Debian's: that is where the package puts the module
if ! $python -c 'import jsonschema' 2>/dev/null; then
	echo "without the schema: python3-jsonschema is not installed"
	exit 0
fi
for file in "$data"/*.json; do
	$python -c 'import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))' "$docs/result.schema.json" "$file" 2>err ||
		fail "the schema refuses $file: $(tail -n 30 err)"
done
