# bash completion for twstorm.  Commands, options and what options take are read from the
# program's own --help, scenarios from `twstorm lab list`: there is no second list to keep.
# shellcheck shell=bash

# Indented rows "  name   what it does" of a help screen: commands, or those of lab.
_twstorm_commands() {
	"$@" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\)   *[^ ].*/\1/p'
}

# Every --option that a command's --help shows.
_twstorm_options() {
	"$@" --help 2>/dev/null | grep -oE -- '--[a-z0-9][a-z0-9-]+' | sort -u
}

# The words option $1 takes, where the help of command $2... says "--format text|json|csv".
_twstorm_choices() {
	local option=$1
	shift
	"$@" --help 2>/dev/null | sed -nE "s/.*${option}[ =]([a-z0-9-]+(\\|[a-z0-9-]+)+).*/\\1/p" | tr '|' ' '
}

_twstorm_closings() {
	"$1" client --help=all 2>/dev/null | sed -n '/^close strategies:/,/^$/s/^  \([a-z][a-z0-9-]*\)  .*/\1/p'
}

_twstorm_scenarios() {
	"$1" lab list 2>/dev/null | sed -n 's/^ *\([a-z0-9][a-z0-9-]*\).*/\1/p'
}

_twstorm_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_twstorm() {
	local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]}
	local before=${COMP_WORDS[COMP_CWORD - 1]} choices=
	local command=("$program" "${COMP_WORDS[1]-}") # whose help to read
	COMPREPLY=()

	if [ "$COMP_CWORD" = 1 ]; then
		_twstorm_words "$(_twstorm_commands "$program") help --help --version"
		return
	fi
	if [ "${COMP_WORDS[1]}" = lab ] && [ "$COMP_CWORD" -gt 2 ]; then
		command+=("${COMP_WORDS[2]}")
	fi
	if [ "${COMP_WORDS[2]-}" = probe ] && [ "$COMP_CWORD" -gt 3 ]; then
		command+=("${COMP_WORDS[3]}")
	fi
	case $before in
	-o | --output | --html | --admin-token-file)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--close) choices=$(_twstorm_closings "$program") ;;
	--*) choices=$(_twstorm_choices "$before" "${command[@]}") ;;
	esac
	if [ -n "$choices" ]; then
		_twstorm_words "$choices"
		return
	fi
	case ${COMP_WORDS[1]}:$COMP_CWORD:$cur in
	*:*:-*) _twstorm_words "$(_twstorm_options "${command[@]}")" ;;
	help:2:*) _twstorm_words "$(_twstorm_commands "$program")" ;;
	lab:2:*) _twstorm_words "$(_twstorm_commands "${command[@]}")" ;;
	lab:*)
		case ${COMP_WORDS[2]} in
		run | shell)
			_twstorm_words "$(_twstorm_scenarios "$program")"
			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X '!*.ini' -- "$cur")
			;;
		probe) [ "$COMP_CWORD" = 3 ] && _twstorm_words "$(_twstorm_commands "${command[@]}")" ;;
		esac
		;;
	esac
}
complete -o filenames -F _twstorm twstorm
