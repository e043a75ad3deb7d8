/* What people put into tickets: prompts of all kinds, commands with pipes, what terminals, mails and web pages do to
 * lines.  Each is a short text of our own; conditions are those of --expect. */
#include "tests/bench/diagnosed.h"
#include "tests/check_main.h"

#define EST(port) "ESTAB 0 0 10.1.0.1:" #port " 10.1.0.2:443\n"
#define TW(port)  "TIME-WAIT 0 0 10.1.0.1:" #port " 10.1.0.2:443\n"
#define NTW(port)                                                                        \
	"tcp        0      0 10.1.0.1:" #port                                            \
	"          10.1.0.2:443            TIME_WAIT"
#define WHOLE "facts.at_least == false and facts.filtered == false"

static const struct {
	const char *what, *text, *condition;
} rows[] = {
	/* ---- prompts, and programs that run the tool somewhere else */
	{ "kubectl exec", "$ kubectl exec -it web-1 -c app -- ss -tan\n" SS EST(40000),
	  "states.ESTABLISHED == 1 and states.TIME_WAIT == 0 and " WHOLE },
	{ "docker exec with a path",
	  "user@build:~$ docker exec web /usr/sbin/ss -tan\n" EST(40000),
	  "states.TIME_WAIT == 0 and facts.hosts.0 == web" },
	{ "sh -c in a container",
	  "# docker exec web sh -c 'ss -tan | grep -c ESTAB'\n17\n",
	  "states.ESTABLISHED == 17" },
	{ "ip netns, nsenter, ssh", "# ip netns exec blue ss -tan\n" EST(40000),
	  "states.TIME_WAIT == 0 and facts.hosts.0 == blue" },
	{ "sudo", "web7$ sudo netstat -tanp\n" NTW(40000) "   -\n",
	  "states.ESTABLISHED == 0 and states.TIME_WAIT == 1" },
	{ "a prompt that is one sign", "\xe2\x9d\xaf ss -tan\n" EST(40000),
	  "states.TIME_WAIT == 0" },
	{ "a shell that prints what it runs", "+ ss -tan\n" EST(40000),
	  "states.TIME_WAIT == 0" },
	{ "PowerShell's prompt",
	  "PS C:\\Users\\me> netstat -an\n  TCP    10.1.0.1:55933   10.1.0.2:443   "
	  "ESTABLISHED\n",
	  "first == not_linux and states.ESTABLISHED == 1" },
	{ "a prompt without a blank behind it",
	  "root@web7:/#netstat -tan\n" NTW(40000) "\n", "states.ESTABLISHED == 0" },
	/* ---- several hosts */
	{ "the same command on two hosts is no later look",
	  "root@web1:~# ss -tan\n" EST(40000) "root@web2:~# ss -tan\n" TW(40002),
	  "states.ESTABLISHED == 1 and states.TIME_WAIT == 1 and facts.hosts.1 == web2" },
	{ "counters of two hosts have not grown",
	  "root@web1:~# nstat -az\nTcpExtListenOverflows 5 0.0\nroot@web2:~# nstat "
	  "-az\nTcpExtListenOverflows 900 0.0\n",
	  "facts.grown.TcpExt.ListenOverflows == null" },
	{ "of one host they have",
	  "root@web1:~# nstat -az\nTcpExtListenOverflows 5 0.0\nroot@web1:~# nstat "
	  "-az\nTcpExtListenOverflows 9 0.0\n",
	  "facts.grown.TcpExt.ListenOverflows == 4 and facts.hosts.1 == null" },
	{ "nstat without -a tells what grew since it ran before",
	  "$ nstat\nTcpExtListenOverflows 500 0.0\n$ nstat\nTcpExtListenOverflows 7 "
	  "0.0\n",
	  "facts.grown.TcpExt.ListenOverflows == 7" },
	/* ---- what the command line says of the list */
	{ "pipes without blanks", "$ netstat -tan|grep 443\n" NTW(40000) "\n",
	  "facts.filtered == true and states.ESTABLISHED == null" },
	{ "an expression of ss is a part", "$ ss -tan dst 10.1.0.2\n" SS EST(40000),
	  "states.TIME_WAIT == null and facts.filtered == true" },
	{ "so is a family", "$ ss -t4an\n" SS EST(40000), "states.TIME_WAIT == null" },
	{ "and a group of states", "$ ss -tan state connected\n" SS EST(40000),
	  "states.LISTEN == null" },
	{ "state listening has no column",
	  "$ ss -tn state listening\nRecv-Q Send-Q Local Address:Port Peer "
	  "Address:Port\n0 128 *:80 *:*\n",
	  "states.LISTEN == 1 and listen.0.limit == 128" },
	{ "less, sort and grep tcp leave all over",
	  "$ netstat -tan | grep tcp | sort | less\n" NTW(40000) "\n",
	  "states.ESTABLISHED == 0 and states.TIME_WAIT == 1" },
	{ "head does not", "$ ss -tan | head -2\n" SS EST(40000),
	  "states.TIME_WAIT == null" },
	{ "ss -u has no TCP in it",
	  "$ ss -uan\nState Recv-Q Send-Q Local Address:Port Peer Address:Port\nUNCONN 0 "
	  "0 10.1.0.1:68 *:*\n",
	  "facts.listed == 0 and states.CLOSE == null" },
	{ "ss -H", "$ ss -Htan\n" EST(40000) TW(40002),
	  "states.CLOSE_WAIT == 0 and states.TIME_WAIT == 1 and " WHOLE },
	{ "udp, raw and others beside TCP",
	  "$ ss -a\nNetid State Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
	  "udp UNCONN 0 0 0.0.0.0:68 0.0.0.0:*\nicmp6 UNCONN 0 0 *:58 *:*\nu_str ESTAB 0 "
	  "0 * 23456 * 23457\nmptcp ESTAB 0 0 10.1.0.1:40006 10.1.0.2:443\n"
	  "tcp ESTAB 0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "facts.listed == 1 and states.ESTABLISHED == 1 and states.CLOSE == 0" },
	/* ---- counts */
	{ "grep -v counts what is left, which is no state",
	  "$ ss -tan | grep -v TIME-WAIT | wc -l\n900\n",
	  "states.TIME_WAIT == null and facts.connections == null" },
	{ "two states in one pattern are no state",
	  "$ ss -tan | grep -E 'TIME-WAIT|CLOSE-WAIT' | wc -l\n900\n",
	  "facts.connections == null" },
	{ "grep -c", "$ netstat -ant | grep -c CLOSE_WAIT\n900\n",
	  "states.CLOSE_WAIT == 900 and first == close_wait" },
	{ "two greps count a part",
	  "$ netstat -ant | grep :443 | grep TIME_WAIT | wc -l\n900\n",
	  "facts.at_least == true and states.TIME_WAIT == 900" },
	{ "wc counts the header too", "$ ss -tan state time-wait | wc -l\n901\n",
	  "states.TIME_WAIT == 900 and facts.at_least == false" },
	{ "without -a ss lists no TIME_WAIT: none is no answer",
	  "$ ss -tn | grep TIME-WAIT | wc -l\n0\n", "states.TIME_WAIT == null" },
	{ "entries of conntrack are no sockets",
	  "# conntrack -L | awk '{print $4}' | sort | uniq -c\n  40000 TIME_WAIT\n",
	  "states.TIME_WAIT == null and facts.connections == null" },
	{ "conntrack -C beside its limit",
	  "# conntrack -C\n65536\n# sysctl "
	  "net.netfilter.nf_conntrack_max\nnet.netfilter.nf_conntrack_max = 65536\n",
	  "first == conntrack and findings.0.in_s == 0" },
	{ "a number that is none", "TIME_WAIT 18446744073709551615\n",
	  "states.TIME_WAIT == null" },
	/* ---- what terminals, mails and web pages do */
	{ "Windows line ends",
	  "$ ss -tan\r\n"
	  "ESTAB 0 0 10.1.0.1:40000 10.1.0.2:443\r\n",
	  "states.ESTABLISHED == 1 and states.TIME_WAIT == 0" },
	{ "colours and a title",
	  "\033]0;root@web7\a\033[01;32mroot@web7\033[00m:\033[01;34m~\033[00m# ss "
	  "-tan\033[K\n"
	  "\033[31mTIME-WAIT\033[0m 0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "states.TIME_WAIT == 1 and states.ESTABLISHED == 0" },
	{ "blanks of a web page",
	  "$\xc2\xa0ss -tan\nESTAB\xc2\xa0\xc2\xa0 0\xe2\x80\x83 0 "
	  "10.1.0.1:40000\xe3\x80\x80\x31\x30.1.0.2:443\xe2\x80\x8b\n",
	  "states.ESTABLISHED == 1 and states.TIME_WAIT == 0" },
	{ "marks without a blank, and two of them",
	  ">> $ ss -tan\n>> " EST(40000) ">> > " EST(40002), "states.ESTABLISHED == 2" },
	{ "a mail broke lines between words",
	  "$ netstat -tanp\n"
	  "tcp        1      0 10.1.0.1:80          198.51.100.4:50000\nCLOSE_WAIT  "
	  "7/java\n"
	  "tcp        1      0 10.1.0.1:80\n198.51.100.4:50002      CLOSE_WAIT  7/java\n",
	  "states.CLOSE_WAIT == 2 and facts.lost == false and facts.close_wait.owner == "
	  "java" },
	{ "a terminal broke them inside a word",
	  "$ netstat -tanp\n"
	  "tcp        1      0 10.1.0.1:80          198.51.100.4:500\n00      CLOSE_WAIT "
	  " 7/java\n"
	  "tcp        1      0 10.1.0.1:80          198.51.1\n00.4:50002      CLOSE_WAIT "
	  " 7/java\n",
	  "states.CLOSE_WAIT == 2 and remote.198.51.100.4.sockets == 2 and facts.lost == "
	  "false" },
	{ "a broken row without its end is not counted, and the next one is",
	  "$ netstat -tan\ntcp        1      0 10.1.0.1:80          198.51.1\n" NTW(
		  40000) "\n",
	  "states.TIME_WAIT == 1 and facts.lost == true and facts.at_least == true" },
	{ "collapsed blanks, ss -i below its socket",
	  "$ ss -tanoie\n" SS
	  "CLOSE-WAIT 1 0 10.1.0.1:80 10.1.0.3:50000 uid:33 ino:77 sk:1\n"
	  "   cubic rto:204 mss:1448 lastsnd:9 lastrcv:900 lastack:90000\n",
	  "facts.close_wait.oldest_s == 90" },
	{ "a list that is indented",
	  "    $ ss -tan\n      " EST(40000) "      " EST(40002),
	  "states.ESTABLISHED == 2" },
	/* ---- addresses and states */
	{ "an IPv6 zone before a dot: macOS", "tcp6 0 0 fe80::1%lo0.5000 *.* LISTEN\n",
	  "states.LISTEN == 1 and first == not_linux" },
	{ "an IPv6 zone in brackets",
	  "$ ss -tan\n" SS "ESTAB 0 0 [fe80::1%eth0]:40000 [fe80::2%eth0]:443\n",
	  "states.ESTABLISHED == 1" },
	{ "netstat cuts IPv6 addresses",
	  NETSTAT "tcp6 0 0 2001:db8:1:2:3:4:58056 2001:db8:1:2:3:7:443 TIME_WAIT\n",
	  "states.TIME_WAIT == 1 and facts.lost == false" },
	{ "a service that nobody knows is a row that is lost",
	  "$ netstat -ta\ntcp 0 0 web7:zzserv web8:https ESTABLISHED\n" NTW(40000) "\n",
	  "facts.lost == true and facts.at_least == true and states.TIME_WAIT == 1" },
	{ "LISTEN in a language that is not known",
	  "$ netstat -tan\ntcp 0 0 0.0.0.0:80 0.0.0.0:* OU\xc3\x87\x41\n" NTW(40000) "\n",
	  "states.LISTEN == 1" },
	{ "/proc/net/tcp without tcp6 is half of it",
	  "$ cat /proc/net/tcp\n  sl  local_address rem_address   st tx_queue rx_queue "
	  "tr tm->when retrnsmt   uid  timeout inode\n"
	  "   0: 0100007F:9C40 0200000A:01BB 06 00000000:00000000 03:000005DC 00000000 0 "
	  "0 0 3 0\n",
	  "states.TIME_WAIT == 1 and states.CLOSE_WAIT == null" },
	{ "ss -p shows no owner where there is none",
	  "# ss -tanp\n" SS "LISTEN 4 128 *:80 *:* users:((\"nginx\",pid=7,fd=6))\n"
	  "CLOSE-WAIT 90 0 10.1.0.1:80 10.1.0.3:50000\nCLOSE-WAIT 90 0 10.1.0.1:80 "
	  "10.1.0.3:50002\nCLOSE-WAIT 90 0 10.1.0.1:80 10.1.0.3:50004\n",
	  "first == backlog and facts.not_accepted.n == 3" },
	/* ---- settings */
	{ "reserved ports outside of the range take nothing from it",
	  "net.ipv4.ip_local_reserved_ports = "
	  "8080,40000-40009\nnet.ipv4.ip_local_port_range = 40000 40999\n",
	  "facts.range.ports == 990 and facts.range.reserved == 10" },
	{ "grep of /proc/sys",
	  "$ grep . /proc/sys/net/ipv4/tcp_tw*\n/proc/sys/net/ipv4/tcp_tw_reuse:1\n",
	  "facts.sysctl.net.ipv4.tcp_tw_reuse == 1" },
	{ "sysctl -n", "$ sysctl -n net.ipv4.ip_local_port_range\n40000\t40999\n",
	  "facts.range.ports == 1000" },
	{ "two files of one cat are not told apart",
	  "$ cat /proc/sys/net/ipv4/tcp_tw_reuse "
	  "/proc/sys/net/ipv4/tcp_fin_timeout\n2\n60\n",
	  "facts.sysctl.net.ipv4.tcp_fin_timeout == null and "
	  "facts.sysctl.net.ipv4.tcp_tw_reuse == null" },
	{ "a value is one line",
	  "$ cat /proc/sys/net/ipv4/tcp_max_orphans\n65536\n\n12\n",
	  "facts.sysctl.net.ipv4.tcp_max_orphans == 65536" },
	{ "settings of BSD are none of Linux", "net.inet.tcp.msl: 15000\nTIME_WAIT 300\n",
	  "first == not_linux" },
	/* ---- logs beside figures */
	{ "a table that was full and is not",
	  "nf_conntrack: table full, dropping packet\nnet.netfilter.nf_conntrack_count = "
	  "500\nnet.netfilter.nf_conntrack_max = 65536\n",
	  "first == conntrack and findings.0.in_s == null" },
	{ "a table that is full",
	  "nf_conntrack: table full, dropping packet\nnet.netfilter.nf_conntrack_count = "
	  "65500\nnet.netfilter.nf_conntrack_max = 65536\n",
	  "first == conntrack and findings.0.in_s == 0 and findings.0.exact == exact" },
	/* ---- what a list is worth */
	{ "different kinds without a header hold for what is shown",
	  "tcp 0 0 10.1.0.1:80 10.1.0.3:50000 ESTABLISHED\n" NTW(40000) "\n",
	  "facts.at_least == false and facts.worth == exact and facts.headed == false" },
	{ "what is all alike is taken from a longer list",
	  NTW(40000) "\n" NTW(40002) "\n", "facts.at_least == true" },
	/* ---- counts */
	{ "a count of nearly all ports, and the head of a list: nobody knows that none "
	  "runs out",
	  "$ ss -tan | awk '{print $1}' | sort | uniq -c\n 28190 TIME-WAIT\n 312 ESTAB\n"
	  "$ ss -tan state time-wait | head -3\n0 0 10.1.0.1:40000 10.1.0.2:443\n"
	  "0 0 10.1.0.1:40002 10.1.0.2:443\n",
	  "first == cannot_tell and states.TIME_WAIT == 28190 and remote.0.ports_used == "
	  "2" },
	{ "few beside the head of a list",
	  "$ ss -tan | awk '{print $1}' | sort | uniq -c\n 900 TIME-WAIT\n 312 ESTAB\n"
	  "$ ss -tan state time-wait | head -2\n0 0 10.1.0.1:40000 10.1.0.2:443\n",
	  "first == none" },
	{ "more in TIME_WAIT than there are ports", "TIME_WAIT 30000\n",
	  "first == cannot_tell and states.TIME_WAIT == 30000" },
	{ "near the buckets", "TIME_WAIT 950\nnet.ipv4.tcp_max_tw_buckets = 1000\n",
	  "first == tw_buckets and findings.0.in_s == null" },
	{ "not near the buckets", "TIME_WAIT 850\nnet.ipv4.tcp_max_tw_buckets = 1000\n",
	  "first == none" },
	{ "a count of those with one address, beside a message",
	  "dial tcp 10.0.0.7:5432: connect: cannot assign requested address\n"
	  "$ ss -tan | grep -c 10.0.0.7:5432\n28231\n",
	  "first == ports and findings.0.exact == estimate and "
	  "findings.0.evidence.facts.most_have.n == 28231" },
	{ "a table of Markdown",
	  "| State | Count |\n|---|---|\n| TIME_WAIT | 28111 |\n| ESTABLISHED | 200 |\n",
	  "states.TIME_WAIT == 28111 and states.ESTABLISHED == 200" },
	{ "uniq -c of ends: the most",
	  "$ ss -ant | awk '{print $5}' | sort | uniq -c | sort -rn | head -3\n"
	  "  24021 10.0.0.7:5432\n    211 [2001:db8::8]:6379\n      1 Address:Port\n",
	  "first == cannot_tell and facts.most_have.n == 24021 and "
	  "facts.most_have.port == 5432 and facts.listed == 0" },
	{ "uniq -c of addresses",
	  "$ netstat -ntu | awk '{print $5}' | cut -d: -f1 | sort | uniq -c | sort -n\n"
	  "      1 servers)\n      1 Address\n    300 10.0.0.8\n    150 10.0.0.9\n",
	  "first == cannot_tell and facts.most_have.n == 300 and "
	  "facts.most_have.port == null" },
	{ "addresses that another program has counted are no sockets",
	  "$ cat access.log | awk '{print $1}' | sort | uniq -c\n 28000 10.0.0.8\n",
	  "facts.most_have.n == null" },
	{ "a count of those with one address, alone",
	  "$ netstat -an | grep 10.0.0.7:5432 | wc -l\n20000\n", "first == cannot_tell" },
};

TEST_ROWS(reads, rows)
{
	json_t *doc = diagnosed(row->text);

	check_holds(doc, row->what, row->condition);
	json_decref(doc);
}

CHECK_MAIN("doctor_text")
