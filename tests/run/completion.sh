#!/bin/bash
# bash completion offers the commands, exactly the options of each --help, and the scenarios.
. "$(dirname "$0")/../lib.sh"

PATH=$(dirname "$TWSTORM"):$PATH
. completions/twstorm.bash

# offers WORD...: what is offered for the last word, sorted, one a line.
offers() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_twstorm
	printf '%s\n' "${COMPREPLY[@]}" | sort -u
}
offered() {
	local want=$1
	shift
	offers "$@" | grep -qx -e "$want" || fail "'$*' does not offer $want but: $(offers "$@" | tr '\n' ' ')"
}

for name in server client lab states report help --version; do
	offered $name twstorm ''
done
offered client twstorm cl
[ "$(offers twstorm cl | wc -l)" = 1 ] || fail "cl is not completed to client alone"
offered states twstorm help st
offered list twstorm lab l

offered rebind twstorm lab probe ''
offered rebind twstorm lab probe re
offered yes twstorm lab probe rebind --old-reuseaddr ''

for words in server client "lab run" "lab probe old-duplicate" states report; do
	# shellcheck disable=SC2086 # a command and its words
	{
		twstorm $words --help | grep -oE -- '--[a-z0-9][a-z0-9-]+' | sort -u >"$TEST_TMP/want"
		offers twstorm $words -- | diff "$TEST_TMP/want" - || fail "options of $words"
	}
	[ -s "$TEST_TMP/want" ] || fail "$words has no options"
done

for word in text json csv; do
	offered $word twstorm client --format ''
done
offered poisson twstorm client --arrivals p
[ "$(offers twstorm client --arrivals p)" = poisson ] || fail "more than poisson for p"

sed -n 's/.*\.name = "\([a-z-]*\)".*/\1/p' common/talk/closing.c |
	sort -u | diff - <(offers twstorm client --close '') || fail "close strategies"

for file in bench/scenarios/*.ini; do
	[ -e "$file" ] || continue
	name=${file##*/}
	offered "${name%.ini}" twstorm lab run ''
done
