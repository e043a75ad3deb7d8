#!/bin/bash
# deps.sh - finds out which packages are missing, and installs those and no others.
#
#   deps.sh install LEVEL          installs what is missing; does nothing when nothing is; build|test|programs|slurm
#   deps.sh missing LEVEL          prints the Debian packages that are missing, one a line
#   deps.sh list LEVEL|all         prints every package of that level
#   deps.sh can-build CC PKGCONFIG MODULE...   exit 0, or one sentence and exit 1
#
# What counts is whether the tool or library is there, not which package it came from, so
# other distributions pass with their own packages.
set -u
export LC_ALL=C

# level | Debian package | how to see that it is there
#   tool A B   one of these programs is on PATH
#   lib M...   pkg-config knows these modules
#   file F...  one of these files exists
# What the level `programs` has is run in private network namespaces; `build` is needed, too.
packages() {
	cat <<'TABLE'
build|gcc|tool gcc clang cc
build|libc6-dev|libc
build|make|tool make
build|pkg-config|tool pkg-config pkgconf
build|libevent-dev|lib libevent_core libevent_extra libevent_pthreads
build|libjansson-dev|lib jansson
build|libmnl-dev|lib libmnl
build|libssl-dev|lib openssl
build|libjs-dygraphs|file /usr/share/javascript/dygraphs/dygraph.min.js /usr/share/javascript/dygraphs/dist/dygraph.min.js
test|check|lib check
test|iproute2|tool ss
test|net-tools|tool netstat
test|strace|tool strace
test|procps|tool pgrep
test|python3-jsonschema|file /usr/lib/python3/dist-packages/jsonschema/__init__.py
slurm|slurmctld|tool slurmctld
slurm|slurmd|tool slurmd
slurm|slurm-client|tool srun
slurm|munge|tool munged
programs|curl|tool curl
programs|wrk|tool wrk
programs|apache2-utils|tool ab
programs|nghttp2-client|tool h2load
programs|httperf|tool httperf
programs|nginx-light|tool nginx
programs|libnginx-mod-stream|file /usr/lib/nginx/modules/ngx_stream_module.so
programs|haproxy|tool haproxy
programs|varnish|tool varnishd
programs|squid|tool squid
programs|apache2|tool apache2
programs|php-fpm|file /usr/sbin/php-fpm*
programs|php-cli|tool php
programs|socat|tool socat
programs|stunnel4|tool stunnel4
programs|redis-server|tool redis-server
programs|redis-tools|tool redis-benchmark
programs|memcached|tool memcached
programs|postgresql|file /usr/lib/postgresql/*/bin/initdb
programs|pgbouncer|tool pgbouncer
programs|python3-requests|file /usr/lib/python3/dist-packages/requests/__init__.py
programs|golang-go|tool go
programs|nodejs|tool node
programs|default-jdk-headless|tool javac
optional|clang-format-14|tool clang-format
optional|cppcheck|tool cppcheck
optional|shellcheck|tool shellcheck
optional|valgrind|tool valgrind
optional|chromium|tool chromium
optional|codespell|tool codespell
optional|pdsh|tool pdsh
optional|zsh|tool zsh
optional|fish|tool fish
TABLE
}

# Administrators' programs are not always on an ordinary user's PATH.
have_tool() {
	local tool
	for tool; do
		PATH=$PATH:${TWSTORM_DEPS_SBIN-/usr/sbin:/sbin} command -v "$tool" >/dev/null 2>&1 && return 0
	done
	return 1
}

# TWSTORM_DEPS_ROOT is for the test, which brings a machine of its own.
have_file() {
	local file
	for file; do
		[ -e "${TWSTORM_DEPS_ROOT-}$file" ] && return 0
	done
	return 1
}

have_libc() {
	local cc
	have_file /usr/include/stdio.h && return 0
	for cc in cc gcc clang; do
		echo '#include <stdio.h>' | "$cc" -E - >/dev/null 2>&1 && return 0
	done
	return 1
}

have_lib() {
	"${PKGCFG:-pkg-config}" --exists "$@" 2>/dev/null
}

# Where the table looks, or where `make DYGRAPHS=DIR` says.
have_dygraphs() {
	[ -n "${DYGRAPHS-}" ] && [ -e "$DYGRAPHS/dygraph.min.js" ] && return 0
	# shellcheck disable=SC2046 # the row's words are separate arguments
	have_file $(packages | sed -n 's/^build|libjs-dygraphs|file //p')
}

# missing LEVEL: the packages of that level (all others include build, slurm what tests need) that are not there.
missing() {
	local level package kind args
	while IFS='|' read -r level package args; do
		in_level "$level" "$1" || continue
		read -r kind args <<<"$args"
		# shellcheck disable=SC2086 # the table's words are separate arguments
		"have_$kind" $args || echo "$package"
	done < <(packages)
}

# in_level LEVEL WANTED
in_level() {
	case $2:$1 in
	all:* | build:build | test:build | test:test | programs:build | programs:programs | slurm:build | slurm:test | slurm:slurm) return 0 ;;
	esac
	return 1
}

list() {
	local level package _
	while IFS='|' read -r level package _; do
		in_level "$level" "$1" && echo "$package"
	done < <(packages)
	return 0
}

die() {
	echo "twstorm: $*" >&2
	exit 1
}

# Runs apt-get as root, or by sudo where that asks nothing.  What it does is told as it does it:
# from a bare system that takes a minute.
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@" \
		</dev/null 2>&1 | tee -a "$log" |
		sed -un 's,^Get:[0-9]* [^ ]* [^ ]* [^ ]* \([a-z0-9][^ ]*\) .*,  fetching \1,p
			s,^Get:[0-9]* [^ ]* \([^ ]*\) InRelease.*,  fetching the package lists of \1,p
			s,^Need to get .* of archives,  &,p
			s,^Setting up \([^ ]*\) .*,  installed \1,p' >&2
	return "${PIPESTATUS[0]}"
}

install() {
	local want log as_root=
	want=$(missing "$1" | tr '\n' ' ')
	want=${want% }
	[ -z "$want" ] && return 0
	if ! command -v apt-get >/dev/null 2>&1; then
		die "missing: $want (names of Debian packages; there is no apt-get here, so please install your system's equivalents)"
	fi
	if [ "$(id -u)" != 0 ]; then
		as_root="sudo -n"
		if ! $as_root true >/dev/null 2>&1; then
			die "missing: $want; to install them, run as root: apt-get install --no-install-recommends $want"
		fi
	fi
	log=$(mktemp) || exit 1
	# shellcheck disable=SC2064 # the name is fixed now
	trap "rm -f '$log'" EXIT
	echo "installing: $want" >&2
	# The package lists may be absent or old: they are fetched only when that turns out.
	# shellcheck disable=SC2086 # package names are separate arguments
	if ! apt install -y --no-install-recommends $want; then
		apt update
		if ! apt install -y --no-install-recommends $want; then
			tail -n 20 "$log" >&2
			die "apt-get could not install: $want"
		fi
	fi
	hash -r
	want=$(missing "$1" | tr '\n' ' ')
	[ -z "$want" ] || die "installed, but still not found: ${want% }"
}

# can-build CC PKGCONFIG MODULE...: what `make` asks before it compiles anything.
can_build() {
	local cc=${1%% *} want
	PKGCFG=$2
	shift 2
	if ! command -v "$cc" >/dev/null 2>&1; then
		die "there is no C compiler '$cc' here; \`make deps\` installs gcc and the libraries"
	fi
	have_lib "$@" && have_dygraphs && return 0
	want=$(missing build | tr '\n' ' ')
	die "this build needs the Debian packages: ${want% } - \`make deps\` installs them, or your system's equivalents will do"
}

case ${1-}:${2-} in
install:build | install:test | install:programs | install:slurm) install "$2" ;;
missing:build | missing:test | missing:programs | missing:slurm) missing "$2" ;;
list:build | list:test | list:programs | list:slurm | list:all) list "$2" ;;
can-build:?*)
	shift
	can_build "$@"
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
