# shellcheck shell=bash
# words.bash - what a document quotes is compared with what is printed now, numbers aside.
#
# words FILE: numbers to N, blanks to one, which states were seen to STATES: what is left are the words.
words() {
	sed -E 's/\[[#.]+\]/[BAR]/; s/#+$/BAR/; s/[0-9]{4}-[0-9-]+T[0-9:.]+Z/TIME/g; s/[0-9][0-9,.]*[0-9]|[0-9]/N/g
		s/[[:blank:]]+/ /g; s/^ | $//g; s/(([A-Z]+(_[A-Z0-9]+)*|FIN_WAITN) N \(peak N\) ?)+/STATES/; s/(client|server) nothing/\1 STATES/
		s/ ?$//; s/ N BAR$/ N/' "$1"
}
