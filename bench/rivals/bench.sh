#!/bin/sh
# bench.sh - runs bench.py where it may make network namespaces: as root, or in a user namespace.
here=$(dirname "$0")
command -v python3 >/dev/null || { echo "make bench: python3 is not installed" >&2; exit 1; }
[ "$(id -u)" = 0 ] && exec python3 "$here/bench.py" "$@"
exec unshare -Ur python3 "$here/bench.py" "$@"
