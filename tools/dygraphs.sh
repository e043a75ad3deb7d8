#!/bin/bash
# dygraphs.sh - makes one of the parts of dygraphs that the HTML report embeds.
#
#   dygraphs.sh DIR TO     DIR has dygraph.js, dygraph.min.js, dygraph.min.css; TO is the file
#                          to write, dygraph.min.js, dygraph.min.css or dygraph-licence.txt
set -eu -o pipefail
export LC_ALL=C
from=${1-} to=${2-}

die() {
	echo "twstorm: $*; \`make DYGRAPHS=DIR\` says where dygraphs is" >&2
	exit 1
}

[ -n "$to" ] || die "dygraphs.sh needs a folder and the file to write, not '$*'"
for file in dygraph.js dygraph.min.js dygraph.min.css; do
	[ -e "$from/$file" ] || die "there is no $file in '$from'"
done

# The licence is the comment of the readable file that grants the permission, wherever it stands:
# 2.2.1 begins with that comment, 2.2.2 has others before it.  As text of an HTML page.
licence() {
	awk '
		/^\/\*/ { inside = 1; text = ""; next }
		inside && /\*\// {
			if (text ~ /Permission is hereby granted/ && text ~ /"AS IS"/) {
				printf "%s", text
				found = 1
				exit
			}
			inside = 0
		}
		inside { sub(/^ \*[ \t]?/, ""); text = text $0 "\n" }
		END { exit !found }
	' "$from/dygraph.js" | sed -e 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
}

# Without the line that names a source map: a browser would look for that file.
without_map() {
	sed -e 's,^//# sourceMappingURL=.*,,; s,/\*# sourceMappingURL=[^*]*\*/,,' "$1"
}

case ${to##*/} in
dygraph-licence.txt)
	licence >"$to" || die "the licence of dygraphs, which the report must contain, was not found in '$from/dygraph.js'"
	;;
*) without_map "$from/${to##*/}" >"$to" ;;
esac
