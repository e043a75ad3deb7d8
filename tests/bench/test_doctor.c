/* What twstorm doctor concludes from text: each dialect, each finding, and what must not be claimed.
 * Conditions are those of --expect. */
#include "bench/doctor/anonymize.h"
#include "common/result/figure.h"
#include "tests/bench/diagnosed.h"
#include "tests/check_main.h"

#include <stdio.h>

#define TW(port, rest) "tcp 0 0 10.1.0.1:" #port " 10.1.0.2:443 TIME_WAIT" rest "\n"
static const struct {
	const char *what, *text, *condition;
} rows[] = {
	/* ---- dialects */
	{ "ss with a header", "$ ss -tan\n" SS "ESTAB 0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "states.ESTABLISHED == 1 and states.TIME_WAIT == 0 and first == none and "
	  "facts.at_least == false and remote.0.ports_used == 1" },
	{ "ss with a Netid, IPv6, a zone and a service",
	  SS "tcp ESTAB 0 0 [2001:db8::1]:40000 [2001:db8::2]:https\n"
	     "tcp ESTAB 0 0 [fe80::1]%eth0:40002 [fe80::2]:ssh\n",
	  "remote.[2001:db8::2]:443.sockets == 1 and states.ESTABLISHED == 2" },
	{ "ss state X leaves the column out",
	  "$ ss -tn state fin-wait-2\n0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "states.FIN_WAIT2 == 1 and states.ESTABLISHED == null" },
	{ "9.660ms is 9.66 s, 197ms is not, nothing is over, 1min5sec is more than a "
	  "minute",
	  "$ ss -tano\n" SS
	  "TIME-WAIT 0 0 10.1.0.1:40000 10.1.0.2:443 timer:(timewait,9.660ms,0)\n"
	  "TIME-WAIT 0 0 10.1.0.1:40002 10.1.0.2:443 timer:(timewait,197ms,0)\n"
	  "TIME-WAIT 0 0 10.1.0.1:40004 10.1.0.2:443 timer:(timewait,,0)\n"
	  "TIME-WAIT 0 0 10.1.0.1:40006 10.1.0.2:443 timer:(timewait,1min5sec,0)\n"
	  "TIME-WAIT 0 0 10.1.0.1:40008 10.1.0.2:443 timer:(timewait,9.501sec,0)\n",
	  "rate.50.born == 2 and rate.59.born == 1 and rate.0.born == 1 and "
	  "facts.time_wait.expired == 1 and facts.time_wait.timed == 5" },
	{ "netstat -o has seconds",
	  "$ netstat -tano\n" TW(40000, " timewait (15.42/0/0)")
		  TW(40002, " off (0.00/0/0)"),
	  "rate.44.born == 1 and facts.time_wait.timed == 1 and states.TIME_WAIT == 2" },
	{ "netstat without brackets: the last colon",
	  NETSTAT "tcp6 0 0 ::1:58056 ::1:9200 TIME_WAIT\n",
	  "remote.[::1]:9200.ports_used == 1" },
	{ "v4-mapped is IPv4, and IPv4 in a tcp6 line",
	  NETSTAT "tcp6 0 0 ::ffff:10.1.0.1:40000 ::ffff:10.1.0.2:443 ESTABLISHED\n"
		  "tcp6 0 0 10.1.0.1:40002 10.1.0.2:443 ESTABLISHED\n",
	  "remote.10.1.0.2:443.sockets == 2" },
	{ "another language", "tcp 0 0 10.1.0.1:40000 10.1.0.2:443 VERBUNDEN\n",
	  "states.ESTABLISHED == 1 and facts.at_least == true" },
	{ "udp has no state",
	  NETSTAT "udp 0 0 0.0.0.0:53 0.0.0.0:* 937/dnsmasq\n" TW(40000, ""),
	  "facts.listed == 1 and states.TIME_WAIT == 1" },
	{ "/proc/net/tcp",
	  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt "
	  "uid timeout inode\n"
	  "   0: 0100007F:9C40 0200000A:01BB 06 00000000:00000000 03:000005DC 00000000 0 "
	  "0 0 3 0\n",
	  "remote.10.0.0.2:443.ports_used == 1 and states.TIME_WAIT == 1 and "
	  "rate.44.born == 1" },
	{ "/proc/net/tcp6, v4-mapped and IPv6",
	  "   0: 0000000000000000FFFF00000100000A:9C40 "
	  "0000000000000000FFFF00000200000A:01BB 01 00000000:00000000 00:00000000 "
	  "00000000 0 0 7 1\n"
	  "   1: B80D0120000000000000000001000000:9C41 "
	  "B80D0120000000000000000002000000:01BB 01 00000000:00000000 00:00000000 "
	  "00000000 0 0 8 1\n",
	  "remote.10.0.0.2:443.sockets == 1 and remote.[2001:db8::2]:443.sockets == 1" },
	{ "ss and /proc of the same sockets: each once",
	  "$ ss -tan\n" SS "ESTAB 0 0 10.0.0.1:40000 10.0.0.2:443\n$ cat /proc/net/tcp\n"
	  "   0: 0100000A:9C40 0200000A:01BB 01 00000000:00000000 00:00000000 00000000 0 "
	  "0 7 1\n",
	  "states.ESTABLISHED == 1 and facts.listed == 1" },
	{ "the same command again is a later look",
	  "$ ss -tan\n" SS "ESTAB 0 0 10.1.0.1:40000 10.1.0.2:443\n$ date\n$ ss -tan\n" SS
	  "ESTAB 0 0 10.1.0.1:40002 10.1.0.2:443\n",
	  "states.ESTABLISHED == 1" },
	{ "listeners that share a port are several",
	  "$ ss -lnt\n" SS "LISTEN 0 128 *:80 *:*\nLISTEN 0 128 *:80 *:*\n",
	  "states.LISTEN == 2" },
	{ "awk's counts", "TIME_WAIT 41\nESTABLISHED 3\n",
	  "states.TIME_WAIT == 41 and states.CLOSE_WAIT == null and facts.listed == 0" },
	{ "uniq -c, with words of the header",
	  "   1793 CLOSE_WAIT\n      1 Foreign\n      1 established)\n",
	  "states.CLOSE_WAIT == 1793 and states.ESTABLISHED == null" },
	{ "wc -l of a state", "$ netstat -an | grep TIME_WAIT | wc -l\n2700\n",
	  "states.TIME_WAIT == 2700 and first == none" },
	{ "a count that would take most ports, were all to one end: it has no addresses",
	  "$ netstat -an | grep TIME_WAIT | wc -l\n27000\n",
	  "states.TIME_WAIT == 27000 and first == cannot_tell" },
	{ "wc -l of something else is no count", "$ ss -tan | wc -l\n27000\n",
	  "states.TIME_WAIT == null and facts.connections == null" },
	{ "ss -s: closed contains timewait",
	  "TCP:   177 (estab 15, closed 119, orphaned 2, synrecv 0, timewait 26/0), "
	  "ports 0\n",
	  "states.TIME_WAIT == 26 and facts.summary.closed == 119 and states.CLOSE == "
	  "null" },
	{ "nstat and netstat -s",
	  "TcpExtTW 5 0.0\nTcpActiveOpens 7 0.0\n    12 SYN cookies sent\n",
	  "facts.counters.TcpExt.TW == 5 and facts.counters.Tcp.ActiveOpens == 7 and "
	  "facts.counters.TcpExt.SyncookiesSent == 12 and facts.grown.TcpExt.TW == "
	  "null" },
	{ "two looks are not added", "TcpExtTW 5 0.0\nTcpExtTW 8 0.0\n",
	  "facts.counters.TcpExt.TW == 8 and facts.grown.TcpExt.TW == 3" },
	{ "sysctl, with and without blanks",
	  "net.ipv4.ip_local_port_range = 1024\t65535\nnet.ipv4.tcp_tw_reuse=1\n"
	  "net.ipv4.ip_local_reserved_ports = 8080,9000-9009\n",
	  "facts.range.ports == 64501 and facts.sysctl.net.ipv4.tcp_tw_reuse == 1 and "
	  "facts.range.assumed == false" },
	{ "cat of one file",
	  "# cat /proc/sys/net/ipv4/ip_local_port_range\n40000 40999\n",
	  "facts.range.lo == 40000 and facts.range.ports == 1000" },
	{ "conntrack -S, all CPUs together",
	  "cpu=0 found=1 insert=10 insert_failed=2 drop=0 early_drop=0\n"
	  "cpu=1 found=1 insert=30 insert_failed=1 drop=0 early_drop=0\n",
	  "facts.conntrack.insert == 40 and facts.conntrack.insert_failed == 3 and first "
	  "== conntrack_insert" },
	{ "limits",
	  "Max open files            1024                 4096                 files\n",
	  "facts.descriptors.open_files == 1024" },
	{ "marks of mails",
	  "> $ ss -tan\n> " SS "> ESTAB 0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "states.ESTABLISHED == 1" },
	/* ---- not Linux */
	{ "macOS", "tcp4 0 0 127.0.0.1.50185 127.0.0.1.9200 FIN_WAIT_2\n",
	  "first == not_linux and states.FIN_WAIT2 == 1 and "
	  "remote.127.0.0.1:9200.sockets == 1" },
	{ "Windows", "  TCP    10.1.0.1:55933   10.1.0.2:443   SYN_RECEIVED\n",
	  "first == not_linux and states.SYN_RECV == 1" },
	{ "PowerShell", "10.1.0.1 50001 10.1.0.2 443 TimeWait\n",
	  "first == not_linux and states.TIME_WAIT == 1" },
	/* ---- what must not be claimed */
	{ "nothing", "", "first == cannot_tell" },
	{ "prose", "netstat shows that the server is slow, 3 times a day at 12:30:00\n",
	  "first == cannot_tell and facts.listed == 0" },
	{ "a list that is cut in a line",
	  NETSTAT TW(40000, "") "tcp 0 0 10.1.0.1:40002 10.1.0",
	  "first == cannot_tell and facts.at_least == true and states.TIME_WAIT == 1" },
	{ "a state that is cut",
	  NETSTAT TW(40000, "") "tcp 0 0 10.1.0.1:40002 10.1.0.2:443 TIME_W",
	  "first == cannot_tell and states.TIME_WAIT == 1" },
	{ "a list without a header or a command", TW(40000, ""),
	  "facts.at_least == true and first == none" },
	{ "a grep'd list has no zeros",
	  "$ ss -tan | grep 443\nESTAB 0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "states.TIME_WAIT == null and facts.filtered == true" },
	{ "few CLOSE_WAIT", NETSTAT "tcp 1 0 10.1.0.1:40000 10.1.0.2:443 CLOSE_WAIT\n",
	  "first == none" },
	{ "a message alone does not say that ports are gone while few are used, nor that "
	  "nothing is wrong",
	  "connect: Cannot assign requested address\n$ ss -tan\n" SS
	  "ESTAB 0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "first == cannot_tell" },
	{ "a message without a list is an estimate",
	  "connect: Cannot assign requested address\n",
	  "first == ports and findings.0.exact == estimate" },
	{ "ports outside of the default range: it is not known",
	  TW(7000, "") TW(7002, ""),
	  "facts.range.ports == null and facts.range.other == true and remote.0.used_pct "
	  "== null" },
	{ "without an owner's list nobody knows who accepts",
	  "$ netstat -tanp\n"
	  "tcp 9 0 10.1.0.1:80 10.1.0.2:50000 CLOSE_WAIT -\n"
	  "tcp 9 0 10.1.0.1:80 10.1.0.2:50002 CLOSE_WAIT -\n"
	  "tcp 9 0 10.1.0.1:80 10.1.0.2:50004 CLOSE_WAIT -\n"
	  "tcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN -\n",
	  "facts.not_accepted.n == null and first == none" },
	/* ---- findings */
	{ "not accepted",
	  "$ netstat -tanp\n"
	  "tcp 9 0 10.1.0.1:80 10.1.0.2:50000 CLOSE_WAIT -\n"
	  "tcp 9 0 10.1.0.1:80 10.1.0.2:50002 CLOSE_WAIT -\n"
	  "tcp 9 0 10.1.0.1:80 10.1.0.2:50004 CLOSE_WAIT -\n"
	  "tcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN 7/nginx: master\n",
	  "first == backlog and facts.not_accepted.n == 3 and findings.0.in_s == 0" },
	{ "a queue that is full", "$ ss -lnt\n" SS "LISTEN 129 128 *:80 *:*\n",
	  "first == backlog and findings.0.in_s == 0" },
	{ "a queue that is half full", "$ ss -lnt\n" SS "LISTEN 64 128 *:80 *:*\n",
	  "first == backlog and findings.0.in_s == null" },
	{ "a queue that is not", "$ ss -lnt\n" SS "LISTEN 4 128 *:80 *:*\n",
	  "first == none" },
	{ "netstat has no limit", "$ netstat -lnt\ntcp 4 0 0.0.0.0:80 0.0.0.0:* LISTEN\n",
	  "first == none and listen.0.limit == null" },
	{ "overflows between two looks come before those that have no time",
	  "TcpExtListenOverflows 5 0.0\ninterval_ms 1000\nTcpExtListenOverflows 8 "
	  "0.0\nTcpExtTCPTimeWaitOverflow 9 0.0\n",
	  "first == backlog and findings.0.in_s == 0 and findings.1.in_s == null" },
	{ "orphans",
	  "TCP: inuse 5 orphan 70 tw 3 alloc 9 mem 2\nnet.ipv4.tcp_max_orphans = 70\n",
	  "first == orphans" },
	{ "orphans far from it",
	  "TCP: inuse 5 orphan 7 tw 3 alloc 9 mem 2\nnet.ipv4.tcp_max_orphans = 70\n",
	  "first == none" },
	{ "memory",
	  "TCP: inuse 5 orphan 7 tw 3 alloc 9 mem 42360\nnet.ipv4.tcp_mem = "
	  "21180\t28243\t42360\n",
	  "first == memory and findings.0.in_s == 0" },
	{ "memory under pressure",
	  "TCP: inuse 5 orphan 7 tw 3 alloc 9 mem 30000\nnet.ipv4.tcp_mem = "
	  "21180\t28243\t42360\n",
	  "first == memory and findings.0.in_s == null" },
	{ "conntrack's count",
	  "net.netfilter.nf_conntrack_count = 65536\nnet.netfilter.nf_conntrack_max = "
	  "65536\n",
	  "first == conntrack and findings.0.in_s == 0" },
	{ "conntrack, half full",
	  "net.netfilter.nf_conntrack_count = 32768\nnet.netfilter.nf_conntrack_max = "
	  "65536\n",
	  "first == cannot_tell" },
	{ "TIME_WAIT buckets", "TIME_WAIT 500\nnet.ipv4.tcp_max_tw_buckets = 500\n",
	  "first == tw_buckets" },
	{ "descriptors", "accept: Too many open files\n", "first == descriptors" },
	{ "the collector's descriptors",
	  "descriptors 7 used 1020 of 1024 nginx\ndescriptors 8 used 5 of 1024 sh\n",
	  "first == descriptors and facts.descriptors.used == 1020" },
	{ "SYN_RECV", "SYN_RECV 400\nESTABLISHED 10\n", "first == syn_queue" },
	{ "FIN_WAIT2", "FIN_WAIT2 400\nESTABLISHED 10\n", "first == fin_wait2" },
	{ "a source address that has no port left",
	  "failed to bind to 10.1.0.6:0: Address already in use\n",
	  "first == ports and facts.source_address.bind_failed == 1" },
	{ "a listener that is there already is none",
	  "failed to bind to 10.1.0.6:80: Address already in use\n",
	  "first == cannot_tell" },
};

TEST_ROWS(concludes, rows)
{
	json_t *doc = diagnosed(row->text);

	check_holds(doc, row->what, row->condition);
	json_decref(doc);
}

/* ---- the ports of one remote end */

/* `n` TIME_WAIT to one server, `rate` a second, the last just now. */
static json_t *storm(unsigned n, double rate, const char *more)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	json_t *doc;

	fprintf(to, "%s$ ss -tano\n" SS, more);
	for (unsigned i = 0; i < n; i++)
		fprintf(to,
			"TIME-WAIT 0 0 10.1.0.1:%u 10.1.0.2:443 "
			"timer:(timewait,%.3fsec,0)\n",
			40000 + i, 60 - (i + 1) / rate);
	fclose(to);
	doc = diagnosed(text);
	free(text);
	return doc;
}

#define RANGE(ports) "net.ipv4.ip_local_port_range = 40000 " #ports "\n"

TEST(predicts_when_ports_are_gone)
{
	json_t *doc = storm(1000, 300, RANGE(42999) "net.ipv4.tcp_tw_reuse = 0\n");

	/* 2,000 are free: 6.67 s. */
	check_holds(doc, "in time", "first == ports and findings.0.in_s ~ 6.67 2%");
	ck_assert(findings_within(doc, 10ull * 1000000000));
	ck_assert(!findings_within(doc, 5ull * 1000000000));
	ck_assert_ptr_null(
		strstr(json_string_value(json_object_get(doc, "says")), "not before"));
	json_decref(doc);
	/* Past half of them connect() is slower than this rate. */
	doc = storm(2000, 300, RANGE(42999) "net.ipv4.tcp_tw_reuse = 0\n");
	check_holds(doc, "past half", "first == ports and findings.0.in_s ~ 3.33 2%");
	ck_assert_ptr_nonnull(
		strstr(json_string_value(json_object_get(doc, "says")), "s, not before"));
	json_decref(doc);
}

TEST(does_not_predict_what_lasts)
{
	/* 20 a second need 1,200 of 3,000 ports. */
	json_t *doc = storm(400, 20, RANGE(42999) "net.ipv4.tcp_tw_reuse = 0\n");

	check_holds(doc, "lasts",
		    "first == none and remote.0.full_in_s == null and remote.0.until == "
		    "lasts");
	ck_assert(!findings_within(doc, 600ull * 1000000000));
	json_decref(doc);
	doc = storm(1000, 300, RANGE(42999) "net.ipv4.tcp_tw_reuse = 1\n");
	check_holds(doc, "reuse",
		    "first == none and remote.0.full_in_s == null and remote.0.until == "
		    "reused and remote.0.reuse_is == works");
	json_decref(doc);
}

TEST(sees_that_ports_are_gone)
{
	json_t *doc = storm(1000, 500, RANGE(40999));

	check_holds(doc, "full", "first == ports and findings.0.in_s == 0");
	ck_assert_str_eq(
		json_string_value(json_object_get(
			json_array_get(json_object_get(doc, "findings"), 0), "exact")),
		"exact");
	json_decref(doc);
	doc = storm(600, 10, RANGE(40999) "net.ipv4.tcp_tw_reuse = 0\n");
	check_holds(doc, "past half", "first == ports and findings.0.in_s == null");
	json_decref(doc);
}

TEST(ports_that_connect_takes_again_are_not_gone)
{
	/* 10 a second: the last ten are younger than a second. */
	json_t *doc = storm(1000, 20, RANGE(40999) "net.ipv4.tcp_tw_reuse = 1\n");

	check_holds(doc, "reuse",
		    "first == none and remote.0.ports_used == 1000 and "
		    "remote.0.ports_held ~ 20 10%");
	json_decref(doc);
	doc = storm(
		1000, 20,
		RANGE(40999) "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 0\n");
	check_holds(doc, "without timestamps", "first == ports and findings.0.in_s == 0");
	json_decref(doc);
	doc = storm(1000, 20, RANGE(40999) "net.ipv4.tcp_tw_reuse = 2\n");
	check_holds(doc, "of loopback alone",
		    "first == ports and remote.0.reuse_is == loopback_only");
	ck_assert_ptr_nonnull(
		strstr(json_string_value(json_object_get(doc, "says")),
		       "tcp_tw_reuse is 2, which is for loopback alone: 1 would let "
		       "connect() take 981 of them again, if the peer uses timestamps."));
	json_decref(doc);
}

/* ---- the table of findings */

static json_t *skeleton;

static bool is_unknown(const char *path, void *arg);

static void check_condition(const char *text, void *arg)
{
	ck_assert_msg(!condition_any_path(text, is_unknown, arg), "%s", text);
}

static bool is_unknown(const char *path, void *arg)
{
	struct err err;

	(void)arg;
	ck_assert_msg(path_check(skeleton, path, &err) == 0, "%s", err.text);
	return false;
}

static void check_sentence(const char *text, void *arg)
{
	figure_any_path(text, is_unknown, arg);
}

TEST(findings_name_paths_that_are_there)
{
	skeleton = doc_skeleton();
	findings_add(skeleton);
	findings_each_text(check_condition, check_sentence, NULL);
	json_decref(skeleton);
}

TEST(cures_are_whole)
{
	/* What is not known is not pasted as 0. */
	json_t *doc = diagnosed("nf_conntrack: table full, dropping packet\n"), *line;
	size_t i;

	json_array_foreach (
		json_object_get(json_array_get(json_object_get(doc, "findings"), 0),
				"cure"),
		i, line)
		ck_assert_msg(!strstr(json_string_value(line), "=0"), "%s",
			      json_string_value(line));
	ck_assert_uint_gt(i, 0);
	json_decref(doc);
}

/* ---- other addresses */

static const struct {
	const char *text, *made;
} others[] = {
	{ "ESTAB 0 0 192.0.2.7:40000 192.0.2.9:443 192.0.2.7",
	  "ESTAB 0 0 10.0.0.1:40000 10.0.0.2:443 10.0.0.1" },
	{ "127.0.0.1:80 [::1]:80 0.0.0.0:* [::]:22 ::1:58056",
	  "127.0.0.1:80 [::1]:80 0.0.0.0:* [::]:22 ::1:58056" },
	{ "[2001:db8:7::9]:443 2001:db8:7::9:58056",
	  "[2001:db8::1]:443 2001:db8::1:58056" },
	{ "::ffff:192.0.2.7:80 192.0.2.7:81", "::ffff:10.0.0.1:80 10.0.0.1:81" },
	{ "0: 070200C0:B57C 0100007F:1F90 02", "0: 0100000A:B57C 0100007F:1F90 02" },
	{ "192.0.2.7.9200 version 7.6.1810", "10.0.0.1.9200 version 7.6.1810" },
	{ "web7.example.com:https user@web7:~$ localhost:5000",
	  "host1.example:https user@host2.example:~$ localhost:5000" },
	{ "Nov 30 10:11:12 web7 kernel: web7: TCP: too many orphaned sockets",
	  "Nov 30 10:11:12 host1.example kernel: host1.example: TCP: too many orphaned "
	  "sockets" },
	{ "2026-11-30T10:11:12.5+00:00 web7 sshd[7]: from web8.example.com",
	  "2026-11-30T10:11:12.5+00:00 host1.example sshd[7]: from web8.example.com" },
	{ "2026-11-30 10:11:12 db-1.corp.example.com haproxy[9]: (db-1)",
	  "2026-11-30 10:11:12 host1.example haproxy[9]: (host2.example)" },
	{ "web7:~# uname -a", "host1.example:~# uname -a" },
	{ "web7# dmesg", "host1.example# dmesg" },
	{ "Linux web7 6.1.0-13-amd64 #1 SMP x86_64 GNU/Linux",
	  "Linux host1.example 6.1.0-13-amd64 #1 SMP x86_64 GNU/Linux" },
	{ "[    0.000000] Linux version 6.1.0-13-amd64 (Debian 12)",
	  "[    0.000000] Linux version 6.1.0-13-amd64 (Debian 12)" },
	{ "Linux 6.18.5 x86_64", "Linux 6.18.5 x86_64" },
	{ "bash-5.1$ ss -s", "bash-5.1$ ss -s" },
	{ "Nov 30 10:11:12 nginx: 2026/11/30 10:11:12 connect() failed",
	  "Nov 30 10:11:12 nginx: 2026/11/30 10:11:12 connect() failed" },
	{ "timer:(timewait,38sec,0) ino:0 uid:1000 sk:1f 12:30:05",
	  "timer:(timewait,38sec,0) ino:0 uid:1000 sk:1f 12:30:05" },
};

TEST_ROWS(replaces_addresses, others)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	struct anonymizer *a = anonymizer_new(NULL);

	ck_assert_int_eq(anonymize_line(a, row->text, strlen(row->text), to, NULL), 0);
	fclose(to);
	ck_assert_str_eq(text, row->made);
	anonymizer_free(a);
	free(text);
}

CHECK_MAIN("doctor")
