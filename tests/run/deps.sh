#!/bin/bash
# tools/deps.sh: does nothing when nothing is missing, installs exactly what is missing as
# root or by sudo, and says one sentence where it cannot.
# shellcheck disable=SC2016 # the stubs' text is expanded when they run
. "$(dirname "$0")/../lib.sh"

bin=$TEST_TMP/bin
calls=$TEST_TMP/calls

# A machine: programs that exist in $bin, and nothing else.  `tools` and `libs` are what has
# been installed; the stub apt-get adds to them.
machine() {
	rm -rf "$bin" "$calls" "$TEST_TMP/libs" "$TEST_TMP/uid" "$TEST_TMP/no-lists"
	mkdir -p "$bin"
	: >"$calls"
	: >"$TEST_TMP/libs"
	echo 0 >"$TEST_TMP/uid"
	local tool
	for tool in bash sed tr tail tee mktemp rm env cat grep touch chmod; do
		ln -s "$(command -v $tool)" "$bin/$tool"
	done
	stub id 'cat "$M/uid"'
}

# stub NAME BODY: a program of that machine.
stub() {
	printf '#!/bin/bash\nM=%q\n%s\n' "$TEST_TMP" "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

# What a machine with everything has; `without NAME` takes one away.
everything() {
	local tool
	for tool in gcc cc make ss netstat strace pgrep; do
		stub $tool 'exit 0'
	done
	printf '%s\n' libevent_core libevent_extra libevent_pthreads jansson libmnl openssl check >"$TEST_TMP/libs"
	pkg_config
}

pkg_config() {
	stub pkg-config 'shift; for m; do grep -qx "$m" "$M/libs" || exit 1; done'
}

without_lib() {
	sed -i "/^$1/d" "$TEST_TMP/libs"
}

apt_get() {
	stub apt-get '
echo "apt-get $* frontend=$DEBIAN_FRONTEND" >>"$M/calls"
for w; do [ "$w" = update ] && { rm -f "$M/no-lists"; exit 0; }; done
[ -e "$M/no-lists" ] && { echo "E: Unable to locate package"; exit 100; }
for w; do
	case $w in
	libjansson-dev) echo jansson >>"$M/libs" ;;
	check) echo check >>"$M/libs" ;;
	strace) printf "#!/bin/bash\n" >"$M/bin/strace"; chmod +x "$M/bin/strace" ;;
	esac
done
exit 0'
}

deps() {
	run env -i PATH="$bin" TMPDIR="$TEST_TMP" TWSTORM_DEPS_SBIN= TWSTORM_DEPS_ROOT="$TEST_TMP/root" \
		DYGRAPHS="${elsewhere-}" "$bin/bash" tools/deps.sh "$@"
}

one_sentence() {
	[ "$(wc -l <"$TEST_TMP/err")" = 1 ] || fail "not one line: $(cat "$TEST_TMP/err")"
	local text
	for text; do
		grep -qF -e "$text" "$TEST_TMP/err" || fail "'$text' is not in: $(cat "$TEST_TMP/err")"
	done
}

mkdir -p "$TEST_TMP/root/usr/include" "$TEST_TMP/root/usr/share/javascript/dygraphs" \
	"$TEST_TMP/root/usr/lib/python3/dist-packages/jsonschema"
touch "$TEST_TMP/root/usr/lib/python3/dist-packages/jsonschema/__init__.py"
touch "$TEST_TMP/root/usr/include/stdio.h" "$TEST_TMP/root/usr/share/javascript/dygraphs/dygraph.min.js"

echo "nothing missing: nothing happens, not even sudo or apt-get"
machine
everything
deps install test
expect_status 0
if [ -s "$TEST_TMP/err" ] || [ -s "$TEST_TMP/out" ]; then fail "it said something"; fi

echo "root, one library and one tool missing: exactly these are installed, for a build not the tool"
machine
everything
apt_get
rm "$bin/strace"
deps install build
expect_status 0
[ ! -s "$calls" ] || fail "$(cat "$calls")"
without_lib jansson
deps install test
expect_status 0
grep -q 'install -y --no-install-recommends libjansson-dev strace frontend=noninteractive$' "$calls" ||
	fail "$(cat "$calls")"
[ "$(wc -l <"$calls")" = 1 ] || fail "more than one call: $(cat "$calls")"

echo "what apt-get does is told while it does it"
machine
everything
without_lib jansson
stub apt-get '
echo "Need to get 67.8 MB of archives."
echo "Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]"
echo "Get:2 http://deb.debian.org/debian bookworm/main amd64 libjansson-dev amd64 2.14-2 [40.1 kB]"
echo "Setting up libjansson-dev:amd64 (2.14-2) ..."
echo jansson >>"$M/libs"'
deps install build
expect_status 0
diff - "$TEST_TMP/err" <<'TOLD' || fail "that is not what was told"
installing: libjansson-dev
  Need to get 67.8 MB of archives.
  fetching the package lists of bookworm
  fetching libjansson-dev
  installed libjansson-dev:amd64
