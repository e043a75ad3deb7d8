#!/bin/bash
# `twstorm states` counts every TCP state as ss and netstat do, by sock_diag and by /proc alike,
# filters and groups, and ends as promised when its output or its time is cut short.
# waits
. "$(dirname "$0")/../lib.sh"
need ss
in_netns "$@"

GROUPS_OF_SOCKETS=4
STATES="ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK
LISTEN CLOSING"

start zoo "$TEST_BIN/netns/zoo_sockets" $GROUPS_OF_SOCKETS
wait_line "$TEST_TMP/zoo.out" '^ready$' 30 >/dev/null

# ss_counts [FILTER...]: "STATE N" in our names, states nobody is in left out, sorted.  Newer ss
# (6.15 does, 6.1 does not) also shows what is bound and nothing else, as UNCONN; we do when asked.
ss_counts() {
	ss -Htan "$@" | awk '$1 != "UNCONN" { ++n[$1] } END { for (s in n) print s, n[s] }' |
		sed 's/^ESTAB /ESTABLISHED /; s/WAIT-\([12]\)/WAIT\1/; y/-/_/' | sort
}

# json_counts FILE: the same of our JSON.
json_counts() {
	local state n
	for state in $STATES; do
		n=$(json "states.$state" "$1") || fail "$1 has no states.$state"
		[ "$n" = 0 ] || [ "$n" = null ] || echo "$state $n"
	done | sort
}

# csv_counts FILE: the same of the last row of our CSV.
csv_counts() {
	awk -F, -v states="$STATES" 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i }
		{ for (i = 1; i <= NF; i++) value[i] = $i }
		END { n = split(states, s, /[ \n]+/)
			for (j = 1; j <= n; j++) is[s[j]] = 1
			for (i in name) if (name[i] in is && value[i] > 0) print name[i], value[i] }' "$1" |
		sort
}

# same WHAT FILE FILE
same() {
	diff -u "$2" "$3" || fail "$1"
	[ -s "$2" ] || fail "$1: both are empty"
}

states() {
	run "$TWSTORM" states "$@"
	expect_status 0 "twstorm states $*"
}

cd "$TEST_TMP" || exit 1

# ---- the counts, in each format, from either source

ss_counts >ss.all
grep -vc LISTEN ss.all | grep -qx 9 || fail "the zoo does not have nine states besides LISTEN"
for root in '' /proc/self; do
	export TWSTORM_PROC_ROOT=$root
	[ -n "$root" ] || unset TWSTORM_PROC_ROOT
	states --format json
	json_counts out >json.all
	same "JSON against ss, root '$root'" ss.all json.all
	json_is method out "$([ -n "$root" ] && echo /proc/net/tcp || echo sock_diag)"
	json_is schema out twstorm.states/1
	json_is total out "$(awk '$1 != "LISTEN" { n += $2 } END { print n }' ss.all)"
	json_is sockstat.tw out "$(awk '/^TCP:/ { print $7 }' /proc/net/sockstat)"
	json_is sockstat.inuse out "$(awk '/^TCP6?:/ { n += $3 } END { print n }' /proc/net/sockstat*)"
	json_is host.netns out "$(readlink /proc/self/ns/net | tr -dc 0-9)"
	left=0
	for bucket in expired 0-5 5-10 10-15 15-20 20-25 25-30 30-35 35-40 40-45 45-50 50-55 55-60 60+; do
		n=$(json "time_wait_left_s.$bucket" out) || fail "no time_wait_left_s.$bucket"
		left=$((left + n))
	done
	json_is states.TIME_WAIT out $left

	states --format csv
	csv_counts out >csv.all
	same "CSV against ss, root '$root'" ss.all csv.all

	grep -v '^LISTEN ' ss.all >ss.connections
	states --format netstat
	same "netstat's lines against ss, root '$root'" ss.connections out
	if command -v netstat >/dev/null; then
		netstat -n | awk '/^tcp/ {++S[$NF]} END {for(a in S) print a, S[a]}' | sort >netstat.all
		same "netstat's lines against netstat, root '$root'" netstat.all out
	fi

	for ports in 5001 5002 5002-5100 1,5001,65535; do
		filter="sport = :0"
		for range in ${ports//,/ }; do
			for side in sport dport; do
				filter="$filter or ( $side >= :${range%-*} and $side <= :${range#*-} )"
			done
		done
		ss_counts "$filter" >ss.some
		states --format json --port "$ports"
		json_counts out >json.some
		same "--port $ports, root '$root'" ss.some json.some
	done
	# More ranges than the kernel is given.
	many=5001$(printf ',%s' {7001..7099..2})
	ss_counts 'sport = :5001 or dport = :5001' >ss.some
	states --format json --port "$many"
	json_counts out >json.some
	same "50 ports, root '$root'" ss.some json.some

	states --format json --state time-wait,FIN_WAIT2,estab
	json_counts out >json.some
	grep -E '^(TIME_WAIT|FIN_WAIT2|ESTABLISHED) ' ss.all >ss.some
	same "--state, root '$root'" ss.some json.some
	json_is states.LAST_ACK out null

	states --format json --by peer
	json_are out groups_seen=2 groups.0.key=127.0.0.1 \
		groups.0.total="$(ss -Htan | awk '$5 ~ /127.0.0.1\]?:[1-9]/' | wc -l)" \
		groups.1.total="$(ss -Htan | awk '$5 ~ /^\[::1\]:[1-9]/' | wc -l)"

	states --format json --by port --top 3
	json_are out groups.#=3 groups.0.key=5001/client \
		groups.0.total="$(ss -Htan 'dport = :5001' | wc -l)" groups.1.key=5001/server \
		groups.1.total="$(ss -Htan 'sport = :5001' | wc -l)" \
		sockets_not_shown="$(ss -Htan 'sport = :5002' | wc -l)"
	states --by port
	grep -q '^5001/client  *[0-9]' out || fail "no row for port 5001"
	states --by peer --format csv
	[ "$(wc -l <out)" = 3 ] || fail "CSV by peer has $(wc -l <out) lines"

	states
	awk 'length($0) > 80' out | grep . && fail "wider than a terminal"
	[ "$(wc -l <out)" -le 24 ] || fail "longer than a screen"
	grep -q "^TIME_WAIT  *$(sed -n 's/^TIME_WAIT //p' ss.all) " out || fail "no TIME_WAIT in the text"
	grep -q "$([ -n "$root" ] && echo 'no sock_diag' || echo sock_diag)" out || fail "the method is not said"
done
unset TWSTORM_PROC_ROOT

# Bound and nothing else: a state of its own, when asked for and the kernel knows (6.8).
states --format json --state CLOSE
n=$(json states.CLOSE out)
if [ "$(printf '%s\n' 6.8 "$(uname -r)" | sort -V | head -n 1)" = 6.8 ]; then
	[ "$n" = $GROUPS_OF_SOCKETS ] || fail "CLOSE is $n"
	unconn=$(ss -Htan | grep -c '^UNCONN ')
	[ "$unconn" = 0 ] || [ "$unconn" = "$n" ] || fail "CLOSE is $n, ss has $unconn UNCONN"
fi

# ---- more peers than are told apart, and every length of TIME_WAIT, from a made-up /proc

mkdir -p proc/net
awk 'BEGIN {
	print "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when"
	for (i = 0; i < 70000; i++) # peers 10.x.x.x; 0.01 s left, 0.02 s, ...
		printf "%4d: 0100007F:8000 %06X0A:0050 06 00000000:00000000 03:%08X 00000000 0 0 0 3 0\n",
			i, i, i % 7000
}' >proc/net/tcp
run env TWSTORM_PROC_ROOT=proc "$TWSTORM" states --format json --by peer --top 1
expect_status 0
json_are out states.TIME_WAIT=70000 groups_seen=65536 groups.#=1 sockets_not_shown=65535 \
	sockets_over_limit=$((70000 - 65536)) time_wait_left_s.expired=10 \
	time_wait_left_s.0-5=5000 time_wait_left_s.55-60=5000 time_wait_left_s.60+=9990 \
	sockstat=null
