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

/* Does connect() take ports in TIME_WAIT again?  Not known: the default does on loopback, and it may not be set. */
enum reuse { REUSE_NO, REUSE_YES, REUSE_UNKNOWN };

/* The connections with one remote end; where this host is the server, with one address. */
struct facts_remote {
	char address[ENDPOINT_TEXT];
	struct endpoint end;  /* without a port where this host is the server */
	struct endpoint from; /* of a client: the source address that has most ports */
	char from_text[ENDPOINT_TEXT];
	bool is_client; /* this host connected to it */
	uint64_t sockets, states[TCP_STATE_MAX];
	uint64_t ports_used;     /* from there */
	enum reuse reuse;        /* of its TIME_WAIT */
	uint64_t reusable;       /* of ports_used, so many may be taken again now */
	uint64_t timed;          /* TIME_WAIT whose time left is known, and is not over */
	uint64_t born_20s;       /* ... of them, in the last 20 s */
	struct maybe full_in_ms; /* until every port is taken, if it goes on so */
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
	struct facts_place close_wait, fin_wait2, not_accepted, syn_sent, syn_recv;
	struct facts_place
		users; /* of the busiest remote end's ports; those whose owner is known */
	struct facts_failing failing[TRAFFIC_MAX];
	struct facts_pool pool;
	bool same_parity; /* the busiest remote end's ports are all even, or all odd */
};

/* To which most ports are taken, without those that may be taken again; NULL = none is a client's. */
const struct facts_remote *facts_busiest(const struct facts *f);
/* 0, or -ENOMEM. */
int facts_of(struct reading *read, struct facts *out, struct err *err);

#endif
