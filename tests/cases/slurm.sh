#!/bin/bash
# A real Slurm starts the ranks, and what they left is merged: four clients and a server in one job, ports gone on one node
# alone, a rank that is killed, a node that is cut off, a late rank, scancel; and how far apart ranks start.
# limit: 90
# alone
. "$(dirname "$0")/../lib.sh"
. tests/cases/slurm_cluster.bash
cluster_inside "$@"
cluster_up 5
out=$TEST_TMP/out.d
mkdir "$out"
for n in n1 n2 n3 n4 n5; do
	sysctl_on $n ipv4.tcp_rfc1337 1
done

# The server is on n5 by itself; a job of four nodes are the clients.
on n5 "$TWSTORM" server -l 198.18.0.15:9000-9002 --admin unix:$RUN/admin >"$TEST_TMP/server.log" 2>&1 &
wait_line "$TEST_TMP/server.log" '^listening on' >/dev/null
T=198.18.0.15:9000

soon() {
	date -d "+${1:-2} seconds" +%s.%N
}

# ranks NAME OPTION...: a step of four ranks; $code is srun's.
ranks() {
	local dir=$out/$1
	shift
	mkdir -p "$dir"
	code=0
	TWSTORM_START_AT=${start_at-$(soon)} srun -N4 -n4 --exclude=n5 "${srun_options[@]}" \
		"$TWSTORM" client -q -t "$T" -o "$dir/" "$@" >"$dir.out" 2>"$dir.err" </dev/null || code=$?
}
srun_options=()

# merged NAME WANTED: the merge's exit code is WANTED, its document $m.
merged() {
	m=$out/$1.json
	run "$TWSTORM" merge "$out/$1" -o "$m"
	[ "$status" = "$2" ] || fail "merge of $1: exit $status, not $2: $(cat "$TEST_TMP/err" "$TEST_TMP/out" "$out/$1.err")"
}

# sum_of PATH DIR: of the ranks' own results.
sum_of() {
	local f n=0
	for f in "$2"/rank-*.json; do
		n=$((n + $(json "$1" "$f")))
	done
	echo $n
}

echo "four ranks, 2,002 connections: the merge is the sum"
accepted=$(on n5 nstat -asz TcpPassiveOpens | awk '/PassiveOpens/ { print $2 }')
ranks whole -n 2002 --rate 2000/s
[ "$code" = 0 ] || fail "srun ended with $code: $(cat "$out/whole.err")"
merged whole 0
json_are "$m" complete=true merged.ranks_present=4 merged.namespaces=4 totals.connects_started=2002 totals.connects_ok=2002
for path in connects_ok transactions_ok closes bytes_sent bytes_received; do
	json_is totals.$path "$m" "$(sum_of totals.$path "$out/whole")"
done
accepted=$(($(on n5 nstat -asz TcpPassiveOpens | awk '/PassiveOpens/ { print $2 }') - accepted))
[ "$accepted" = 2002 ] || fail "the server's kernel accepted $accepted"
for i in 0 1 2 3; do
	[ "$(json totals.connects_ok "$out/whole/rank-000$i.json")" = $((i < 2 ? 501 : 500)) ] || fail "rank $i has another share"
done

echo "the ports of one node are gone"
sysctl_on n2 ipv4.ip_local_port_range "40000 40099"
T=198.18.0.15:9001 ranks ports -n 1200 --rate 2000/s --on-exhaustion spin
sysctl_on n2 ipv4.ip_local_port_range "32768 60999"
merged ports 0
json_are "$m" outcomes.no_port=200 totals.connects_ok=1000 ports.exhausted=true
[[ $(json merged.outliers "$m") == *'"rank":'* ]] || fail "the rank without ports is no outlier: $(json merged "$m")"

echo "server and clients in one job"
cat >"$TEST_TMP/mp.conf" <<CONF
0 $TWSTORM server -l 0.0.0.0:9100 --duration 6s
1-4 $TWSTORM client -q --rank %o --ranks 4 --start-at $(soon 2.5) -t 198.18.0.11:9100 -n 400 -o $out/job/
CONF
mkdir "$out/job"
srun -N5 -n5 --multi-prog "$TEST_TMP/mp.conf" >"$out/job.out" 2>"$out/job.err" </dev/null || fail "$(cat "$out/job.err")"
merged job 0
json_are "$m" totals.connects_ok=400 merged.ranks_present=4

