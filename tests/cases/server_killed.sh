#!/bin/bash
# A server killed at any moment: the client ends within 2 s of its duration with a valid result,
# and with exit code 4 and the error's name where the server was lost before the end.
# limit: 180
# waits
. "$(dirname "$0")/../lib.sh"
in_netns "$@"
result=$TEST_TMP/r.json

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

RANDOM=${TWSTORM_SEED:-$$}
echo "TWSTORM_SEED=${TWSTORM_SEED:-$$}"
loads=('-r 300/s' '-c 4' '-c 4 --hold 100ms' '--pool 4 -r 200/s' '--proto http -c 2' '--close server-fin -c 2'
	'--response-size 100k -c 2' '--request-size 1M -c 2' '--requests 0 -c 2' '--response-size 0 -c 2' '-c 2 --linger 5s')
for ((i = 0; i < 4 * ${#loads[@]}; i++)); do
	load=${loads[i % ${#loads[@]}]}
	start_server victim --admin 127.0.0.1:0
	stats=(--server-stats "$admin")
	[ $((i % 3)) = 0 ] && stats=()
	rm -f "$result"
	# shellcheck disable=SC2086
	start client "$TWSTORM" client -t "127.0.0.1:$port" -d 1s $load --interval 100ms "${stats[@]}" -o "$result"
	wait_line "$TEST_TMP/client.log" '^ +0\.1' >/dev/null
	begin=$(now_ms)
	at=$((RANDOM % 1300))
	sleep "$((at / 1000)).$(printf %03d $((at % 1000)))"
	stop victim KILL 2>/dev/null
	wait_exit client
	status=$?
	took=$(($(now_ms) - begin))
	what="$load ${stats[*]:+--server-stats}, killed after $at ms"
	[ $took -lt 3200 ] || fail "$what: it took $took ms"
	case $status in
	0)
		json_is complete "$result" true
		[ $at -gt 500 ] || fail "$what: exit code 0"
		;;
	4)
		json_is complete "$result" false
		json error.code "$result" >"$TEST_TMP/code"
		grep -Eqx 'peer_lost|never_connected|no_response|server_stats_lost' "$TEST_TMP/code" ||
			fail "$what: error.code is $(cat "$TEST_TMP/code")"
		grep -Eq 'ECONNREFUSED|ECONNRESET|EPIPE|ENODATA' "$result" || fail "$what: no error is named"
		[ $((i % 3)) = 0 ] || json_is server "$result" null
		;;
	*) fail "$what: exit code $status" ;;
	esac
	# What a RST of the dying server does to a connection that has closed is told, not excused.
	[ "$(json ledger.balanced "$result")" = true ] || json ledger.explanation "$result" | grep -q 'never came to it' ||
		fail "$what: $(json ledger.checks "$result")"
done
