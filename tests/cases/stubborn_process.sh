#!/bin/bash
# A process that ignores SIGTERM is killed ten seconds later, and that is said; the result is kept.
# limit: 90
# waits
. "$(dirname "$0")/../lib.sh"
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1
cat >stubborn.ini <<'INI'
[host server]
[host app]
[server main]
host = server
args = --listen {server}:9000
[process helper]
host = app
command = sh -c "trap '' TERM; while :; do sleep 1; done"
[client main]
host = app
args = --target {server}:9000 --connections 10
INI
run "$TWSTORM" lab run -q stubborn.ini -o stubborn
expect_status 0 "a process that ignores SIGTERM"
grep -qF 'process helper did not end within 10 s of SIGTERM, and was killed' err || fail "it is not said: $(cat err)"
json_are stubborn/stubborn.json complete=true process.helper.killed=true process.helper.exit_code=null