# rank_pid NODE: the client's process there.
rank_pid() {
	local p
	for p in $(ip netns pids 2>/dev/null) /proc/[0-9]*; do
		p=${p#/proc/}
		[ "$(readlink "/proc/$p/ns/net" 2>/dev/null)" = "$(readlink "/proc/${node_pid[$1]}/ns/net")" ] &&
			tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q ' client -q -t ' && [ "$(readlink "/proc/$p/exe")" = "$(readlink -f "$TWSTORM")" ] &&
			echo "$p" && return
	done
	return 1
}

echo "a rank that is killed"
srun_options=(-K0)
ranks killed -r 200/s -d 2s &
wait_until 10 rank_pid n3 >/dev/null || fail "no rank on n3"
kill -KILL "$(rank_pid n3)"
wait $!
merged killed 4
json_are "$m" complete=false merged.complete=false merged.ranks_present=3 merged.missing='[2]'

echo "a late rank refuses by its number"
start_at=$(soon -5) ranks late -n 40
[ "$code" = 6 ] || fail "srun ended with $code: $(cat "$out/late.err")"
grep -q 'rank 1 of 4: --start-at .* is past by' "$out/late.err" || fail "$(cat "$out/late.err")"

echo "scancel: each rank leaves a valid partial result"
srun_options=(--job-name=stopped)
T=198.18.0.15:9002 ranks stopped -r 200/s -d 30s &
running=$!
# shellcheck disable=SC2317 # wait_count calls it
made_on_n4() {
	on n4 ss -Htan state time-wait "dport = :9002" | wc -l
}
wait_count 5 20 made_on_n4
scancel --signal=INT --name=stopped
wait $running
merged stopped 4
json_are "$m" complete=false merged.ranks_present=4
[ "$(json totals.connects_ok "$m")" -gt 0 ] || fail "nothing was kept"

echo "a node that goes away: srun's code is no proof, and the merge names who is missing"
srun_options=(--wait=2 -K0)
ranks gone -r 200/s -d 2s &
running=$!
wait_until 10 rank_pid n4 >/dev/null
ip link set p4 down
kill -KILL "$(rank_pid n4)"
wait $running
ip link set p4 up
merged gone 4
json_are "$m" merged.ranks_present=3 merged.missing='[3]' merged.complete=false
grep -q 'rank 3' "$TEST_TMP/err" "$TEST_TMP/out" || fail "the merge does not name rank 3: $(cat "$TEST_TMP/err" "$TEST_TMP/out")"

echo "the batch file of docs/many-machines.md"
srun_options=()
wait_until 20 all_idle 5 || fail "the nodes are not idle: $(sinfo -N)"
sed -n '/^\$ cat storm.sbatch/,/^\$ sbatch/p' docs/many-machines.md | sed '1d;$d' |
	sed "s/--nodes=8/--nodes=4 --exclude=n5/; s/198.18.0.1:9000/$T/; s/100k/200/; s/-d 60s/-d 1s/; s,twstorm ,$TWSTORM ,; s/+ 10 /+ 3 /" \
		>"$TEST_TMP/storm.sbatch"
(cd "$out" && sbatch --wait "$TEST_TMP/storm.sbatch") >"$TEST_TMP/sbatch" || fail "sbatch: $(cat "$TEST_TMP/sbatch" "$out"/slurm-*.out)"
m=$(echo "$out"/storm-*.json)
json_are "$m" complete=true merged.ranks_present=4 totals.connects_ok=200

echo "20 starts: how far apart the ranks begin"
srun_options=()
wait_until 20 all_idle 5 || fail "the nodes are not idle: $(sinfo -N)"
for i in {1..20}; do
	start_at=$(soon 1.2) ranks "start$i" -n 4 -r 100/s
	merged "start$i" 0
	# Planned starts differ by skew_ms; each connect() is as late as its rank says.
	for f in "$out/start$i"/rank-*.json; do
		json latency_us.start_lag.max "$f"
	done | awk -v planned="$(json merged.skew_ms "$m")" '
		NR == 1 || $1 < least { least = $1 } $1 > most { most = $1 }
		END { printf "%.3f\n", planned + (most - least) / 1000 }'
done | sort -n >"$TEST_TMP/skews"
[ "$(wc -l <"$TEST_TMP/skews")" = 20 ] || fail "only $(wc -l <"$TEST_TMP/skews") starts"
echo "start skew, ms: median $(sed -n 10p "$TEST_TMP/skews"), p95 $(sed -n 19p "$TEST_TMP/skews"), most $(sed -n 20p "$TEST_TMP/skews")"
awk 'NR == 19 { exit $1 >= 10 }' "$TEST_TMP/skews" || fail "p95 of the skew is over 10 ms: $(cat "$TEST_TMP/skews")"
exit 0
