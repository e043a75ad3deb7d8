#!/bin/bash
# The documents are true: every option is in its man page with its default and no other is,
# every command shown for running runs, and output that is quoted looks like real output.
#
# In Markdown, ```sh blocks are run, in order, one shell for each document; ```text blocks are
# output: each line must be found in what that document's commands printed, numbers aside
# ("..." stands for lines left out).  "```ini FILE", or another word for ini, is a file that is there when they run.  Other
# blocks (```console) are only read.  In a man page the .Dl lines of EXAMPLES are run.
# `make storm` stands for `twstorm lab run storm`, which runs beside the others, one by one.
# limit: 120
# quiet
. "$(dirname "$0")/../lib.sh"
. tests/words.bash
in_netns "$@"

# ---- options and man pages

# The options of `twstorm $@ --help=all`, as "name default"; "-" is no default.
options_of_help() {
	"$TWSTORM" "$@" --help=all | sed -e ':a' -e '$!N' -e 's/\n        \([^ -]\)/ \1/' -e 'ta' -e 'P' -e 'D' | awk '
		/^Examples:/ { exit }
		/^ +-/ && match($0, /--[a-z0-9-]+/) {
			name = substr($0, RSTART + 2, RLENGTH - 2)
			default_ = "-"
			if (match($0, /\([^() ]+\)$/))
				default_ = substr($0, RSTART + 1, RLENGTH - 2)
			print name, default_
		}' | sort
}

# The same of a man page: the .It Fl Fl NAME of its lists, and "Default: VALUE." below each.
options_of_man() {
	awk '
		function flush() { if (name && !seen[name]++) print name, default_ }
		/^\.It .*Fl Fl / {
			flush()
			match($0, /Fl Fl [a-z0-9-]+/)
			name = substr($0, RSTART + 6, RLENGTH - 6)
			default_ = "-"
		}
		/^\.(Sh|El)/ { flush(); name = "" }
		match($0, /Default: [^ ]+\.$/) { default_ = substr($0, RSTART + 9, RLENGTH - 10) }
		END { flush() }' "$1" | sed 's/\\-/-/g' | sort
}

echo "every option is in its man page, and no other"
while read -r page command; do
	# shellcheck disable=SC2086 # the command is words
	options_of_help $command >"$TEST_TMP/help"
	options_of_man "docs/man/$page.1" >"$TEST_TMP/man"
	[ -s "$TEST_TMP/help" ] || fail "no options in twstorm $command --help=all"
	diff -u "$TEST_TMP/help" "$TEST_TMP/man" || fail "$page(1) and twstorm $command --help=all differ"
done <<'PAGES'
twstorm-server server
twstorm-client client
twstorm-states states
twstorm-doctor doctor
twstorm-lab lab run
twstorm-lab-trace lab trace
twstorm-lab-wrap lab wrap
twstorm-report report
PAGES

