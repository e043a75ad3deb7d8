/* ports - the ephemeral-port budget of a run: how many there are, how many are taken already,
 * and, before the run, when they will run out.  Looks only at the facts that the
 * caller gathered, so that a test can ask about any kernel.  The rules are in docs/ports.md, what
 * they rest on is in docs/kernel-facts.md. */
#ifndef TWSTORM_COMMON_PORTS_PORTS_H
#define TWSTORM_COMMON_PORTS_PORTS_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/ports/load.h"
#include "common/ports/taken.h"

#define PORTS_TIME_WAIT_S 60.0 /* TCP_TIMEWAIT_LEN is compiled in */
/* A simulation is given up after so many connections started and ports come free ... */
#define PORTS_MOST_EVENTS 5000000
/* ... and before a run, whose first connection must not wait for it, after so many. */
#define PORTS_FEW_EVENTS 150000

/* What the prediction knows. */
struct ports_facts {
	/* The host. */
	unsigned lo, hi;     /* the range in force: sysctl, or IP_LOCAL_PORT_RANGE */
	unsigned reserved;   /* ip_local_reserved_ports inside lo..hi */
	bool autobind_reuse; /* net.ipv4.ip_autobind_reuse != 0 */
	bool timestamps; /* net.ipv4.tcp_timestamps != 0, on both hosts if it is known */
	int tw_reuse;    /* net.ipv4.tcp_tw_reuse: 0, 1, 2 */
	double tw_reuse_delay_s; /* net.ipv4.tcp_tw_reuse_delay; < 0 = none: before Linux
				    6.14 the clock must be in another second */
	double fin_timeout_s;    /* net.ipv4.tcp_fin_timeout, or --linger2 */
	uint64_t max_tw_buckets; /* net.ipv4.tcp_max_tw_buckets */
	double tick_s;           /* of the kernel's timers, 1 / HZ; 0 = not known */
	/* How the run has its ports. */
	bool own_range;        /* IP_LOCAL_PORT_RANGE is set: no odd/even split */
	bool early_bind;       /* bind() picks the port: targets do not multiply */
	bool own_port;         /* --bind port: this program chooses the port, in turn */
	bool reuseaddr;        /* SO_REUSEADDR on our sockets */
	bool loopback;         /* every target is on loopback */
	bool time_wait_unsure; /* --linger2 -1: it may be a RST instead */
	/* What it starts.  Numbers of equal addresses are equal. */
	struct load load;
	uint32_t *target_id, *source_id; /* owned; NULL = all differ */
	uint32_t targets, sources;       /* that differ */
	/* What is taken when it begins. */
	struct taken taken; /* owned */
	double taken_ago_s; /* so long before the run was it looked at */
	bool taken_unknown; /* nobody can look: the kernel has no inet_diag for us */
	/* Measured in the run; 0 = not yet.  A thread's time for a connection, and for a
	 * connection with over half of the ports taken. */
	double cost_s, slow_cost_s;
	double early_cost_s; /* ... what it was instead for the first ... */
	uint64_t early;      /* ... so many connections */
};

struct ports_prediction {
	uint64_t per_tuple; /* usable ports for one (source, target) */
	uint64_t tuples;
	uint64_t budget;     /* ports x tuples: connections before the first failure */
	uint64_t taken;      /* of them, at the start */
	uint64_t room;       /* free ports of the pool that has fewest, at the start */
	bool reuse;          /* TIME_WAIT ports are taken again: see lifetime_s */
	double lifetime_s;   /* a port stays taken so long; 0 = free at once */
	double max_rate;     /* sustained connections a second; < 0 = no limit by ports */
	double exhaustion_s; /* from the run's start; < 0 = not in this run, or not known */
	const char *reason; /* why max_rate or exhaustion_s is not given; never NULL */
	bool known;         /* exhaustion_s < 0 says that they will not run out */
	bool cut;           /* the events were too few */
	/* If they run out: the pair that fails first, the connections made by then, and those
	 * made when connect() got slow for it, 0 = never. */
	uint32_t source, target;
	uint64_t connections, at_slow;
};

/* The budget alone: per_tuple to max_rate. */
void ports_budget(const struct ports_facts *f, struct ports_prediction *out);
/* All of it.  0, or -ENOMEM. */
int ports_predict(const struct ports_facts *f, uint64_t most_events,
		  struct ports_prediction *out, struct err *err);
/* Moments that are as near as this are the same; `measured`: of a closed loop, by a rate that was. */
double ports_near_s(double moment_s, bool measured);
/* Do connect() and bind() walk over the full half of the range, once a half is full? */
bool ports_walks(const struct ports_facts *f);
/* May that walk, of steps of two, not come by one port of an odd range? */
bool ports_may_lose_one(const struct ports_facts *f);
/* Has each pair of source and target all ports to itself, and not each source? */
bool ports_by_target(const struct ports_facts *f);
void ports_facts_done(struct ports_facts *f);

#endif
