#!/bin/bash
# lint/layers on made-up trees: the includes it lets pass, and each that it does not.
. "$(dirname "$0")/../lib.sh"

repo=$TEST_TMP/repo

# tree: a small one in which everything is as it should be.
tree() {
	rm -rf "$repo"
	mkdir -p "$repo"/{tools,common/{base,kernel,talk,result},client,server,bench/{lab,stage,scenario,text,rivals}}
	cp tools/lint.sh "$repo/tools/"
	: >"$repo/common/base/err.h"
	: >"$repo/common/kernel/sock.h"
	: >"$repo/common/talk/closing.h"
	includes common/result/result.h common/kernel/sock.h common/base/err.h
	: >"$repo/bench/rivals/alone.c" # programs of their own, in no folder of the table
	includes twstorm.c client/client.h bench/lab/lab.h
	includes client/client.h common/base/err.h
	includes bench/lab/lab.c bench/lab/lab.h bench/stage/stage.h bench/text/next.h common/base/err.h
	includes bench/stage/stage.h bench/stage/cell.h bench/scenario/plan.h
	includes bench/scenario/plan.h bench/text/text.h
}

# includes FILE HEADER...: FILE includes these.
includes() {
	local file=$1
	shift
	printf '#include "%s"\n' "$@" >"$repo/$file"
}

# refused FILE HEADER SENTENCE: the check fails if FILE includes HEADER, and says so.
refused() {
	tree
	includes "$1" "$2"
	run "$repo/tools/lint.sh" layers
	expect_status 1
	grep -qF "$1:1:#include \"$2\"" "$TEST_TMP/out" || fail "$1 with $2 is not named: $(cat "$TEST_TMP/out")"
	grep -qxF "$3" "$TEST_TMP/out" || fail "$1 with $2: no line '$3' in: $(cat "$TEST_TMP/out")"
}

tree
run "$repo/tools/lint.sh" layers
expect_status 0
[ ! -s "$TEST_TMP/out" ] || fail "nothing is wrong, and yet: $(cat "$TEST_TMP/out")"

# Up, and to the side.
refused common/base/err.h client/client.h 'common/ may include "common/..." only'
refused client/client.h bench/lab/lab.h 'client/ may include "common/..." and "client/..." only'
refused bench/lab/lab.c server/conn.h 'bench/ may include "common/..." and "bench/..." only'

# Between the folders of common/, which have no front headers.
refused common/base/err.h common/kernel/sock.h 'common/base/ may not include common/kernel/'
refused common/talk/closing.h common/result/result.h 'common/talk/ may not include common/result/'
refused common/result/result.h common/result.h 'there is no such header of a folder'

# Between the folders of bench/: against the direction, and past a front header.
refused bench/text/text.c bench/lab/lab.h 'bench/text/ may not include bench/lab/'
refused bench/scenario/plan.h bench/stage/stage.h 'bench/scenario/ may not include bench/stage/'
refused bench/lab/lab.c bench/stage/cell.h 'others may include of bench/stage/ only: stage'
refused twstorm.c bench/lab/run.h 'others may include of bench/lab/ only: lab'
refused bench/lab/lab.c bench/lab.h 'there is no such header of a folder'

# A file that is in no folder, or in one that has no row.
for file in bench/lab.c bench/attic/old.h bench/lab/deep/er.c common/err.c; do
	tree
	mkdir -p "$repo/${file%/*}"
	includes "$file" common/base/err.h
	run "$repo/tools/lint.sh" layers
	expect_status 1
	grep -qxF "$file is in no folder that tools/lint.sh has a row for" "$TEST_TMP/out" ||
		fail "$file: $(cat "$TEST_TMP/out")"
done

# A table that leads round in a circle.
tree
sed -i 's/^text  *| text next  *|$/& stage/' "$repo/tools/lint.sh"
run "$repo/tools/lint.sh" layers
expect_status 1
grep -qF 'the row of text names stage, which is not below it' "$TEST_TMP/out" || fail "$(cat "$TEST_TMP/out")"

# docs/design.md has the same table of the rooms.
# shellcheck disable=SC2016 # no expansion is meant
tabled=$(sed -n "/^COMMON_FOLDERS=/,/^'\$/s/ *| all *| */ | /p" tools/lint.sh | sed 's/ *$//')
told=$(sed -n '/^| room of/,/^$/s/^| `\([a-z]*\)` |[^|]*|\(.*\)|$/\1 |\2/p' docs/design.md | tr -d '`' | sed 's/ *$//')
[ "$(wc -l <<<"$told")" -ge 7 ] && [ "$tabled" = "$told" ] ||
	fail "docs/design.md and tools/lint.sh differ: $(diff <(echo "$tabled") <(echo "$told"))"
