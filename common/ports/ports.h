/* ports - the ephemeral-port budget of a run: how many there are, how many are taken already,
 * and, before the run, when they will run out.  Pure arithmetic over facts that the caller
 * read, so that a test can ask about any kernel.  Rules and figures: facts measured on Linux
 * 6.18 (docs/ports.md); sources: __inet_hash_connect(), inet_csk_find_open_port(),
 * tcp_twsk_unique(). */
#ifndef TWSTORM_COMMON_PORTS_PORTS_H
#define TWSTORM_COMMON_PORTS_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#define PORTS_TIME_WAIT_S 60.0 /* TCP_TIMEWAIT_LEN is compiled in */

/* What the prediction knows. */
struct ports_facts {
	unsigned lo, hi;     /* the range in force: sysctl, or IP_LOCAL_PORT_RANGE */
	bool own_range;      /* IP_LOCAL_PORT_RANGE is set: no odd/even split */
	bool early_bind;     /* bind() picks the port: targets do not multiply */
	bool own_port;       /* --bind port: this program chooses the port, in turn */
	bool reuseaddr;      /* SO_REUSEADDR on our sockets */
	bool autobind_reuse; /* net.ipv4.ip_autobind_reuse != 0 */
	unsigned reserved;   /* ip_local_reserved_ports inside lo..hi */
	unsigned listeners;  /* our host's listeners inside lo..hi */
	uint64_t taken; /* sockets there already that our connections cannot share with */
	uint64_t kept;  /* ... of which this program keeps so many all run long */
	uint64_t targets, sources; /* addresses x ports; sources at least 1 */
	bool loopback;             /* every target is on loopback */
	bool timestamps;           /* net.ipv4.tcp_timestamps != 0 */
	int tw_reuse;              /* net.ipv4.tcp_tw_reuse: 0, 1, 2 */
	double tw_reuse_delay_s; /* net.ipv4.tcp_tw_reuse_delay, or 1 where there is none */
	bool time_wait_unsure;   /* --linger2 -1: it may be a RST instead */
	double fin_timeout_s;    /* net.ipv4.tcp_fin_timeout, or --linger2 */
	uint64_t max_tw_buckets; /* net.ipv4.tcp_max_tw_buckets */
	double share_time_wait; /* of connections that leave TIME_WAIT on the client ... */
	double share_fin_wait2; /* ... FIN_WAIT2 on the client ... */
	double share_held;      /* ... or a socket held until the end or the hold */
	double open_s;          /* how long a connection is open: --hold */
	double rate_from,
		rate_to;      /* new connections a second, all together; 0 = unknown */
	uint64_t pool;        /* --pool N: N connections at most, kept; 0 = none */
	uint64_t concurrency; /* connections open at one time at most */
	double run_s;         /* --duration: a ramp's length, and when it ends */
	uint64_t connections; /* at most so many; 0 = no limit */
};

struct ports_prediction {
	uint64_t per_tuple; /* usable ports for one (source, target) */
	uint64_t tuples;
	uint64_t budget;     /* ports x tuples: connections before the first failure */
	bool reuse;          /* TIME_WAIT ports are taken again: see lifetime_s */
	double lifetime_s;   /* a port stays taken so long; 0 = free at once */
	double max_rate;     /* sustained connections a second; < 0 = no limit by ports */
	double exhaustion_s; /* from the run's start; < 0 = not in this run */
	const char *reason;  /* why max_rate or exhaustion_s is not given; never NULL */
};

void ports_predict(const struct ports_facts *f, struct ports_prediction *out);

#endif
