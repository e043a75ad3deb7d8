#!/bin/bash
# Whatever is done to a run, what is told is true: packets lost, RSTs by others, second clients, other programs, links cut, servers
# stopped and exchanged, ss -K in each state, sysctls changed.  Each attack is a function in tests/cases/attacks/, judged by another
# source than the result: nstat and ss of both hosts, nftables, the peer's own count.
#
#   bash tests/cases/attacks.sh [TEXT...]   those whose names contain one of the TEXTs
#   ATTACKS_TOLD=1 bash tests/cases/attacks.sh   no attack: their table, as in docs/causes.md
# limit: 600
# quiet
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
. tests/netns/two_hosts.bash
. tests/cases/attacks/kit.bash
. tests/cases/attacks/packets.bash
. tests/cases/attacks/others.bash
. tests/cases/attacks/server.bash
. tests/cases/attacks/kernel.bash
need python3

wanted() {
	local text name=$1
	shift
	[ $# = 0 ] && return
	for text; do
		[[ $name == *"$text"* ]] && return
	done
	return 1
}

# attack NAME: in a directory and with hosts of its own
attack() (
	name=$1 faults=0
	trap lib_exit EXIT
	TEST_TMP=$TEST_TMP/$name
	mkdir -p "$TEST_TMP"
	"attack_$name"
	exit $faults
)

# The table of docs/causes.md is of these very attacks.
if [ $# = 0 ] && [ -z "${ATTACKS_TOLD:-}" ]; then
	ATTACKS_TOLD=1 bash tests/cases/attacks.sh | diff - <(sed -n '/^| attack |/,/^$/p' docs/causes.md | sed '1,2d;/^$/d') ||
		fail "the table in docs/causes.md is another: ATTACKS_TOLD=1 bash tests/cases/attacks.sh prints it"
fi

count=0 bad=()
for name in $(sed -n 's/^attack_\([a-z0-9_]*\)() {$/\1/p' tests/cases/attacks/{packets,others,server,kernel}.bash); do
	wanted "$name" "$@" || continue
	status=0 begin=${EPOCHREALTIME/[.,]/}
	attack "$name" || status=$?
	[ -n "${ATTACKS_TOLD:-}" ] && continue
	count=$((count + 1))
	case $status in
	0) echo "$name: right, $(((${EPOCHREALTIME/[.,]/} - begin) / 1000)) ms" ;;
	77) echo "$name: left out" ;;
	*) bad+=("$name") ;;
	esac
done
[ ${#bad[@]} = 0 ] || fail "of $count attacks ${#bad[@]} are told wrong: ${bad[*]}"
