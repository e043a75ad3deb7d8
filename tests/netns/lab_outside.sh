#!/bin/bash
# What a scenario says reaches nothing outside its lab: no sysctl of the machine, no file but those
# in {tmp}, no terminal; for root too.
. "$(dirname "$0")/../lib.sh"
need unshare

run unshare -Ur true
[ "$status" = 0 ] || skip "no user namespaces here"
cd "$TEST_TMP" || exit 1

# lab [LINE...]: runs a lab of one server and one client, with these lines behind it.
lab() {
	cat >lab.ini <<'INI'
[host a]
[server main]
host = a
args = --listen {a}:9000
[client main]
host = a
args = --target {a}:9000 -c 3 -n 3
INI
	printf '%s\n' "$@" >>lab.ini
	run "$TWSTORM" lab run -q lab.ini -o out.lab
}

# A program of the file has its caller's rights, but the machine's sysctls are read-only to it.
# The files are opened, and nothing is written.
cat >try.sh <<'EOS'
cd /proc/sys && for file in kernel/hostname kernel/panic vm/swappiness fs/file-max net/core/rmem_max \
	net/ipv4/tcp_rmem ../sysrq-trigger ../irq/default_smp_affinity /sys/kernel/mm/transparent_hugepage/enabled; do
	if (true >>"$file") 2>/dev/null; then echo "$file"; fi
done
EOS
lab '[process writer]' 'host = a' 'ready = exit' "command = sh -c 'sh $PWD/try.sh >$PWD/opened'"
expect_status 0 "a process that looks around"
[ "$(cat opened)" = net/ipv4/tcp_rmem ] || fail "writable from inside are: $(cat opened)"

# What the lab sets is the host's own.
before=$(cat /proc/sys/net/ipv4/tcp_fin_timeout)
lab '[host b]' "sysctl.net.ipv4.tcp_fin_timeout = $((before + 7))"
expect_status 0 "a sysctl of its own"
[ "$(cat /proc/sys/net/ipv4/tcp_fin_timeout)" = "$before" ] || fail "the machine's tcp_fin_timeout was changed"

# What is below net. but the machine's is refused; to be safe it is set to what it is.
for name in core.rmem_max core.wmem_default netfilter.nf_conntrack_max ipv4.tcp_allowed_congestion_control; do
	[ -e "/proc/sys/net/${name//.//}" ] || continue
	lab '[host b]' "sysctl.net.$name = $(cat "/proc/sys/net/${name//.//}")"
	[ "$status" = 6 ] || [ "$status" = 2 ] || fail "net.$name: exit code $status: $(cat err)"
	grep -qE "no right to set net.$name|net.$name is one for the whole machine" err || fail "net.$name: $(cat err)"
done

# Server and client write where the lab is, and nowhere else.
lab '[variant v]' "server main.args+ = -o $PWD/server.json"
grep -qF "cannot write $PWD/server.json: Read-only file system" err || fail "a server's result: $(cat err)"
lab '[variant v]' "client main.args+ = --html $PWD/client.html"
grep -qF "cannot write $PWD/client.html: Read-only file system" err || fail "a client's page: $(cat err)"
[ ! -e server.json ] && [ ! -e client.html ] || fail "written outside the lab: $(ls)"
lab '[variant v]' 'client main.args+ = --html {tmp}/client.html' 'server main.args+ = -o {tmp}/server.json'
expect_status 0 "results in {tmp}"

# No text of a file or of a program moves the cursor.
lab '[scenario]' "about = $(printf '\033[2J')"
expect_status 2 "a control character"
grep -qF 'lab.ini:9: a control character: this is no text file' err || fail "a control character: $(cat err)"
printf 'printf "\\033[2Jgone\\n" >&2\nexit 1\n' >loud.sh
lab '[process loud]' 'host = a' 'ready = exit' "command = sh $PWD/loud.sh"
[ "$status" = 1 ] && ! grep -q "$(printf '\033')" out err || fail "escapes on the terminal: $(cat -v err)"
grep -qF '?[2Jgone' err || fail "what it said is lost: $(cat -v err)"

# A namespace that is none is not waited for.
mkfifo fifo
printf '%s\n' '[scenario]' 'seconds = 5' '[host a]' '[probe main]' 'host = a' \
	"args = states --peer-netns $PWD/fifo --mix TIME_WAIT=1" >probe.ini
run "$TWSTORM" lab run -q probe.ini -o out.probe
grep -qF -- '--peer-netns is not a network namespace' err || fail "a FIFO for a namespace: $(cat err)"
