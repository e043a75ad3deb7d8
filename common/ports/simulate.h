/* simulate - starts the connections of a run as the run will (load.h, pick.h, pacer.h: the same
 * code), keeps their ports as long as their close strategies say, and finds the first that gets
 * no port.  Reads no clock, asks no kernel. */
#ifndef TWSTORM_COMMON_PORTS_SIMULATE_H
#define TWSTORM_COMMON_PORTS_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/ports/holding.h"
#include "common/ports/load.h"

/* A port that somebody else has when the run begins. */
struct sim_other {
	uint32_t pool; /* HOLDING_ALL_POOLS = nobody may have it */
	uint32_t port; /* index in the pool, where ports are told apart */
	uint64_t until_ns;
};

struct sim_plan {
	const struct load *load;
	/* Pools of ports: a source address has one, or with `by_target` each pair of source and
	 * target.  Numbers of equal addresses are equal; NULL = all addresses differ. */
	const uint32_t *target_id, *source_id;
	uint32_t targets, sources; /* that differ */
	bool by_target;
	uint32_t ports;  /* of each pool */
	bool told_apart; /* the run chooses which of them */
	struct lives life;
	/* --close both: which side keeps TIME_WAIT is a race; what the client keeps then. */
	enum port_life of_both;
	uint64_t buckets_most;
	const struct sim_other *others; /* in ascending order of until_ns */
	size_t n_others;
	const uint32_t
		*bucket_ends; /* TIME_WAIT of others that ends in second i; NULL = none */
	unsigned n_bucket_ends;
	/* What a thread needs for an arrival, and once so many ports of the pool are held; a
	 * closed loop needs the first, and an open loop may do without.  NULL = never slow. */
	uint64_t cost_ns, slow_cost_ns;
	uint64_t early_cost_ns,
		early;             /* ... instead of cost_ns, for so many connections */
	const uint64_t *slow_from; /* for each pool */
	bool all_busy;   /* a pool opens a connection for each arrival until it is full */
	uint64_t end_ns; /* nothing starts then, or later */
	uint64_t most_events; /* connections that start and ports that come free */
};

struct sim_result {
	bool exhausted;
	uint64_t at_ns;          /* when the connection that finds no port starts */
	uint32_t target, source; /* its */
	uint64_t connections;    /* started before */
	uint64_t
		at_slow; /* ... when connect() got slow for that pool; 0 = not, or at once */
	uint64_t skipped;  /* TIME_WAIT that found no bucket */
	uint64_t released; /* ports that came free again before */
	bool too_long;     /* most_events were not enough: nothing else is known */
};

/* 0, or -ENOMEM. */
int simulate(const struct sim_plan *plan, struct sim_result *out, struct err *err);

#endif