TOLD

echo "no package lists yet: they are fetched, once"
machine
everything
apt_get
without_lib jansson
touch "$TEST_TMP/no-lists"
deps install build
expect_status 0
[ "$(grep -c update "$calls")/$(wc -l <"$calls")" = 1/3 ] || fail "$(cat "$calls")"

echo "an ordinary user with sudo that asks nothing"
machine
everything
apt_get
echo 1000 >"$TEST_TMP/uid"
stub sudo 'echo "sudo $*" >>"$M/calls"; [ "$1" = -n ] && shift || exit 1; [ "$1" = true ] || "$@"'
without_lib jansson
deps install build
expect_status 0
grep -q '^sudo -n env DEBIAN_FRONTEND=noninteractive apt-get .*libjansson-dev' "$calls" || fail "$(cat "$calls")"

echo "an ordinary user whose sudo wants a password, and one without sudo"
machine
everything
apt_get
echo 1000 >"$TEST_TMP/uid"
stub sudo 'exit 1'
without_lib jansson
for time in first second; do
	deps install build
	expect_status 1 "$time"
	one_sentence libjansson-dev 'as root'
	rm -f "$bin/sudo"
done
[ ! -s "$calls" ] || fail "$(cat "$calls")"

echo "no apt-get"
machine
everything
without_lib libmnl
without_lib libevent
deps install build
expect_status 1
one_sentence libevent-dev libmnl-dev 'no apt-get'

echo "apt-get fails, and apt-get that does not deliver"
machine
everything
without_lib jansson
stub apt-get 'echo "E: the disk is on fire"; exit 100'
deps install build
expect_status 1
grep -q 'disk is on fire' "$TEST_TMP/err" || fail "what apt-get said is lost"
grep -q 'could not install: libjansson-dev' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
stub apt-get 'exit 0'
deps install build
expect_status 1
grep -q 'still not found: libjansson-dev' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"

echo "a bare machine: everything is named, as pkg-config's absence means all libraries"
machine
deps missing test
expect_status 0
tr '\n' ' ' <"$TEST_TMP/out" | grep -q 'gcc.*make.*pkg-config.*libevent-dev.*libjansson-dev.*libmnl-dev.*check.*strace' || fail "$(cat "$TEST_TMP/out")"

echo "the programs are asked for by their level alone"
machine
everything
deps missing test
! grep -q haproxy "$TEST_TMP/out" || fail "make test asks for haproxy"
deps missing programs
grep -qx haproxy "$TEST_TMP/out" || fail "$(cat "$TEST_TMP/out")"
! grep -q strace "$TEST_TMP/out" || fail "make programs asks for strace"
stub haproxy 'exit 0'
mkdir -p "$TEST_TMP/root/usr/lib/nginx/modules"
touch "$TEST_TMP/root/usr/lib/nginx/modules/ngx_stream_module.so"
deps missing programs
! grep -q 'haproxy\|nginx-mod' "$TEST_TMP/out" || fail "it did not see haproxy and nginx's stream module: $(cat "$TEST_TMP/out")"

echo "make's question before it compiles"
machine
everything
deps can-build cc pkg-config jansson libmnl
expect_status 0
deps can-build nocc pkg-config jansson
expect_status 1
one_sentence nocc 'make deps'
without_lib jansson
deps can-build cc pkg-config jansson
expect_status 1
one_sentence libjansson-dev 'make deps'
everything
mv "$TEST_TMP/root/usr/share/javascript/dygraphs" "$TEST_TMP/elsewhere"
deps can-build cc pkg-config jansson libmnl
expect_status 1
one_sentence libjs-dygraphs 'make deps'
elsewhere=$TEST_TMP/elsewhere deps can-build cc pkg-config jansson libmnl
expect_status 0
mv "$TEST_TMP/elsewhere" "$TEST_TMP/root/usr/share/javascript/dygraphs"
without_lib jansson
rm "$bin/pkg-config"
deps can-build cc pkg-config jansson
expect_status 1
one_sentence pkg-config libevent-dev 'make deps'

echo "every name is a Debian package, where apt knows packages"
if command -v apt-cache >/dev/null && apt-cache policy gcc | grep -q Candidate; then
	# shellcheck disable=SC2046 # names are separate arguments
	apt-cache policy $(tools/deps.sh list test; tools/deps.sh list programs) | sed -n 's/^\([a-z].*\):$/\1/p' | sort >"$TEST_TMP/known"
	{ tools/deps.sh list test && tools/deps.sh list programs; } | sort | diff - "$TEST_TMP/known" || fail "apt does not know these"
fi
