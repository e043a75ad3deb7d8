/* facts - what is known of a host, from whatever was read: a live look, a collected file, a paste.
 * What is missing is not known, never zero.  Findings (findings.h) look at nothing else. */
#ifndef TWSTORM_BENCH_DOCTOR_FACTS_H
#define TWSTORM_BENCH_DOCTOR_FACTS_H

#include <stdbool.h>
#include "bench/doctor/reading.h"

#define FACTS_REMOTES   20
#define FACTS_LISTENERS 20
#define FACTS_SECONDS   60
#define OWNER_TEXT      256

enum facts_system { SYSTEM_UNKNOWN, SYSTEM_LINUX, SYSTEM_BSD, SYSTEM_WINDOWS };
/* What the numbers of sockets are worth. */
enum facts_worth { WORTH_NOTHING, WORTH_COUNTS, WORTH_LOWER_BOUND, WORTH_EXACT };

/* Does connect() take ports in TIME_WAIT again, or why not?  Not known: the default does on loopback, and may not be set.
 * X(id, name) */
#define REUSE_LIST(X)                                                                    \
	X(UNKNOWN, NULL)                                                                 \
	X(WORKS, "works")                                                                \
	X(OFF, "off")                                                                    \
	X(LOOPBACK_ONLY, "loopback_only") /* tcp_tw_reuse is 2 */                        \
	X(NO_TIMESTAMPS_HERE, "no_timestamps_here")                                      \
	X(NO_TIMESTAMPS_THERE, "no_timestamps_there")

enum reuse {
#define X(id, name) REUSE_##id,
	REUSE_LIST(X)
#undef X
};

/* Whether the moment is known at which every port is taken: X(id, name) */
#define UNTIL_LIST(X)                                                                    \
	X(NOT_ASKED, NULL) /* this host is the server */                                 \
	X(FULL, "known")                                                                 \
	X(LASTS, "lasts")   /* the ports last, at this rate */                           \
	X(REUSED, "reused") /* ports in TIME_WAIT are taken again: they tell no rate */  \
	X(NO_SETTING, "no_setting") /* whether they are is not known */                  \
	X(NO_RANGE, "no_range")     /* how many ports there are is not known */          \
	X(FEW, "few")               /* too few were closed here in the last 20 s */

enum until {
#define X(id, name) UNTIL_##id,
	UNTIL_LIST(X)
#undef X
};

/* The connections with one remote end; where this host is the server, with one address. */
struct facts_remote {
	char address[ENDPOINT_TEXT];
	struct endpoint end;  /* without a port where this host is the server */
	struct endpoint from; /* of a client: the source address that has most ports */
	char from_text[ENDPOINT_TEXT];
	bool is_client; /* this host connected to it */
	uint64_t sockets, states[TCP_STATE_MAX];
	uint64_t ports_used; /* from there */
	enum reuse reuse;    /* of its TIME_WAIT */
	uint64_t waiting;    /* of ports_used: TIME_WAIT */
	uint64_t
		old_enough; /* of these, those that tcp_tw_reuse would give out again now */
	struct maybe timestamps; /* do connections with it use them? */
	uint64_t timed;          /* TIME_WAIT whose time left is known, and is not over */
	uint64_t born_20s;       /* ... of them, in the last 20 s */
	struct maybe full_in_ms; /* until every port is taken, if it goes on so */
	enum until until;        /* or why not */
	uint64_t parity[2];      /* sockets with even ports of the range, with odd ones */
	uint64_t
		bound_early; /* of them: by their parity bound before connect(), an estimate */
};

struct facts_listener {
	char address[ENDPOINT_TEXT];
	uint16_t port;
	uint64_t waiting;
	struct maybe limit;
};

/* Where most of the sockets of a kind are, and how many. */
struct facts_place {
	struct maybe n;   /* there */
	uint64_t unread;  /* of them, with bytes that nobody has read */
	uint64_t passing; /* at all places: those that began less than 1 s ago */
	char at[ENDPOINT_TEXT];
	char owner[OWNER_TEXT]; /* "" = not known */
	struct maybe oldest_ms;
	/* Of a live look: whose most of them are; 0 = not known.  owners_find() makes the owner of it. */
	uint16_t holder;
	uint32_t inode; /* of one of those */
	uint16_t port;  /* where it is a port of this host */
};

/* Connections that came to the same while a live look lasted. */
struct facts_failing {
	struct maybe n;
	uint64_t most; /* of them, with the remote end that has most */
	char at[ENDPOINT_TEXT];
};

/* Connections of one exchange beside such as are kept, with one remote end. */
struct facts_pool {
	struct maybe closed, kept_used, kept_idle;
	char at[ENDPOINT_TEXT];
};

struct facts {
	const struct reading *read; /* borrowed: sysctls, counters, log lines */
	enum facts_system system;
	enum facts_worth worth;
	uint64_t listed; /* different sockets */
	struct maybe states[TCP_STATE_MAX];
	struct maybe connections; /* in all states but LISTEN */
	struct maybe open;        /* of them, not in TIME_WAIT */
	char closes_first[48];    /* "" = cannot tell */
	/* The ports that connect() has to choose from. */
	uint64_t lo, hi, ports;
	struct maybe reserved;           /* of them, which are not among `ports` */
	bool range_assumed, range_other; /* the default; ports outside of it are in use */
	struct facts_remote remote[FACTS_REMOTES];
	unsigned n_remotes;
	struct maybe more_remotes;
	struct facts_listener listener[FACTS_LISTENERS];
	unsigned n_listeners;
	/* TIME_WAIT by the second in which it began; [0] = the last. */
	uint64_t born[FACTS_SECONDS], timed, expired, listed_time_wait;
	struct facts_place backlog; /* the owner of the listener with the longest queue */
	struct facts_place served;  /* TIME_WAIT where this host is the server */
	struct facts_place close_wait, fin_wait2, not_accepted, syn_sent, syn_recv;
	struct facts_place
		users; /* of the busiest remote end's ports; those whose owner is known */
	struct facts_failing failing[TRAFFIC_MAX];
	struct facts_pool pool;
	/* Live: ports of those clients that have at most half of the ports, by parity bound before connect(); connect()
	 * passes them over, whatever the destination. */
	struct maybe bound_early;
	bool same_parity; /* the busiest remote end's ports are all even, or all odd */
};

/* To which most ports are taken, without those that may be taken again; NULL = none is a client's. */
const struct facts_remote *facts_busiest(const struct facts *f);
/* Ports that there are towards it; and of those that are taken, the ones that connect() cannot take now. */
uint64_t facts_budget(const struct facts *f, const struct facts_remote *m);
uint64_t facts_held(const struct facts_remote *m);
/* How fast a counter grew between the two looks of a live look; false: not known. */
bool facts_per_second(const struct reading *r, enum kernel_counter c, double *out);
/* 0, or -ENOMEM. */
int facts_of(struct reading *read, struct facts *out, struct err *err);

#endif
