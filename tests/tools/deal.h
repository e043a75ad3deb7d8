/* deal - the result of one run dealt to ranks, as if each had made its share on a host of its own: what
 * they have together is what the one has. */
#ifndef TWSTORM_TESTS_TOOLS_DEAL_H
#define TWSTORM_TESTS_TOOLS_DEAL_H

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "common/base/hist.h"
#include "common/base/rng.h"
#include "common/base/share.h"

#define DEAL_MOST 1000 /* ranks */

/* `n` in `ranks` parts at random. */
static inline void deal_number(struct rng *rng, json_int_t n, unsigned ranks,
			       json_int_t *parts)
{
	for (unsigned r = 0; r < ranks; r++) {
		uint64_t most = 2 * (uint64_t)n / (ranks - r) + 1;
		json_int_t part = (json_int_t)rng_below(rng, most + 1);

		parts[r] = r + 1 == ranks || part > n ? n : part;
		n -= parts[r];
	}
}

static inline int deal_is_one_of(const char *key, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(key, *list) == 0)
			return 1;
	return 0;
}

/* Every whole number in value is dealt; parts[r] are deep copies of it. */
static inline void deal_all(struct rng *rng, const json_t *value, unsigned ranks,
			    json_t **parts)
{
	json_int_t n[DEAL_MOST];
	json_t *inner[DEAL_MOST], *v;
	const char *key;
	size_t i;

	if (json_is_integer(value)) {
		deal_number(rng, json_integer_value(value), ranks, n);
		for (unsigned r = 0; r < ranks; r++)
			json_integer_set(parts[r], n[r]);
	}
	json_object_foreach ((json_t *)value, key, v) {
		for (unsigned r = 0; r < ranks; r++)
			inner[r] = json_object_get(parts[r], key);
		deal_all(rng, v, ranks, inner);
	}
	json_array_foreach ((json_t *)value, i, v) {
		for (unsigned r = 0; r < ranks; r++)
			inner[r] = json_array_get(parts[r], i);
		deal_all(rng, v, ranks, inner);
	}
}

/* An errno or a state that a rank never saw has no key in its result. */
static inline void deal_drop_zeros(json_t *o)
{
	const char *key;
	json_t *v;
	void *next;

	json_object_foreach_safe(o, next, key,
				 v) if (json_is_integer(v) && json_integer_value(v) == 0)
		json_object_del(o, key);
}

static inline void deal_timer(struct rng *rng, const json_t *h, unsigned ranks,
			      json_t **parts)
{
	json_int_t n[DEAL_MOST], count[DEAL_MOST], sum[DEAL_MOST];
	json_t *pair;
	size_t i;

	deal_number(rng, json_integer_value(json_object_get(h, "overflow")), ranks,
		    count);
	for (unsigned r = 0; r < ranks; r++) {
		json_object_set_new(parts[r], "buckets", json_array());
		json_object_set_new(parts[r], "overflow", json_integer(count[r]));
	}
	json_array_foreach (json_object_get(h, "buckets"), i, pair) {
		deal_number(rng, json_integer_value(json_array_get(pair, 1)), ranks, n);
		for (unsigned r = 0; r < ranks; r++) {
			count[r] += n[r];
			if (n[r])
				json_array_append_new(
					json_object_get(parts[r], "buckets"),
					json_pack("[O, I]", json_array_get(pair, 0),
						  n[r]));
		}
	}
	deal_number(rng, json_integer_value(json_object_get(h, "sum_ns")), ranks, sum);
	for (unsigned r = 0, some = 0; r < ranks; r++) {
		while (some < ranks - 1 && count[some] == 0)
			some++;
		if (count[r] == 0 && r != some) { /* no values have no sum */
			sum[some] += sum[r];
			sum[r] = 0;
		}
	}
	for (unsigned r = 0; r < ranks; r++) {
		json_object_set_new(parts[r], "count", json_integer(count[r]));
		json_object_set_new(parts[r], "sum_ns", json_integer(sum[r]));
	}
}

static inline void deal_series(json_t *const *ranks_of, unsigned ranks)
{
	static const char *const counts[] = { "connects_ok", "transactions_ok", "errors",
					      "ports_in_use", NULL };
	json_t *row, *v;
	const char *key;
	size_t i;

	for (unsigned r = 0; r < ranks; r++)
		json_array_foreach (json_object_get(ranks_of[r], "series"), i, row) {
			json_object_foreach (row, key, v)
				if (deal_is_one_of(key, counts) && json_is_integer(v))
					json_integer_set(
						v,
						(json_int_t)share_of(
							(uint64_t)json_integer_value(v),
							r, ranks));
			json_object_foreach (json_object_get(row, "client"), key, v)
				json_integer_set(v,
						 (json_int_t)share_of(
							 (uint64_t)json_integer_value(v),
							 r, ranks));
		}
}

/* Sets docs[0 .. ranks - 1] to new documents. */
static inline void deal(struct rng *rng, const json_t *whole, unsigned ranks,
			json_t **docs)
{
	static const char *const dealt[] = { "totals",   "outcomes", "errors",
					     "counters", "http",     "pool",
					     "sampler",  "lost",     NULL };
	json_t *parts[DEAL_MOST], *v, *check;
	const char *key, *call;
	size_t i;

	for (unsigned r = 0; r < ranks; r++) {
		docs[r] = json_deep_copy(whole);
		json_object_set_new(json_object_get(docs[r], "run"), "rank",
				    json_integer(r));
		json_object_set_new(json_object_get(docs[r], "run"), "ranks",
				    json_integer(ranks));
		v = json_object_get(docs[r], "host");
		json_object_set_new(
			v, "netns",
			json_integer(json_integer_value(json_object_get(v, "netns")) +
				     r));
	}
	deal_series(docs, ranks);
#define PARTS(of)                                                                        \
	for (unsigned r = 0; r < ranks; r++)                                             \
		parts[r] = (of);
	json_object_foreach ((json_t *)whole, key, v) {
		PARTS(json_object_get(docs[r], key))
		if (deal_is_one_of(key, dealt))
			deal_all(rng, v, ranks, parts);
	}
	PARTS(json_object_get(json_object_get(docs[r], "states"), "client"))
	deal_all(rng, json_object_get(json_object_get(whole, "states"), "client"), ranks,
		 parts);
	json_object_foreach (json_object_get(whole, "latency_us"), key, v) {
		PARTS(json_object_get(json_object_get(docs[r], "latency_us"), key))
		deal_timer(rng, v, ranks, parts);
	}
	json_array_foreach (json_object_get(whole, "targets"), i, v) {
		PARTS(json_array_get(json_object_get(docs[r], "targets"), i))
		deal_all(rng, v, ranks, parts);
		for (unsigned r = 0; r < ranks; r++)
			deal_drop_zeros(json_object_get(parts[r], "failed"));
	}
	json_array_foreach (json_object_get(json_object_get(whole, "ledger"), "checks"),
			    i, check) {
		PARTS(json_array_get(
			json_object_get(json_object_get(docs[r], "ledger"), "checks"), i))
		deal_all(rng, check, ranks, parts);
	}
	for (unsigned r = 0; r < ranks; r++)
		json_object_foreach (json_object_get(docs[r], "errors"), call, v)
			if (strcmp(call, "timeout") != 0)
				deal_drop_zeros(v);
#undef PARTS
}

#endif
