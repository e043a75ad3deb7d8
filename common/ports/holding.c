#include "common/ports/holding.h"

#include <stdlib.h>
#include <string.h>

/* What a queue's entry is about: a pool, or a port of a pool where they are told apart. */
static uint32_t cell_of(const struct holding *h, uint32_t pool, uint32_t port)
{
	return h->bits ? pool * h->ports + port : pool;
}

static void set(struct holding *h, uint32_t cell)
{
	h->held[h->bits ? cell / h->ports : cell]++;
	if (h->bits)
		h->bits[cell / 64] |= 1ull << cell % 64;
}

static void clear(struct holding *h, uint32_t cell)
{
	h->held[h->bits ? cell / h->ports : cell]--;
	if (h->bits)
		h->bits[cell / 64] &= ~(1ull << cell % 64);
}

int holding_init(struct holding *h, uint32_t pools, uint32_t ports, bool told_apart,
		 struct err *err)
{
	h->pools = pools;
	h->ports = ports;
	h->due_ns = UINT64_MAX;
	h->held = calloc(pools, sizeof(*h->held));
	if (told_apart)
		h->bits = calloc(((uint64_t)pools * ports + 63) / 64, sizeof(*h->bits));
	return h->held && (h->bits || !told_apart) ? 0 : err_memory(err);
}

void holding_done(struct holding *h)
{
	for (int i = 0; i < PORT_LIVES; i++) {
		fifo_done(&h->open[i]);
		fifo_done(&h->after[i]);
	}
	fifo_done(&h->bucket);
	fifo_done(&h->others);
	fifo_done(&h->others_bucket);
	free(h->held);
	free(h->bits);
}

bool holding_is_broken(const struct holding *h)
{
	bool lost = h->bucket.lost | h->others.lost | h->others_bucket.lost;

	for (int i = 0; i < PORT_LIVES; i++)
		lost |= h->open[i].lost | h->after[i].lost;
	return lost;
}

static void queue(struct holding *h, struct fifo *f, uint64_t at_ns, uint32_t what)
{
	if (at_ns >= h->end_ns || at_ns > FIFO_LAST_NS)
		return;
	fifo_add(f, at_ns, what);
	if (at_ns < h->due_ns)
		h->due_ns = at_ns;
}

static uint64_t later(uint64_t now_ns, uint64_t by_ns)
{
	return by_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + by_ns;
}

static uint32_t first_pool(uint32_t pool)
{
	return pool == HOLDING_ALL_POOLS ? 0 : pool;
}

static uint32_t after_last_pool(const struct holding *h, uint32_t pool)
{
	return pool == HOLDING_ALL_POOLS ? h->pools : pool + 1;
}

void holding_others(struct holding *h, uint32_t pool, uint32_t port, uint64_t at_ns)
{
	for (uint32_t i = first_pool(pool); i < after_last_pool(h, pool); i++) {
		set(h, cell_of(h, i, port));
		queue(h, &h->others, at_ns, cell_of(h, i, port));
	}
}

void holding_others_buckets(struct holding *h, uint32_t n, uint64_t at_ns)
{
	h->buckets += n;
	queue(h, &h->others_bucket, at_ns, n);
}

/* A connection is closed: its port is kept for a while, or is free. */
static void leave_behind(struct holding *h, uint32_t cell, enum port_life life,
			 uint64_t now_ns)
{
	uint64_t keeps_ns = h->life.after_ns[life];
	bool needs_bucket =
		keeps_ns > 0 && (life == PORT_TIME_WAIT || life == PORT_FIN_WAIT2);

	if (needs_bucket && h->buckets >= h->buckets_most) {
		h->skipped++;
		keeps_ns = h->life.after_ns[PORT_FREE_AT_ONCE];
		life = PORT_FREE_AT_ONCE;
		needs_bucket = false;
	}
	h->buckets += needs_bucket;
	if (needs_bucket && life == PORT_TIME_WAIT && h->life.bucket_ns != keeps_ns)
		queue(h, &h->bucket, later(now_ns, h->life.bucket_ns), 1);
	if (keeps_ns == 0)
		clear(h, cell);
	else
		queue(h, &h->after[life], later(now_ns, keeps_ns), cell);
}

/* The port of a connection that is over is free again. */
static void come_free(struct holding *h, uint32_t cell, enum port_life life)
{
	clear(h, cell);
	h->released++;
	h->buckets -= life == PORT_FIN_WAIT2 ||
		      (life == PORT_TIME_WAIT &&
		       h->life.bucket_ns == h->life.after_ns[PORT_TIME_WAIT]);
}

static void pass_life(struct holding *h, enum port_life life, uint64_t now_ns)
{
	uint64_t at_ns;

	while ((at_ns = fifo_next_ns(&h->open[life])) <= now_ns)
		leave_behind(h, fifo_take(&h->open[life]), life, at_ns);
	while (fifo_next_ns(&h->after[life]) <= now_ns)
		come_free(h, fifo_take(&h->after[life]), life);
}

static void sooner(struct holding *h, const struct fifo *f)
{
	uint64_t at_ns = fifo_next_ns(f);

	if (at_ns < h->due_ns)
		h->due_ns = at_ns;
}

static void find_due(struct holding *h)
{
	h->due_ns = UINT64_MAX;
	for (int life = 0; life < PORT_LIVES; life++) {
		sooner(h, &h->open[life]);
		sooner(h, &h->after[life]);
	}
	sooner(h, &h->bucket);
	sooner(h, &h->others);
	sooner(h, &h->others_bucket);
}

void holding_pass(struct holding *h, uint64_t now_ns)
{
	if (h->due_ns > now_ns)
		return;
	while (fifo_next_ns(&h->others) <= now_ns) {
		clear(h, fifo_take(&h->others));
		h->released++;
	}
	while (fifo_next_ns(&h->others_bucket) <= now_ns)
		h->buckets -= fifo_take(&h->others_bucket);
	while (fifo_next_ns(&h->bucket) <= now_ns)
		h->buckets -= fifo_take(&h->bucket);
	for (int life = 0; life < PORT_LIVES; life++)
		pass_life(h, (enum port_life)life, now_ns);
	find_due(h);
}

bool holding_is_full(const struct holding *h, uint32_t pool, uint32_t port)
{
	uint32_t cell = cell_of(h, pool, port);

	return h->bits ? h->bits[cell / 64] >> cell % 64 & 1 : h->held[pool] >= h->ports;
}

void holding_begin(struct holding *h, uint32_t pool, uint32_t port)
{
	set(h, cell_of(h, pool, port));
}

void holding_close(struct holding *h, uint32_t pool, uint32_t port, enum port_life life,
		   uint64_t now_ns)
{
	uint32_t cell = cell_of(h, pool, port);

	if (h->open_ns == 0)
		leave_behind(h, cell, life, now_ns);
	else
		queue(h, &h->open[life], later(now_ns, h->open_ns), cell);
}
