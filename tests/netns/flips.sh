#!/bin/bash
# An expectation of each scenario is seen false when what it rests on is broken: the first flip of
# each tests/cases/flips_*.sh.  `make cases` runs them all.
# limit: 120
# waits
. "$(dirname "$0")/../lib.sh"
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

for script in tests/cases/flips_*.sh; do
	name=${script##*/} name=${name%.sh}
	mkdir -p "$TEST_TMP/$name"
	start "$name" env FIRST_FLIP=1 TEST_TMP="$TEST_TMP/$name" bash "$script"
done
for script in tests/cases/flips_*.sh; do
	name=${script##*/} name=${name%.sh}
	wait_exit "$name" || fail "$name: $(cat "$TEST_TMP/$name.out" "$TEST_TMP/$name.log")"
	[ -e "$TEST_TMP/$name/flip.0/rc" ] || fail "$name flipped nothing"
done
