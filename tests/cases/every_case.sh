#!/bin/bash
# Each scenario of bench/scenarios/cases/ shows what it says, on this kernel; and what docs/cases.md quotes below
# "$ twstorm lab run ..." is what the command prints, numbers aside.
# limit: 300
# quiet
. "$(dirname "$0")/../lib.sh"
. tests/words.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
need python3 nft ip

# The commands that docs/cases.md quotes, and with a command what it prints.
commands() {
	sed -n 's/^\$ twstorm \(lab run .*\)/\1/p' docs/cases.md
}
quoted() {
	COMMAND="\$ twstorm $1" awk '/^```/ { on = 0 } on && $0 != "" { print } $0 == ENVIRON["COMMAND"] { on = 1 }' docs/cases.md
}

bad=
n=0
while read -r command; do
	mkdir -p "$TEST_TMP/$n"
	begin=$EPOCHREALTIME
	# shellcheck disable=SC2086 # words
	run env -C "$TEST_TMP/$n" "$TWSTORM" $command
	echo "$command: exit code $status, $((${EPOCHREALTIME/[.,]/} / 1000 - ${begin/[.,]/} / 1000)) ms"
	if [ "$status" != 0 ]; then
		cat "$TEST_TMP/out" "$TEST_TMP/err"
		bad=1
	fi
	quoted "$command" >"$TEST_TMP/quoted"
	[ -s "$TEST_TMP/quoted" ] || fail "docs/cases.md quotes nothing of $command"
	comm -23 <(words "$TEST_TMP/quoted" | sort -u) <(words "$TEST_TMP/out" | sort -u) >"$TEST_TMP/only_quoted"
	[ ! -s "$TEST_TMP/only_quoted" ] || { echo "docs/cases.md: $command does not print:" && cat "$TEST_TMP/only_quoted" && bad=1; }
	n=$((n + 1))
done < <(commands)
[ "$n" -ge "$(find bench/scenarios/cases -name '*.ini' | wc -l)" ] || fail "docs/cases.md shows $n commands"
[ -z "$bad" ] || fail "a case does not show what it says"
