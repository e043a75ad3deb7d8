#!/bin/bash
# dygraphs.sh - makes one of the parts of dygraphs that the HTML report embeds.
#
#   dygraphs.sh DIR TO     DIR has dygraph.js, dygraph.min.js, dygraph.min.css; TO is the file
#                          to write, dygraph.min.js, dygraph.min.css or dygraph-licence.txt
set -eu
export LC_ALL=C
from=$1 to=$2

for file in dygraph.js dygraph.min.js dygraph.min.css; do
	[ -e "$from/$file" ] && continue
	echo "twstorm: there is no $file in '$from'; \`make DYGRAPHS=DIR\` says where dygraphs is" >&2
	exit 1
done

# The first comment of the readable file is the licence; as text of an HTML page.
licence() {
	sed -n '/^\/\*/,/\*\//p; /\*\//q' "$from/dygraph.js" |
		sed -e '1d;$d' -e 's/^ \*[[:blank:]]\{0,1\}//' -e 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
}

# Without the line that names a source map: a browser would look for that file.
without_map() {
	sed -e 's,^//# sourceMappingURL=.*,,; s,/\*# sourceMappingURL=[^*]*\*/,,' "$1"
}

case ${to##*/} in
dygraph-licence.txt) licence ;;
*) without_map "$from/${to##*/}" ;;
esac >"$to"