# A probe's own options are below its .Ss, those that all have below the last one, which its own
# replace.
man_section() {
	awk -v title="$1" '/^\.S[hs] / { on = substr($0, 5) == title } on' docs/man/twstorm-lab-probe.1
}
probes=$("$TWSTORM" lab probe | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
[ -n "$probes" ] || fail "twstorm lab probe lists none"
for name in $probes; do
	grep -qxF ".Ss $name" docs/man/twstorm-lab-probe.1 || fail "twstorm-lab-probe(1) has no .Ss $name"
	grep -qxF "## $name" docs/probes.md || fail "docs/probes.md has no ## $name"
	options_of_help lab probe "$name" >"$TEST_TMP/help"
	{ man_section "$name" && man_section "Options of every probe"; } >"$TEST_TMP/sections"
	options_of_man "$TEST_TMP/sections" >"$TEST_TMP/man"
	diff -u "$TEST_TMP/help" "$TEST_TMP/man" || fail "twstorm-lab-probe(1) and twstorm lab probe $name --help=all differ"
done

echo "the README, the man page and the scenario have the close strategies of the program"
# As "NAME|WHAT HAPPENS|WHERE TIME_WAIT IS LEFT".
"$TWSTORM" client --help=all | sed -n '/^close strategies:/,/^$/p' |
	sed -e ':a' -e '$!N' -e 's/\n        / /' -e 'ta' -e 'P' -e 'D' |
	sed -n 's/^  \([a-z-]*\)  *\(.*\); TIME_WAIT: /\1|\2|/p' >"$TEST_TMP/strategies"
# same_strategies WHERE SED_COMMAND <WHAT_IS_THERE: the line that each strategy has to have there.
lacking=
same_strategies() {
	sed -e "$2" "$TEST_TMP/strategies" >"$TEST_TMP/wanted"
	[ -s "$TEST_TMP/wanted" ] || fail "twstorm client --help=all lists no close strategies"
	diff "$TEST_TMP/wanted" - >"$TEST_TMP/diff" && return
	lacking+="
$1 lacks < and should not have >:
$(grep '^[<>]' "$TEST_TMP/diff")"
}
same_strategies README.md 's/\(.*\)|\(.*\)|\(.*\)/| `\1` | \2 | \3 |/' \
	< <(sed -n '/^| strategy | what happens/,/^$/{/^| `/p}' README.md)
same_strategies 'twstorm-client(1)' 's/\(.*\)|\(.*\)|\(.*\)/.It Cm \1\n\2; TIME_WAIT: \3/' \
	< <(sed -n '/^\.Sh CLOSE STRATEGIES/,/^\.El/{/^\.It/,${/^\.El/!p}}' docs/man/twstorm-client.1)
# Those of TLS are variants of a scenario with TLS.
same_strategies tls-closes.ini '/^tls-/!d; s/|.*//' \
	< <(sed -n 's/^\[variant \(tls-.*\)\]/\1/p' bench/scenarios/tls-closes.ini)
sed -i '/^tls-/d' "$TEST_TMP/strategies"
same_strategies close-strategies.ini 's/|.*//' \
	< <(sed -n 's/^\[variant \(.*\)\]/\1/p' bench/scenarios/close-strategies.ini)
# strategies.ini has each three times: short, kept alive, pooled.
for way in '' kept- pool-; do
	same_strategies "strategies.ini, $way*" "s/\([^|]*\)|.*/$way\1/" < <(sed -n 's/^\[variant \(.*\)\]/\1/p' bench/scenarios/strategies.ini |
		if [ -n "$way" ]; then grep "^$way"; else grep -Ev '^(kept|pool)-'; fi)
done
[ -z "$lacking" ] || fail "the close strategies:$lacking"
while read -r options; do
	# shellcheck disable=SC2086 # several
	run "$TWSTORM" client -t 127.0.0.1:1 --close both $options
	names=$(sed -n 's/.* \(goes with [a-z, -]* and [a-z-]*\).*/\1/p' "$TEST_TMP/err")
	grep -v '^\.' docs/man/twstorm-client.1 | tr '\n' ' ' | grep -qF "${names:-$options is not refused}" ||
		fail "twstorm-client(1) does not say of $options: ${names:-$(cat "$TEST_TMP/err")}"
done <<'OPTIONS'
--requests 0
--fin-with-data
--proto http --pool 5
OPTIONS

for page in docs/man/*.[15]; do
	if command -v mandoc >/dev/null; then
		mandoc -Tlint -Wwarning "$page" || fail "mandoc -Tlint has something to say"
	fi
	if command -v man >/dev/null && command -v groff >/dev/null; then
		man --warnings -l "$page" 2>"$TEST_TMP/warnings" >/dev/null
		[ ! -s "$TEST_TMP/warnings" ] || fail "$page: $(cat "$TEST_TMP/warnings")"
	fi
done
for name in $("$TWSTORM" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	[ -e "docs/man/twstorm-$name.1" ] || fail "twstorm $name has no man page"
done

echo "links inside the repository lead somewhere"
for doc in README.md docs/*.md; do
	grep -oE '\]\([^)]+\)' "$doc" | sed 's/^](//; s/)$//; s/#.*//' | grep -v '://' | sort -u |
		while read -r to; do
			[ -z "$to" ] || [ -e "$(dirname "$doc")/$to" ] || echo "$doc: $to does not exist"
		done
done >"$TEST_TMP/links"
[ ! -s "$TEST_TMP/links" ] || fail "$(cat "$TEST_TMP/links")"

echo "the README names the two commands, and make knows them"
for target in storm test; do
	grep -qx -e "\$ make $target" README.md || fail "README.md has no '\$ make $target'"
	grep -q "^$target:" Makefile || fail "the Makefile has no target $target"
done

# ---- commands that are shown are run

mkdir -p "$TEST_TMP/storm.dir"
start storm env -C "$TEST_TMP/storm.dir" "$TWSTORM" lab run storm

commands_of_md() {
	awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' "$1"
}

# files_of_md DOC DIR: writes the files it shows.
files_of_md() {
	awk -v dir="$2" '/^```[a-z]+ / { to = dir "/" $2; next } /^```/ { to = "" } to { print >to }' "$1"
}

commands_of_man() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/s/^\.Dl //p' "$1" | sed "s/\\\\-/-/g; s/\\\\(aq/'/g; s/\\\\&//g; s/\\\\e/\\\\/g"
}

# A server in the background is waited for; everything is one shell, so that jobs go on.  The
# storm takes ten seconds and is run once, above: here only its options are tried.
as_script() {
	cat <<'HEAD'
set -eE
trap 'echo "failed: $BASH_COMMAND"' ERR
trap 'set +eE; trap - ERR; kill $(jobs -p) 2>/dev/null; wait' EXIT
await() {
	local -
	set +x
	for ((i = 0; i < 100; i++)); do
		if grep -qs '^listening on ' "$1"; then cat "$1"; return; fi
		sleep 0.05
	done
	echo "not ready:" && cat "$1"
	return 1
}
set -x
HEAD
	awk '/lab run storm/ && !/--dry-run/ { $0 = $0 " --dry-run" } / &$/ { sub(/ &$/, " >.background." NR " 2>\\&1 \\& await .background." NR) } { print }'
}

