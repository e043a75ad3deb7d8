#!/bin/bash
# What can go wrong with the lab besides the file: no namespaces, sysctls that cannot be
# written, a disk that is full, a client that dies.  One sentence each, the right exit code,
# and what was measured before is kept.
# limit: 90
# waits
. "$(dirname "$0")/../lib.sh"
need setpriv unshare pkill

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

cat >two.ini <<'INI'
[scenario]
seconds = 20
[host server]
[host client]
sysctl.net.ipv4.tcp_rfc1337 = 1
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --connections 20
[expect]
all of them = totals.connects_ok == 20
[variant first]
[variant second]
[variant third]
INI

# says CODE LINES TEXT WHAT: the last run's exit code, how many lines it wrote on stderr, and one
# of them.
says() {
	expect_status "$1" "$4"
	[ "$(wc -l <err)" = "$2" ] || fail "$4: not $2 lines on stderr but: $(cat err)"
	grep -qF -- "$3" err || fail "$4: $(cat err)"
}

# without LIMIT: the lab in a user namespace where one kind of namespace cannot be made, and
# without the rights of root there.
without() {
	run unshare -Ur sh -c "echo 10 >/proc/sys/user/max_user_namespaces && echo 0 >/proc/sys/user/$1 &&
		exec setpriv --bounding-set=-all${2-,+setfcap} --inh-caps=-all \"\$0\" lab run -q two.ini -o none" "$TWSTORM"
}
without max_user_namespaces
says 6 1 'the lab needs user namespaces, or root: none may be made (sysctl user.max_user_namespaces is 0)' "no user namespaces"
without max_net_namespaces
says 6 1 'no more network namespaces (user.max_net_namespaces)' "no network namespaces"

without max_net_namespaces ''
says 6 1 "the lab's user namespace cannot map user 0 here (root without CAP_SETFCAP?)" "root without capabilities"

# In a chroot the kernel gives nobody a user namespace, and its root has no mount to make private;
# that is said, and no sysctl is blamed.
mkdir -p jail/proc jail/tmp jail/run
jail() { # COMMAND...: in a folder that is no mount point; the program is /run/twstorm
	run unshare -Urm sh -c 'for dir in usr lib lib64 bin dev proc; do
			[ ! -e /$dir ] || { mkdir -p jail/$dir && mount --rbind /$dir jail/$dir; } || exit
		done
		mount --bind "$1" jail/run && shift && cp two.ini jail/tmp && exec chroot jail "$@"' _ "${TWSTORM%/*}" "$@"
}
jail "/run/${TWSTORM##*/}" lab run -q /tmp/two.ini -o /tmp/none
says 6 1 'cannot have mounts of its own: the kernel refuses it to a process in a chroot(2)' "root in a chroot"
jail setpriv --bounding-set=-all --inh-caps=-all "/run/${TWSTORM##*/}" lab run -q /tmp/two.ini -o /tmp/none
says 6 1 'the lab needs user namespaces, or root: the kernel refuses it to a process in a chroot(2)' "a user in a chroot"

# Refused for a reason that nobody can see: only what is so here is named.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then # there is no search for leaks under it
	run env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -o trace -f -e trace=clone -e inject=clone:error=EPERM "$TWSTORM" lab run -q two.ini -o none
	why='the kernel refused: Operation not permitted'
	[ "$(sed -n 's/^Seccomp:[^0-9]*//p' /proc/self/status)" = 2 ] && why='refused under the seccomp filter'
	[ "$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null)" = 1 ] && why='users have no rights in theirs'
	says 6 1 "the lab needs user namespaces, or root: $why" "no reason"
fi

# Docker's filter: what is in the way, and the flag that takes it away.
run "$TEST_BIN/netns/filtered" "$TWSTORM" lab run -q two.ini -o none
says 6 1 'refused under the seccomp filter that this process has, as in a container; Docker and Podman allow it with --security-opt seccomp=unconfined' "a seccomp filter"

# A container's root: the kernel lets it not be root of a user namespace, but it needs none.
run unshare -Ur setpriv --bounding-set=-setfcap --inh-caps=-setfcap "$TWSTORM" lab run -q two.ini --variant first -o container
expect_status 0 "root without CAP_SETFCAP"

# A container's read-only /proc/sys, over which no other /proc can be mounted.
run unshare -Urmpf --mount-proc sh -c 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys &&
	exec "$0" lab run -q two.ini -o readonly' "$TWSTORM"
says 6 1 '/proc/sys is read-only here, so no sysctl can be set for a host; in a container, Docker makes it writable with --security-opt systempaths=unconfined' "a read-only /proc/sys"

