# shellcheck shell=bash
# malloc.bash - for tests of what happens when an allocation fails: the plans, and how to run them.

# malloc_begin: a server to talk to, results to compare, a scenario.
malloc_begin() {
	need python3
	[ -e "$TEST_BIN/preload/fail_malloc.so" ] || fail "no $TEST_BIN/preload/fail_malloc.so"
	docs=$PWD/docs
	cd "$TEST_TMP" || exit 1
	start_server server --admin 127.0.0.1:0
	client="client -t 127.0.0.1:$port -n 5 -q --close client-rst"
	for name in good good2; do
		# shellcheck disable=SC2086 # several words
		"$TWSTORM" $client -o $name.json >/dev/null || fail "no result to begin with"
	done
	printf 'tcp 0 0 10.1.0.1:%d 10.1.0.2:443 CLOSE_WAIT 7/java\n' 40000 40002 40004 40006 40008 >pasted.txt
	cat >tiny.ini <<'INI'
[scenario]
about = five connections
[host server]
[host client]
[server main]
host = server
args = --listen {server}:9000
[client main]
host = client
args = --target {server}:9000 --connections 5
[expect]
all of them = totals.connects_ok == 5
INI
}

# malloc_plan NAME STEP: what malloc.py takes for it.
malloc_plan() {
	case $1 in
	client) echo "$2 r.json $docs/result.schema.json $client -o r.json --html r.html" ;;
	stats) echo "$2 r.json $docs/result.schema.json $client -o r.json --server-stats $admin --expect 'totals.connects_ok == 5'" ;;
	http) echo "$2 r.json $docs/result.schema.json $client -o r.json --proto http -w 2" ;;
	server) echo "$2 s.json $docs/server.schema.json server -l 127.0.0.1:0 -d 20ms -q -o s.json --admin 127.0.0.1:0" ;;
	states) echo "$2 st.json $docs/states.schema.json states -o st.json --by peer" ;;
	report) echo "$2 c.json $docs/comparison.schema.json report $PWD/good.json $PWD/good2.json -o c.json" ;;
	doctor) echo "$2 d.json $docs/doctor.schema.json doctor $PWD/pasted.txt -o d.json" ;;
	page) echo "$2 - - report $PWD/good.json --html c.html" ;;
	dry) echo "$2 - - lab run storm --dry-run" ;;
	list) echo "$2 - - lab list" ;;
	probe) echo "$2 p.json $docs/probe.schema.json lab probe rebind -o p.json" ;;
	lab) echo "$2 lab/tiny.json $docs/result.schema.json lab run -q $PWD/tiny.ini -o lab" ;;
	*) fail "there is no plan $1" ;;
	esac
}

# malloc_run MORE NAME:STEP...: these plans, with MORE allocations failing after each.
malloc_run() {
	local more=$1 plans=() plan
	shift
	for plan; do
		if [[ $plan == lab:* ]] && ! unshare -Ur true 2>/dev/null; then
			echo "note: no user namespaces here, so the lab is not tried"
			continue
		fi
		plans+=("$(malloc_plan "${plan%:*}" "${plan#*:}")")
	done
	# A sanitizer's malloc would rather be the first.
	ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0:${ASAN_OPTIONS:-}" \
		python3 "${TEST_SCRIPT%/*/*}/malloc.py" "$TWSTORM" "$TEST_BIN/preload/fail_malloc.so" "$more" "${plans[@]}" ||
		fail "a failed allocation has done harm"
}
