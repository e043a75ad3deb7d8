# shellcheck shell=bash
# flips.bash - what a scenario expects can fail, and does when its mechanism is broken: a copy
# with one more variant, which breaks it, must end with exit code 3 (or 4, where nothing worked at
# all) and the expectation false.
#
#   flip SCENARIO VARIANT PHRASE <<OVERRIDES
#
# adds "[variant flipped]" to a copy: what VARIANT ("-": none) sets, then the overrides; PHRASE
# (the beginning of an expectation's text, or "verdict") must then be false.  Flips run in the
# background, eight at a time; flips_end waits for them all and fails if one held.
#
# With FIRST_FLIP=1 only the first of a script is run, as netns/flips does.
flips=()
flips_called=0

flip() {
	local scenario=$1 variant=$2 phrase=$3 n=${#flips[@]} dir overrides
	overrides=$(cat)
	[ $((flips_called++)) = 0 ] || [ -z "${FIRST_FLIP:-}" ] || return 0
	dir="$TEST_TMP/flip.$n"
	flips+=("$scenario: $phrase")
	mkdir -p "$dir"
	{
		cat "bench/scenarios/$scenario.ini"
		printf '\n[variant flipped]\n'
		awk -v want="[variant $variant]" '/^\[/ { on = $0 == want; next } on' "bench/scenarios/$scenario.ini"
	} >"$dir/$scenario.ini"
	# A key that is overridden twice would be an error: the later one counts.
	awk -v overrides="$overrides" '
		BEGIN {
			n = split(overrides, line, "\n")
			for (i = 1; i <= n; i++) { key = line[i]; sub(/ *=.*/, "", key); if (key ~ /^[^ ]/) again[key] = 1 }
		}
		/^\[/ { flipped = $0 == "[variant flipped]" }
		flipped && /^[^ #\[]/ { key = $0; sub(/ *=.*/, "", key); drop = key in again }
		flipped && /^[#\[]/ { drop = 0 }
		!(flipped && drop) { print }
		END { print overrides }' "$dir/$scenario.ini" >"$dir/copy" && mv "$dir/copy" "$dir/$scenario.ini"
	# The same thing broken for another expectation: run once.
	for ((n = 0; n < ${#flips[@]} - 1; n++)); do
		if [ ! -L "$TEST_TMP/flip.$n" ] && cmp -s "$TEST_TMP/flip.$n/$scenario.ini" "$dir/$scenario.ini"; then
			rm -r "$dir" && ln -s "flip.$n" "$dir"
			return
		fi
	done
	while [ "$(jobs -rp | wc -l)" -ge 8 ]; do
		wait -n
	done
	(
		cd "$dir" || exit 1
		"$TWSTORM" lab run -q "./$scenario.ini" --variant flipped -o out >stdout 2>stderr </dev/null
		echo $? >rc
	) &
}

flips_end() {
	local n dir phrase bad=
	wait
	for n in "${!flips[@]}"; do
		dir="$TEST_TMP/flip.$n"
		phrase=${flips[n]#*: }
		if [[ $(cat "$dir/rc") != [34] ]]; then
			echo "--- ${flips[n]}: exit code $(cat "$dir/rc"), not 3 or 4"
			tail -n 25 "$dir/stdout" "$dir/stderr"
			bad=1
		elif [ "$phrase" = verdict ]; then
			grep -q '^  Expected verdict: ' "$dir/stdout" || { echo "--- ${flips[n]}: the verdict is as before"; bad=1; }
		else
			# The baseline, if there is one, was run before and printed its own.
			PHRASE=$phrase awk '/^What happened in flipped/ { on = 1 } on && index($0, "  " ENVIRON["PHRASE"]) == 1 { seen = 1 }
				seen && /(yes|NO)$/ { exit $NF != "NO" } END { if (!seen) exit 1 }' "$dir/stdout" || { echo "--- ${flips[n]}: true all the same"; tail -n 25 "$dir/stdout"; bad=1; }
		fi
	done
	[ -z "$bad" ] || fail "an expectation that cannot fail"
}
