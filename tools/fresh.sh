#!/bin/bash
# fresh.sh - does what a newcomer to a Debian suite does: on a bare system, a clone of this
# repository (what is committed) and the README's commands, each for the first time.
#
#   fresh.sh SUITE [COMMAND...]     bookworm, trixie or sid; 'make storm' 'make test' unless told
#
# Needs root, debootstrap, git and a Debian mirror (FRESH_MIRROR).  The bare system is the minimal
# one with git and make, from `main` without security updates; it is made once for each suite and
# kept in FRESH_ROOTS (/var/tmp/twstorm-fresh).  The commands run on a copy that is gone afterwards.
# The system's root is changed by pivot_root(2): inside chroot(2) the kernel refuses user namespaces.
# Prints what the commands print, then a line for each: how it ended, and after how many seconds.
set -eu -o pipefail
export LC_ALL=C

MIRROR=${FRESH_MIRROR:-http://deb.debian.org/debian}
ROOTS=${FRESH_ROOTS:-/var/tmp/twstorm-fresh}

die() {
	echo "fresh.sh: $*" >&2
	exit 1
}

# The bare system of $suite, made if it is not there; appears whole or not at all.
bare_system() {
	local log=$ROOTS/$suite.log
	[ -d "$ROOTS/$suite" ] && return
	mkdir -p "$ROOTS"
	rm -rf "$ROOTS/$suite.new"
	echo "fresh.sh: debootstrap $suite" >&2
	debootstrap --variant=minbase --include=git,make "$suite" "$ROOTS/$suite.new" "$MIRROR" >"$log" 2>&1 ||
		die "debootstrap failed: $(tail -n 1 "$log") (the rest is in $log)"
	mv "$ROOTS/$suite.new" "$ROOTS/$suite"
}

# What a container engine gives: its own /proc, /sys and a few devices.
devices() {
	local name
	mount -t tmpfs -o mode=755 dev dev
	mkdir dev/pts dev/shm
	for name in null zero full random urandom tty; do
		touch "dev/$name"
		mount --bind "/dev/$name" "dev/$name"
	done
	mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
	mount -t tmpfs shm dev/shm
	ln -s pts/ptmx dev/ptmx
	ln -s /proc/self/fd dev/fd
	for name in stdin:0 stdout:1 stderr:2; do
		ln -s "/proc/self/fd/${name#*:}" "dev/${name%:*}"
	done
}

# The second half, as process 1 of namespaces of its own: $1 = the copy's folder, then the commands.
inside() {
	local copy=$1 command began rc worst=0 told=()
	shift
	mount -t overlay -o "lowerdir=$ROOTS/$suite,upperdir=$copy/upper,workdir=$copy/work" overlay "$copy/root"
	cd "$copy/root"
	mount -t proc proc proc
	mount -t sysfs -o ro sysfs sys
	devices
	mkdir old src
	mount --bind "$repository" src
	mount -o remount,bind,ro src
	cat /etc/resolv.conf >etc/resolv.conf
	cat /etc/hosts >etc/hosts
	# A mirror may be a snapshot.
	echo 'Acquire::Check-Valid-Until "false";' >etc/apt/apt.conf.d/90fresh
	pivot_root . old
	cd /
	umount -l old
	export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	unset "${!MAKE@}" MFLAGS # the outer make's are not a newcomer's
	git config --global --add safe.directory '*'
	git clone -q file:///src "$HOME/twstorm"
	cd "$HOME/twstorm"
	git checkout -q --detach "$commit"
	for command; do
		began=$SECONDS rc=0
		echo "fresh.sh: $suite: $command" >&2
		bash -c "$command" </dev/null || rc=$?
		told+=("fresh.sh: $suite: $command: exit $rc after $((SECONDS - began)) s")
		[ "$rc" = 0 ] || worst=1
	done
	printf '%s\n' "${told[@]}"
	return $worst
}

if [ "${1-}" = inside ]; then
	shift
	inside "$@"
	exit
fi

suite=${1-}
[ -n "$suite" ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
shift
[ $# -gt 0 ] || set -- 'make storm' 'make test'
[ "$(id -u)" = 0 ] || die "needs root, to mount a system of its own"
command -v debootstrap >/dev/null || die "debootstrap is not installed (Debian package debootstrap)"
script=$(realpath "$0")
cd "$(dirname "$0")/.."
repository=$(realpath "$(git rev-parse --git-common-dir)")
commit=$(git rev-parse HEAD)
export suite repository commit
bare_system
copy=$(mktemp -d "$ROOTS/run.XXXXXX")
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/upper" "$copy/work" "$copy/root"
unshare --mount --pid --fork --kill-child bash "$script" inside "$copy" "$@"
