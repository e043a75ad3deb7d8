#compdef twstorm
# zsh completion for twstorm.  The program itself says what may stand at the cursor
# (`twstorm --complete`, common/cli/complete.h): there is no second list to keep.

local typed=${(Q)IPREFIX}${(Q)PREFIX} line name about
local -a before names shown open_names open_shown
before=("${(@Q)words[2,CURRENT-1]}")
before=("${(@)before/#\~\//$HOME/}")

for line in ${(f)"$(${~words[1]} --complete "${before[@]}" "$typed" 2>/dev/null)"}; do
	if [[ $line == $'\t'* ]]; then # names of files, too
		line=${line#$'\t'}
		compset -P "${(b)line%$'\t'*}"
		case ${line##*$'\t'} in
		/) _files -/ ;;
		'') _files ;;
		*) _files -g "*${line##*$'\t'}" ;;
		esac
		continue
	fi
	name=${line%%$'\t'*} about=${line#*$'\t'}
	if [[ $name == *= ]]; then
		open_names+=("$name") open_shown+=("$name${about:+  -- $about}")
	else
		names+=("$name") shown+=("$name${about:+  -- $about}")
	fi
done
local -a how=(-M 'm:{a-zA-Z}={A-Za-z}' -l)
(($#names)) && compadd $how -d shown -a names
(($#open_names)) && compadd $how -S '' -d open_shown -a open_names
