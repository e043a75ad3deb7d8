#!/bin/bash
# A host's route goes through a router that forwards and translates, as its nft rules say: 100 ports of the
# router carry 100 held connections of 150.  What nft refuses is said.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
need nft
cd "$TEST_TMP" || exit 1

cat >nat.ini <<'INI'
[host server]
address = 198.18.2.2/24
route = default via {router.2}
[host router]
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
[client main]
host = client
stats = none
args = --target {server}:9000 --rate 500/s --connections 150 --timeout 1s --hold 1500ms --concurrency 200
[expect]
100 came through = totals.connects_ok == 100
the others had no answer = outcomes.connect_timeout == 50
[variant through-nat]
[variant without]
host router.nft =
INI
status=0
"$TWSTORM" lab run -q ./nat.ini --variant through-nat -o out >text 2>&1 || status=$?
[ $status = 0 ] || fail "exit $status: $(cat text)"
"$TWSTORM" lab run -q ./nat.ini --variant without -o out >text 2>&1
json_is totals.connects_ok out/without.json 150

echo "what nft refuses"
sed 's/masquerade to/masquerade too/' nat.ini >bad.ini
"$TWSTORM" lab run -q ./bad.ini --variant through-nat >text 2>&1
grep -q '^twstorm lab: ./bad.ini:6: host router: nft says of its line 3:' text || fail "$(cat text)"
exit 0
