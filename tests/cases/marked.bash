# shellcheck shell=bash
# marked.bash - for cases that run other tests in another way: those whose head says that they know
# how.
#
#   run_marked MARK SETTING    each test with a line "# MARK", with SETTING in its environment
run_marked() {
	local mark=$1 setting=$2 script name begin ran=
	for script in $(grep -l "^# $mark" tests/run/*.sh tests/netns/*.sh); do
		name=${script##*/} name=${name%.sh}
		mkdir -p "$TEST_TMP/$name"
		begin=$EPOCHSECONDS
		run env "$setting" TEST_TMP="$TEST_TMP/$name" bash "$script"
		case $status in
		0) echo "$name: $((EPOCHSECONDS - begin)) s" ;;
		77) echo "$name: not here: $(tail -n 1 "$TEST_TMP/out")" ;;
		*) expect_status 0 "$name" ;;
		esac
		rm -rf "${TEST_TMP:?}/$name"
		ran=1
	done
	[ -n "$ran" ] || fail "no test says $mark"
}
