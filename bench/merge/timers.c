#include "bench/merge/timers.h"

#include "common/base/put.h"
#include "common/result/result.h"

static void add(struct timers *sum, int64_t *to, const json_t *h, const char *key)
{
	if (__builtin_add_overflow(*to, json_integer_value(json_object_get(h, key)), to))
		sum->too_large = true;
}

void timers_add(struct timers *sum, const json_t *result)
{
	const json_t *all = json_object_get(result, "latency_us");

	for (int t = 0; t < GATHER_TIMERS; t++) {
		const json_t *h = json_object_get(all, gather_timer_names[t]);
		double min = json_number_value(json_object_get(h, "min"));
		double max = json_number_value(json_object_get(h, "max"));

		if (json_integer_value(json_object_get(h, "count")) == 0)
			continue;
		if (sum->count[t] == 0 || min < sum->min_us[t])
			sum->min_us[t] = min;
		if (max > sum->max_us[t])
			sum->max_us[t] = max;
		add(sum, &sum->count[t], h, "count");
		add(sum, &sum->overflow[t], h, "overflow");
		add(sum, &sum->sum_ns[t], h, "sum_ns");
	}
}

json_t *timers_json(const struct timers *sum, const struct gather_run *run,
		    struct err *err)
{
	json_t *all;

	if (sum->too_large) {
		err_usage(err, "the sum of latency_us over all ranks is too large");
		return NULL;
	}
	all = json_object();
	for (int t = 0; t < GATHER_TIMERS; t++) {
		struct hist h = run->timers[t];

		h.count = (uint64_t)sum->count[t];
		h.overflow = (uint64_t)sum->overflow[t];
		h.sum_ns = (uint64_t)sum->sum_ns[t];
		h.min_ns = (uint64_t)(sum->min_us[t] * NS_PER_US + 0.5);
		h.max_ns = (uint64_t)(sum->max_us[t] * NS_PER_US + 0.5);
		put(all, gather_timer_names[t], result_hist(&h));
	}
	return all;
}
