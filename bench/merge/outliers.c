#include "bench/merge/outliers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/put.h"
#include "common/result/result.h"

#define OUTLIERS  4   /* ranks without which nobody is one */
#define FAR_MAD   6.0 /* of the median of the distances from the median ... */
#define FAR_SHARE 0.2 /* ... and at least this part of the median itself */

/* ---- a row for each rank: the figures by which ranks are compared */

/* floor: a median below it says nothing. */
static const struct column {
	const char *name, *path, *what;
	bool compared;
	double floor;
} columns[] = {
	{ "connects_started", "totals.connects_started", "connections started", true,
	  20 },
	{ "connects_ok", "totals.connects_ok", "connections made", false, 0 },
	{ "transactions_ok", "totals.transactions_ok", "transactions", false, 0 },
	{ "closes", "totals.closes", "closes", false, 0 },
	{ "no_port", "outcomes.no_port", "connections without a port", false, 0 },
	{ "connections_per_s", "rate.connections_per_s", "connections a second", true,
	  1 },
	{ "connect_p99_us", "latency_us.connect.p99", "connect, p99, us", true, 500 },
	{ "transaction_p99_us", "latency_us.transaction.p99", "transaction, p99, us",
	  true, 500 },
	{ "start_lag_p99_us", "latency_us.start_lag.p99", "lag of starts, p99, us", true,
	  2000 },
	{ "time_wait_peak", "states.client.peak.TIME_WAIT", "TIME_WAIT, peak", false, 0 },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static json_int_t failed(const json_t *result)
{
	static const char *const good[] = { "completed", "leaked" };
	const char *name;
	json_int_t n = 0;
	json_t *v;

	json_object_foreach (json_object_get(result, "outcomes"), name, v)
		if (strcmp(name, good[0]) != 0 && strcmp(name, good[1]) != 0)
			n += json_integer_value(v);
	return n;
}

static json_t *known(bool is_known, int64_t n)
{
	return is_known ? json_integer(n) : json_null();
}

json_t *outliers_row(const struct leaf *l, const json_t *result, int64_t first_ms)
{
	const json_t *why = result_at(result, "error.message");
	json_t *row = json_pack(
		"{s:I, s:I, s:o, s:o, s:o, s:b, s:I}", "rank", (json_int_t)l->rank,
		"after_first_ms", (json_int_t)(l->began_ms - first_ms),
		"after_planned_ms",
		known(l->planned_ms >= 0, l->began_ms - l->planned_ms), "clock_us",
		known(l->ahead_error_us >= 0, l->ahead_us), "clock_error_us",
		known(l->ahead_error_us >= 0, l->ahead_error_us), "complete",
		(int)l->complete, "failed", (json_int_t)failed(result));

	for (size_t i = 0; i < N_COLUMNS; i++) {
		json_t *v = result_at(result, columns[i].path);

		json_object_set(row, columns[i].name,
				json_is_number(v) ? v : json_null());
	}
	put_text(row, "error",
		 l->complete              ? NULL
		 : json_string_value(why) ? json_string_value(why)
					  : "it does not say why");
	return row;
}

/* ---- who differs */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static bool is_far(double v, double middle, double spread)
{
	return fabs(v - middle) > FAR_MAD * spread &&
	       fabs(v - middle) > FAR_SHARE * fabs(middle);
}

static void find_far(const struct judge *j, const struct column *c, double middle,
		     double spread, json_t *outliers)
{
	json_t *row, *v;
	size_t i;

	json_array_foreach (j->table, i, row) {
		v = json_object_get(row, c->name);
		if (!json_is_number(v) || !is_far(json_number_value(v), middle, spread) ||
		    (middle < c->floor && json_number_value(v) < c->floor))
			continue;
		json_array_append_new(outliers,
				      json_pack("{s:O, s:s, s:O, s:f}", "rank",
						json_object_get(row, "rank"), "path",
						c->path, "value", v, "median", middle));
		if (json_array_size(j->warnings) < JUDGE_NAMED)
			judge_say(
				j->warnings,
				"rank %" JSON_INTEGER_FORMAT
				" differs from the others: %s %.6g, their median is %.6g",
				json_integer_value(json_object_get(row, "rank")), c->what,
				json_number_value(v), middle);
	}
}

static void find_outliers(const struct judge *j, const struct column *c, double *values,
			  json_t *outliers)
{
	double middle;
	json_t *row;
	size_t i, n = 0;

	json_array_foreach (j->table, i, row)
		if (json_is_number(json_object_get(row, c->name)))
			values[n++] = json_number_value(json_object_get(row, c->name));
	if (n < OUTLIERS)
		return;
	middle = median(values, n);
	for (i = 0; i < n; i++)
		values[i] = fabs(values[i] - middle);
	find_far(j, c, middle, median(values, n), outliers);
}

json_t *outliers_find(const struct judge *j)
{
	double *values = calloc(json_array_size(j->table) + 1, sizeof(*values));
	json_t *outliers = json_array();

	for (size_t i = 0; i < N_COLUMNS && values; i++)
		if (columns[i].compared)
			find_outliers(j, &columns[i], values, outliers);
	free(values);
	return outliers;
}
