#!/bin/bash
# lint.sh - checks that need no running program.
#
#   lint.sh list      the checks' names
#   lint.sh NAME      one of them: 0 = fine, 77 = cannot be done here (last line says why)
#
# FLAGS (compiler flags), LINT_ERRORS (-Werror or nothing) and CC come from make; FIX=1 makes `format` write instead of look.
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C

CC=${CC:-cc}
FLAGS=${FLAGS:--std=gnu11 -D_GNU_SOURCE -I.}
FORMAT_VERSION=14 # other versions format differently
CHECKS=(format headers layers drawings paths claims story words places cases questions spelling marks shell shellcheck cppcheck)

# The folders of common/ and of bench/.  A row names rows below it only, so there is no way round in a circle.
# folder | its front headers, which others may include (all: every header) | the folders it may include
COMMON_FOLDERS='
admin    | all                    | html result talk loop kernel base
html     | all                    | result talk cli base
result   | all                    | kernel cli base
ports    | all                    | loop kernel talk base
tls      | all                    | kernel talk base
talk     | all                    | base
loop     | all                    | base
kernel   | all                    | base
cli      | all                    | base
base     | all                    |
'
BENCH_FOLDERS='
lab      | lab                    | judge stage scenario text probe hold wire observe
judge    | judge expected         | scenario text
report   | report read            | doctor
doctor   | doctor print           | text
stage    | stage                  | scenario text wire observe
scenario | scenario plan catalog variants | text wire
text     | text next              |
probe    | probe                  | hold
observe  | observe observed       |
wire     | wire ladder step impair pcapng |
hold     | hold mix checksum      |
states   | states                 |
merge    | merge                  |
'

# What is not written in anything that people read: an extended regular expression, and what to write
# instead.  Upper and lower case are one; a word is a whole word.
REFUSED_WORDS='
foretold|foretells?|foretelling       | predicted, predicts
facts? [0-9]+                         | the kernel function, or a place in docs/kernel-facts.md
doors?|knock|knocks|knocking          | address, listener, connection
thus|hence|whence|thereby             | so, from which, by that
thereof|therein|wherein|herein        | of it, in it, in which
lest|albeit|whilst|amidst|amongst     | so that ... not, although, while, among
unto|upon                             | to, on
nevertheless|notwithstanding          | all the same
mend|mends|mended|mending             | fix
dear|dearer|dearest                   | expensive
deaf                                  | drops every segment
want of                               | lack of
but for                               | except for
such a one|such an one|such ones      | the noun
'
# Not misspelt: macros of man pages, names in code, mistakes that a document or a test shows.
SPELT_SO=nd,debians,sise,clos,exat,conect,te,upto

sources() {
	find twstorm.c common client server bench tests -name '*.[ch]' 2>/dev/null | sort
}

scripts() {
	find tools tests completions bench .ci -type f \( -name '*.sh' -o -name '*.bash' -o -path .ci/run \) | sort
}

skip() {
	echo "$*"
	exit 77
}

# format_with TOOL: names the files it would change; FIX=1 lets it.
format_with() {
	local file bad=0
	[ -n "${FIX:-}" ] && { sources | xargs "$1" -i && return; }
	# One process for all is ten times as fast as one for each.
	sources | xargs "$1" --dry-run -Werror 2>/dev/null && return
	while read -r file; do
		"$1" "$file" | cmp -s - "$file" || {
			echo "$file is not formatted: make format"
			"$1" "$file" | diff -u "$file" - | sed -n '3,12p'
			bad=1
		}
	done < <(sources)
	return $bad
}

