/* holding - the ports of a simulated run: which are held at a moment, and when each comes free.
 * Time is passed in, in nanoseconds since the run began, and never goes back.  What would come
 * free after the run's end is not queued. */
#ifndef TWSTORM_COMMON_PORTS_HOLDING_H
#define TWSTORM_COMMON_PORTS_HOLDING_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/ports/fifo.h"
#include "common/talk/closing.h"

#define HOLDING_FOR_EVER  UINT64_MAX
#define HOLDING_ALL_POOLS UINT32_MAX

/* How long a port stays held once its connection is closed, by what the close leaves behind;
 * and how long TIME_WAIT counts for tcp_max_tw_buckets. */
struct lives {
	uint64_t after_ns[PORT_LIVES]; /* by enum port_life */
	uint64_t bucket_ns;
};

struct holding {
	struct lives life;
	uint64_t open_ns;      /* between connect() and close() */
	uint64_t end_ns;       /* of the run */
	uint64_t buckets_most; /* tcp_max_tw_buckets */
	uint64_t *held;        /* owned: how many, of each pool */
	uint32_t pools, ports; /* ports of each pool */
	uint64_t *bits;        /* owned: a bit for each port of each pool; NULL = any
				       free port will do, for the kernel chooses */
	struct fifo open[PORT_LIVES];  /* open connections */
	struct fifo after[PORT_LIVES]; /* what they leave behind */
	struct fifo bucket;            /* TIME_WAIT that has a bucket but no port */
	struct fifo others, others_bucket;
	uint64_t due_ns; /* nothing ends before */
	uint64_t buckets;
	uint64_t skipped;  /* TIME_WAIT that found no bucket */
	uint64_t released; /* ports that came free after they were kept */
};

/* told_apart: which of a pool's ports is held matters.  The fields up to buckets_most are the
 * caller's to set.  -ENOMEM. */
int holding_init(struct holding *h, uint32_t pools, uint32_t ports, bool told_apart,
		 struct err *err);
void holding_done(struct holding *h);
/* Ports, TIME_WAIT buckets that others have, until at_ns or HOLDING_FOR_EVER; in ascending
 * order of at_ns, before anything else is taken. */
void holding_others(struct holding *h, uint32_t pool, uint32_t port, uint64_t at_ns);
void holding_others_buckets(struct holding *h, uint32_t n, uint64_t at_ns);
/* Lets go of what has ended by now_ns. */
void holding_pass(struct holding *h, uint64_t now_ns);
/* Whether there is no port for one more connection; where ports are told apart, whether this
 * port is held. */
bool holding_is_full(const struct holding *h, uint32_t pool, uint32_t port);
/* A connection begins; it is closed at now_ns plus open_ns, and leaves behind what `life` says. */
void holding_begin(struct holding *h, uint32_t pool, uint32_t port);
void holding_close(struct holding *h, uint32_t pool, uint32_t port, enum port_life life,
		   uint64_t now_ns);
/* Was an entry lost for lack of memory? */
bool holding_is_broken(const struct holding *h);

#endif
