#include "bench/merge/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/put.h"
#include "common/result/result.h"

#define NAMED     20 /* ranks in a sentence */
#define LISTED    1000
#define OUTLIERS  4   /* ranks without which nobody is one */
#define FAR_MAD   6.0 /* of the median of the distances from the median ... */
#define FAR_SHARE 0.2 /* ... and at least this part of the median itself */

int judge_init(struct judge *j, struct err *err)
{
	*j = (struct judge){ json_array(), json_array(), json_array() };
	return j->table && j->problems && j->warnings ? 0 : err_memory(err);
}

void judge_done(struct judge *j)
{
	json_decref(j->table);
	json_decref(j->problems);
	json_decref(j->warnings);
}

static void say(json_t *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(json_t *list, const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_array_append_new(list, json_string(text));
}

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

void judge_rank(struct judge *j, const struct leaf *l, const json_t *result,
		int64_t first_ms)
{
	const json_t *why = result_at(result, "error.message");
	json_t *row = json_pack(
		"{s:I, s:I, s:o, s:b, s:I}", "rank", (json_int_t)l->rank,
		"after_first_ms", (json_int_t)(l->started_ms - first_ms),
		"after_planned_ms",
		l->planned_ms < 0 ? json_null()
				  : json_integer(l->started_ms - l->planned_ms),
		"complete", (int)l->complete, "failed", (json_int_t)failed(result));

	for (size_t i = 0; i < N_COLUMNS; i++) {
		json_t *v = result_at(result, columns[i].path);

		json_object_set(row, columns[i].name,
				json_is_number(v) ? v : json_null());
	}
	put_text(row, "error",
		 l->complete              ? NULL
		 : json_string_value(why) ? json_string_value(why)
					  : "it does not say why");
	json_array_append_new(j->table, row);
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
		if (json_array_size(j->warnings) < NAMED)
			say(j->warnings,
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

static json_t *outliers_of(const struct judge *j)
{
	double *values = calloc(json_array_size(j->table) + 1, sizeof(*values));
	json_t *outliers = json_array();

	for (size_t i = 0; i < N_COLUMNS && values; i++)
		if (columns[i].compared)
			find_outliers(j, &columns[i], values, outliers);
	free(values);
	return outliers;
}

/* ---- who is not there, and who should not be */

/* "rank 3", "ranks 3, 5 and 7 more" */
static void name_ranks(const json_t *list, size_t all, char buf[200])
{
	size_t len = (size_t)snprintf(buf, 200, "rank%s", all > 1 ? "s" : ""), i,
	       named = 0;
	json_t *rank;

	json_array_foreach ((json_t *)list, i, rank) {
		if (i == NAMED || len > 160)
			break;
		len += (size_t)snprintf(buf + len, 200 - len, "%s %" JSON_INTEGER_FORMAT,
					i ? "," : "", json_integer_value(rank));
		named++;
	}
	if (named < all)
		snprintf(buf + len, 200 - len, " and %zu more", all - named);
}

static void tell_missing(const struct judge *j, const struct gather_run *run, json_t *o)
{
	json_t *missing = json_array();
	size_t n = 0, at = 0;
	char names[200];

	for (unsigned r = 0; r < run->at[0].ranks; r++) {
		while (at < run->n && run->at[at].rank < r)
			at++;
		if (at < run->n && run->at[at].rank == r)
			continue;
		if (n++ < LISTED)
			json_array_append_new(missing, json_integer(r));
	}
	put_count(o, "ranks_missing", n);
	name_ranks(missing, n, names);
	put(o, "missing", missing);
	if (n)
		say(j->problems, "%s of %u %s missing", names, run->at[0].ranks,
		    n == 1 ? "is" : "are");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The keys of an object in order, whatever order they came in; to be freed. */
static const char **names_of(const json_t *o, size_t *n)
{
	const char **names = calloc(json_object_size(o) + 1, sizeof(*names)), *name;
	json_t *v;

	*n = 0;
	json_object_foreach ((json_t *)o, name, v)
		if (names)
			names[(*n)++] = name;
	if (names)
		qsort(names, *n, sizeof(*names), by_name);
	return names;
}

static void tell_duplicates(const struct judge *j, const struct gather *g, json_t *o)
{
	const struct gather_run *run = &g->runs[0];
	json_t *list = json_array();
	size_t n;
	const char **names = names_of(g->twice, &n);

	for (size_t i = 1; i < run->n; i++)
		if (run->at[i].rank == run->at[i - 1].rank) {
			json_array_append_new(list,
					      json_pack("{s:i, s:b}", "rank",
							(int)run->at[i].rank, "same", 0));
			say(j->problems,
			    "rank %u ran more than once: its results are different, and "
			    "all are counted",
			    run->at[i].rank);
		}
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, json_pack("{s:O, s:b}", "rank",
						      json_object_get(g->twice, names[i]),
						      "same", 1));
		say(j->problems, "%s was given twice; it is counted once", names[i]);
	}
	free(names);
	put(o, "duplicate", list);
}

/* The first thing in which the keys of two runs differ. */
static void tell_difference(const json_t *a, const json_t *b, const char *inside,
			    char buf[300])
{
	const char *key;
	json_t *v, *w;
	char *x, *y;

	json_object_foreach ((json_t *)a, key, v) {
		w = json_object_get(b, key);
		if (json_equal(v, w))
			continue;
		if (json_is_object(v) && json_is_object(w)) {
			tell_difference(v, w, key, buf);
			return;
		}
		x = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
		y = w ? json_dumps(w, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
		snprintf(buf, 300, "%s%s%.40s is %.80s, not %.80s", inside,
			 *inside ? "." : "", key, y ? y : "absent", x ? x : "absent");
		free(x);
		free(y);
		return;
	}
	json_object_foreach ((json_t *)b, key, v)
		if (!json_object_get(a, key)) {
			snprintf(buf, 300, "it has %s%s%.40s", inside, *inside ? "." : "",
				 key);
			return;
		}
	snprintf(buf, 300, "it is of another run");
}

static void tell_foreign(const struct judge *j, const struct gather *g, json_t *o)
{
	json_t *list = json_array(), *ours = json_loads(g->runs[0].key, 0, NULL);

	for (size_t i = 1; i < g->n_runs; i++) {
		const struct gather_run *run = &g->runs[i];
		json_t *theirs = json_loads(run->key, 0, NULL), *ranks = json_array();
		char why[300], names[200];

		for (size_t k = 0; k < run->n; k++)
			json_array_append_new(ranks, json_integer(run->at[k].rank));
		tell_difference(ours, theirs, "", why);
		name_ranks(ranks, run->n, names);
		say(j->problems, "%s %s of another run and not counted: %s", names,
		    run->n == 1 ? "is" : "are", why);
		json_array_append_new(list,
				      json_pack("{s:o, s:i, s:s}", "ranks", ranks, "of",
						(int)run->at[0].ranks, "why", why));
		json_decref(theirs);
	}
	json_decref(ours);
	put(o, "foreign", list);
}

static void tell_unreadable(const struct judge *j, const struct gather *g, json_t *o)
{
	json_t *list = json_array();
	size_t n;
	const char **names = names_of(g->unreadable, &n);

	for (size_t i = 0; i < n; i++) {
		json_t *why = json_object_get(g->unreadable, names[i]);

		json_array_append_new(
			list, json_pack("{s:s, s:O}", "file", names[i], "why", why));
		say(j->problems, "%s", json_string_value(why));
	}
	free(names);
	put(o, "unreadable", list);
}

static void tell_incomplete(const struct judge *j)
{
	json_t *row;
	size_t i, n = 0;

	json_array_foreach (j->table, i, row)
		if (!json_is_true(json_object_get(row, "complete")) && n++ < NAMED)
			say(j->problems,
			    "rank %" JSON_INTEGER_FORMAT " is incomplete: %s",
			    json_integer_value(json_object_get(row, "rank")),
			    json_string_value(json_object_get(row, "error")));
}

/* ---- the clocks */

struct skew {
	json_int_t apart, late; /* ms: first to last start; the furthest from the plan */
	json_int_t apart_rank, late_rank;
	bool planned;
};

static void widen(struct skew *s, const json_t *row)
{
	json_int_t rank = json_integer_value(json_object_get(row, "rank"));
	json_int_t apart = json_integer_value(json_object_get(row, "after_first_ms"));
	const json_t *planned = json_object_get(row, "after_planned_ms");
	json_int_t late = json_integer_value(planned);

	if (apart > s->apart) {
		s->apart = apart;
		s->apart_rank = rank;
	}
	if (!json_is_integer(planned))
		return;
	if (!s->planned || llabs(late) > llabs(s->late)) {
		s->late = late;
		s->late_rank = rank;
	}
	s->planned = true;
}

static void tell_skew(const struct judge *j, json_t *o)
{
	struct skew s = { 0 };
	json_int_t worst;
	json_t *row, *list;
	size_t i;

	json_array_foreach (j->table, i, row)
		widen(&s, row);
	worst = s.apart > llabs(s.late) ? s.apart : llabs(s.late);
	list = worst >= SKEW_FAIL_MS ? j->problems : j->warnings;
	put(o, "skew_ms", json_integer(s.apart));
	put(o, "late_ms", s.planned ? json_integer(s.late) : json_null());
	put_text(o, "skew",
		 worst >= SKEW_FAIL_MS   ? "failed"
		 : worst >= SKEW_WARN_MS ? "warned"
					 : "ok");
	if (s.apart >= SKEW_WARN_MS)
		say(list,
		    "the ranks did not begin together: rank %" JSON_INTEGER_FORMAT
		    " %" JSON_INTEGER_FORMAT " ms after the first, by their clocks",
		    s.apart_rank, s.apart);
	if (llabs(s.late) >= SKEW_WARN_MS)
		say(list,
		    "rank %" JSON_INTEGER_FORMAT " began %" JSON_INTEGER_FORMAT
		    " ms %s the moment of --start-at, by its clock",
		    s.late_rank, (json_int_t)llabs(s.late),
		    s.late < 0 ? "before" : "after");
}

json_t *judge_tell(struct judge *j, const struct gather *g)
{
	const struct gather_run *run = &g->runs[0];
	json_t *o = json_object();

	put(o, "complete", json_true());
	put_count(o, "ranks_expected", run->at[0].ranks);
	put_count(o, "ranks_present", run->n);
	tell_missing(j, run, o);
	tell_duplicates(j, g, o);
	tell_foreign(j, g, o);
	tell_unreadable(j, g, o);
	tell_incomplete(j);
	tell_skew(j, o);
	put(o, "outliers", outliers_of(j));
	json_object_set(o, "problems", j->problems);
	json_object_set(o, "warnings", j->warnings);
	json_object_set(o, "table", j->table);
	put(o, "complete", json_boolean(!json_array_size(j->problems)));
	return o;
}
