#!/bin/bash
# What the text, the page and the result say of one run are the same sentences, in the same order, each with figures of that
# result as its evidence.
# TWSTORM_ROUNDS=N: of so many runs (12)
# limit: 300
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need python3
cd "$TEST_TMP" || exit 1

cat >agree.py <<'PY'
import json, re, sys

text, result, page = (open(n, encoding="utf-8").read() for n in sys.argv[1:])
doc = json.loads(result)
said = "".join(t["sentence"] + (" What helps: " + t["cure"] + "." if "cure" in t else "") + " " for t in doc["story"])
first = " ".join(text.split("\n\n")[0].split())
if first != " ".join(said.split()):
    sys.exit("text: %s\nresult: %s" % (first, said))
data = json.loads(re.search(r'<script[^>]* id="data"[^>]*>(.*?)</script>', page, re.S)[1])
if data["results"][0]["story"] != doc["story"]:
    sys.exit("the page tells another story")


def at(d, path):
    if not path:
        return d
    words = path.split(".")
    for n in range(1, len(words) + 1):
        key, rest = ".".join(words[:n]), ".".join(words[n:])
        inner = d.get(key) if isinstance(d, dict) else d[int(key)] if isinstance(d, list) and key.isdigit() else None
        found = None if inner is None else at(inner, rest)
        if found is not None:
            return found
    return None


for told in doc["story"]:
    for path, figure in told["evidence"].items():
        if at(doc, path) != figure:
            sys.exit("%s: %s is %s and not %s" % (told["claim"], path, at(doc, path), figure))
    if [t["place"] for t in doc["story"]] != list(range(1, len(doc["story"]) + 1)):
        sys.exit("the places are not 1, 2, 3 ...")
    if re.search(r"[{}|]|\bnull\b|\bnan\b|\b1 times|-1 ", told["sentence"]):
        sys.exit("odd: " + told["sentence"])
print(" ".join(t["claim"] for t in doc["story"]))
PY

start_server main --admin 127.0.0.1:0
to=127.0.0.1:$port
few=(--source-ports 40000-40049)
ways=(
	"-t $to -n 20"
	"-t $to -r 1k/s -d 200ms --bind early --source-ports 41000-41049"
	"-t $to -r 1k/s -d 200ms --source-ports 42000-42049 --on-exhaustion stop --bind early"
	"-t 127.0.0.1:1 -n 5 -d 200ms"
	"-t $to,127.0.0.1:1 -n 10"
	"-t $to -n 30 --pool 3 --max-requests 5"
	"-t $to -n 20 --close client-leak --server-stats $admin"
	"-t $to -n 20 --proto http --path /nothing/here --requests 2"
	"-t $to -r 500/s -d 200ms --hold 1s -c 10"
	"-t $to -n 20 --close server-fin:1,client-rst:1"
	"-t $to -n 5 --server-stats 127.0.0.1:1"
	"-t $to -n 3 --timeout 100ms --hold 1h -d 300ms"
)
: >claims
for ((i = 0; i < ${TWSTORM_ROUNDS:-12}; i++)); do
	read -ra options <<<"${ways[i % ${#ways[@]}]} -w $((1 + i / ${#ways[@]} % 3)) --seed $i"
	"$TWSTORM" client -q "${options[@]}" -o r.json --html r.html >text 2>err || [ $? = 4 ] ||
		fail "${options[*]}: $(cat err)"
	python3 agree.py text r.json r.html >>claims || fail "${options[*]}"
done
sort claims | uniq -c
[ "$(tr ' ' '\n' <claims | sort -u | wc -l)" -ge 8 ] || fail "the runs have too little to tell: $(cat claims)"
