#!/bin/bash
# Files that strangers wrote are bounded: in size, in depth, in how long one may wait for their
# end; what is within the bounds is read at once.
# limit: 90
# waits
. "$(dirname "$0")/../lib.sh"
cd "$TEST_TMP" || exit 1

# limited COMMAND...: with status, out and err as of `run`; longer than 30 s is a failure, and so
# is more than 1 GB.
limited() {
	run timeout 30 bash -c 'case ${SAN:-} in *address*|*thread*) ;; *) ulimit -v 1000000 ;; esac; exec "$@"' _ "$TWSTORM" "$@"
	[ "$status" != 124 ] || fail "no end: $*"
}
# refuses TEXT COMMAND...: exit code 2 and one sentence.
refuses() {
	local text=$1
	shift
	limited "$@"
	expect_status 2 "$*"
	if [ "$(wc -l <err)" != 1 ] || ! grep -qF -- "$text" err; then
		fail "$*: not '$text' but: $(head -c 300 err)"
	fi
}

# Whatever takes a file, with one that has no end, and with a FIFO that nobody writes to.
mkfifo -m 600 fifo
ln -s /dev/zero zero
head -c 100000 /dev/zero >zeros && chmod 600 zeros
refuses 'zero is too long: at most 1 MiB are read' lab run ./zero
refuses 'zero is too long: at most 32 MiB are read' report zero
refuses 'zeros is too long: at most 64 KiB are read' server -l 127.0.0.1:0 --admin 127.0.0.1:0 --admin-token-file zeros
timeout 30 "$TWSTORM" report - </dev/zero 2>err
[ $? = 2 ] && grep -qF 'standard input is too long: at most 32 MiB are read' err || fail "standard input: $(cat err)"
waits=()
# waits COMMAND...: as refuses, but many at a time.
waits() {
	timeout 30 "$TWSTORM" "$@" >/dev/null 2>"wait.${#waits[@]}" </dev/null &
	waits+=($!)
}
waits lab run ./fifo
waits report fifo
waits server -l 127.0.0.1:0 --admin 127.0.0.1:0 --admin-token-file fifo
waits client -t 127.0.0.1:1 --server-stats 127.0.0.1:1 --admin-token-file fifo
begun=$SECONDS

# A result: in size, alone and together, and in depth.
start_server s
run "$TWSTORM" client -t "127.0.0.1:$port" -n 20 -c 2 -q -o result.json
expect_status 0 "a result"
fat() { # BYTES: the result with as many blanks
	sed '$d' result.json
	head -c "$1" /dev/zero | tr '\0' ' '
	echo '}'
}
fat 34000000 >long.json
refuses 'long.json is too long: at most 32 MiB are read' report long.json
for i in 1 2 3 4 5; do fat 14000000 >"fat$i.json"; done
limited report fat1.json
expect_status 0 "a long result"
refuses 'the results up to fat5.json are too long: at most 64 MiB are read' report fat?.json
rm ./*fat?.json long.json
deep() { # N: the result with an array in as many arrays
	sed '$d' result.json
	printf ',"deep":%s%s}\n' "$(printf '[%.0s' $(seq "$1"))" "$(printf ']%.0s' $(seq "$1"))"
}
deep 2000 >deep.json
limited report deep.json --html page.html
expect_status 0 "2000 arrays in one another"
limited report deep.json result.json --format csv
expect_status 0 "the same beside another"
deep 3000 >deep.json
refuses 'deep.json is no JSON' report deep.json

# A scenario: each bound by itself.
base=$'[host a]\n[server main]\nhost = a\nargs = --listen {a}:9000\n[client main]\nhost = a\nargs = --target {a}:9000 -n 3\n'
# scenario AWK-PROGRAM: the base, and what the program prints.
scenario() {
	{ printf '%s' "$base" && awk "BEGIN { $1 }"; } >large.ini
}
scenario 'for (i = 0; i < 10000; i++) printf "[variant v%d]\n", i'
refuses 'large.ini:1008: at most 1000 variants' lab run -n large.ini
scenario 'print "[expect]"; for (i = 0; i < 1100; i++) printf "p%d = totals.connects_ok > 1\n", i'
refuses 'at most 1000 sections and keys outside of variants' lab run -n large.ini
scenario 'print "[variant v]"; for (i = 0; i < 1100; i++) printf "expect.p%d = totals.connects_ok > 1\n", i'
refuses 'and as many in a variant' lab run -n large.ini
scenario 'for (i = 0; i < 5000; i++) print " -n 3"'
refuses 'a value has at most 16384 characters' lab run -n large.ini
scenario 'printf "[host b]\naddress = 198.18.4.1/15\n"; for (i = 0; i < 1005; i++) printf "%s,198.19.%d.%d/15\n", i % 800 ? " " : "[host c" i "]\naddress = 198.18.5." i / 800 "/15\n ", i / 250, i % 250 + 1'
refuses 'address: at most 1000 of all hosts together' lab run -n large.ini
scenario 'print "[expect]"; for (i = 0; i < 900; i++) printf "p%d = totals.connects_ok > 1\n", i; for (i = 0; i < 500; i++) printf "[variant v%d]\n", i'
refuses '500 variants, each with all that it inherits, come to' lab run -n large.ini
scenario 'for (i = 0; i < 200000; i++) print "# 1"; for (i = 0; i < 200000; i++) print "# 2"'
refuses 'large.ini is too long: at most 1 MiB are read' lab run -n large.ini

# The time grows with the number of variants, not with its square: it was 17 s and more at the bounds.
# cpu_of N: user CPU time of a dry run of N variants, in s
cpu_of() {
	scenario 'print "[expect]"; for (i = 0; i < 60; i++) printf "p%d = totals.connects_ok > 1\n", i; for (i = 0; i < '"$1"'; i++) {
	printf "[variant v%d]\nclient main.args+ = -c %d\n", i, i + 1; for (j = 0; j < 20; j++) printf "expect.p%d = totals.connects_ok == %d\n", j, i }'
	{ time "$TWSTORM" lab run -n large.ini >out; } 2>&1
	[ "$(grep -c '^== large, variant' out)" = "$1" ] || fail "not $1 variants: $(head -c 300 out)"
}
TIMEFORMAT=%U
few=$(cpu_of 200)
many=$(cpu_of 1000)
awk -v few="$few" -v many="$many" 'BEGIN { exit !(many < 12 * few) }' || fail "200 variants take $few s of CPU time, 1000 take $many s"
