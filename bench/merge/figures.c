#include "bench/merge/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/merge/rules.h"

#define COUNT_MAX 9007199254740992 /* 2^53: every whole number up to it is a double */
#define SUM_NS_MAX                                                                       \
	(1ll << 58) /* nine years, of a thousand million connections a second */

static int refuse(const struct merge_place *at, const char *key, const char *why,
		  struct err *err)
{
	char path[200] = "";
	size_t len = 0;

	for (unsigned i = 0; i < at->n && len < sizeof(path); i++)
		len += (size_t)snprintf(path + len, sizeof(path) - len, "%.40s.",
					at->key[i]);
	return err_usage(err, "%s%.40s %s", path, key, why);
}

/* Differences of what a kernel or a server counted may be negative. */
static bool may_be_negative(const struct merge_place *at)
{
	static const char *const tops[] = { "counters", "server_counters", "server",
					    "ledger" };

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		if (strcmp(at->key[0], tops[i]) == 0)
			return true;
	return false;
}

static int check_number(const struct merge_place *at, const char *key, const json_t *v,
			struct err *err)
{
	double n = json_number_value(v);

	if (!isfinite(n) || fabs(n) > COUNT_MAX)
		return refuse(at, key, "is too large to be a figure of a run", err);
	if (n < 0 && !may_be_negative(at))
		return refuse(at, key, "is negative", err);
	return 0;
}

static int check_array(const struct merge_place *at, const char *key, const json_t *list,
		       enum merge_how how, struct err *err);
static int check_object(struct merge_place *at, const json_t *o, struct err *err);

static int check_value(struct merge_place *at, const char *key, const json_t *v,
		       struct err *err)
{
	struct merge_place here = *at;
	enum merge_how how;

	if (here.n == MERGE_DEPTH)
		return refuse(at, key, "is too deep inside", err);
	here.key[here.n++] = key;
	how = merge_rule(&here);
	if (how == MERGE_MADE || how == MERGE_LEFT || how == MERGE_LEAD ||
	    how == MERGE_SAME || how == MERGE_SOME)
		return 0;
	if (json_is_object(v))
		return !merge_is_of_numbers(how) || merge_rule_inside(&here) != MERGE_NONE
			       ? check_object(&here, v, err)
			       : refuse(at, key, "is no number", err);
	if (json_is_array(v))
		return check_array(at, key, v, how, err);
	if (how == MERGE_NONE || json_is_null(v))
		return 0;
	if (how == MERGE_EVERY || how == MERGE_ANY)
		return json_is_boolean(v)
			       ? 0
			       : refuse(at, key, "is neither true nor false", err);
	if (how == MERGE_KEY)
		return json_is_string(v) ? 0 : refuse(at, key, "is no text", err);
	return json_is_number(v) ? check_number(at, key, v, err)
				 : refuse(at, key, "is no number", err);
}

static int check_object(struct merge_place *at, const json_t *o, struct err *err)
{
	const char *key;
	json_t *v;
	int r = 0;

	json_object_foreach ((json_t *)o, key, v)
		if (r == 0)
			r = check_value(at, key, v, err);
	return r;
}

/* Of objects, or a span of two counts. */
static int check_array(const struct merge_place *at, const char *key, const json_t *list,
		       enum merge_how how, struct err *err)
{
	struct merge_place here = *at;
	char name[64];
	json_t *one;
	size_t i;
	int r = 0;

	snprintf(name, sizeof(name), "%.60s[]", key);
	here.key[here.n++] = name;
	json_array_foreach ((json_t *)list, i, one) {
		if (r < 0)
			break;
		if (how == MERGE_SPAN && i < 2 && json_is_integer(one))
			r = check_number(at, key, one, err);
		else if (how != MERGE_SPAN && json_is_object(one))
			r = check_object(&here, one, err);
		else if (how != MERGE_NONE)
			r = refuse(at, key, "is no figure", err);
	}
	return r;
}

int figures_whole(const json_t *o, const char *key, json_int_t most, const char *name,
		  struct err *err)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_integer(v) && json_integer_value(v) >= 0 &&
	    json_integer_value(v) <= most)
		return 0;
	return err_usage(err, "%s.%s is not a whole number up to %" JSON_INTEGER_FORMAT,
			 name, key, most);
}

static int check_us(const json_t *o, const char *key, const char *name, struct err *err)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_null(v) || (json_is_number(v) && json_number_value(v) >= 0 &&
				json_number_value(v) <= COUNT_MAX / 1000))
		return 0;
	return err_usage(err, "%s.%s is no duration", name, key);
}

static int check_timer(const json_t *result, const char *timer, struct err *err)
{
	const json_t *h = json_object_get(json_object_get(result, "latency_us"), timer);
	char name[64];
	int r;

	snprintf(name, sizeof(name), "latency_us.%s", timer);
	if (!h)
		return 0; /* a later twstorm may time more, an earlier less */
	r = figures_whole(h, "count", COUNT_MAX, name, err);
	r = r ? r : figures_whole(h, "overflow", COUNT_MAX, name, err);
	r = r ? r : figures_whole(h, "sum_ns", SUM_NS_MAX, name, err);
	r = r ? r : check_us(h, "min", name, err);
	r = r ? r : check_us(h, "max", name, err);
	if (r == 0 && json_integer_value(json_object_get(h, "overflow")) >
			      json_integer_value(json_object_get(h, "count")))
		r = err_usage(err, "%s.overflow is more than its count", name);
	return r;
}

int figures_check_timers(const json_t *result, struct err *err)
{
	int r = 0;

#define CLIENT_TIMER(field, name, ...) r = r ? r : check_timer(result, name, err);
#include "common/result/paths.def"
	return r;
}

int figures_check(const json_t *result, struct err *err)
{
	struct merge_place top = { .n = 0 };

	return check_object(&top, result, err);
}
