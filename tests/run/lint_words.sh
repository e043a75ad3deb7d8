#!/bin/bash
# lint/words finds a word of its list in documents, man pages, scenarios and the comments and strings of C,
# and nowhere else; lint/places finds a document's place that is not there.
. "$(dirname "$0")/../lib.sh"

repo=$TEST_TMP/repo
mkdir -p "$repo"/{tools,docs/man,bench/scenarios/cases,common,client,server}
cp tools/lint.sh "$repo/tools/"
: >"$repo/twstorm.c"
: >"$repo/bench/scenarios/storm.ini"
: >"$repo/docs/man/twstorm.1"

# holds FILE TEXT: a tree in which only that file has anything in it that matters.
holds() {
	echo "# The storm" >"$repo/README.md"
	printf '## accept-queue\n\nSee [above](#accept-queue), [the storm](../README.md#the-storm).\n' >"$repo/docs/facts.md"
	: >"$repo/client/slot.c"
	printf '%s\n' "$2" >>"$repo/$1"
}

# refused CHECK FILE TEXT WORDS: the check fails and prints the words.
refused() {
	holds "$2" "$3"
	run "$repo/tools/lint.sh" "$1"
	expect_status 1 "$2: $3"
	grep -qF "$4" "$TEST_TMP/out" || fail "$2: $3: no '$4' in: $(cat "$TEST_TMP/out")"
}

# passes CHECK FILE TEXT
passes() {
	holds "$2" "$3"
	run "$repo/tools/lint.sh" "$1"
	expect_status 0 "$2: $3"
}

refused words README.md 'The ports ran out when Foretold.' 'write instead: predicted'
refused words docs/facts.md 'as measured (facts 12)' 'docs/facts.md:4:as measured'
refused words client/slot.c '	fail("the door is shut");' 'client/slot.c:1:'
refused words client/slot.c '/* Two lines,
 * of which one names a door. */' 'client/slot.c:2:'
refused words client/slot.c "if (c == '\"') return \"\\\"door\\\"\"; /* */" 'client/slot.c:1:'
passes words client/slot.c 'open(door, "outdoors"); /* facts */ return foretold(12);'
passes words README.md 'A fact, and two facts. The indoor_door.'

refused places docs/facts.md '[lost](#listen-queue)' 'docs/facts.md has no heading #listen-queue'
refused places client/slot.c '/* docs/facts.md#the-cliff */' 'client/slot.c: docs/facts.md has no heading #the-cliff'
refused places client/slot.c '/* docs/other.md#the-cliff */' 'docs/other.md has no heading'
passes places client/slot.c '/* docs/facts.md#accept-queue says why. */'
