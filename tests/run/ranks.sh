#!/bin/bash
# A client is the rank that its environment says, unless its command line says otherwise; it writes a
# file of its own into a directory, and refuses by its number to start late.
. "$(dirname "$0")/../lib.sh"
for name in SLURM_PROCID SLURM_NTASKS SLURM_JOB_ID SLURM_STEP_ID OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE \
	PMI_RANK PMI_SIZE JOB_COMPLETION_INDEX TWSTORM_RANKS TWSTORM_START_AT TWSTORM_RUN; do
	unset $name
done
dir=$TEST_TMP/new/ranks

start_server main
client=("$TWSTORM" client -t "127.0.0.1:$port" -n 103)
for r in 0 1 2 3; do
	run env SLURM_PROCID=$r SLURM_NTASKS=4 SLURM_JOB_ID=9 SLURM_STEP_ID=0 "${client[@]}" -o "$dir/"
	expect_status 0 "rank $r"
	grep -qx "twstorm client: rank $r of 4 (SLURM_PROCID, SLURM_NTASKS)" "$TEST_TMP/err" ||
		fail "a share that nobody typed is not said: $(cat "$TEST_TMP/err")"
done
[ "$(cd "$dir" && echo *)" = "rank-0000.json rank-0001.json rank-0002.json rank-0003.json" ] ||
	fail "in the directory are $(ls -A "$dir")"
for r in 0 1 2; do
	json_are "$dir/rank-000$r.json" totals.connects_ok=26 run.rank=$r run.ranks=4 run.job=9.0 config.rank=$r
done
json_are "$dir/rank-0003.json" totals.connects_ok=25 config.rank_from=SLURM_PROCID \
	config.ranks_from=SLURM_NTASKS config.start_at_from=default

# A directory that is there needs no slash; the command line wins.
run env PMI_RANK=x PMI_SIZE=y "${client[@]}" -q --rank 1 --ranks 2 -o "$dir"
expect_status 0 "a rank that is typed"
json_are "$dir/rank-0001.json" totals.connects_ok=51 config.rank_from=option config.ranks_from=option
run env SLURM_PROCID=3 SLURM_NTASKS=4 "${client[@]}" -q --ranks 1 -o "$TEST_TMP/alone.json"
json_are "$TEST_TMP/alone.json" totals.connects_ok=103 run.rank=0 run.ranks=1
# Without ranks a directory is no file, as ever.
run "${client[@]}" -q -o "$dir"
expect_status 5 "a directory for one machine"

# refuses CODE TEXT COMMAND...: one sentence with the text in it.
refuses() {
	local code=$1 text=$2
	shift 2
	run "$@"
	expect_status "$code" "$*"
	[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "$*: $(cat "$TEST_TMP/err")"
	grep -qF -- "$text" "$TEST_TMP/err" || fail "$*: $(cat "$TEST_TMP/err")"
}
refuses 2 "OMPI_COMM_WORLD_RANK is set but OMPI_COMM_WORLD_SIZE is not" env OMPI_COMM_WORLD_RANK=1 "${client[@]}"
refuses 2 "SLURM_PROCID: '1e9x'" env SLURM_PROCID=1e9x SLURM_NTASKS=4 "${client[@]}"
refuses 2 "4 (SLURM_PROCID) of 4 (SLURM_NTASKS)" env SLURM_PROCID=4 SLURM_NTASKS=4 "${client[@]}"
refuses 6 "rank 3 of 8: --start-at 1000000000 is past by" env SLURM_PROCID=3 SLURM_NTASKS=8 \
	TWSTORM_START_AT=1000000000 "${client[@]}" -o "$TEST_TMP/late/"
[ ! -e "$TEST_TMP/late" ] || fail "a late rank leaves $(ls -A "$TEST_TMP/late")"
refuses 2 "--start-at: 'soon' is no time" env TWSTORM_START_AT=soon "${client[@]}"
refuses 6 "--start-at 2000-01-01T00:00:00Z is past" env TWSTORM_START_AT=soon "${client[@]}" --start-at 2000-01-01T00:00:00Z
