/* Each claim is said where it is true, and not where it nearly is. */
#include "common/result/story.h"

#include <stdio.h>
#include <string.h>
#include "common/result/condition.h"
#include "common/result/result.h"
#include "tests/check_main.h"

/* clang-format off */
/* A complete run of 100 connections of which nothing is to be told but that the ports lasted. */
static const char plain[] =
	"{ 'complete': true, 'config': { 'on_exhaustion': 'backoff', 'workers': 1 }, 'run': { 'duration_s': 2.0 },"
	" 'host': { 'loopback_reuse_warning': null }, 'totals': { 'connects_ok': 100, 'missed_starts': 0 },"
	" 'outcomes': { 'no_port': 0 }, 'errors': { 'bind': {}, 'connect': {} },"
	" 'failures': { 'lost': 0, 'of': 100, 'what': 'connections', 'arrivals': 100, 'kinds': [], 'others': 0, 'target': null,"
	"   'targets': 1 },"
	" 'latency_us': { 'connect_call': { 'count': 100, 'mean': 20.0 } },"
	" 'ports': { 'exhausted': false, 'budget': 1000, 'taken_at_start': 0, 'taken_until_s': null, 'peak_in_use': 100,"
	"   'first_exhausted_s': null, 'recovered_at_s': null, 'exhausted_for_s': 0.0, 'predicted_exhaustion_s': null,"
	"   'predicted_at_s': 0.0, 'prediction': { 'missed': null } },"
	" 'states': { 'client': { 'peak': { 'TIME_WAIT': 0 } }, 'server': { 'peak': { 'TIME_WAIT': 0 } } },"
	" 'ledger': { 'balanced': true } }";

#define OUT_OF_PORTS "{ 'outcomes': { 'no_port': 7 }, 'errors': { 'connect': { 'EADDRNOTAVAIL': 7 } }, 'ports': { 'exhausted':" \
	" true, 'first_exhausted_s': 1.0 } }"
#define NO_SOURCE "{ 'outcomes': { 'no_source_address': 7 }, 'errors': { 'connect': { 'EADDRNOTAVAIL': 7 } } }"
#define COLLISION(state, remote) "{ 'outcomes': { 'collision': 1 }, 'errors': { 'bind': { 'EADDRINUSE': 1 } }, 'ports': { 'collision':" \
	" { 'port': 40100, 'state': '" state "', 'local': '198.18.0.1:40100', 'remote': " remote " } } }"
#define HEARD(ok, failed) "{ 'targets': [{ 'address': '127.0.0.1:9', 'last_ok_s': " ok ", 'last_failed_s': " failed " }]," \
	" 'outcomes': { 'connect_timeout': 5, 'connect_error': 0, 'transaction_timeout': 0 } }"
#define ERROR(code) "{ 'complete': false, 'error': { 'code': '" code "', 'message': 'because' } }"
#define SEGMENTS(of, n, first) "{ '" of "': { 'Tcp.RetransSegs': " #n ", 'Tcp.OutSegs': " #first " } }"
#define LEFT(left, server, awaited) \
	"{ 'http': { 'close_left_to_us': " #left ", 'closed_by_server': " #server ", 'close_awaited': " #awaited " } }"
#define TLS(said, rsts, client, server, close)                                                                   \
	"{ 'tls': { 'handshakes': { 'full': 100, 'resumed': 0, 'failed': 0 }, 'close_notify': { 'sent': " #said " } },"     \
	" 'outcomes': { 'completed': 100 }, 'counters': { 'Tcp.OutRsts': " #rsts " }, 'config': { 'close': '" close "' },"  \
	" 'states': { 'client': { 'peak': { 'TIME_WAIT': " #client " } }, 'server': { 'peak': { 'TIME_WAIT': " #server " } } } }"
#define UNANSWERED(n, drops)                                                                                  \
	"{ 'errors': { 'timeout': { 'connect': " #n ", 'transaction': 0 } }, 'config': { 'hold': 3.0, 'timeout': 1.5 },"  \
	" 'totals': { 'connects_ok': 9 }, 'outcomes': { 'completed': 9 },"                                     \
	" 'counters': { 'Tcp.RetransSegs': 10, 'TcpExt.TCPSynRetrans': 10 }, 'server_counters': { 'Tcp.RetransSegs': 0,"    \
	" 'TcpExt.ListenDrops': " #drops ", 'TcpExt.TCPReqQFullDrop': 0, 'TcpExt.PAWSTimewait': 0 } }"
#define POOL(size, opened) "{ 'pool': { 'size': " #size ", 'connections_opened': " #opened " } }"
#define HELD(n, state, more) "{ 'ports': { 'per_tuple': 100, 'held': " #n ", 'held_by': { 'TIME_WAIT': 0, 'CLOSE_WAIT': 0," \
	" 'FIN_WAIT2': 0, 'ESTABLISHED': 0, 'SYN_SENT': 0, '" state "': " more " } } }"
#define FROM_BEFORE(own) "{ 'states': { 'client': { 'before': { 'TIME_WAIT': 1000 }, 'peak': { 'TIME_WAIT': 1010 }, 'own': " own " } } }"
#define TAKEN_OVER "{ 'server_counters': { 'TcpExt.TW': 1000, 'TcpExt.TWRecycled': 0 }, 'counters': { 'Tcp.OutRsts': 0 }," \
	" 'server': { 'totals': { 'accepted': 1000 } }, 'outcomes': { 'leaked': 0 }, 'states': { 'server': { 'own':" \
	" { 'end': { 'TIME_WAIT': 846 }, 'peak': { 'TIME_WAIT': 850 } }, 'end': { 'FIN_WAIT2': 0 } } } }"
/* The server's host sent so many RSTs, and the server that was asked accepted so many. */
#define ASKED(rsts, accepted) "{ 'server_counters': { 'Tcp.OutRsts': " rsts " }, 'server': { 'totals': { 'accepted': " accepted " } } }"
#define LOST(n, more) "{ 'failures': { 'lost': " #n ", 'kinds': [{ 'name': 'reset', 'n': " #n ", 'text': 'why' }]" more " } }"

