#!/bin/bash
# What a scenario expects can fail, and does when its mechanism is broken: a copy with one more
# variant, which breaks it, must end with exit code 3 (or 4, where nothing worked at all; or 1, where a
# server could not listen) and the expectations false.
# limit: 600
# waits
#
# A row of flips.txt adds "[variant flipped]" to a copy: what the row's variant ("-": none) sets,
# then the overrides.  Each of the row's phrases is the beginning of an expectation's text.  Rows
# run in the background, eight at a time.  With FIRST_FLIP=1 only the first row of each scenario,
# and of all cases the first, is run, as netns/flips does; with FLIPS=SCENARIO only the rows of that one.
. "$(dirname "$0")/../lib.sh"
run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"

# flipped SCENARIO VARIANT OVERRIDES: the copy.  A key that is overridden twice would be an error:
# the later one counts.
flipped() {
	{
		cat "bench/scenarios/$1.ini"
		printf '\n[variant flipped]\n'
		awk -v want="[variant $2]" '/^\[/ { on = $0 == want; next } on' "bench/scenarios/$1.ini"
	} | awk -v overrides="$3" '
		BEGIN {
			n = split(overrides, line, "\n")
			for (i = 1; i <= n; i++) { key = line[i]; sub(/ *=.*/, "", key); if (key ~ /^[^ ]/) again[key] = 1 }
		}
		/^\[/ { flipped = $0 == "[variant flipped]" }
		flipped && /^[^ #\[]/ { key = $0; sub(/ *=.*/, "", key); drop = key in again }
		flipped && /^[#\[]/ { drop = 0 }
		!(flipped && drop) { print }
		END { print overrides }'
}

# start_flip DIR SCENARIO VARIANT OVERRIDES
start_flip() {
	mkdir "$1"
	flipped "$2" "$3" "$4" >"$1/${2##*/}.ini"
	ln -s "$PWD/bench/scenarios/programs" "$1"
	while [ "$(jobs -rp | wc -l)" -ge 8 ]; do
		wait -n
	done
	(
		cd "$1" || exit 1
		"$TWSTORM" lab run -q -v "./${2##*/}.ini" --variant flipped -o out >stdout 2>stderr </dev/null
		echo $? >rc
	) &
}

# is_false DIR PHRASE.  The baseline, if there is one, was run before and printed its own.
is_false() {
	if [ "$2" = verdict ]; then
		grep -q '^  Expected verdict: ' "$1/stdout"
	else
		PHRASE=$2 awk '/^What happened in flipped/ { on = 1 } on && index($0, "  " ENVIRON["PHRASE"]) == 1 { seen = 1 }
			seen && /(yes|NO)$/ { exit $NF != "NO" } END { if (!seen) exit 1 }' "$1/stdout"
	fi
}

# why_not DIR: what is to be said of a phrase that is_false did not find.  A baseline that fails ends the run.
why_not() {
	if grep -q '^What happened in flipped' "$1/stdout"; then
		echo "true all the same"
	elif grep -q '^What happened in ' "$1/stdout"; then
		echo "not seen: the baseline failed, so the flipped variant did not run"
	else
		echo "not seen: the flipped variant left no result"
	fi
}

# check_flip DIR NAME PHRASES
check_flip() {
	local phrase phrases
	if [ "$(cat "$1/rc")" = 6 ] && grep 'needs the program .*, which is not here\|there is no nginx with' "$1/stderr"; then
		echo "$2 is left out"
		return 0
	fi
	if [[ $(cat "$1/rc") != [134] ]]; then
		echo "--- $2: $3: exit code $(cat "$1/rc"), not 3, 4 or 1"
		tail -n 25 "$1/stdout" "$1/stderr"
		return 1
	fi
	readarray -t phrases <<<"${3//; /$'\n'}"
	for phrase in "${phrases[@]}"; do
		is_false "$1" "$phrase" && continue
		echo "--- $2: $phrase: $(why_not "$1")"
		tail -n 25 "$1/stdout"
		return 1
	done
}

names=() all_phrases=() last=
while IFS='|' read -r name phrases overrides; do
	read -r scenario variant <<<"$name"
	case $name in
	'' | '#'*) continue ;;
	wait*) wait && continue ;;
	esac
	[ -z "${FLIPS:-}" ] || [ "$scenario" = "$FLIPS" ] || continue
	[ -z "${FIRST_FLIP:-}" ] || [ "${scenario%/*}" != "$last" ] || continue
	last=${scenario%/*}
	[[ $overrides != *kill* ]] || command -v ss >/dev/null || continue
	[[ $overrides != *nft* ]] || command -v nft >/dev/null || continue
	[[ $scenario != tls-* ]] || has_tls || continue
	[[ $scenario != cases/close-wait ]] || command -v python3 >/dev/null || continue
	! grep -qs "^nft = " "bench/scenarios/$scenario.ini" || command -v nft >/dev/null || continue
	overrides=${overrides# } overrides=${overrides//\$TWSTORM/$TWSTORM}
	start_flip "$TEST_TMP/${#names[@]}" "$scenario" "$variant" "${overrides// | /$'\n'}"
	phrases=${phrases# }
	names+=("${name% }") all_phrases+=("${phrases% }")
done <tests/cases/flips.txt
wait

[ ${#names[@]} -ge 14 ] || [ -n "${FLIPS:-}" ] || fail "only ${#names[@]} flips"
bad=
for n in "${!names[@]}"; do
	check_flip "$TEST_TMP/$n" "${names[n]}" "${all_phrases[n]}" || bad=1
done
[ -z "$bad" ] || fail "an expectation was not seen false"
