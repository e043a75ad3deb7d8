#!/bin/bash
# The shells complete commands, options, their values, scenarios, variants and hosts, as the program says.
. "$(dirname "$0")/../lib.sh"

# offers WORD...: what is offered for the last word, sorted, one a line.
offers() {
	"$TWSTORM" --complete "$@" | cut -f 1 | grep . | sort -u
}
offered() {
	local want=$1
	shift
	offers "$@" | grep -qx -e "$want" || fail "'$*' does not offer $want but: $(offers "$@" | tr '\n' ' ')"
}
# only WANT WORD...: this and nothing else.
only() {
	local want=$1
	shift
	[ "$(offers "$@" | tr '\n' ' ')" = "${want:+$want }" ] || fail "'$*' offers: $(offers "$@" | tr '\n' ' ')"
}
# files PREFIX ENDING WORD...: names of files are asked for.
files() {
	local want=$'\t'$1$'\t'$2
	shift 2
	"$TWSTORM" --complete "$@" | grep -qFx -e "$want" || fail "'$*' does not ask for files"
}

for name in server client lab states doctor report help --help --version; do
	offered $name ''
done
only client cl
only states help st
only list lab l
offered rebind lab probe ''
only 'rebind reconnect' lab probe re
only yes lab probe rebind --old-reuseaddr y

for words in server client "lab run" "lab probe old-duplicate" states doctor report; do
	# shellcheck disable=SC2086 # a command and its words
	{
		"$TWSTORM" $words --help | grep -oE -- '--[a-z0-9][a-z0-9-]+' | sort -u >"$TEST_TMP/want"
		offers $words -- | diff "$TEST_TMP/want" - || fail "options of $words"
		"$TWSTORM" $words --help | grep -oE -- '(^| )-[a-z],' | tr -d ' ,' | sort -u >"$TEST_TMP/want"
		offers $words - | grep -E '^-.$' | diff "$TEST_TMP/want" - || fail "short options of $words"
	}
	[ -s "$TEST_TMP/want" ] || [[ $words == *probe* ]] || fail "$words has no short options"
done
only '--help --help=all' client --help

only 'csv json none text' client --format ''
only poisson client --arrivals p
only --arrivals=poisson client --arrivals=p
only --arriv=poisson client --arriv=p # an abbreviation
only -bpeer states -bpe
only peer states -b pe
only '' client --arrivals poisson ''
only '' client -t --format '' # --format is the target
only '' client -- --form

sed -n 's/.*\.name = "\([a-z-]*\)".*/\1/p' common/talk/closing.c |
	sort -u | diff - <(offers client --close '') || fail "close strategies"
only 'client-fin:9,server-rst' client --close client-fin:9,server-r
only '--close=client-fin:9,server-rst' client --close=client-fin:9,server-r
! offers client --close client-fin:9,client- | grep -q client-fin$ || fail "a strategy is offered twice"
only server-rst lab trace --close server-r

only 'TIME_WAIT,CLOSE TIME_WAIT,CLOSE_WAIT TIME_WAIT,CLOSING' states --state TIME_WAIT,clos
only TIME_WAIT=3,CLOSE_WAIT= lab states --mix TIME_WAIT=3,close_

for file in bench/scenarios/*.ini bench/scenarios/cases/*.ini; do
	name=${file#bench/scenarios/}
	offered "${name%.ini}" lab run ''
done
only cases/restart lab run cases/re
sed -n 's/^\[variant \(.*\)\]$/\1/p' bench/scenarios/remedies.ini | sort | diff - <(offers lab run remedies --variant '') ||
	fail "variants by name"
only linger-0,tw-recycle lab run bench/scenarios/remedies.ini --variant linger-0,tw-rec
only '' lab run --variant '' # of no scenario
only 'client server' lab shell storm ''
only '' lab shell storm client ''

files '' .ini lab run ''
files '' .json report old.json n
files --html= '' report --html=a
files -o '' report -oa
files '' / lab run -o ''

# ---- the shells themselves

cat >"$TEST_TMP/lines" <<'LINES'
twstorm cl
twstorm client --close=client-fin:9,server-r
twstorm client --close client-fin:9,server-r
twstorm lab run remedies --variant tw-recy
twstorm states --state TIME_WAIT,close_
twstorm states -bpe
twstorm lab shell storm serv
twstorm lab run ./bench/scenarios/million
twstorm report --html=docs/comp
twstorm report docs/comp
LINES
cat >"$TEST_TMP/want" <<'WANT'
client
client --close=client-fin:9,server-rst
client --close client-fin:9,server-rst
lab run remedies --variant tw-recycle
states --state TIME_WAIT,CLOSE_WAIT
states -bpeer
lab shell storm server
lab run ./bench/scenarios/million.ini
report --html=docs/comparison.schema.json
report docs/comparison.schema.json
WANT
PATH=$(dirname "$TWSTORM"):$PATH

# What the shell runs: the program where it is asked, and otherwise it says what it was given.
shows='twstorm() { [ "$1" = --complete ] && { command twstorm "$@"; return; }; echo "GO""T$*GOT-""END"; }'

# typed LINE SHELL...: LINE makes the shell ready.
typed() {
	python3 tests/typed.py "$1 echo IS-\"READY\"" "${@:2}" <"$TEST_TMP/lines" >"$TEST_TMP/got" || fail "$2"
	diff "$TEST_TMP/want" "$TEST_TMP/got" || fail "$2 completes otherwise"
}

skipped=
HISTFILE='' typed "$shows; . completions/twstorm.bash;" bash --norc --noprofile -i
if command -v zsh >/dev/null; then
	mkdir "$TEST_TMP/site-functions"
	cp completions/twstorm.zsh "$TEST_TMP/site-functions/_twstorm"
	typed "$shows; fpath=('$TEST_TMP/site-functions' \$fpath); autoload -Uz compinit; compinit -D -u;" zsh -f -i
else
	skipped+=" zsh"
fi
if command -v fish >/dev/null; then
	export HOME=$TEST_TMP
	while IFS= read -r line; do
		fish --no-config -c 'source completions/twstorm.fish; complete -C $argv[1]' "$line" |
			cut -f 1 | sed "s/^/${line% *} /; s/^twstorm //"
	done <"$TEST_TMP/lines" | diff "$TEST_TMP/want" - || fail "fish completes otherwise"
else
	skipped+=" fish"
fi
[ -z "$skipped" ] || echo "not checked, for it is not installed:$skipped"