#define HOST(what) "{ 'hosts': { 'h': " what " } }"
#define END(figures) HOST("{ 'to': { '198.18.0.11:80': " figures " } }")
/* All of its 500 ports at 1.25 s. */
#define FULL "'budget': 500, 'used_peak': 500, 'full_at_s': 1.25, 'full_within_s': 0.01, 'held': 500, 'held_by': { 'TIME_WAIT': 498, 'ESTABLISHED': 2, 'CLOSE_WAIT': 0, 'FIN_WAIT2': 0, 'SYN_SENT': 0 }"
#define LOAD_DOC(more) "{ 'name': 'load', 'run': { 'argv': ['ab'] }, 'wall_s': 1.5, " more " }"
#define PORT_TAKEN(remote, state) "{ 'lab': { 'ended_early': [{ 'kind': 'server', 'name': 'own', 'host': 'app', 'how':" \
	" 'ended with code 1', 'last': null, 'held_by': { 'port': 40500, 'local': '1.2.3.4:40500', 'remote': " remote "," \
	" 'state': '" state "', 'expires_s': 59.2 } }] } }"

static const struct row {
	const char *claim;
	unsigned place; /* 0 = unsaid */
	const char *changes[3]; /* of the plain run */
	const char *words;      /* in its sentence */
} rows[] = {
	{ "load_ended", 1, { LOAD_DOC("'exit_code': 1, 'signal': null, 'last': 'bye'") },
	  "The load (ab) ended with code 1 after 1.50 s; the last it said: bye." },
	{ "load_ended", 1, { LOAD_DOC("'exit_code': null, 'signal': 9, 'last': null") }, "(ab) was killed by signal 9 after 1.50 s." },
	{ "load_ended", 1, { LOAD_DOC("'exit_code': null, 'signal': null, 'last': null") }, "(ab) was told to end after 1.50 s." },
	{ "load_ended", 0, { "{ 'exit_code': 1 }" }, NULL },
	{ "load_left_behind", 2, { LOAD_DOC("'exit_code': 0, 'left_behind': 1") }, "A process that it had started ran on" },
	{ "load_left_behind", 2, { LOAD_DOC("'exit_code': 0, 'left_behind': 2") }, "2 processes that it had started ran on" },
	{ "load_left_behind", 0, { LOAD_DOC("'exit_code': 0, 'left_behind': 0") }, NULL },
	{ "load_predicted", 2, { LOAD_DOC("'exit_code': 0, 'prediction': { 'budget': 500, 'to': '1.2.3.4:80', 'exhaustion_s': 1.0,"
	  " 'rate_per_s': 500 }") }, "Predicted: 500 ports to 1.2.3.4:80 last 1.00 s at 500 connections a second, if" },
	{ "load_predicted", 0, { LOAD_DOC("'exit_code': 0, 'prediction': null") }, NULL },
	{ "running", 1, { ERROR("running") }, "The run goes on; what is said below is so until now." },
	{ "running", 0, { ERROR("interrupted") }, NULL },
	{ "interrupted", 1, { ERROR("interrupted") }, "Incomplete: because" },
	{ "interrupted", 0, { ERROR("no_response") }, NULL },
	{ "never_connected", 1, { ERROR("never_connected") }, "Incomplete: because" },
	{ "never_connected", 0, { ERROR("interrupted") }, NULL },
	{ "no_response", 1, { ERROR("no_response") }, "Incomplete: because" },
	{ "no_response", 0, { ERROR("never_connected") }, NULL },
	{ "server_exchanged", 2, { "{ 'server_exchanged': true }" }, "The server was exchanged" },
	{ "server_exchanged", 0, { "{ 'server_exchanged': false }" }, NULL },
	{ "server_lost", 1, { ERROR("peer_lost") }, "Incomplete: because" },
	{ "server_lost", 0, { ERROR("server_stats_lost") }, NULL },
	{ "server_stats_lost", 1, { ERROR("server_stats_lost") }, "Incomplete: because" },
	{ "server_stats_lost", 0, { ERROR("peer_lost") }, NULL },
	{ "incomplete", 1, { ERROR("of_a_later_twstorm") }, "Incomplete: because" },
	{ "incomplete", 0, { ERROR("peer_lost") }, NULL },
	{ "process_ended", 1, { "{ 'lab': { 'ended_early': [{ 'kind': 'process', 'name': 'p', 'how': 'ended with code 1', 'last':"
	  " 'bye' }] } }" }, "The process p ended with code 1 before its time; its last words: bye. Unless" },
	{ "process_ended", 0, { "{ 'lab': { 'ended_early': [] } }" }, NULL },
	{ "failed", 1, { LOST(3, "") }, "3 of 100 connections failed: 3 x reset (why)." },
	{ "failed", 1, { LOST(50, ", 'target': '[::1]:9', 'targets': 2") }, "All of them at [::1]:9, of 2 targets." },
	{ "failed", 1, { "{ 'failures': { 'lost': 9, 'kinds': [{ 'name': 'a', 'n': 4, 'text': 'A' }, { 'name': 'b', 'n': 2,"
	  " 'text': 'B' }, { 'name': 'c', 'n': 2, 'text': 'C' }, { 'name': 'd', 'n': 1, 'text': 'D' }], 'others': 1 } }" },
	  ": 4 x a (A), 2 x b (B), 2 x c (C), 1 otherwise." },
	{ "failed", 4, { OUT_OF_PORTS, "{ 'ports': { 'recovered_at_s': null }, 'totals': { 'missed_starts': 0 } }", LOST(3, "") },
	  "3 of" },
	{ "failed", 1, { OUT_OF_PORTS, LOST(8, "") }, "8 of" },
	{ "failed", 0, { OUT_OF_PORTS }, NULL },
	{ "missed_arrivals", 1, { "{ 'totals': { 'missed_starts': 40 }, 'failures': { 'arrivals': 140 } }" },
	  "40 of 140 arrivals never became a connection." },
	{ "missed_arrivals", 1, { "{ 'totals': { 'missed_starts': 40 }, 'failures': { 'arrivals': 140 }, 'latency_us':"
	  " { 'connect_call': { 'mean': 19000.0 } } }" }, "the client was in connect() for 95 % of the time, 19000 us each." },
	{ "missed_arrivals", 1, { OUT_OF_PORTS, "{ 'ports': { 'first_exhausted_s': 1.9, 'first_exhausted_due_s': 1.0 }, 'totals':"
	  " { 'missed_starts': 40 }, 'latency_us': { 'connect_call': { 'mean': 19000.0 } } }" }, "in connect() for 95 %" },
	{ "missed_arrivals", 1, { "{ 'totals': { 'missed_starts': 1, 'most_busy': 64 }, 'config': { 'concurrency': 64 } }" },
	  ": all 64 places of --concurrency were taken." },
	{ "missed_arrivals", 0, { OUT_OF_PORTS, "{ 'totals': { 'missed_starts': 40 } }" }, NULL },
	{ "no_port", 1, { OUT_OF_PORTS }, "Cannot assign requested address: no port left after 1.00 s." },
	{ "no_port", 1, { OUT_OF_PORTS, "{ 'ports': { 'predicted_exhaustion_s': 1.5 } }" }, "(predicted: 1.50 s)" },
	{ "no_port", 1, { OUT_OF_PORTS, POOL(10, 500) }, "The pool of 10 connections opened 500, for it retired connections." },
	{ "no_port", 1, { OUT_OF_PORTS, POOL(10, 10) }, "no port left after 1.00 s." },
	{ "no_port", 0, { "{ 'errors': { 'connect': { 'EADDRNOTAVAIL': 7 } } }" }, NULL },
	{ "no_port_errors", 2, { OUT_OF_PORTS }, "connect() failed with EADDRNOTAVAIL, 7 times." },
	{ "no_port_errors", 2, { OUT_OF_PORTS, "{ 'outcomes': { 'no_port': 1 } }" }, "connect() failed with EADDRNOTAVAIL, once." },
	{ "no_port_errors", 2, { OUT_OF_PORTS, "{ 'errors': { 'connect': { 'EADDRNOTAVAIL': 0 } }, 'totals': { 'missed_starts': 1 } }" },
	  "bind() failed with EADDRINUSE, 7 times, and 1 arrival never became a connection." },
	{ "no_port_errors", 0, { "{ 'errors': { 'connect': { 'EADDRNOTAVAIL': 7 } } }" }, NULL },
	{ "held_by_time_wait", 3, { OUT_OF_PORTS, HELD(100, "TIME_WAIT", "51") }, "51 of the 100 ports in use then were in TIME_WAIT: " },
	{ "held_by_time_wait", 3, { OUT_OF_PORTS, HELD(100, "TIME_WAIT", "100"), FROM_BEFORE("null") }, "(1,000 were there when" },
	{ "held_by_time_wait", 0, { OUT_OF_PORTS, HELD(100, "TIME_WAIT", "50") }, NULL },
	{ "held_by_close_wait", 3, { OUT_OF_PORTS, HELD(90, "CLOSE_WAIT", "90") }, "90 of the 90 ports" },
	{ "held_by_close_wait", 0, { OUT_OF_PORTS, HELD(89, "CLOSE_WAIT", "89") }, NULL },
	{ "held_by_fin_wait2", 3, { OUT_OF_PORTS, HELD(100, "FIN_WAIT2", "99") }, "99 of the 100 ports in use then were in FIN_WAIT2" },
	{ "held_by_fin_wait2", 0, { OUT_OF_PORTS, HELD(100, "CLOSE_WAIT", "99") }, NULL },
	{ "held_by_established", 3, { OUT_OF_PORTS, HELD(100, "ESTABLISHED", "100") }, "open connections" },
	{ "held_by_established", 0, { OUT_OF_PORTS, "{ 'ports': { 'per_tuple': 100, 'held': null, 'held_by': null } }" }, NULL },
	{ "held_by_syn_sent", 3, { OUT_OF_PORTS, HELD(100, "SYN_SENT", "100") }, "nobody had answered" },
	{ "held_by_syn_sent", 0, { OUT_OF_PORTS, HELD(3, "SYN_SENT", "3") }, NULL },
	{ "taken_before", 3, { OUT_OF_PORTS, "{ 'ports': { 'taken_at_start': 1000, 'taken_until_s': 3.25 } }" }, "after 3.25 s" },
	{ "taken_before", 0, { OUT_OF_PORTS, "{ 'ports': { 'taken_at_start': 999 } }" }, NULL },
	{ "taken_estimated", 3, { OUT_OF_PORTS, "{ 'ports': { 'taken_estimated': true, 'predicted_exhaustion_s': 1.0 } }" },
	  "The prediction is an estimate" },
	{ "taken_estimated", 0, { OUT_OF_PORTS, "{ 'ports': { 'taken_estimated': true } }" }, NULL },
	{ "taken_estimated", 0, { OUT_OF_PORTS, "{ 'ports': { 'taken_estimated': false, 'predicted_exhaustion_s': 1.0 } }" }, NULL },
	{ "prediction_taken_back", 1, { "{ 'ports': { 'prediction': { 'before_s': 8.0, 'reason': 'it is slow' } } }" },
	  "Before the run 8.00 s was predicted. That was taken back: it is slow." },
	{ "prediction_taken_back", 0, { "{ 'ports': { 'predicted_exhaustion_s': 8.5, 'prediction': { 'before_s': 8.0 } } }" }, NULL },
	{ "prediction_taken_back", 0, { "{ 'ports': { 'prediction': { 'before_s': null } } }" }, NULL },
	{ "prediction_missed", 1, { "{ 'ports': { 'prediction': { 'missed': 'unmeasured' } } }" }, "the reason was not measured." },
	{ "prediction_missed", 1, { "{ 'ports': { 'prediction': { 'missed': 'sysctl_changed' }, 'sysctls_changed': [{ 'name': 'net.x',"
	  " 'from': '1', 'to': '2' }] } }" }, "did not come true: net.x changed during the run, from \"1\" to \"2\"." },
	{ "prediction_missed", 1, { "{ 'ports': { 'prediction': { 'missed': 'connect_slow' }, 'connect_us': { 'past_half': 300.2,"
	  " 'below_half': 19.0 } } }" }, "connect() took 300 us past half of the ports, and 19 us before." },
	{ "prediction_missed", 1, { "{ 'ports': { 'prediction': { 'missed': 'failed_otherwise' } } }" }, "kept no port." },
	{ "prediction_missed", 3, { OUT_OF_PORTS, "{ 'ports': { 'prediction': { 'missed': 'client_late' }, 'first_exhausted_due_s': 0.5 } }" },
	  "was due at 0.50 s." },
	{ "prediction_missed", 0, { OUT_OF_PORTS, "{ 'ports': { 'predicted_exhaustion_s': 1.0 } }" }, NULL },
	{ "port_back", 3, { OUT_OF_PORTS, "{ 'ports': { 'recovered_at_s': 1.5 } }" }, "From 1.50 s on" },
	{ "port_back", 0, { OUT_OF_PORTS }, NULL },
	{ "no_port_back", 3, { OUT_OF_PORTS }, "to the end of the run" },
	{ "no_port_back", 3, { OUT_OF_PORTS, "{ 'config': { 'on_exhaustion': 'stop' } }" }, "(--on-exhaustion stop)" },
	{ "no_port_back", 0, { OUT_OF_PORTS, "{ 'ports': { 'recovered_at_s': 1.5 } }" }, NULL },
	{ "no_source_address", 1, { NO_SOURCE, "{ 'failures': { 'target': '[::1]:9' } }" },
	  "No address of this host could reach [::1]:9: connect() said EADDRNOTAVAIL 7 times" },
	{ "no_source_address", 1, { NO_SOURCE, "{ 'host': { 'ipv6_off': true }, 'targets': [{ 'address': '[::1]:9' }] }" },
	  "reach [::1]:9 (IPv6 is off here): connect()" },
	{ "no_source_address", 1, { NO_SOURCE, "{ 'errors': { 'bind': { 'EADDRNOTAVAIL': 1 } } }" },
	  "--source was not this host's: bind() said EADDRNOTAVAIL once" },
	{ "no_source_address", 0, { OUT_OF_PORTS, "{ 'outcomes': { 'no_source_address': 0 } }" }, NULL },
	{ "self_connected", 1, { "{ 'outcomes': { 'self_connected': 2 } }" }, "2 connections met themselves" },
	{ "self_connected", 0, { "{ 'outcomes': { 'self_connected': 0, 'refused': 9 } }" }, NULL },
	{ "aborted_here", 1, { "{ 'outcomes': { 'aborted_here': 1 } }" }, "ended 1 connection, as `ss -K` does" },
	{ "aborted_here", 0, { "{ 'outcomes': { 'aborted_here': 0, 'closed_while_idle': 9 } }" }, NULL },
	{ "no_answer", 1, { HEARD("1.5", "1.9") }, "After 1.50 s of 2.00 s no connection to 127.0.0.1:9 was made, and no" },
	{ "no_answer", 0, { HEARD("1.9", "1.95") }, NULL },
	{ "no_answer", 0, { HEARD("1.5", "1.9"), "{ 'outcomes': { 'connect_timeout': 0, 'reset': 5 } }" }, NULL },
	{ "no_answer", 0, { HEARD("1.5", "1.4") }, NULL },
	{ "no_answer", 0, { HEARD("1.5", "null") }, NULL },
	{ "no_answer", 0, { HEARD("1.5", "1.9"), ERROR("peer_lost") }, NULL },
	{ "collision", 1, { COLLISION("LISTEN", "null") },
	  "Another socket had the port whose turn it was, once (bind() said EADDRINUSE)" },
	{ "collision", 0, { OUT_OF_PORTS, "{ 'outcomes': { 'collision': 0 }, 'errors': { 'bind': { 'EADDRINUSE': 9 } } }" }, NULL },
	{ "port_held", 2, { COLLISION("TIME_WAIT", "'198.18.0.2:80'") },
	  "Port 40100 was held by a connection of another socket, from 198.18.0.1:40100 to 198.18.0.2:80, in TIME_WAIT." },
	{ "port_held", 2, { PORT_TAKEN("'1.2.3.5:9000'", "TIME_WAIT") },
	  "of host app was held by a connection from 1.2.3.4:40500 to 1.2.3.5:9000, in TIME_WAIT (59 s left), so the server own" },
	{ "port_held", 2, { PORT_TAKEN("null", "LISTEN") }, "a socket that listens at 1.2.3.4:40500, so the server own could not" },
	{ "port_held", 2, { COLLISION("LISTEN", "null") }, "that listens at 198.18.0.1:40100." },
	{ "port_held", 2, { COLLISION("CLOSE", "null") }, "is bound to 198.18.0.1:40100, and neither" },
	{ "port_held", 0, { "{ 'outcomes': { 'collision': 1 }, 'errors': { 'bind': { 'EADDRINUSE': 1 } }, 'ports': { 'collision': null } }" }, NULL },
	{ "reset_on_the_way", 1, { "{ 'outcomes': { 'reset': 5 } }", ASKED("0", "100") }, "what reset 5 connections stands on the way" },
	{ "reset_on_the_way", 0, { "{ 'outcomes': { 'reset': 5 } }", ASKED("1", "100") }, NULL },
	{ "reset_on_the_way", 0, { "{ 'outcomes': { 'reset': 5 } }", ASKED("0", "99") }, NULL },
	{ "reset_on_the_way", 0, { "{ 'outcomes': { 'reset': 5 } }" }, NULL },
	{ "refused_on_the_way", 1, { "{ 'outcomes': { 'refused': 1 } }", ASKED("0", "100") }, "what refused 1 connection stands on the way" },
	{ "refused_on_the_way", 0, { "{ 'outcomes': { 'refused': 5 } }", ASKED("1", "100") }, NULL },
	{ "refused_on_the_way", 0, { "{ 'outcomes': { 'refused': 5 } }", ASKED("0", "99") }, NULL },
	{ "refused_on_the_way", 0, { "{ 'outcomes': { 'refused': 5 } }" }, NULL },
	{ "syns_unanswered", 1, { UNANSWERED(5, 0) }, "5 SYNs went unanswered, also when they were sent again, while 9 connections were open" },
	{ "syns_unanswered", 0, { UNANSWERED(4, 0) }, NULL },
	{ "syns_unanswered", 0, { UNANSWERED(5, 1) }, NULL },
	{ "syns_unanswered", 0, { UNANSWERED(5, 0), "{ 'config': { 'hold': 0.0 } }" }, NULL },
	{ "syns_unanswered", 0, { UNANSWERED(5, 0), "{ 'counters': { 'Tcp.RetransSegs': 11, 'TcpExt.TCPSynRetrans': 10 } }" }, NULL },
	{ "retransmitted", 1, { SEGMENTS("counters", 5, 4999) }, "5 by the client's host, besides 4,999 first ones. They" },
	{ "retransmitted", 1, { SEGMENTS("counters", 0, 4999), SEGMENTS("server_counters", 300, 7000) },
	  "0 by the client's host, besides 4,999 first ones; 300 by the server's, besides 7,000." },
	{ "retransmitted", 1, { SEGMENTS("server_counters", 300, 7000) }, "n/a by the client's host" },
	{ "retransmitted", 0, { SEGMENTS("counters", 1, 40000), SEGMENTS("server_counters", 4, 40000) }, NULL },
	{ "retransmitted", 0, { SEGMENTS("counters", 40, 40000) }, NULL },
	{ "close_left_to_us", 2, { LEFT(300, 0, 0) }, "but the client closed, 300 of 300 times: no FIN had come when" },
	{ "close_left_to_us", 2, { LEFT(7, 2, 7), "{ 'config': { 'timeout': 5.0 } }" }, "left the close to the client, 7 of 9 times: no FIN came within 1 s." },
	{ "close_left_to_us", 2, { LEFT(7, 0, 7), "{ 'config': { 'timeout': 0.2 } }" }, "within 0.2 s." },
	{ "close_left_to_us", 0, { LEFT(279, 21, 0) }, NULL },
	{ "close_left_to_us", 0, { LEFT(0, 0, 0) }, NULL },
	{ "tls_time_wait", 3, { TLS(100, 100, 9, 0, "client-fin") }, "Over TLS hardly a connection left TIME_WAIT: the client said close_notify and closed, and its host sent 100 RSTs for 100 connections" },
	{ "tls_time_wait", 0, { TLS(100, 99, 9, 0, "client-fin") }, NULL },
	{ "tls_time_wait", 0, { TLS(99, 100, 9, 0, "client-fin") }, NULL },
	{ "tls_time_wait", 0, { TLS(100, 100, 10, 0, "client-fin") }, NULL },
	{ "tls_time_wait", 3, { TLS(100, 0, 70, 30, "tls-uncorked") }, "Over TLS chance shares TIME_WAIT out" },
	{ "tls_time_wait", 3, { TLS(100, 0, 70, 30, "client-fin") }, "Over TLS, too, TIME_WAIT is where" },
	{ "tls_time_wait", 0, { TLS(100, 1, 100, 0, "client-fin") }, NULL },
	{ "tls_time_wait", 0, { "{ 'tls': null, 'counters': { 'Tcp.OutRsts': 0 }, 'states': { 'client': { 'peak': { 'TIME_WAIT': 9 } }, 'server': { 'peak': { 'TIME_WAIT': 0 } } } }" }, NULL },
	{ "ports_lasted", 1, { NULL }, "The ports did not run out: at most 100 of 1,000 were in use." },
	{ "ports_lasted", 1, { "{ 'ports': { 'peak_in_use': null } }" }, "The ports did not run out." },
	{ "ports_lasted", 1, { "{ 'totals': { 'most_busy': 100 } }" }, "out: at most 100 of 1,000 were in use." },
	{ "ports_lasted", 1, { "{ 'totals': { 'most_busy': 101 } }" }, "The ports did not run out." },
	{ "ports_lasted", 0, { "{ 'totals': { 'connects_ok': 0 } }" }, NULL },
	{ "ports_lasted", 1, { "{ 'lab': { 'observed': 2 } }" }, "The client's own ports did not run out" },
	{ "host_time_wait", 2, { HOST("{ 'counters': { 'TcpExt.TW': 1441 }, 'states': { 'peak': { 'TIME_WAIT': 211 } } }") },
	  "Host h: TIME_WAIT was entered 1,441 times, at most 211 were there at once. The end that closes first enters it." },
	{ "host_time_wait", 0, { HOST("{ 'counters': { 'TcpExt.TW': 0 }, 'states': { 'peak': { 'TIME_WAIT': 0 } } }") }, NULL },
	{ "host_taken_again", 2, { HOST("{ 'counters': { 'TcpExt.TWRecycled': 11610 } }") },
	  "Host h: of these, 11,610 ended early, because connect() took the port again (TcpExt.TWRecycled)." },
	{ "host_taken_again", 0, { HOST("{ 'counters': { 'TcpExt.TWRecycled': 0 } }") }, NULL },
	{ "host_aborts", 2, { HOST("{ 'counters': { 'TcpExt.TCPAbortOnData': 3, 'TcpExt.TCPAbortOnClose': 4 } }") },
	  "Host h ended 7 connections by RST, which leaves no socket: 3 by SO_LINGER 0" },
	{ "host_aborts", 0, { HOST("{ 'counters': { 'TcpExt.TCPAbortOnData': 0, 'TcpExt.TCPAbortOnClose': 0 } }") }, NULL },
	{ "host_conntrack", 2, { HOST("{ 'conntrack': { 'count_peak': 600, 'max': 65536, 'drop': 0, 'insert_failed': 0 } }") },
	  "Host h: connection tracking remembered at most 600 connections at once; there is room for 65,536." },
	{ "host_conntrack", 0, { HOST("{ 'conntrack': { 'count_peak': 0, 'max': 65536, 'drop': 0, 'insert_failed': 0 } }") }, NULL },
	{ "host_conntrack", 0, { HOST("{ 'conntrack': null }") }, NULL },
	{ "host_nat_full", 2, { HOST("{ 'conntrack': { 'count_peak': 100, 'drop': 1000, 'insert_failed': 1000 } }") },
	  "Host h: connection tracking dropped 1,000 packets, and 1,000 times it could not remember a connection (insert_failed)" },
	{ "host_nat_full", 0, { HOST("{ 'conntrack': { 'count_peak': 100, 'drop': 5, 'insert_failed': 0 } }") }, NULL },
	{ "host_others", 2, { HOST("{ 'to': { 'a': {}, 'b': {} }, 'others': { 'ends': 4936, 'sockets_peak': 9000 } }") },
	  "Host h: 4,936 more ends beside the largest 2 are summed: 9,000 sockets at most." },
	{ "host_others", 0, { HOST("{ 'others': { 'ends': 0, 'sockets_peak': 9000 } }") }, NULL },
	{ "host_counted_rarely", 2, { HOST("{ 'sampler': { 'full_dumps': 9, 'ticks': 91, 'budget_pct': 0.5 } }") },
	  "counted 9 times, not every 100 ms, to keep to 0.5 % of a core" },
	{ "host_counted_rarely", 0, { HOST("{ 'sampler': { 'full_dumps': 9, 'ticks': 90, 'budget_pct': 0.5 } }") }, NULL },
	{ "host_failures", 2, { HOST("{ 'failures': { 'events': 10, 'lost': 0 } }") }, "a fifth to a third." },
	{ "host_failures", 2, { HOST("{ 'failures': { 'events': 10, 'lost': 5 } }") }, "a third. 5 more were lost" },
	{ "host_failures", 0, { HOST("{ 'failures': null }") }, NULL },
	{ "host_end_unused", 2, { END("{ 'sockets_peak': 0 }") },
	  "Host h: no socket to 198.18.0.11:80 was seen at any count: nothing there uses that port, or" },
	{ "host_unplaced", 2, { HOST("{ 'failures': { 'unplaced': 7 } }") }, "Host h: 7 of its connect() calls that found no port" },
	{ "host_unplaced", 0, { HOST("{ 'failures': { 'unplaced': 0 } }") }, NULL },
	{ "host_end_unused", 0, { END("{ 'sockets_peak': 1 }") }, NULL },
	{ "host_ports_full", 2, { END("{ 'ports': { " FULL ", 'predicted_full_s': 1.2, 'predicted_at_s': 0.5 } }") },
	  "all 500 ports to 198.18.0.11:80 were in use at 1.25 s, 498 of them in TIME_WAIT, 2 of them in ESTABLISHED; by the rate"
	  " before that was predicted to be at 1.20 s." },
	{ "host_ports_full", 2, { END("{ 'ports': { " FULL " } }"), END("{ 'ports': { 'full_within_s': 0.1 } }") },
	  "at 1.25 s, or up to 0.10 s before, 498" },
	{ "host_ports_full", 2, { END("{ 'ports': { " FULL " } }"), END("{ 'ports': { 'full_at_s': -0.1 } }") },
	  "were in use 0.10 s before this client began, 498" },
	{ "host_ports_full", 0, { END("{ 'ports': { " FULL " } }"), END("{ 'ports': { 'full_at_s': null } }") }, NULL },
	{ "host_no_port", 2, { END("{ 'ports': { 'exhausted': true, 'no_port': 7, 'first_no_port_s': 1.0, 'exhausted_by':"
	  " 'destroyed sockets' } }") }, "(EADDRNOTAVAIL), 7 times, first at 1.00 s; known from destroyed sockets." },
	{ "host_no_port", 2, { END("{ 'ports': { 'exhausted': true, 'no_port': null, 'exhausted_by': 'client c' } }") },
	  "(EADDRNOTAVAIL); known from client c." },
	{ "host_no_port", 0, { END("{ 'ports': { 'exhausted': null, 'no_port': null } }") }, NULL },
	{ "host_ports_left", 2, { HOST("{ 'failures': { 'lost': 0, 'others': 0, 'unplaced': 0 } }"),
	  END("{ 'sockets_peak': 1, 'ports': { 'exhausted': false } }") },
	  "Host h: no connect() to 198.18.0.11:80 failed for lack of a port (EADDRNOTAVAIL)." },
	{ "host_ports_left", 0, { HOST("{ 'failures': { 'lost': 1, 'others': 0, 'unplaced': 0 } }"),
	  END("{ 'sockets_peak': 1, 'ports': { 'exhausted': false } }") }, NULL },
	{ "host_ports_left", 0, { HOST("{ 'failures': { 'lost': 0, 'others': 0, 'unplaced': 0 } }"),
	  END("{ 'sockets_peak': 1, 'ports': { 'exhausted': null } }") }, NULL },
	{ "host_ports_used", 2, { END("{ 'ports': { 'used_peak': 5, 'budget': 9 }, 'states': { 'peak': { 'TIME_WAIT': 3 } } }") },
	  "at most 5 of 9 ports to 198.18.0.11:80 were in use at any count, 3 at most in TIME_WAIT." },
	{ "host_ports_used", 0, { END("{ 'ports': { " FULL " } }") }, NULL },
	{ "host_ports_used", 0, { HOST("{ 'at': { 'a': {}, 'b': {}, 'c': {}, 'd': {} } }"), END("{ 'ports': { 'used_peak': 5, 'budget': 100 } }") },
	  NULL },
	{ "host_ports_used", 2, { HOST("{ 'at': { 'a': {}, 'b': {}, 'c': {}, 'd': {} } }"), END("{ 'ports': { 'used_peak': 6, 'budget': 100 } }") },
	  "at most 6 of 100 ports" },
	{ "host_ports_bound", 2, { END("{ 'ports': { 'outside_peak': 300 } }") }, "at most 300 sockets to 198.18.0.11:80 had a port" },
	{ "host_ports_bound", 0, { END("{ 'ports': { 'outside_peak': 0 } }") }, NULL },
	{ "ports_lasted", 0, { OUT_OF_PORTS }, NULL },
	{ "time_wait_side", 2, { "{ 'states': { 'client': { 'peak': { 'TIME_WAIT': 5 } }, 'server': null } }" },
	  "5 on the client, n/a on the server" },
	{ "from_before", 2, { FROM_BEFORE("{ 'peak': { 'TIME_WAIT': 10 }, 'end': { 'TIME_WAIT': 9 } }") },
	  "1,000 sockets to these targets were in TIME_WAIT before the run began; the run added 10 at most." },
	{ "from_before", 2, { FROM_BEFORE("null"), "{ 'states': { 'client': { 'before': { 'TIME_WAIT': 1 } } } }" },
	  "1 socket to these targets was in TIME_WAIT before the run began." },
	{ "from_before", 2, { FROM_BEFORE("null, 'own_reason': 'others'") }, "how many the run added is not known: others." },
	{ "from_before", 0, { FROM_BEFORE("null"), "{ 'states': { 'client': { 'before': { 'TIME_WAIT': 0 } } } }" }, NULL },
	{ "time_wait_side", 3, { FROM_BEFORE("{ 'peak': { 'TIME_WAIT': 10 }, 'end': { 'TIME_WAIT': 9 } }") }, ": 10 on the client, 0 on" },
	{ "time_wait_taken_over", 2, { TAKEN_OVER }, "1,000 sockets went to TIME_WAIT on the server (TcpExt.TW there), 846 are" },
	{ "time_wait_taken_over", 0, { TAKEN_OVER, "{ 'counters': { 'Tcp.OutRsts': 1 } }" }, NULL },
	{ "time_wait_taken_over", 0, { TAKEN_OVER, "{ 'run': { 'duration_s': 61.0 } }" }, NULL },
	{ "time_wait_taken_over", 0, { TAKEN_OVER, "{ 'states': { 'server': { 'own': null } } }" }, NULL },
	{ "time_wait_taken_over", 0, { TAKEN_OVER, "{ 'server': { 'totals': { 'accepted': 999 } } }" }, NULL },
	{ "time_wait_side", 0, { "{ 'states': { 'client': { 'peak': { 'ESTABLISHED': 5 } } } }" }, NULL },
	{ "wire_refused", 2, { "{ 'lab': { 'wire': { 'refused': 1 } } }" }, "lost 1 frame because" },
	{ "wire_refused", 0, { "{ 'lab': { 'wire': { 'refused': 0, 'hosts': { 'a': { 'lost': 7 } } } } }" }, NULL },
	{ "wire_near", 2, { "{ 'lab': { 'wire': { 'refused': 0, 'busiest': 0.91, 'fullest': 0.01, 'most_per_s': 91000 } } }" }, "had 91 % of a core" },
	{ "wire_near", 2, { "{ 'lab': { 'wire': { 'refused': 0, 'busiest': 0.1, 'fullest': 0.6, 'most_per_s': 9000 } } }" }, "60 % of a cable's room" },
	{ "wire_near", 0, { "{ 'lab': { 'wire': { 'refused': 0, 'busiest': 0.7, 'fullest': 0.4 } } }" }, NULL },
	{ "wire_near", 0, { "{ 'lab': { 'wire': { 'refused': 1, 'busiest': 1.0, 'fullest': 1.0 } } }" }, NULL },
	{ "wire_late", 2, { "{ 'lab': { 'wire': { 'late_p99_us': 7100.0, 'frames': 1000 } } }" }, "by 7.1 ms or more" },
	{ "wire_late", 0, { "{ 'lab': { 'wire': { 'late_p99_us': 4000.0, 'frames': 1000 } } }" }, NULL },
	{ "wire_late", 0, { "{ 'lab': { 'wire': { 'late_p99_us': 7100.0, 'frames': 9 } } }" }, NULL },
	{ "wire_unmet", 2, { "{ 'lab': { 'wire': { 'unmet': 'drop = rst of host a' } } }" }, "No segment was as drop = rst of host a says" },
	{ "wire_unmet", 0, { "{ 'lab': { 'wire': { 'unmet': null } } }" }, NULL },
	{ "wire_beyond", 2, { "{ 'lab': { 'wire': { 'beyond': 3 } } }" }, "3 connections began while" },
	{ "wire_beyond", 0, { "{ 'lab': { 'wire': { 'beyond': 0 } } }" }, NULL },
	{ "loopback_reuse", 2, { "{ 'host': { 'loopback_reuse_warning': 'it will not show' } }" }, "Careful: it will not show" },
	{ "loopback_reuse", 0, { "{ 'host': { 'loopback_reuse_warning': 'x' }, 'totals': { 'connects_ok': 0 } }" }, NULL },
	{ "not_balanced", 2, { "{ 'ledger': { 'balanced': false } }" }, "does not balance" },
	{ "not_balanced", 0, { "{ 'ledger': { 'balanced': null } }" }, NULL },
};

