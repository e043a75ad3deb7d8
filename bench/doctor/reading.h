/* reading - what was read from pasted text, before anything is concluded: sockets, counts, counters,
 * sysctls, log lines.  Readers put it in, a line at a time; bounded, whatever the text. */
#ifndef TWSTORM_BENCH_DOCTOR_READING_H
#define TWSTORM_BENCH_DOCTOR_READING_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/doctor/command_line.h"
#include "bench/doctor/line.h"
#include "bench/doctor/names.h"
#include "bench/doctor/noted.h"
#include "common/kernel/port.h"
#include "common/kernel/proc_net.h"

/* A number that may not be known. */
struct maybe {
	bool known;
	uint64_t n;
};

static inline struct maybe maybe_of(uint64_t n)
{
	return (struct maybe){ true, n };
}

/* The sysctls that matter here: X(field, name without "net.") */
#define DOCTOR_SYSCTLS(X)                                                                \
	X(tw_reuse, "ipv4.tcp_tw_reuse")                                                 \
	X(tw_reuse_delay, "ipv4.tcp_tw_reuse_delay")                                     \
	X(timestamps, "ipv4.tcp_timestamps")                                             \
	X(fin_timeout, "ipv4.tcp_fin_timeout")                                           \
	X(max_tw_buckets, "ipv4.tcp_max_tw_buckets")                                     \
	X(max_orphans, "ipv4.tcp_max_orphans")                                           \
	X(max_syn_backlog, "ipv4.tcp_max_syn_backlog")                                   \
	X(syncookies, "ipv4.tcp_syncookies")                                             \
	X(somaxconn, "core.somaxconn")                                                   \
	X(conntrack_max, "netfilter.nf_conntrack_max")                                   \
	X(conntrack_count, "netfilter.nf_conntrack_count")

enum doctor_sysctl {
#define X(id, name) DS_##id,
	DOCTOR_SYSCTLS(X)
#undef X
		DOCTOR_SYSCTL_MAX,
};

/* What a log says, and which words say it: X(id, words, other words or NULL) */
#define DOCTOR_LOG(X)                                                                    \
	X(no_port, "cannot assign requested address", "eaddrnotavail")                   \
	X(emfile, "too many open files", "emfile")                                       \
	X(conntrack_full, "conntrack: table full", NULL)                                 \
	X(orphans, "too many orphaned sockets", "too many of orphaned sockets")          \
	X(tw_overflow, "time wait bucket table overflow", NULL)                          \
	X(memory, "out of memory -- consider tuning tcp_mem", NULL)                      \
	X(syn_flood, "possible syn flooding", NULL)                                      \
	X(refused, "connection refused", "econnrefused")                                 \
	X(reset, "connection reset by peer", "econnreset")                               \
	X(timed_out, "connection timed out", "etimedout")                                \
	X(worker_connections, "worker_connections are not enough", NULL)                 \
	X(suppressed, "callbacks suppressed", NULL)

enum doctor_log {
#define X(id, words, others) DL_##id,
	DOCTOR_LOG(X)
#undef X
		DOCTOR_LOG_MAX,
};

#define READING_HOSTS 8 /* more are not named */

/* What a connection came to while a live look lasted: X(id, name of its figures, or NULL) */
#define TRAFFIC_LIST(X)                                                                  \
	X(NO_PORT, "no_port")                                                            \
	X(BEFORE_PORT, "before_port") /* IPv6: it may have found no port */              \
	X(REFUSED, "refused")                                                            \
	X(RESET, "reset")                                                                \
	X(NO_ANSWER, "no_answer")                                                        \
	X(ABORTED, NULL)                /* reset here */                                 \
	X(ONE_EXCHANGE, "one_exchange") /* a segment with data each way, and closed */   \
	X(ENDED, NULL)                                                                   \
	X(OTHER, NULL)                                                                   \
	X(KEPT_USED, "kept_used") /* open in both looks, and used between them */        \
	X(KEPT_IDLE, "kept_idle") /* open in both looks, after one exchange */           \
	X(TIMESTAMPS, NULL)       /* with them */                                        \
	X(NO_TIMESTAMPS, NULL)

enum traffic {
#define X(id, name) TRAFFIC_##id,
	TRAFFIC_LIST(X)
#undef X
		TRAFFIC_MAX,
};

/* By the kernel's events of destroyed sockets, in a live look. */
struct failing {
	bool known;
	char why_not[160];
	uint64_t events, lost, window_ms;
	struct tally_table
		*by; /* owned: remote ends; extra = enum traffic; NULL = none */
};

/* Whose live sockets are. */
struct holder {
	uint64_t cgroup; /* 0 = not told */
	uint32_t uid;
};
#define HOLDERS_MAX 4096