# The disk fills up with the second result: the first is kept, and nothing half-written.
mkdir full
run "$TWSTORM" lab run -q two.ini -o whole --variant first
expect_status 0 "a disk with room"
room=$(($(stat -c %s whole/first.json) * 3 / 2))
run unshare -Urm sh -c 'mount -t tmpfs -o size='$room' none full && "$0" lab run -q two.ini -o full/results -k
	echo "exit $?"; ls full/results; tail -c 3 full/results/first.json' "$TWSTORM"
expect_status 0 "the script"
grep -qx 'exit 5' out || fail "a full disk is not exit code 5: $(cat out err)"
grep -qx 'first.json' out && [ "$(tail -n 1 out)" = '}' ] || fail "the first result is not there in full: $(cat out)"
grep -q 'cannot write .*: No space left on device' err || fail "does not say why: $(cat err)"
grep -E '\.(tmp|json\.)' out && fail "something half-written is left"

# Nowhere to write: said before anything runs.
run "$TWSTORM" lab run -q two.ini -o /dev/null/results
says 5 1 '/dev/null/results: Not a directory' "no directory can be made"

# A client that dies in the middle: the variant has no result, the next one has.
cat >dies.ini <<'INI'
[scenario]
seconds = 20
[host server]
[host client]
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --rate 50/s --duration 1s
[process killer]
host = client
command = true
[verdict]
works = errors.connect.EADDRNOTAVAIL == 0
[variant dies]
client main.args+ = --duration 20s
process killer.command = sh -c 'sleep 0.7; exec pkill -KILL -f "[t]wstorm client"'
[variant lives]
INI
run "$TWSTORM" lab run -q dies.ini -o dies
says 4 1 'client main was killed by signal 9' "a client that dies"
[ ! -e dies/dies.json ] && json_is complete dies/lives.json true
json_are dies/summary.json rows.0.code=4 rows.1.code=0
# Nothing is judged that left nothing to judge: it is void, and why.
json_are dies/summary.json rows.0.verdict=void rows.1.verdict=works 'rows.0.figure=client main was killed by signal 9'

# A [process] that fails: its exit code or signal, when, and the last lines of its output, within bounds.
printf '#!/not/here\n' >script && chmod +x script
cat >fails.ini <<'INI'
[scenario]
seconds = 20
[host server]
[host client]
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --connections 5
[process p]
host = client
command = true
ready = exit
[variant at-once]
process p.command = sh -c 'echo loading; echo no luck >&2; exit 3'
[variant says-little]
process p.command = sh -c 'echo no luck >&2; exit 3'
[variant in-the-middle]
client main.args+ = --connections 0 --duration 700ms
process p.command = sh -c 'sleep 0.2; echo on stdout; kill -SEGV $$'
process p.ready = at once
[variant flood]
process p.command = sh -c 'yes flood | head -n 300000 >&2; echo over >&2; exit 1'
[variant long-lines]
process p.command = sh -c 'yes x | head -n 10000 | tr -d "\n" >&2; echo >&2; echo short >&2; exit 1'
[variant not-executable]
process p.command = /etc/passwd
[variant no-interpreter]
process p.command = ./script
INI
run "$TWSTORM" lab run -q -k fails.ini -o fails
expect_status 1 "processes that fail"
# told WANT...: these lines, one after the other, each an extended regular expression.
told() {
	grep -m 1 -A $(($# - 1)) -E -e "^twstorm lab: $1\$" err >told || fail "'$1' is not said: $(cat err)"
	sed -i 1d told
	for line in "${@:2}"; do echo "$line"; done | diff - told || fail "after '$1' other lines: $(cat told)"
}
when='[0-9]\.[0-9] s into the run'
told "process p ended with code 3 before it was ready: no luck \($when\)" '  it said:' '    loading' '    no luck'
[ "$(grep -c 'no luck$' err)" = 1 ] || fail "what stands in the sentence is said again: $(cat err)"
told "process p was killed by signal 11 before its time \(SIGSEGV, 0\.[2-6] s into the run\)" '  it said:' '    on stdout'
mapfile -t floods < <(yes '    flood' | head -n 7)
told "process p ended with code 1 before it was ready: over \($when\)" \
	'  the last 8 of the 300,001 lines that it said:' "${floods[@]}" '    over'
long=$(yes x | head -n 396 | tr -d '\n')
told "process p ended with code 1 before it was ready: short \($when\)" '  it said:' "    $long..." '    short'
told 'process p: /etc/passwd cannot be run: Permission denied'
told 'process p: ./script is here, but not the interpreter that it names'