static const char *const names[] = {
#define CLAIM(name, when, sentence, cure) #name,
#define HOST_CLAIM CLAIM
#define END_CLAIM CLAIM
#include "common/result/claims.def"
};
/* clang-format on */

static json_t *json_of(const char *text)
{
	char *quoted = strdup(text);
	json_t *doc;

	for (char *c = quoted; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	doc = json_loads(quoted, 0, NULL);
	ck_assert_msg(doc != NULL, "%s", text);
	free(quoted);
	return doc;
}

static json_t *result_of(const struct row *row)
{
	json_t *doc = json_of(plain);

	for (int i = 0; i < 3 && row->changes[i]; i++) {
		json_t *change = json_of(row->changes[i]);

		json_object_update_recursive(doc, change);
		json_decref(change);
	}
	story_tell(doc);
	return doc;
}

static const json_t *told(const json_t *doc, const char *claim)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(doc, "story"), i, one)
		if (strcmp(json_string_value(json_object_get(one, "claim")), claim) == 0)
			return one;
	return NULL;
}

TEST_ROWS(is_said_where_it_is_true, rows)
{
	json_t *doc = result_of(row);
	const json_t *one = told(doc, row->claim);
	char place[80];
	struct condition c;

	snprintf(place, sizeof(place), "story.%s == %u", row->claim, row->place);
	if (!row->place)
		snprintf(place, sizeof(place), "story.%s == null", row->claim);
	condition_eval(place, doc, &c);
	ck_assert_msg(c.holds, "not %s", place);
	if (row->words)
		ck_assert_msg(strstr(json_string_value(json_object_get(one, "sentence")),
				     row->words) != NULL,
			      "%s", json_string_value(json_object_get(one, "sentence")));
	json_decref(doc);
}

