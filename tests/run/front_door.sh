#!/bin/bash
# The front door: help, version, unknown commands, closed descriptors, and every command's
# --help on one screen.
. "$(dirname "$0")/../lib.sh"

commands() {
	"$TWSTORM" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# on_one_screen FILE WHAT
on_one_screen() {
	[ "$(wc -l <"$1")" -le 50 ] || fail "$2 is $(wc -l <"$1") lines long, a screen has 50"
	! grep -En '^.{81,}' "$1" || fail "$2 has lines of more than 80 columns"
}

# only STREAM: the other one of the last run is empty.
only() {
	local other=err
	[ "$1" = err ] && other=out
	[ -s "$TEST_TMP/$1" ] || fail "nothing on std$1"
	[ ! -s "$TEST_TMP/$other" ] || fail "something on std$other: $(cat "$TEST_TMP/$other")"
}

# says TEXT: the last run's stderr is one line and contains it.
says() {
	[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "not one line: $(cat "$TEST_TMP/err")"
	grep -qF -e "$1" "$TEST_TMP/err" || fail "'$1' is not in: $(cat "$TEST_TMP/err")"
}

echo "help"
for words in --help -h help; do
	run "$TWSTORM" $words
	expect_status 0
	only out
	on_one_screen "$TEST_TMP/out" "twstorm $words"
done
for name in server client lab states doctor report; do
	commands | grep -qx $name || fail "--help does not list $name"
done
run "$TWSTORM"
expect_status 2 "no command is a usage error"
only err

echo "version"
run "$TWSTORM" --version
expect_status 0
only out
grep -Eqx 'twstorm [0-9]+\.[0-9]+\.[0-9]+' "$TEST_TMP/out" || fail "$(cat "$TEST_TMP/out")"

echo "unknown commands and options"
while read -r word text; do
	run "$TWSTORM" "$word"
	expect_status 2 "$word"
	only err
	says "$text"
done <<'ROWS'
clinet did you mean 'client'?
servre did you mean 'server'?
state did you mean 'states'?
lba did you mean 'lab'?
frobnicate there is no command 'frobnicate'
--frobnicate there is no option '--frobnicate'
averyveryveryveryverylongword there is no command
ROWS
run "$TWSTORM" help clinet
expect_status 2
says "did you mean 'client'?"

echo "every command's help"
for name in $(commands); do
	run "$TWSTORM" "$name" --help
	expect_status 0 "$name --help"
	only out
	on_one_screen "$TEST_TMP/out" "twstorm $name --help"
	grep -qi usage "$TEST_TMP/out" || fail "$name --help shows no usage"
	grep -q "twstorm $name" "$TEST_TMP/out" || fail "$name --help does not say twstorm $name"
	cp "$TEST_TMP/out" "$TEST_TMP/direct"
	run "$TWSTORM" help "$name"
	expect_status 0
	cmp "$TEST_TMP/out" "$TEST_TMP/direct" || fail "help $name differs from $name --help"
	run "$TWSTORM" "$name" --no-such-option
	expect_status 2 "$name --no-such-option"
	only err
	says no-such-option
done

echo "help of what lab does"
run "$TWSTORM" lab --help
for name in $(sed -n 's/^  \([a-z][a-z-]*\)   *[^ ].*/\1/p' "$TEST_TMP/out"); do
	run "$TWSTORM" lab "$name" --help
	expect_status 0 "lab $name --help"
	only out
	on_one_screen "$TEST_TMP/out" "twstorm lab $name --help"
	run "$TWSTORM" lab "$name" --no-such-option
	expect_status 2 "lab $name --no-such-option"
	says no-such-option
done

echo "stdout that cannot be written"
for words in --help --version "help client" "client --help"; do
	status=0
	# shellcheck disable=SC2086
	"$TWSTORM" $words >/dev/full 2>"$TEST_TMP/err" || status=$?
	[ $status = 5 ] || fail "twstorm $words >/dev/full: exit code $status, not 5"
	says "No space left"
	status=0
	# shellcheck disable=SC2086
	"$TWSTORM" $words >&- 2>"$TEST_TMP/err" || status=$?
	[ $status = 5 ] || fail "twstorm $words >&-: exit code $status, not 5"
done
"$TWSTORM" --help 2>&- >"$TEST_TMP/out" || fail "closed stderr: exit code $?"
on_one_screen "$TEST_TMP/out" "help with stderr closed"
"$TWSTORM" --version <&- >"$TEST_TMP/out" 2>"$TEST_TMP/err" || fail "closed stdin: exit code $?"
only out

echo "a reader that has gone away"
{
	"$TWSTORM" --help 2>"$TEST_TMP/err"
	echo $? >"$TEST_TMP/status"
} | true
[ "$(cat "$TEST_TMP/status")" != 141 ] || fail "killed by SIGPIPE"

echo "other locales change nothing"
run env LC_ALL=tr_TR.UTF-8 "$TWSTORM" --version
expect_status 0