struct reading {
	struct names names;
	struct noted seen;
	struct command_line command;
	uint64_t lines, understood, sockets_listed;
	uint64_t whole_lists; /* lists that begin with a header or a command */
	char host[READING_HOSTS][NAME_TEXT]; /* by the prompts */
	unsigned n_hosts, host_now;
	uint16_t block;
	struct noted_socket *newest; /* borrowed: the last that was listed, or NULL */
	bool cut;      /* a list ends inside a line, or "..." stands in it */
	bool lost;     /* a row of a list has an end or a state that cannot be read */
	bool filtered; /* a list is what grep left over */
	bool last_was_list;
	char held[256]; /* the beginning of a row that goes on in the next line */
	size_t held_len;
	bool any_all;          /* a list of all states */
	bool proc_v4, proc_v6; /* /proc/net/tcp, tcp6 */
	bool bsd, windows, linux_seen;
	char list_command[160]; /* the last that listed sockets, to see it come again */

	struct maybe counted[TCP_STATE_MAX]; /* awk, uniq -c: by state */
	bool counted_part;                   /* ... of a part of the sockets */
	struct maybe from_address;           /* `grep ADDRESS: | sort | uniq | wc -l` */
	char from_text[ENDPOINT_TEXT];
	struct {
		struct maybe n;
		struct endpoint end; /* port 0: whichever */
	} most_have; /* uniq -c, or grep -c: the end that most sockets have */

	struct {
		struct maybe estab, closed, orphaned, synrecv, timewait;
	} summary; /* ss -s */
	struct {
		struct maybe inuse, orphan, tw, alloc, mem;
	} sockstat;
	struct maybe sysctl[DOCTOR_SYSCTL_MAX];
	struct maybe range_lo, range_hi;
	bool reserved_known;
	struct port_set
		reserved; /* ip_local_reserved_ports, inside and outside of the range */
	struct maybe tcp_mem[3];
	/* The last look, and how much it grew since the first, if there were two. */
	struct maybe counter[KERNEL_COUNTERS], counter_first[KERNEL_COUNTERS];
	struct {
		struct maybe found, insert, insert_failed, drop, early_drop;
		struct maybe first_failed; /* insert_failed in the first look */
	} conntrack;
	uint64_t log[DOCTOR_LOG_MAX];
	uint64_t log_suppressed; /* messages that the kernel did not print */
	uint64_t bind_no_port;   /* bind() to port 0 failed */
	char bind_address[ENDPOINT_TEXT];
	struct maybe open_files;        /* the limit */
	struct maybe fd_used, fd_limit; /* of the process that is nearest to its limit */
	char fd_owner[NAME_TEXT];
	struct maybe file_nr, file_max;
	struct maybe interval_ms; /* between two looks of the collector */

	/* Of a live look alone. */
	bool live;
	bool crowded; /* not all remote ends, and not all source addresses, are told apart */
	uint64_t folded;         /* sockets whose remote end is not */
	bool foreign;            /* of a network namespace that was not entered */
	bool not_default;        /* ports outside of the default range are in use */
	bool sides_told;         /* NOTED_CLIENT is set */
	const char *method;      /* how the sockets were listed */
	const char *not_told[3]; /* what this kernel does not tell */
	unsigned n_not_told;
	char method_why[160];  /* why not by sock_diag; "" = it was */
	struct holder *holder; /* owned: HOLDERS_MAX; [i] is number 1 + i of owner */
	unsigned n_holders;
	uint64_t counters_ns; /* after two looks: between those at the counters */
	struct maybe
		first_states[TCP_STATE_MAX]; /* in the first look; without TIME_WAIT */
	struct maybe
		not_for_connect; /* ports of the range that are listened on or bound */
	struct failing failing;
};

/* One more connection with that remote end came to this. */
void reading_traffic(struct reading *r, const struct endpoint *remote, enum traffic kind);

/* Connections that are kept are counted anew. */
void reading_forget_kept(struct reading *r);

/* One line, without its newline.  `last`: no other follows. */
void reading_line(struct reading *r, const char *bytes, size_t len, bool ended,
		  bool last);
/* A new file or paste begins: what is known of the lines above does not hold for it. */
void reading_begin(struct reading *r);
void reading_done(struct reading *r);

/* For the readers of lists: the line may go on in the next one; is it a whole row, which is kept then? */
void reading_hold(struct reading *r, const struct line *l);
bool reading_row(struct reading *r, const struct line *l);

/* The readers: each looks at a line, and says whether it was one of its own. */
typedef bool reader(struct reading *r, const struct line *l, bool last);
reader read_list, read_powershell, read_proc_tcp, read_lsof, read_command, read_counts,
	read_summary, read_sockstat, read_counters, read_netstat_s, read_sysctl,
	read_conntrack, read_limits, read_log, read_number, read_ends;

#endif
