#!/bin/bash
# tls-load.sh begin PROGRAM: is it here?  Exit code 6 if not.
# tls-load.sh PROGRAM URL LOG: 200 connections of PROGRAM (wrk: as many as fit into a second), one request each.  The exit code is how
# many of a hundred were resumed by the server's LOG, which has a line for each: r (nginx) or 1 (haproxy).  101: PROGRAM failed.
here=${0%/*}
need() {
	command -v "$1" >/dev/null && return
	echo "the load needs the program $1, which is not here"
	exit 6
}

if [ "$1" = begin ]; then
	case $2 in
	curl*) need curl ;;
	requests*)
		need python3
		python3 -c 'import requests' 2>/dev/null || need python3-requests
		;;
	go)
		need go
		exec go build -o "$here/service" "$here/service.go"
		;;
	*) need "$2" ;;
	esac
	exit
fi

program=$1 url=$2 log=$3
load() {
	local i
	case $program in
	curl) curl -sS -o "$here/got" -H 'Connection: close' "$url?[1-200]" ;;
	curl-each)
		for ((i = 0; i < 200; i++)); do
			curl -sS -o "$here/got" --http1.1 "$url" || return
		done
		;;
	ab) ab -q -n 200 -c 4 "$url" ;;
	h2load) h2load --h1 -n 200 -c 200 "$url" ;;
	wrk) wrk -t 1 -c 4 -d 1s -H 'Connection: close' "$url" ;;
	requests) python3 "$here/loop.py" "$url" get 200 ;;
	requests-close) python3 "$here/loop.py" "$url" close 200 ;;
	go) "$here/service" "$url" none 50 4 ;;
	esac
}
load || exit 101

# The last lines may still be on their way.
lines=-1
until [ "$lines" = "$(wc -l <"$log")" ]; do
	lines=$(wc -l <"$log")
	sleep 0.2
done
[ "$lines" -gt 0 ] || exit 101
exit $((100 * $(grep -c '^[r1]$' "$log") / lines))
