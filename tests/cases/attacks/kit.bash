# shellcheck shell=bash
# kit.bash - how an attack is made and judged.  Each is a function attack_NAME that begins with what is done and with what is
# right, and by what that is known:
#
#   told DONE RIGHT      the two, for the table in docs/
#   serve [OPTION...]    the server, $T, and how it is asked: ${STATS[@]}
#   filter, unfilter, hits     a rule of nftables, and how many packets met it
#   begin OPTION...      the client's run, in the background; made N: until it has opened N connections
#   finish               until it ends: its exit code in $status, its result in $R, its text in $TEXT
#   go OPTION...         begin and finish
#   right CODE CLAIM...  its exit code, and what its story must say; with - in front: must not
#   same, at_least       a figure beside the same of another source
#   n, moved, hits, ss_count, did    where those come from: the result, the kernel's counters, nftables, ss, the peer
T=$SERVER_ADDR:9000
TO='tcp dport 9000' FROM='tcp sport 9000'
SYN='tcp flags & (syn | ack) == syn' SYNACK='tcp flags & (syn | ack) == (syn | ack)'
DATA='tcp flags & psh == psh' FIN='tcp flags & fin == fin' ACK='tcp flags == ack meta length < 60'
each() { echo "numgen inc mod $1 == 0"; }

told() {
	[ -z "${ATTACKS_TOLD:-}" ] && new_hosts && return
	printf '| %s | %s | %s |\n' "${name//_/ }" "$1" "$2"
	exit 0
}

# tool NAME: or the attack is left out, and says so.
tool() {
	command -v "$1" >/dev/null 2>&1 || skip "$1 is not installed"
}

# ---- what is done

serve() {
	server_on_server "$@"
	STATS=(--server-stats "$SERVER_ADDR:9100" --admin-token-file "$TEST_TMP/token")
}

# filter HOST HOOK MATCH VERDICT: of what comes in or goes out
filter() {
	tool nft
	on "$1" nft -f - <<-END || skip "nftables refuse: $3 $4"
		table inet attack {
			counter hits { }
			chain way { type filter hook $2 priority 0; $3 counter name hits $4; }
		}
	END
}
unfilter() {
	on "$1" nft delete table inet attack
}
hits() {
	on "$1" nft list counter inet attack hits | awk '/packets/ { print $2 }'
}

# peer MANNER [N]: a server in Python, when the port is free (peer_later does not wait); did: how often it did
peer_later() {
	start_on server peer python3 -u tests/cases/attacks/peer.py $SERVER_ADDR 9000 "$@"
}
peer_listens() {
	wait_line "$TEST_TMP/peer.out" '^ready' >/dev/null
}
peer() {
	peer_later "$@"
	peer_listens
}
did() {
	grep -c '^did' "$TEST_TMP/peer.out"
}

# python_on HOST NAME PROGRAM: returns when it says that it is ready.
python_on() {
	start_on "$1" "$2" python3 -u -c "$3"
	wait_line "$TEST_TMP/$2.out" '^ready' >/dev/null
}

# ended_by_ss HOST FILTER...: ss -K; prints how many sockets it ended.
ended_by_ss() {
	local host=$1
	shift
	on "$host" ss -HtanK "$@" 2>/dev/null | wc -l
}

snapshot() {
	on "$1" cat /proc/net/netstat /proc/net/snmp >"$TEST_TMP/$1.$2"
}

begin() {
	R=$TEST_TMP/run.json TEXT=$TEST_TMP/run.out
	snapshot client before
	snapshot server before
	start_on client run "$TWSTORM" client -t $T -q --sample-budget 50% -o "$R" "$@"
}
opened() {
	echo $(($(netstat_on client Tcp.ActiveOpens) - $(recorded client.before Tcp.ActiveOpens)))
}
made() {
	wait_count "$1" 10 opened
}

finish() {
	status=0
	wait_exit run || status=$?
	snapshot client after
	snapshot server after
	[ -s "$R" ] || fail "no result, exit code $status: $(cat "$TEST_TMP/run.log")"
	python3 tests/cases/attacks/sane.py "$R" "$TEXT" $status "$TEST_TMP" >"$TEST_TMP/sane" || wrong "$(cat "$TEST_TMP/sane")"
}
go() {
	begin "$@"
	finish
}

# ---- what is right

wrong() {
	echo "$name: $*"
	faults=1
}

right() {
	local claim
	[ "$status" = "$1" ] || wrong "exit code $status, not $1: $(json error "$R")"
	shift
	for claim; do
		case $claim in
		-*) says "${claim#-}" && wrong "says ${claim#-}: $(cat "$TEXT")" ;;
		*) says "$claim" || wrong "does not say $claim: $(cat "$TEXT")" ;;
		esac
	done
}

# says CLAIM; sentence CLAIM: as it is said
says() {
	json story "$R" | grep -q "\"claim\": *\"$1\""
}

# never_says WORDS: neither in the story nor in the ledger
never_says() {
	! tr -s ' \n' ' ' <"$TEXT" | grep -qF -- "$1" || wrong "says '$1': $(cat "$TEXT")"
}

balanced() {
	[ "$(json ledger.balanced "$R")" = true ] || wrong "not balanced: $(json ledger "$R")"
}

# n PATH: of the result; an errno that never came is 0
n() {
	json "$1" "$R" 2>/dev/null || echo 0
}
recorded() {
	counter "$2" record "$TEST_TMP/$1"
}
record() {
	cat "$1"
}
# moved HOST COUNTER: over the run
moved() {
	echo $(($(recorded "$1.after" "$2") - $(recorded "$1.before" "$2")))
}

same() {
	[ "$2" = "$3" ] || wrong "$1: $2, and right is $3"
}
at_least() {
	[ "$2" -ge "$3" ] || wrong "$1: $2, and right is at least $3"
}

# all_served: every connection that was started
all_served() {
	same completed "$(n outcomes.completed)" "$(n totals.connects_started)"
	same "failures.lost" "$(n failures.lost)" 0
}
# as_ss STATE SS-STATE: those that the client's host has at the end, by the result and by ss
as_ss() {
	same "client's $1" "$(n states.client.end."$1")" "$(ss_count client state "$2" dport = :9000)"
}
# accepted: what the server's kernel opened, but for the questions that it was asked
accepted() {
	same connects_ok "$(n totals.connects_ok)" \
		$(($(moved server Tcp.PassiveOpens) - $(n config.server_stats | grep -c :9100)))
}
