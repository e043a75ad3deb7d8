#!/bin/bash
# The page of a lab that goes on, in Chromium: a tab for each variant as soon as it runs, lanes for its hosts, sentences as they become
# true, and what a reader has chosen stays; at the end it is the report.
# limit: 240
# waits
. "$(dirname "$0")/../lib.sh"
need chromium python3
unshare -Ur true 2>/dev/null || skip "no user namespaces here"

tests=${TEST_SCRIPT%/*}
export PYTHONPATH=${tests%/*}/tools
cd "$TEST_TMP" || exit 1
cat >two.ini <<'INI'
[scenario]
about = two ways to end
seconds = 200
[host server]
[host app]
observe = all
sysctl.net.ipv4.ip_local_port_range = 40000 40999
sysctl.net.ipv4.tcp_rfc1337 = 1
[server main]
host = server
args = --listen {server}:9000
[client main]
host = app
args = --target {server}:9000 --rate 40/s --duration 100s
[columns]
made = totals.connects_ok
[variant client-first]
client main.args = --target {server}:9000 --rate 100/s --duration 14s
[variant server-first]
client main.args+ = --close server-fin
INI
start lab "$TWSTORM" lab run two.ini -o two -q --admin 127.0.0.1:0 --format none
page=$(wait_line lab.log '^admin on ' 30 | sed 's/^admin on //')
"$tests/lab_page.py" "$TEST_TMP/profile" "$page" "${started_pid[lab]}" 2>said || fail "$(cat said)"
wait_exit lab
[ $? = 130 ] || fail "the lab ends otherwise: $(cat lab.log)"
