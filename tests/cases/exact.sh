#!/bin/bash
# Several targets, a NAT and virtual addresses: the counts that are exact are so each time, EXACT_ROUNDS times (2); what
# failover loses at most; and what can be wrong is one sentence each, with its exit code, beside the results of the others.
# limit: 900
# quiet
. "$(dirname "$0")/../lib.sh"
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
need nft
here=$PWD/tests/cases/exact

# all NAME: its variants
all() {
	sed -n 's/^\[variant \(.*\)\]/\1/p' "$here/$1.ini" | paste -sd,
}
cd "$TEST_TMP" || exit 1
for ((i = 1; i <= ${EXACT_ROUNDS:-2}; i++)); do
	for name in targets nat flapping; do
		run "$TWSTORM" lab run -q -k "$here/$name.ini" --variant "$(all "$name")" -o "out.$name.$i"
		cat out
		[ "$status" = 0 ] || fail "$name, round $i: exit code $status"
	done
done

echo "bad luck"
run "$TWSTORM" lab run -q -k "$here/bad-luck.ini" --variant "$(all bad-luck)" -o out.luck
expect_status 2 "a name that resolves to nothing"
for name in good good-again; do
	json_is totals.connects_ok "out.luck/$name.json" 20
done
[ "$(json totals.connects_ok out.luck/other-family.json)" -ge 15 ] || fail "an address of another family stopped the others"
# once SENTENCE: it was said, and once.
once() {
	[ "$(grep -c "^twstorm lab: .*$1" err)" = 1 ] || fail "not one sentence with '$1': $(cat err)"
}
once "cannot resolve 'nowhere.invalid'"
once 'nothing ever connected to \[fd00::1\]:9000: ENETUNREACH'
once 'nothing ever connected to 198.18.0.11:9001: ECONNREFUSED'
once 'nothing ever connected to 198.19.5.5:9000: ENETUNREACH'
once 'host client: nft says of its line 1:'
exit 0
