#!/bin/sh
# collector.sh - collects what `twstorm doctor FILE` reads, on a host where nothing may be installed:
#
#	sh collector.sh >host.txt
#
# It reads and changes nothing, needs no root, and takes about two seconds.  What it prints has the addresses
# of this host and its peers in it: `twstorm doctor --anonymize host.txt` replaces them.
LC_ALL=C
export LC_ALL

has() {
	command -v "$1" >/dev/null 2>&1
}

# show COMMAND...: the command as at a prompt, then what it prints.
show() {
	echo "\$ $*"
	"$@" 2>/dev/null
	echo
}

# Since the machine was started, in hundredths of a second; empty where /proc does not tell.
uptime() {
	read -r up _ 2>/dev/null </proc/uptime && echo $((${up%.*} * 100 + 1${up#*.} - 100))
}

# The kernel's counters, as nstat prints them.  Two lines of a file are a table: names, then numbers.
counters() {
	echo "\$ nstat -az"
	for file in /proc/net/snmp /proc/net/netstat; do
		[ -r $file ] && while read -r group names && read -r _ numbers; do
			case $group in
			Tcp: | TcpExt:) ;;
			*) continue ;;
			esac
			# shellcheck disable=SC2086 # numbers are words
			set -- $numbers
			for name in $names; do
				echo "${group%:}$name ${1:-0} 0.0"
				[ $# -gt 0 ] && shift
			done
		done <$file
	done
	echo
}

# With files of /proc/sys in place of sysctl(8), which is not everywhere: "net.ipv4.tcp_tw_reuse = 2".
settings() {
	echo "\$ sysctl -a"
	for name in net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_tw_reuse \
		net.ipv4.tcp_tw_reuse_delay net.ipv4.tcp_timestamps net.ipv4.tcp_fin_timeout \
		net.ipv4.tcp_max_tw_buckets net.ipv4.tcp_max_orphans net.ipv4.tcp_max_syn_backlog \
		net.ipv4.tcp_syncookies net.ipv4.tcp_mem net.core.somaxconn fs.file-nr \
		net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_count; do
		path=/proc/sys/$(echo "$name" | tr . /)
		[ -r "$path" ] && echo "$name = $(cat "$path" 2>/dev/null)"
	done
	echo
}

# Which network namespace a process is in: the number of a file there.  ns/net can be read of one's own processes only.
namespace() {
	# shellcheck disable=SC2046 # the number is a word
	set -- $(ls -i "/proc/$1/net/sockstat" 2>/dev/null)
	echo "${1:-}"
}

# What processes of this network namespace have of their descriptors, where /proc tells: the size of a directory since Linux 6.2.
descriptors() {
	echo "\$ ls -ld /proc/PID/fd"
	here=$(namespace self)
	ls -ld /proc/[0-9]*/fd 2>/dev/null | while read -r _ _ _ _ used rest; do
		[ "${used:-0}" -gt 100 ] 2>/dev/null || continue
		dir=/proc/${rest##*/proc/}
		dir=${dir%/fd}
		[ "$(namespace "${dir#/proc/}")" = "$here" ] || continue
		limit=$(sed -n 's/^Max open files *\([0-9]*\) .*/\1/p' "$dir/limits" 2>/dev/null)
		name=unknown
		read -r name 2>/dev/null <"$dir/comm"
		[ -n "$limit" ] && echo "descriptors ${dir#/proc/} used $used of $limit $name"
	done
	echo
}

sockets() {
	if has ss && ss -tan >/dev/null 2>&1; then
		show ss -tanoie
	elif [ -r /proc/net/tcp ]; then
		show cat /proc/net/tcp
		[ -r /proc/net/tcp6 ] && show cat /proc/net/tcp6
	elif has netstat; then
		show netstat -tan
	fi
}

echo "twstorm collector 1"
show date
show uname -srm
first=$(uptime)
counters
sockets
settings
show cat /proc/net/sockstat
[ -r /proc/net/sockstat6 ] && show cat /proc/net/sockstat6
[ -r /proc/sys/net/netfilter/nf_conntrack_count ] && has conntrack && show conntrack -S
descriptors
sleep 1
[ -n "$first" ] && echo "interval_ms $((($(uptime) - first) * 10))"
counters
