#!/bin/bash
# Each scenario of bench/scenarios/cases/ shows what it says, on this kernel; and what docs/cases.md and docs/cures.md quote
# below "$ twstorm lab run ..." is what the command prints, numbers aside.
# limit: 400
# quiet
. "$(dirname "$0")/../lib.sh"
. tests/words.bash
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
need python3 nft ip

# The commands that these quote, and with a command what it prints.
commands() {
	sed -n 's/^\$ twstorm \(lab run .*\)/\1/p' docs/cases.md docs/cures.md
}
quoted() {
	COMMAND="\$ twstorm $1" awk '/^```/ { on = 0 } on && $0 != "" { print } $0 == ENVIRON["COMMAND"] { on = 1 }' docs/cases.md docs/cures.md
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
	[ -s "$TEST_TMP/quoted" ] || fail "the documents quote nothing of $command"
	comm -23 <(words "$TEST_TMP/quoted" | sort -u) <(words "$TEST_TMP/out" | sort -u) >"$TEST_TMP/only_quoted"
	[ ! -s "$TEST_TMP/only_quoted" ] || { echo "$command does not print what is quoted:" && cat "$TEST_TMP/only_quoted" && bad=1; }
	n=$((n + 1))
done < <(commands)
[ "$n" -ge "$(find bench/scenarios/cases -name '*.ini' | wc -l)" ] || fail "the documents show $n commands"
[ -z "$bad" ] || fail "a case does not show what it says"
