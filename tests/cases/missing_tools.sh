#!/bin/bash
# Where no optional tool is installed, what needs it is skipped, by name, and nothing fails.
# limit: 600
# quiet
. "$(dirname "$0")/../lib.sh"

# A PATH without them, and without what documentation and terminals are looked at with.
hidden=" $(sed -n 's/^optional|[^|]*|tool //p' tools/deps.sh | tr '\n' ' ') clang-format-14 man groff mandoc script "
mkdir -p "$TEST_TMP/bin"
for tool in /usr/local/sbin/* /usr/local/bin/* /usr/sbin/* /usr/bin/* /sbin/* /bin/*; do
	[[ $hidden == *" ${tool##*/} "* ]] || ln -s "$tool" "$TEST_TMP/bin/" 2>/dev/null
done
run env PATH="$TEST_TMP/bin" bash -c 'command -v curl clang-format shellcheck man'
[ -z "$(cat "$TEST_TMP/out")" ] || fail "not hidden: $(cat "$TEST_TMP/out")"

mkdir -p "$TEST_TMP/tmp"
run env -u TEST_TMP PATH="$TEST_TMP/bin" TMPDIR="$TEST_TMP/tmp" KEEP= tests/run.sh run/ lint/ netns/lab_shell netns/states
grep '^SKIP' "$TEST_TMP/out"
expect_status 0 "without $hidden"
grep -q '^SKIP .*: shellcheck is not installed$' "$TEST_TMP/out" || fail "what is missing is not named"
