#include "bench/merge/clocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/put.h"
#include "common/base/utf8.h"

/* ---- compared */

static int by_offset(const void *a, const void *b)
{
	const struct leaf *x = *(const struct leaf *const *)a;
	const struct leaf *y = *(const struct leaf *const *)b;

	if (x->clock_offset_us != y->clock_offset_us)
		return x->clock_offset_us < y->clock_offset_us ? -1 : 1;
	return x->clock_error_us < y->clock_error_us
		       ? -1
		       : x->clock_error_us > y->clock_error_us;
}

/* The first rank that keeps the clocks from being compared; NULL = they can be. */
static const struct leaf *find_unknown(const struct gather_run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct leaf *l = &run->at[i];

		if (l->clock_error_us < 0 || !l->clock_host[0] ||
		    strcmp(l->clock_host, run->at[0].clock_host) != 0)
			return l;
	}
	return NULL;
}

static const struct leaf *find_middle(const struct gather_run *run, struct err *err)
{
	const struct leaf **all = calloc(run->n, sizeof(const struct leaf *));
	const struct leaf *middle = NULL;

	if (!all) {
		err_memory(err);
		return NULL;
	}
	for (size_t i = 0; i < run->n; i++)
		all[i] = &run->at[i];
	qsort(all, run->n, sizeof(*all), by_offset);
	middle = all[(run->n - 1) / 2];
	free(all);
	return middle;
}

int clocks_compare(struct gather_run *run, struct err *err)
{
	const struct leaf *middle = find_middle(run, err);
	bool known;

	if (!middle)
		return -ENOMEM;
	known = !find_unknown(run);
	for (size_t i = 0; i < run->n; i++) {
		struct leaf *l = &run->at[i];

		l->ahead_us = known ? middle->clock_offset_us - l->clock_offset_us : 0;
		l->began_ms = l->started_ms - l->ahead_us / 1000;
		l->ahead_error_us = !known ? -1
				    : l == middle
					    ? 0
					    : l->clock_error_us + middle->clock_error_us;
	}
	return 0;
}

/* ---- told */

/* A difference, of which so much may be an error. */
static bool is_over(int64_t us, int64_t error_us, int64_t limit_ms)
{
	return llabs(us) - (error_us < 0 ? 0 : error_us) >= limit_ms * 1000;
}

/* Where a sentence about it belongs; NULL = it is worth none.  *skew: the worst so far. */
static json_t *list_for(const struct judge *j, int64_t us, int64_t error_us,
			const char **skew)
{
	if (is_over(us, error_us, SKEW_FAIL_MS)) {
		*skew = "failed";
		return j->problems;
	}
	if (!is_over(us, error_us, SKEW_WARN_MS))
		return NULL;
	if (strcmp(*skew, "ok") == 0)
		*skew = "warned";
	return j->warnings;
}

static const char *by_whose(const struct leaf *l)
{
	return l->ahead_error_us < 0 ? "their own clocks" : "the server's clock";
}

static const struct leaf *tell_apart(const struct judge *j, const struct gather_run *run,
				     json_t *merged, const char **skew)
{
	const struct leaf *first = &run->at[0], *last = first;
	int64_t apart_ms;
	json_t *list;

	for (size_t i = 1; i < run->n; i++) {
		const struct leaf *l = &run->at[i];

		first = l->began_ms < first->began_ms ? l : first;
		last = l->began_ms > last->began_ms ? l : last;
	}
	apart_ms = last->began_ms - first->began_ms;
	put(merged, "skew_ms", json_integer(apart_ms));
	list = list_for(j, apart_ms * 1000,
			last->ahead_error_us < 0
				? 0
				: first->clock_error_us + last->clock_error_us,
			skew);
	if (!list)
		return NULL;
	judge_say(list,
		  "the ranks did not begin together: rank %u %lld ms after the first, by "
		  "%s",
		  last->rank, (long long)apart_ms, by_whose(last));
	return last;
}

/* said: a rank of which it is said already that it began late. */
static void tell_late(const struct judge *j, const struct gather_run *run,
		      const struct leaf *said, json_t *merged, const char **skew)
{
	const struct leaf *furthest = NULL;
	int64_t most = 0;
	json_t *list;

	for (size_t i = 0; i < run->n; i++) {
		int64_t late = run->at[i].began_ms - run->at[i].planned_ms;

		if (run->at[i].planned_ms >= 0 &&
		    (!furthest || llabs(late) > llabs(most))) {
			furthest = &run->at[i];
			most = late;
		}
	}
	put(merged, "late_ms", furthest ? json_integer(most) : json_null());
	list = furthest ? list_for(j, most * 1000, furthest->ahead_error_us, skew) : NULL;
	if (list && furthest != said)
		judge_say(list,
			  "rank %u began %lld ms %s the moment of --start-at, by %s",
			  furthest->rank, (long long)llabs(most),
			  most < 0 ? "before" : "after",
			  furthest->ahead_error_us < 0 ? "its own clock"
						       : "the clocks of most ranks");
}

static void tell_unknown(const struct leaf *l, json_t *merged)
{
	json_t *result = leaf_result(l);
	const char *why = json_string_value(json_object_get(result, "clock_reason"));
	char text[300];

	snprintf(text, sizeof(text), "rank %u: %.200s", l->rank,
		 why ? why
		 : l->clock_error_us < 0
			 ? "an older twstorm does not tell its clock"
			 : "its clock was not held against the same clock");
	put(merged, "clock_us", json_null());
	put(merged, "clock_error_us", json_null());
	put(merged, "clock_rank", json_null());
	put(merged, "clock_reason", utf8_json(text));
	json_decref(result);
}

/* A sentence for each clock that is off. */
static void tell_clocks(const struct judge *j, const struct gather_run *run,
			json_t *merged, const char **skew)
{
	const struct leaf *furthest = &run->at[0];
	unsigned said = 0;

	for (size_t i = 0; i < run->n; i++) {
		const struct leaf *l = &run->at[i];
		json_t *list = list_for(j, l->ahead_us, l->ahead_error_us, skew);

		furthest = llabs(l->ahead_us) > llabs(furthest->ahead_us) ? l : furthest;
		if (list && said++ < JUDGE_NAMED)
			judge_say(
				list,
				"the clock of rank %u is %lld ms %s the others', by the "
				"server's clock, give or take %.1f ms",
				l->rank, (long long)llabs(l->ahead_us) / 1000,
				l->ahead_us < 0 ? "behind" : "ahead of",
				(double)l->ahead_error_us / 1000);
	}
	put(merged, "clock_us", json_integer(furthest->ahead_us));
	put(merged, "clock_error_us", json_integer(furthest->ahead_error_us));
	put(merged, "clock_rank", json_integer(furthest->rank));
}

void clocks_tell(const struct judge *j, const struct gather_run *run, json_t *merged)
{
	const char *skew = "ok";
	const struct leaf *said = tell_apart(j, run, merged, &skew);

	tell_late(j, run, said, merged, &skew);
	if (run->at[0].ahead_error_us < 0)
		tell_unknown(find_unknown(run), merged);
	else
		tell_clocks(j, run, merged, &skew);
	put_text(merged, "skew", skew);
}