run env TWSTORM_PROC_ROOT=proc "$TWSTORM" states --by peer
grep -q '^and 4464 others, not told apart: more than 65536 peers$' out || fail "the rest is not said"

# ---- rounds

states --interval 20ms --count 3
[ "$(wc -l <out)" = 4 ] || fail "3 rounds are $(wc -l <out) lines"
awk 'length($0) > 80' out | grep . && fail "a round is wider than a terminal"
states --interval 20ms --count 3 --format csv
[ "$(wc -l <out)" = 4 ] || fail "3 rounds of CSV are $(wc -l <out) lines"
states --interval 20ms --count 3 --format json
[ "$(wc -l <out)" = 3 ] || fail "3 rounds of JSON are $(wc -l <out) lines"
tail -n 1 out >last
json_is schema last twstorm.states/1

for signal in INT:130 TERM:143; do
	start rounds "$TWSTORM" states --interval 1h -o rounds.json
	wait_until 10 test -s rounds.json || fail "no first round"
	stop rounds "${signal%:*}"
	status=$?
	[ $status = "${signal#*:}" ] || fail "${signal%:*} ends it with $status"
	json_is states.LISTEN rounds.json 2
	rm rounds.json
done

# A reader that has stopped does not make it deaf to Ctrl-C.
mkfifo full
start blocked bash -c "exec '$TWSTORM' states --interval 1ms --format json >full"
exec 8<full # open, and never read
read -r -u 8 first
is_blocked() { grep -Eqs "pipe|poll" "/proc/${started_pid[blocked]}/wchan"; }
wait_until 5 is_blocked # where wchan is hidden, it is surely blocked by then
stop blocked INT
status=$?
[ $status = 130 ] || fail "blocked on its output, SIGINT ends it with $status"
[[ $first == '{'*'}' ]] || fail "the first line is not an object"
exec 8<&-

# ---- output that cannot be

run bash -c '"$0" states >&-' "$TWSTORM"
expect_status 5 "closed stdout"
grep -q '^twstorm states: ' err || fail "no sentence for a closed stdout"
run bash -c '"$0" states >/dev/full' "$TWSTORM"
expect_status 5 "full device"
run bash -c '"$0" states --interval 1ms | head -n 1 >/dev/null; exit "${PIPESTATUS[0]}"' "$TWSTORM"
expect_status 5 "the reader left"
run "$TWSTORM" states -o nowhere/file
expect_status 5 "no such directory"

states -o file.json
[ "$(head -c 4 out)" != '{' ] || fail "text is expected beside -o FILE"
json_is schema file.json twstorm.states/1
states -o -
json_is schema out twstorm.states/1
compgen -G 'file.json.*' && fail "a temporary file was left"

# ---- usage

while read -r args; do
	# shellcheck disable=SC2086 # several words
	run "$TWSTORM" states $args
	expect_status 2 "$args"
	[ "$(wc -l <err)" = 1 ] || fail "$args: not one line but: $(cat err)"
	grep -q '^twstorm states: ' err || fail "$args: $(cat err)"
done <<'END'
--port 0
--port 80,
--port 90-80
--port 65536
--port http
--state TIMEWAIT
--state ,
--by host
--format xml
--interval 1
--count 3
--format netstat --by peer
--nonsense
END