TEST_ROWS(each_has_an_example_and_a_near_miss, names)
{
	unsigned said = 0, unsaid = 0;

	for (int i = 0; i < ROWS(rows); i++)
		if (strcmp(rows[i].claim, *row) == 0) {
			said += rows[i].place > 0;
			unsaid += rows[i].place == 0;
		}
	ck_assert_msg(said && unsaid, "%s has %u and %u rows", *row, said, unsaid);
}

TEST(evidence_is_the_figures_that_a_sentence_rests_on)
{
	const struct row row = { .changes = { OUT_OF_PORTS } };
	json_t *doc = result_of(&row);
	const json_t *evidence = json_object_get(told(doc, "no_port"), "evidence");

	ck_assert(json_is_true(json_object_get(evidence, "ports.exhausted")));
	ck_assert(json_real_value(json_object_get(evidence, "ports.first_exhausted_s")) ==
		  1.0);
	ck_assert_ptr_null(json_object_get(evidence, "ports.predicted_exhaustion_s"));
	json_decref(doc);
}

/* Of several remote ends the largest are told of, and those that were full. */
TEST(a_host_s_sentences_are_few_and_have_whole_paths)
{
	json_t *doc = json_of(plain), *to = json_object(), *evidence;
	const json_t *one;
	unsigned used = 0, full = 0;
	size_t i;

	for (i = 0; i < 40; i++) {
		char key[40];

		snprintf(key, sizeof(key), "198.18.0.%zu:80", i);
		json_object_set_new(
			to, key, json_of("{ 'ports': { 'used_peak': 1, 'budget': 9 } }"));
	}
	json_object_set_new(to, "198.18.1.1:80", json_of("{ 'ports': { " FULL " } }"));
	json_object_set_new(doc, "hosts", json_pack("{s:{s:o}}", "h", "to", to));
	story_tell(doc);
	json_array_foreach (json_object_get(doc, "story"), i, one) {
		const char *claim = json_string_value(json_object_get(one, "claim"));

		used += strcmp(claim, "host_ports_used") == 0;
		full += strcmp(claim, "host_ports_full") == 0;
	}
	ck_assert_uint_eq(used, 4);
	ck_assert_uint_eq(full, 1);
	evidence = json_object_get(told(doc, "host_ports_full"), "evidence");
	ck_assert_ptr_nonnull(
		json_object_get(evidence, "hosts.h.to.198.18.1.1:80.ports.full_at_s"));
	json_decref(doc);
}

