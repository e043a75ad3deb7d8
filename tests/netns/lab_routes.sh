#!/bin/bash
# A host's route goes through a router that forwards and translates, as its nft rules say: 100 ports of the
# router carry 100 held connections of 150.  What nft refuses is said.  What connection tracking did there is in the result,
# as /proc has it; the router is counted on after the load, the server is not.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need nft python3
cd "$TEST_TMP" || exit 1

cat >nat.ini <<'INI'
[host server]
observe = all
address = 198.18.2.2/24
route = default via {router.2}
[host router]
observe = all
count-on = 400ms
address = 198.18.1.1/24, 198.18.2.1/24
nft = table ip t {
    chain post { type nat hook postrouting priority 100;
      ip saddr 198.18.1.0/24 meta l4proto tcp masquerade to :40000-40099; }
  }
[host client]
address = 198.18.1.2/24
route = 198.18.2.0/24 via {router}
[server main]
host = server
args = --listen {server}:9000
[process look]
host = router
command = bash look.sh
[client main]
host = client
stats = none
args = --target {server}:9000 --rate 500/s --connections 150 --timeout 900ms --hold 1500ms --concurrency 200
[expect]
100 came through = totals.connects_ok == 100
the others had no answer = outcomes.connect_timeout == 50
the router has them = hosts.router.conntrack.count_peak == 100 and hosts.router.conntrack.count == 100
each SYN was dropped = hosts.router.conntrack.insert_failed >= 50 and hosts.router.conntrack.drop == hosts.router.conntrack.insert_failed
[variant through-nat]
[variant without]
host router.nft =
INI
cat >look.sh <<'SH'
while sleep 0.05; do
	awk 'NR == FNR { count = $1; next } FNR == 1 { for (i = 1; i <= NF; i++) at[i] = $i; next }
		{ for (i = 1; i <= NF; i++) n[at[i]] = n[at[i]] $i " " } END { print count, n["insert_failed"], "/", n["drop"] }' \
		/proc/sys/net/netfilter/nf_conntrack_count /proc/net/stat/nf_conntrack
done >look
SH
status=0
"$TWSTORM" lab run -q ./nat.ini --variant through-nat -o out >text 2>&1 || status=$?
[ $status = 0 ] || fail "exit $status: $(cat text)"
tail -n 1 look >look.last
read -r count rest <look.last
json_is hosts.router.conntrack.count out/through-nat.json "$count"
for word in insert_failed drop; do
	sum=0
	part=${rest%%/*}
	for n in $part; do
		sum=$((sum + 16#$n))
	done
	json_is "hosts.router.conntrack.$word" out/through-nat.json "$sum"
	rest=${rest#*/}
done
python3 - <<'PY' || fail "counted on"
import json
d = json.load(open("out/through-nat.json"))
last = {name: host["series"][-1]["t"] for name, host in d["hosts"].items()}
assert last["router"] > last["server"] + 0.39, last
PY
"$TWSTORM" lab run -q ./nat.ini --variant without -o out >text 2>&1
json_is hosts.router.conntrack.count_peak out/without.json 0
json_is totals.connects_ok out/without.json 150

echo "rules of a file beside the scenario"
mkdir beside
printf '%s\n' 'define ports = 40000-40099' 'table ip t { set some { type inet_service; elements = {9000} }' \
	'	chain post { type nat hook postrouting priority 100; oifname "eth0" ip daddr {server} tcp dport @some masquerade to :$ports; }' \
	'}' >beside/rules.nft
sed '/^nft = /,/^  }/c nft < beside/rules.nft' nat.ini >file.ini
"$TWSTORM" lab run -q ./file.ini --variant through-nat -o out-file >text 2>&1 || fail "$(cat text)"
json_is totals.connects_ok out-file/through-nat.json 100
sed 's/chain post/chian post/' beside/rules.nft >beside/bad.nft
sed 's/rules.nft/bad.nft/' file.ini >bad-file.ini
"$TWSTORM" lab run -q ./bad-file.ini --variant through-nat -o out-file >text 2>&1 && fail "rules that nft refuses are accepted"
grep -q '^twstorm lab: ./bad-file.ini:9: host router: nft says of its line 3:' text || fail "$(cat text)"

echo "what nft refuses"
sed 's/masquerade to/masquerade too/' nat.ini >bad.ini
"$TWSTORM" lab run -q ./bad.ini --variant through-nat >text 2>&1
grep -q '^twstorm lab: ./bad.ini:9: host router: nft says of its line 3:' text || fail "$(cat text)"
exit 0