echo "what a table says that a command shows is run"
grep '^|' docs/causes.md | grep -o '`twstorm [^`]*`' | tr -d '`' | sort -u |
	grep -vxF -f <(commands_of_md docs/causes.md) && fail "docs/causes.md: these are in a table and in no \`\`\`sh block"

mkdir -p "$TEST_TMP/bin"
ln -s "$TWSTORM" "$TEST_TMP/bin/twstorm"
no_curl=
if ! command -v curl >/dev/null; then
	no_curl=1
	echo "curl is not installed: its commands are not run, and what they print is not compared"
	printf '#!/bin/sh\n' >"$TEST_TMP/bin/curl"
	chmod +x "$TEST_TMP/bin/curl"
fi

# Programs that an example wants and `make test` does not install.
absent=()
for program in redis-server nginx haproxy; do
	command -v $program >/dev/null || absent+=(-e "$program")
done
# without_absent FILE: its commands, but those of programs that are not here
without_absent() {
	[ ${#absent[@]} = 0 ] && cat "$1" && return
	grep -wF "${absent[@]}" "$1" | sed 's/^/not installed, so not run: /' >&2
	grep -vwF "${absent[@]}" "$1" || true
}

# run_all NAME: runs the commands of NAME.commands in a namespace and a directory of their own.
run_all() {
	local name=$1
	trap - EXIT # the test's own shell clears up
	without_absent "$TEST_TMP/$name.commands" | as_script >"$TEST_TMP/$name.sh"
	if ! env -C "$TEST_TMP/$name.dir" PATH="$TEST_TMP/bin:$PATH" unshare -n bash -c "
		ip link set lo up 2>/dev/null || '$TEST_BIN/tools/lo_up'
		exec bash '$TEST_TMP/$name.sh'" </dev/null >"$TEST_TMP/$name.printed" 2>&1; then
		tail -n 40 "$TEST_TMP/$name.printed" >"$TEST_TMP/$name.failed"
		return 1
	fi
	echo "$name: $(grep -c '^+ twstorm' "$TEST_TMP/$name.printed") commands"
}

documents=(README.md docs/*.md docs/man/*.1)
runs=()
for doc in "${documents[@]}"; do
	mkdir -p "$TEST_TMP/${doc##*/}.dir"
	case $doc in
	*.md) files_of_md "$doc" "$TEST_TMP/${doc##*/}.dir" && commands_of_md "$doc" ;;
	*.1) commands_of_man "$doc" ;;
	esac >"$TEST_TMP/${doc##*/}.commands"
	[ $doc != docs/tls.md ] || has_tls || : >"$TEST_TMP/tls.md.commands"
	[ -s "$TEST_TMP/${doc##*/}.commands" ] || continue
	# They mostly sleep: three at a time, beside the storm.
	while [ "$(jobs -rp | wc -l)" -ge 4 ]; do
		wait -n
	done
	run_all "${doc##*/}" &
	runs+=($!)
done
for pid in "${runs[@]}"; do
	wait "$pid" || fail "$(head -n 50 "$TEST_TMP"/*.failed)"
done

# ---- output that is quoted

# The ```text blocks of a document; without curl, not those below a block with a command of curl's.
quoted() {
	awk -v no_curl="$no_curl" '
		/^```text$/ { on = !(no_curl && curl); next }
		/^```sh$/ { curl = 0; sh = 1; next }
		/^```/ { on = sh = 0 }
		sh && /(^|[^a-z-])curl / { curl = 1 }
		on && $0 != "..." && $0 != ""' "$1"
}

wait_exit storm
case $? in
0) cat "$TEST_TMP/storm.out" "$TEST_TMP/storm.log" | tee -a "$TEST_TMP/lab.md.printed" >>"$TEST_TMP/README.md.printed" ;;
6) # the lab cannot run here, so what it would print is not compared
	echo "the storm is not compared: $(cat "$TEST_TMP/storm.log")"
	quoted README.md >>"$TEST_TMP/README.md.printed"
	quoted docs/lab.md >>"$TEST_TMP/lab.md.printed"
	;;
*) cat "$TEST_TMP/storm.out" && fail "lab run storm failed" ;;
esac
for doc in "${documents[@]}"; do
	[ $doc != docs/tls.md ] || has_tls || continue
	name=${doc##*/}
	quoted "$doc" >"$TEST_TMP/quoted"
	[ -s "$TEST_TMP/quoted" ] || continue
	words "$TEST_TMP/quoted" | sort -u >"$TEST_TMP/quoted.words"
	words "$TEST_TMP/$name.printed" | sort -u >"$TEST_TMP/printed.words"
	comm -23 "$TEST_TMP/quoted.words" "$TEST_TMP/printed.words" >"$TEST_TMP/only_quoted"
	[ ! -s "$TEST_TMP/only_quoted" ] || fail "$doc quotes lines that no command prints now:
$(cat "$TEST_TMP/only_quoted")"
done
