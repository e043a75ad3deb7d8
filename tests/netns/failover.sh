#!/bin/bash
# A target that refuses, dies or is silent is set aside, costs a few arrivals, and comes back; the kernel's
# counts agree.  A pool spreads over its targets, and fills the place of one that is back.
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
new_hosts
for i in 0 1 2; do
	server_on server served$i -l $SERVER_ADDR:900$i
done
T=$SERVER_ADDR:9000-9003
dead=$SERVER_ADDR:9003

# client NAME OPTION...: $r is its result
client() {
	local name=$1
	shift
	r=$TEST_TMP/$name.json
	client_on_client "$name" -q "$@"
}

# at_most PATH N
at_most() {
	[ "$(json "$1" "$r")" -le "$2" ] || fail "$1 is $(json "$1" "$r"), more than $2"
}

echo "one of four refuses all along"
refused=$(netstat_on client Tcp.AttemptFails)
client refuses -t $T -r 1000/s -d 700ms
refused=$(($(netstat_on client Tcp.AttemptFails) - refused))
at_most targets.3.started 4 # after 0, 100, 300 ms, and 700 ms if that is not the end
json_are "$r" targets.3.ok=0 targets.3.set_aside=1 targets.3.back=0 targets.0.set_aside=0 \
	targets.3.failed="{\"ECONNREFUSED\":$refused}" outcomes.refused="$refused" complete=true
tr -s ' \n' ' ' <"$TEST_TMP/out" | grep -q "$dead 0 ok of $refused ECONNREFUSED $refused set aside 1 time, " ||
	fail "the text does not say that it was set aside: $(cat "$TEST_TMP/out")"

echo "with least, the target that fails at once is not preferred"
client least -t $T -r 1000/s -d 300ms --spread least --hold 20ms
at_most targets.3.started 3

echo "a silent target has its share of the places, and no more"
client silent -t $SERVER_ADDR:9000-9002,198.18.0.4:9000 -c 16 -r 500/s -d 900ms --timeout 200ms
at_most targets.3.started 8
json_are "$r" targets.3.ok=0 targets.3.set_aside=1

echo "off, each target has its share of arrivals"
client off -t $T -n 40 --failover off
json_are "$r" targets.3.started=10 targets.3.set_aside=0

echo "all are dead: the run waits between the probes"
client all -t $SERVER_ADDR:9003-9006 -d 400ms -c 4
expect_status 4
at_most totals.connects_started 16

echo "a pool of 16 over four: 4 each, and one that dies and comes back is used again"
server_on server served3 -l $dead
client pool -t $T --pool 16 -n 3200
for i in 0 1 2 3; do
	json_is targets.$i.started "$r" 4
done
[ "$(ss_count client state time-wait dport = :9003)" = 4 ] || fail "ss has not 4 TIME_WAIT to $dead"
r=$TEST_TMP/back.json
start_on client back "$TWSTORM" client -t $T --pool 16 -r 1000/s -d 2s --interval 100ms -o "$r"
wait_line "$TEST_TMP/back.log" '^ +0\.[2-9]' >/dev/null
stop served3 KILL
wait_line "$TEST_TMP/back.log" '^ +0\.[5-9]' >/dev/null
server_on server served3 -l $dead
wait_exit back || fail "ended with $?"
json_are "$r" targets.3.set_aside=1 targets.3.back=1
[ "$(json targets.3.started "$r")" -gt "$(json targets.3.probes "$r")" ] || fail "back, but not used: $(json targets "$r")"

echo "16 pooled connections that rest, 4 to each, with TCP keepalive"
r=$TEST_TMP/rest.json
start_on client rest "$TWSTORM" client -q -t $T --pool 16 --prefill --keepalive 70s,3s,2 -r 1/s -d 60s -o "$r"
wait_count 16 5 ss_count client state established
for i in 0 1 2 3; do
	[ "$(ss_count client state established dport = :900$i)" = 4 ] || fail "not 4 at 900$i: $(on client ss -tn)"
done
[ "$(on client ss -Htno state established | grep -c 'timer:(keepalive,1min')" = 16 ] || fail "no keepalive: $(on client ss -tno)"
stop rest INT

echo "a name with ten addresses, three of them dead, and one of another family without a route"
for i in 2 3 4 5 6 7; do
	on server ip address add 198.18.0.2$i/24 dev "$(on server ip -o -4 address show to 198.18.0.2/32 | awk '{ print $2 }')"
done
server_on server all -l 0.0.0.0:9100
{
	for i in 2 22 23 24 25 26 27 91 92 93; do
		echo "198.18.0.$i many.test"
	done
	echo "fd77::1 many.test"
} >"$TEST_TMP/hosts"
r=$TEST_TMP/name.json
# shellcheck disable=SC2016 # expanded by the inner shell
on client unshare -m sh -c 'mount --bind "$1" /etc/hosts && shift && exec "$@"' - "$TEST_TMP/hosts" "$TWSTORM" client -q \
	-t many.test:9100 -n 700 -r 700/s --timeout 200ms -o "$r" >/dev/null || fail "exit $?"
json_is failures.targets "$r" 11
[ "$(json outcomes.completed "$r")" -ge 640 ] || fail "only $(json outcomes.completed "$r") of 700: $(json targets "$r")"

echo "requests of a connection with pauses"
client think -t $SERVER_ADDR:9000 -n 2 --requests 3 --think 150ms
json_are "$r" totals.transactions_ok=6 totals.connects_ok=2 outcomes.completed=2
[ "$(json run.duration_s "$r" | awk '{ print ($1 >= 0.3) }')" = 1 ] || fail "took $(json run.duration_s "$r") s"
exit 0
