#!/bin/bash
# run.sh - runs libFuzzer programs that `make fuzz` has built, as many at a time as there are
# processors, and prints a line for each.
#
#   run.sh can-fuzz    exit 0, or one sentence and exit 1
#   run.sh NAME...     FUZZ_SECONDS each; FUZZ_OUT/NAME/ has the log, the corpus and findings
set -u
cd "$(dirname "$0")/../.." || exit 1

can_fuzz() {
	local dir ok
	dir=$(mktemp -d) || exit 1
	echo 'int LLVMFuzzerTestOneInput(const void *d, unsigned long n); int LLVMFuzzerTestOneInput(const void *d, unsigned long n) { return d == (void *)n; }' >"$dir/f.c"
	clang -fsanitize=fuzzer,address,undefined -o "$dir/f" "$dir/f.c" >/dev/null 2>&1
	ok=$?
	rm -rf "$dir"
	[ $ok = 0 ] && return
	echo "make fuzz: needs clang with its fuzzer runtime (Debian packages clang and libclang-rt-14-dev)" >&2
	exit 1
}

# fuzz NAME
fuzz() {
	local name=$1 dir=$FUZZ_OUT/$1 execs rc
	mkdir -p "$dir/corpus"
	"$FUZZ_OUT/fuzz_$name" -max_total_time="$FUZZ_SECONDS" -timeout=20 -rss_limit_mb=2048 \
		-max_len=4096 -print_final_stats=1 -artifact_prefix="$dir/" \
		"$dir/corpus" "tests/fuzz/corpus/$name" >"$dir/log" 2>&1
	rc=$?
	execs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
	if [ $rc = 0 ]; then
		printf 'ok      %-16s %12s executions, %s inputs kept\n' "$name" "$execs" \
			"$(find "$dir/corpus" -type f | wc -l)"
		return
	fi
	printf 'FAILED  %-16s %s; see %s\n' "$name" \
		"$(grep -Em1 'ERROR: |runtime error: |deadly signal' "$dir/log" || echo "exit code $rc")" "$dir/log"
	return 1
}

[ "${1:-}" = can-fuzz ] && { can_fuzz; exit 0; }
: "${FUZZ_SECONDS:=60}" "${FUZZ_OUT:=build/fuzz}"
rm -f "$FUZZ_OUT/failed"
for name; do
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	fuzz "$name" || echo "$name" >>"$FUZZ_OUT/failed" &
done
wait
[ ! -e "$FUZZ_OUT/failed" ]