static const struct {
	const char *pool, *cure;
} pools[] = {
	{ "{ 'pool': null }", "a pool or HTTP keep-alive, which" },
	{ POOL(10, 500), "a pool that retires fewer connections" },
	{ POOL(10, 10), "more source addresses or targets, which give more ports" },
};

/* Who has a pool is not told to have one. */
TEST_ROWS(what_helps_a_pool_is_not_a_pool, pools)
{
	const struct row full = { .changes = { OUT_OF_PORTS, row->pool } };
	json_t *doc = result_of(&full);
	const char *cure =
		json_string_value(json_object_get(told(doc, "no_port"), "cure"));

	ck_assert_msg(strncmp(cure, row->cure, strlen(row->cure)) == 0, "%s", cure);
	json_decref(doc);
}

/* A pool is no cure of a leak. */
TEST(what_helps_is_of_the_state_that_has_the_ports)
{
	const struct row leak = { .changes = { OUT_OF_PORTS,
					       HELD(100, "CLOSE_WAIT", "99") } };
	const struct row storm = { .changes = { OUT_OF_PORTS,
						HELD(100, "TIME_WAIT", "99") } };
	json_t *doc = result_of(&leak);

	ck_assert_ptr_null(json_object_get(told(doc, "no_port"), "cure"));
	ck_assert_ptr_nonnull(json_object_get(told(doc, "held_by_close_wait"), "cure"));
	json_decref(doc);
	doc = result_of(&storm);
	ck_assert_ptr_nonnull(json_object_get(told(doc, "no_port"), "cure"));
	json_decref(doc);
}

TEST(is_told_anew_from_the_result_as_it_is)
{
	const struct row row = { .changes = { OUT_OF_PORTS } };
	json_t *doc = result_of(&row);

	json_object_set_new(json_object_get(doc, "ports"), "exhausted", json_false());
	story_of_old(doc);
	ck_assert_ptr_nonnull(told(doc, "no_port"));
	story_tell(doc);
	ck_assert_ptr_null(told(doc, "no_port"));
	json_decref(doc);
}

CHECK_MAIN("story")
