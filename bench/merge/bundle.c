#include "bench/merge/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hist.h"

#define COUNT_MAX (1ll << 53)

#define CLIENT_TIMER(field, name, ...) name,
const char *const gather_timer_names[GATHER_TIMERS] = {
#include "common/result/paths.def"
};

void bundle_done(struct bundle *b)
{
	for (size_t i = 0; i < b->n; i++)
		leaf_done(&b->at[i]);
	for (int t = 0; t < GATHER_TIMERS; t++)
		json_decref(b->buckets[t]);
	free(b->at);
	*b = (struct bundle){ 0 };
}

static json_int_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void count_values(struct bundle *b, const json_t *result)
{
	const json_t *all = json_object_get(result, "latency_us");

	for (int t = 0; t < GATHER_TIMERS; t++) {
		const json_t *h = json_object_get(all, gather_timer_names[t]);

		b->counted[t] += (uint64_t)(number(h, "count") - number(h, "overflow"));
	}
}

static int bundle_add(struct bundle *b, const json_t *leaf, struct err *err)
{
	int r = leaf_read(leaf, &b->at[b->n], err);

	if (r < 0)
		return r;
	count_values(b, json_object_get(leaf, "result"));
	b->n++;
	if (strcmp(b->at[0].key, b->at[b->n - 1].key) != 0)
		return err_usage(err, "ranks of several runs are in one list");
	return 0;
}

static int check_buckets(const struct bundle *b, int t, struct err *err)
{
	uint64_t sum = 0;
	json_t *pair;
	size_t i;

	json_array_foreach (b->buckets[t], i, pair) {
		json_int_t at = json_integer_value(json_array_get(pair, 0));
		json_int_t n = json_integer_value(json_array_get(pair, 1));

		if (json_array_size(pair) != 2 ||
		    !json_is_integer(json_array_get(pair, 0)) || at < 0 ||
		    at >= hist_buckets() || n < 1 || n > COUNT_MAX ||
		    __builtin_add_overflow(sum, (uint64_t)n, &sum))
			return err_usage(err,
					 "latency_us.%s.buckets has something that is no "
					 "bucket",
					 gather_timer_names[t]);
	}
	if (sum != b->counted[t])
		return err_usage(err,
				 "latency_us.%s.buckets hold %llu values, but its counts "
				 "say %llu",
				 gather_timer_names[t], (unsigned long long)sum,
				 (unsigned long long)b->counted[t]);
	return 0;
}

static int check_all_buckets(const struct bundle *b, struct err *err)
{
	int r = 0;

	for (int t = 0; t < GATHER_TIMERS && r == 0; t++)
		r = check_buckets(b, t, err);
	return r;
}

int bundle_of_result(json_t *doc, struct bundle *b, struct err *err)
{
	const json_t *all = json_object_get(doc, "latency_us");
	json_t *leaf;
	int r;

	*b = (struct bundle){ .at = calloc(1, sizeof(*b->at)) };
	if (!b->at)
		return err_memory(err);
	for (int t = 0; t < GATHER_TIMERS; t++)
		b->buckets[t] = json_incref(json_object_get(
			json_object_get(all, gather_timer_names[t]), "buckets"));
	leaf = leaf_json(doc);
	r = bundle_add(b, leaf, err);
	json_decref(leaf);
	return r ? r : check_all_buckets(b, err);
}

int bundle_of_merged(const json_t *ranks, const json_t *buckets, struct bundle *b,
		     struct err *err)
{
	json_t *leaf;
	size_t i;
	int r = 0;

	*b = (struct bundle){ .at = calloc(json_array_size(ranks) + 1, sizeof(*b->at)) };
	if (!b->at)
		return err_memory(err);
	if (json_array_size(ranks) == 0)
		return err_usage(err, "it has no ranks");
	json_array_foreach ((json_t *)ranks, i, leaf)
		r = r ? r : bundle_add(b, leaf, err);
	for (int t = 0; t < GATHER_TIMERS && r == 0; t++) {
		json_t *h = json_object_get(buckets, gather_timer_names[t]);

		b->buckets[t] =
			json_incref(json_is_array(h) ? h : json_object_get(h, "buckets"));
	}
	for (size_t k = 1; k < b->n && r == 0; k++)
		if (leaf_compare(&b->at[k - 1], &b->at[k]) >= 0)
			r = err_usage(err, "its ranks are not in order");
	return r ? r : check_all_buckets(b, err);
}
