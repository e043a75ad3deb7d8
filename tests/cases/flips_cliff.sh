#!/bin/bash
# What the scenario cliff expects is false where connect() has no cliff, or has one.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

flip cliff default 'a cliff at half' <<'X'
client main.args+ = --source-ports all
X
flip cliff default 'every port was taken' <<'X'
client main.args+ = --close server-fin
X
flips_end
for phrase in 'no cliff' 'nor for one in ten' 'much faster past half'; do
	flip cliff source-ports-all "$phrase" <<'X'
client main.args+ = --workers 1
X
done
flips_end