# C files look as clang-format writes them.
check_format() {
	local tool version
	for tool in clang-format-$FORMAT_VERSION clang-format; do
		version=$("$tool" --version 2>/dev/null) || continue
		version=${version##*version } version=${version%%.*}
		[ "$version" = $FORMAT_VERSION ] || continue
		format_with "$tool"
		return
	done
	[ -n "$version" ] && skip "clang-format is version $version, this repository is formatted by $FORMAT_VERSION"
	skip "clang-format is not installed"
}

# Every header compiles alone, twice included.
check_headers() {
	local header bad=0
	while read -r header; do
		grep -q '^#ifndef TWSTORM_' "$header" || { echo "$header has no include guard"; bad=1; }
		# Where a C file includes its own header before all others, the build is the proof.
		[ "$(grep -sm1 '^#include' "${header%.h}.c")" = "#include \"$header\"" ] && continue
		# shellcheck disable=SC2086 # flags are separate words
		printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
			eval "$CC $FLAGS ${LINT_ERRORS--Werror} -fsyntax-only -x c -" || {
			echo "$header does not compile by itself"
			bad=1
		}
	done < <(sources | grep '\.h$' | grep -v '^tests/')
	return $bad
}

# check_folders PART TABLE: every file of PART is in a folder, and includes between them go as TABLE
# says.
check_folders() {
	local include="^[[:space:]]*#[[:space:]]*include[[:space:]]*\"$1/"
	{
		find "$1" -name '*.[ch]' ! -path 'bench/rivals/*' | sort
		grep -nE "$include" twstorm.c /dev/null
		grep -rnE "$include" --include='*.[ch]' "$1"
	} | awk -v part="$1" -v table="$2" '
		function fault(text) { print text; bad = 1 }
		function folder_of(path,   dirs) {
			return split(path, dirs, "/") == 3 && dirs[2] in row ? dirs[2] : ""
		}
		BEGIN {
			n = split(table, lines, "\n")
			for (i = 1; i <= n; i++) {
				if (split(lines[i], column, /[[:space:]]*\|[[:space:]]*/) != 3)
					continue
				row[column[1]] = i
				front[column[1]] = column[2]
				may[column[1]] = " " column[3] " "
			}
			for (from in row) {
				k = split(may[from], names, " ")
				for (i = 1; i <= k; i++)
					if (row[names[i]] + 0 <= row[from])
						fault("tools/lint.sh: the row of " from " names " names[i] ", which is not below it")
			}
		}
		!/:/ {
			if (folder_of($0) == "")
				fault($0 " is in no folder that tools/lint.sh has a row for")
			next
		}
		{
			path = $0
			sub(/:.*/, "", path)
			split($0, quoted, "\"")
			name = to = quoted[2]
			sub(/.*\//, "", name)
			sub(/\.h$/, "", name)
			from = path == "twstorm.c" ? "" : folder_of(path)
			to = folder_of(to)
			if (to == "")
				fault($0 "\nthere is no such header of a folder")
			else if (from != "" && from != to && !index(may[from], " " to " "))
				fault($0 "\n" part "/" from "/ may not include " part "/" to "/")
			else if (from != to && front[to] != "all" && !index(" " front[to] " ", " " name " "))
				fault($0 "\nothers may include of " part "/" to "/ only: " front[to])
		}
		END { exit bad }'
}

# twstorm.c -> client, server, bench -> common; client, server and bench know nothing of each
# other.  Tests may include what they test.
check_layers() {
	local part bad=0
	check_folders common "$COMMON_FOLDERS" || bad=1
	check_folders bench "$BENCH_FOLDERS" || bad=1
	for part in common client server bench; do
		grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' --include='*.[ch]' "$part" |
			grep -vE "include[[:space:]]*\"(common|$part)/" && {
			echo "$part/ may include \"common/...\"$([ $part != common ] && echo " and \"$part/...\"") only"
			bad=1
		}
	done
	return $bad
}

# drawing FILE: the block of docs/design.md below "the rules of `FILE`".
drawing() {
	sed -n "/rules of .$(sed 's,/,\\/,g' <<<"$1")/,/^\*\*\|^What each/p" docs/design.md | sed -n '/^```/,/^```/p'
}

# The drawings in docs/design.md have every state and input of the tables, and where ON_GIVE_UP and
# ON_READY may come.
check_drawings() {
	local file bad=0 input word listed ruled
	for file in client/slot.c server/conn.c; do
		for word in $(sed -n 's/^\t\[[A-Z]*_\([A-Z]*\)\] *\[\(ON_[A-Z_]*\)\].*/\1 \2/p' "$file" | tr ' ' '\n' | sort -u); do
			drawing "$file" | grep -qw "$word" || { echo "docs/design.md: the drawing of $file lacks $word"; bad=1; }
		done
		for input in ON_GIVE_UP ON_READY; do
			ruled=$(sed -n "s/^\t\[[A-Z]*_\([A-Z]*\)\] *\[$input\].*/\1/p" "$file" | sort | xargs)
			listed=$(drawing "$file" | sed -n "s/^ $input .* \(from\|stays in\) \([A-Z ]*\)\..*/\2/p; s/^ $input stays in \([A-Z ]*\)\..*/\1/p" | tr ' ' '\n' | sort | xargs)
			[ "$ruled" = "$listed" ] || { echo "docs/design.md: $input of $file comes in $ruled, not in $listed"; bad=1; }
		done
	done
	return $bad
}

# Unfinished work is in nobody's files.
check_marks() {
	! { sources && scripts && echo Makefile; } | xargs grep -nwE 'TO''DO|FIX''ME|XX''X'
}

# prose: every line that people read, as FILE:LINE:TEXT.  Of C that is comments and strings.
prose() {
	grep -Hn '' README.md docs/*.md docs/man/*
	find bench/scenarios -name '*.ini' -exec grep -Hn '' {} +
	find twstorm.c common client server bench \( -name '*.[ch]' -o -name '*.def' \) -print0 | sort -z |
		xargs -0 awk '
		FNR == 1 { comment = 0 }
		{
			rest = $0
			text = ""
			while (rest != "") {
				if (comment) {
					end = index(rest, "*/")
					comment = !end
					text = text " " (end ? substr(rest, 1, end - 1) : rest)
					rest = end ? substr(rest, end + 2) : ""
				} else if (match(rest, /\/[*]|"|\047(\\.|[^\\\047])\047/)) {
					begin = substr(rest, RSTART, RLENGTH)
					rest = substr(rest, RSTART + RLENGTH)
					comment = begin == "/*"
					if (begin == "\"") {
						match(rest, /^([^"\\]|\\.)*/)
						text = text " " substr(rest, 1, RLENGTH)
						rest = substr(rest, RLENGTH + 2)
					}
				} else
					break
			}
			if (text != "")
				print FILENAME ":" FNR ":" text
		}'
}

# What people read has no word that nobody but us uses.
check_words() {
	local words instead found text bad=0
	text=$(prose)
	while IFS= read -r words; do
		instead=${words##*| } words=${words%|*}
		found=$(grep -iE "^[^:]*:[0-9]*:(.*[^[:alnum:]_])?(${words%"${words##*[! ]}"})([^[:alnum:]_]|\$)" <<<"$text") || continue
		printf '%s\nwrite instead: %s\n' "$found" "$instead"
		bad=1
	done < <(grep . <<<"$REFUSED_WORDS")
	return $bad
}

# headings FILE: the anchors of a Markdown file, as GitHub makes them.
headings() {
	sed -n '/^```/,/^```/d; s/^##* //p' "$1" | tr '[:upper:] ' '[:lower:]-' | tr -cd 'a-z0-9_\n-'
}

# A place in a document that a document, a comment or a string names is there: docs/FILE.md#HEADING.
check_places() {
	local file path name bad=0
	while IFS=: read -r file path; do
		name=${path#*#} path=${path%%#*}
		case $file:$path in
		*.md:) path=$file ;;
		*.md:*) path=$(dirname "$file")/$path ;;
		esac
		[ -e "$path" ] && headings "$path" | grep -qxF -- "$name" && continue
		echo "$file: $path has no heading #$name"
		bad=1
	done < <(
		grep -oE '\]\([^):]*#[^)]+\)' README.md docs/*.md | sed 's/:](/:/; s/)$//'
		prose | sed -n 's/^\([^:]*\.\(c\|h\|def\|ini\|[15]\)\):[0-9]*:/\1:/p' |
			sed -n 's/^\([^:]*:\).*\(docs\/[a-z-]*\.md#[a-z0-9_-]*\).*/\1\2/p'
	)
	return $bad
}

# Each scenario of bench/scenarios/cases/ has a section and a row in docs/cases.md, and a row of tests/cases/flips.txt
# for each variant, so that every variant was seen to fail.
check_cases() {
	local file name variant bad=0
	for file in bench/scenarios/cases/*.ini; do
		name=$(basename "$file" .ini)
		grep -q "^## $name: " docs/cases.md || { echo "docs/cases.md has no ## $name: WHAT YOU SEE"; bad=1; }
		grep -q "^|.*(#$name-.*| .twstorm lab run cases/$name. |\$" docs/cases.md ||
			{ echo "docs/cases.md: the table has no row that links to #$name-... and ends with its command"; bad=1; }
		for variant in $(sed -n 's/^\[variant \(.*\)\]/\1/p' "$file"); do
			grep -q "^cases/$name $variant |" tests/cases/flips.txt ||
				{ echo "tests/cases/flips.txt has no row for cases/$name $variant"; bad=1; }
		done
	done
	return $bad
}

# section FILE HEADING: the part of a Markdown file below a heading, given as GitHub makes its anchor.
section() {
	awk -v want="$2" '
		/^```/ { code = !code }
		!code && /^#+ / {
			level = index($0, " ") - 1
			slug = tolower(substr($0, level + 2))
			gsub(/ /, "-", slug)
			gsub(/[^a-z0-9_-]/, "", slug)
			if (slug == want) { on = level; next }
			if (on && level <= on) on = 0
		}
		on' "$1"
}

# What a person types is found where the answer is: tests/questions.txt says how.
check_questions() {
	local question words place answer text word bad=0 n=0
	while IFS='|' read -r question words place answer; do
		[[ $question == [[:alnum:]]* ]] || continue
		n=$((n + 1)) place=${place// /}
		text=$(section "${place%#*}" "${place#*#}")
		[ -n "$text" ] || { echo "tests/questions.txt: there is no $place"; bad=1; continue; }
		while read -rd ';' word; do
			[[ ${text,,} == *"${word,,}"* ]] || { echo "$question: $place does not say '$word'"; bad=1; }
		done <<<"$words;$answer;"
	done <tests/questions.txt
	[ $n -ge 20 ] || { echo "tests/questions.txt has $n questions"; bad=1; }
	return $bad
}

# codespell knows how words are often misspelt.
check_spelling() {
	command -v codespell >/dev/null || skip "codespell is not installed"
	{ git ls-files 2>/dev/null || find . -type f; } | grep -vE '^(\./)?(tests/(fuzz|data)|build|out)/' |
		xargs codespell --ignore-words-list=$SPELT_SO
}

# The schemas and the tables of the documents are what common/result/paths.def says.
check_paths() {
	command -v python3 >/dev/null || skip "python3 is not installed"
	python3 -B tools/paths.py check
}

# docs/causes.md explains the claims of common/result/claims.def, each once and in their order.
check_claims() {
	diff <(sed -nE 's/^(HOST_|END_)?CLAIM\(([a-z_]*),.*/\2/p' common/result/claims.def | awk '!seen[$0]++') \
		<(sed -n 's/^| `\([a-z_]*\)` |.*/\1/p' docs/causes.md) ||
		{ echo "< is in common/result/claims.def alone, or in another place; > is in the table of docs/causes.md alone"; return 1; }
}

# What happened and why is told by the rows of claims.def alone.  (error.message, a sentence of the result, is
# client/report_end.c's.)
check_story() {
	local told='ran out|no port was left|(came|come) free|was late|stopped answering|on the way|met itself|left the close'
	told+='|did not come true|overflowed|never came to|by ss -K|took the ports'
	grep -rnE "\"[^\"]*($told)" --include='*.c' --include='*.js' client server bench/lab bench/judge common/result common/html |
		grep -v '^client/report_end.c:' || return 0
	echo "sentences about what happened belong into common/result/claims.def"
	return 1
}

# Shell scripts parse.
check_shell() {
	local script bad=0
	while read -r script; do
		bash -n "$script" || bad=1
	done < <(scripts)
	return $bad
}

check_shellcheck() {
	command -v shellcheck >/dev/null || skip "shellcheck is not installed"
	# What lib.sh gives and takes is not followed into each script (-x): that is most of the time.
	scripts | xargs shellcheck -S warning -e SC1091,SC2154,SC2034
}

check_cppcheck() {
	local queue
	command -v cppcheck >/dev/null || skip "cppcheck is not installed"
	# It does not read system headers; of these macros it must know what they make.
	queue=$(echo '#include <sys/queue.h>' | $CC -E - | sed -n '/sys\/queue\.h"/{s/.*"\(.*\)".*/\1/p;q}')
	sources | grep -v '^tests/' | cppcheck -q --std=c11 --language=c --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 --suppress=missingIncludeSystem \
		--suppress=unknownMacro -D_GNU_SOURCE -DTWSTORM_VERSION='"0"' -DTWSTORM_DATADIR='"/"' \
		--include="$queue" -I. --file-list=-
}

case " ${CHECKS[*]} " in
*" ${1-} "*) "check_$1" ;;
*)
	if [ "${1-}" = list ]; then
		printf '%s\n' "${CHECKS[@]}"
	else
		echo "usage: tools/lint.sh list | ${CHECKS[*]}" >&2
		exit 2
	fi
	;;
esac
