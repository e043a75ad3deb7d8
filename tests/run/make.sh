#!/bin/bash
# What the Makefile does in a clone: the README's commands work the first time on a machine that has
# to install first, installed files land where they are asked for, and flags of the user's reach
# the compiler.
# limit: 120
. "$(dirname "$0")/../lib.sh"

# A compiler that compiles nothing but leaves a program, and writes down what it was asked.
cat >"$TEST_TMP/quickcc" <<'CC'
#!/bin/bash
echo "$*" >>"${0%/*}/asked"
while [ $# -gt 1 ]; do
	[ "$1" = -o ] && printf '#!/bin/sh\nexit 0\n' >"$2" && chmod +x "$2"
	shift
done
CC
chmod +x "$TEST_TMP/quickcc"

# clone NAME: this source in a folder of that name below $TEST_TMP, nothing built; goes there.
clone() {
	mkdir "$TEST_TMP/$1"
	tar -c --exclude=./build --exclude=./out --exclude=./.git . | tar -x -C "$TEST_TMP/$1"
	cd "$TEST_TMP/$1" || exit 1
}

# leave: back from a clone, which goes: the runner looks for a sanitizer's words in what a test
# leaves, and tests have them.
leave() {
	local from=$PWD
	cd "$source_folder" || exit 1
	rm -rf "$from"
}

# As a person in a shell would: nothing of the make that runs this test.
by_hand() {
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u DYGRAPHS -u OUT -u SAN "$@"
}

source_folder=$PWD
own_mounts=(unshare --mount)
[ "$(id -u)" = 0 ] || own_mounts=(unshare --user --map-root-user --mount)
place=/usr/share/javascript/dygraphs

# ---- the first time

# An empty folder where dygraphs should be, until the installer fills it.
first_time() {
	cat >tools/deps.sh <<-DEPS
		#!/bin/bash
		[ "\$1" = install ] || exit 0
		echo "installing" >&2
		cp "$TEST_TMP/dygraphs"/* $place/
	DEPS
	run "${own_mounts[@]}" bash -c "mount -t tmpfs none $place && exec \"\$@\"" - \
		env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u DYGRAPHS -u OUT -u SAN make "$@"
	expect_status 0 "make $*, the first time"
	grep -q '^installing' "$TEST_TMP/err" || fail "nothing had to be installed: this test tests nothing"
}

if [ -e $place/dygraph.min.js ] && "${own_mounts[@]}" mount -t tmpfs none $place 2>/dev/null; then
	mkdir "$TEST_TMP/dygraphs"
	cp -L $place/dygraph*.*s "$TEST_TMP/dygraphs"
	for goal in storm 'test T=lint/marks'; do
		echo "make $goal, the first time"
		clone "first-${goal%% *}"
		# shellcheck disable=SC2086 # the goal's words
		first_time CC="$TEST_TMP/quickcc" $goal
		for part in dygraph.min.js dygraph.min.css dygraph-licence.txt; do
			[ -s "build/quickcc/obj/html/$part" ] || fail "$part is missing or empty"
		done
		leave
	done
else
	echo "no dygraphs in $place, or no mount namespace: the first time is not tried"
fi

# ---- flags, places

clone 'a folder'
# What html_assets.o needs, from wherever the real build has found it.
mkdir dy
for part in js min.js min.css; do
	echo "/* of $part */" >"dy/dygraph.$part"
done
cat >>dy/dygraph.js <<'JS'
(function() {
/*
 * Permission is hereby granted, <free> of charge
 * THE SOFTWARE IS PROVIDED "AS IS"
 */
JS
printf '#!/bin/bash\nexit 0\n' >tools/deps.sh

echo "a folder with a blank in its name, CPPFLAGS, and DESTDIR with a blank"
run by_hand make CC="$TEST_TMP/quickcc" DYGRAPHS="$PWD/dy" CPPFLAGS=-DTHE_USERS_OWN \
	DESTDIR="$TEST_TMP/to here" PREFIX=/usr install
expect_status 0
grep -q -e '-DTHE_USERS_OWN .*-c ' "$TEST_TMP/asked" || fail "CPPFLAGS does not reach the compiler"
[ "$(sed -n 1p build/quickcc/obj/html/dygraph-licence.txt)" = 'Permission is hereby granted, &lt;free&gt; of charge' ] ||
	fail "not the licence: $(cat build/quickcc/obj/html/dygraph-licence.txt)"
for file in bin/twstorm share/man/man1/twstorm-client.1 share/man/man5/twstorm-scenario.5 \
	share/bash-completion/completions/twstorm share/zsh/site-functions/_twstorm \
	share/fish/vendor_completions.d/twstorm.fish share/twstorm/scenarios/storm.ini \
	share/twstorm/scenarios/cases/restart.ini \
	share/doc/twstorm/LICENSE share/doc/twstorm/README.md share/doc/twstorm/results.md \
	share/doc/twstorm/result.schema.json; do
	[ -s "$TEST_TMP/to here/usr/$file" ] || fail "$file was not installed"
done
run by_hand make CC="$TEST_TMP/quickcc" DYGRAPHS="$PWD/dy" DESTDIR="$TEST_TMP/to here" PREFIX=/usr uninstall
expect_status 0
find "$TEST_TMP/to here" ! -type d >"$TEST_TMP/left"
[ ! -s "$TEST_TMP/left" ] || fail "uninstall leaves $(cat "$TEST_TMP/left")"

echo "a dygraphs without its licence is not embedded"
sed -i 's/Permission is/No permission is/' dy/dygraph.js
run by_hand make CC="$TEST_TMP/quickcc" DYGRAPHS="$PWD/dy"
expect_status 2
grep -q 'the licence of dygraphs' "$TEST_TMP/err" || fail "$(cat "$TEST_TMP/err")"
leave

echo "two folders, one program"
for name in one another; do
	clone "$name"
	run by_hand make ${CC:+CC="$CC"} OUT=build build/obj/common/base/err.o build/obj/twstorm.o
	expect_status 0
	mv build/obj "$TEST_TMP/of-$name"
	leave
done
for file in common/base/err.o twstorm.o; do
	cmp "$TEST_TMP/of-one/$file" "$TEST_TMP/of-another/$file" || fail "$file differs"
done
