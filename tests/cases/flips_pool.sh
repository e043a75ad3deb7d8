#!/bin/bash
# What the scenario pool expects is false when the connections are not kept.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

flip pool short 'each leaves TIME_WAIT' <<'X'
client main.args+ = --rate 2k/s --connections 4000 --close client-rst
X
flip pool short 'each takes a port' <<'X'
client main.args+ = --rate 2k/s --connections 4000 --close client-rst
X
flip pool keep-alive 'one in ten leaves TIME_WAIT' <<'X'
client main.args+ = --rate 800/s --connections 800 --requests 5
X
flip pool keep-alive 'all transactions were done' <<'X'
client main.args+ = --rate 200/s --connections 400 --requests 9
X
flip pool keep-alive 'it takes fewer packets' <<'X'
client main.args+ = --rate 2k/s --connections 4000
X
flip pool pooled 'ten connections did it all' <<'X'
client main.args+ = --rate 2k/s --connections 4000 --pool 10 --max-requests 100
X
flip pool pooled 'hardly a TIME_WAIT' <<'X'
client main.args+ = --rate 2k/s --connections 4000 --pool 10 --max-requests 100
X
flip pool pooled 'it takes fewer packets' <<'X'
client main.args+ = --rate 2k/s --connections 4000 --pool 10 --max-requests 1
X
flip pool pooled 'it takes less CPU time' <<'X'
client main.args+ = --rate 4k/s --connections 8000
X
flips_end
