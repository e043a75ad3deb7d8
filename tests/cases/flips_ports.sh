#!/bin/bash
# What the scenarios loopback-trap, spread and tw-overflow expect is false when the mechanism behind
# it is broken.
# limit: 240
# waits
. "$(dirname "$0")/../lib.sh"
. tests/cases/flips.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# flips_of SCENARIO VARIANT OVERRIDES PHRASE...: each of the phrases.
flips_of() {
	local scenario=$1 variant=$2 overrides=$3 phrase
	shift 3
	for phrase; do
		flip "$scenario" "$variant" "$phrase" <<<"$overrides"
	done
}

# ---- loopback-trap

flips_of loopback-trap loopback 'host machine.sysctl.net.ipv4.tcp_tw_reuse = 0' \
	verdict 'all connections were made' 'more than there are ports' 'TIME_WAIT was cut short' \
	'no storm was foretold' 'the client warns'
flips_of loopback-trap own-address 'host machine.sysctl.net.ipv4.tcp_tw_reuse = 1' \
	verdict 'every port was used once' 'no TIME_WAIT was cut short' 'out of ports when foretold'
flips_of loopback-trap over-a-cable 'client main.stats = here
client main.args+ = --target 127.0.0.1:9000' verdict 'the client does not warn'
flips_of loopback-trap tw-reuse-0 'host machine.sysctl.net.ipv4.tcp_tw_reuse = 2' verdict
flips_of loopback-trap timestamps-0 'host machine.sysctl.net.ipv4.tcp_timestamps = 1' verdict
flips_of loopback-trap tw-reuse-1 'host machine.sysctl.net.ipv4.tcp_timestamps = 0' verdict

# ---- spread

flips_of spread one-target 'host client.sysctl.net.ipv4.tcp_max_tw_buckets = 20' 'ports x pairs'
flips_of spread four-ports 'client main.args+ = --target {server}:9000-9003 --close server-fin' 'the last one is in use'
flips_of spread early-four-ports 'client holder.args = --target {server.2}:9000 --connections 10 --source {client.2} --bind early
client main.after = client holder, server main' 'ports x pairs'
flips_of spread late-four-ports 'client holder.args = --target {server.2}:9000 --connections 10 --source {client.2} --bind early
client main.after = client holder, server main' 'ports x pairs'
flips_of spread reserved 'host client.sysctl.net.ipv4.ip_local_reserved_ports = 40000-40009' 'half is left'
flips_of spread listener-inside 'server in-the-range.args = --listen {client}:39999' 'one is lost'
flips_of spread poisoned 'client holder.args = --target {server.2}:9000 --connections 40 --source {client} --bind late' 'forty are lost'
flips_of spread not-poisoned 'client holder.args = --target {server.2}:9000 --connections 40 --source {client} --bind early' \
	'ports x pairs' 'the last one is in use'

# ---- tw-overflow

flips_of tw-overflow default 'host client.sysctl.net.ipv4.tcp_max_tw_buckets = 20' \
	'every port was used once' 'each is in TIME_WAIT' 'none was skipped'
flips_of tw-overflow as-many-as-ports 'host client.sysctl.net.ipv4.tcp_max_tw_buckets = 499' \
	'every port was used once' 'each is in TIME_WAIT' 'none was skipped'
flips_of tw-overflow buckets-100 'host client.sysctl.net.ipv4.tcp_max_tw_buckets = 1000' \
	'the ports did not run out' 'a hundred TIME_WAIT' 'never more' 'all others were skipped'
flips_of tw-overflow buckets-0 'host client.sysctl.net.ipv4.tcp_max_tw_buckets = 5' \
	'no TIME_WAIT' 'all were skipped'
flips_of tw-overflow server-buckets-100 'host server.sysctl.net.ipv4.tcp_max_tw_buckets = 50' 'a hundred there'
flips_of tw-overflow server-buckets-100 'host server.sysctl.net.ipv4.tcp_max_tw_buckets = 5000' 'the server skips others'
flips_of tw-overflow server-buckets-100 'client main.args+ = --close client-fin' \
	'the ports did not run out' 'no TIME_WAIT here'
flips_end
