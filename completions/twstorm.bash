# bash completion for twstorm.  The program itself says what may stand at the cursor
# (`twstorm --complete`, common/cli/complete.h): there is no second list to keep.
# shellcheck shell=bash

# The words up to the cursor, in $words.  bash also splits them at '=' and ':', a shell does not.
_twstorm_words() {
	local left=${COMP_LINE-} i word bare
	left=${left:0:${COMP_POINT-0}}
	words=("${COMP_WORDS[@]:0:COMP_CWORD+1}")
	[ -n "$left" ] || return # called by hand, with the words alone
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		bare=${left#"${left%%[![:space:]]*}"}
		word=${COMP_WORDS[i]}
		[[ $bare == "$word"* ]] || word=$bare # the cursor is in this word
		if ((i > 0)) && [ "$bare" = "$left" ]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
		left=${bare#"$word"}
	done
}

_twstorm() {
	local words i word about ending file stays last cur=
	_twstorm_words
	for i in "${!words[@]}"; do # as the program would get them
		word=${words[i]//[\"\'\\]/}
		words[i]=${word/#\~\//$HOME/}
	done
	cur=${words[-1]}
	# What readline leaves in front of what it replaces.
	last=${cur##*["${COMP_WORDBREAKS//[^=:]/}"]}
	[[ $COMP_WORDBREAKS == *[=:]* ]] || last=$cur
	stays=${cur%"$last"}
	COMPREPLY=()
	while IFS= read -r word; do
		if [[ $word == $'\t'* ]]; then # names of files, too
			ending=${word##*$'\t'}
			word=${word#$'\t'}
			word=${word%$'\t'*}
			compopt -o filenames 2>/dev/null
			while IFS= read -r file; do
				if [ -d "$file" ] || [[ $file == *"$ending" ]]; then
					COMPREPLY+=("${word#"$stays"}$file")
				fi
			done < <(compgen -f -- "${cur#"$word"}")
		else
			about=${word#*$'\t'}
			word=${word%$'\t'"$about"}
			[[ $word == *= ]] && compopt -o nospace 2>/dev/null
			COMPREPLY+=("${word#"$stays"}")
		fi
	done < <("${words[@]:0:1}" --complete "${words[@]:1}" 2>/dev/null)
}
complete -F _twstorm twstorm
