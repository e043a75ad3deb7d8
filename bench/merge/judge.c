#include "bench/merge/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/clocks.h"
#include "bench/merge/outliers.h"
#include "common/base/put.h"
#include "common/base/utf8.h"

#define LISTED 1000

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

void judge_say(json_t *list, const char *fmt, ...)
{
	char text[600];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	json_array_append_new(list,
			      utf8_json(text)); /* it may be cut within a character */
}

/* ---- who is not there, and who should not be */

/* "rank 3", "ranks 3, 5 and 7 more" */
static void name_ranks(const json_t *list, size_t all, char buf[200])
{
	size_t len = (size_t)snprintf(buf, 200, "rank%s", all > 1 ? "s" : ""), i,
	       named = 0;
	json_t *rank;

	json_array_foreach ((json_t *)list, i, rank) {
		if (i == JUDGE_NAMED || len > 160)
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
		judge_say(j->problems, "%s of %u %s missing", names, run->at[0].ranks,
			  n == 1 ? "is" : "are");
}

static void tell_duplicates(const struct judge *j, const struct gather *g, json_t *o)
{
	const struct gather_run *run = &g->runs[0];
	json_t *list = json_array();
	size_t n;
	const char **names = gather_names(g->twice, &n);

	for (size_t i = 1; i < run->n; i++)
		if (run->at[i].rank == run->at[i - 1].rank) {
			json_array_append_new(list,
					      json_pack("{s:i, s:b}", "rank",
							(int)run->at[i].rank, "same", 0));
			judge_say(j->problems,
				  "rank %u ran more than once: its results are "
				  "different, and "
				  "all are counted",
				  run->at[i].rank);
		}
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, json_pack("{s:O, s:b}", "rank",
						      json_object_get(g->twice, names[i]),
						      "same", 1));
		judge_say(j->problems, "%s was given twice; it is counted once",
			  names[i]);
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
		utf8_tame(why, false); /* it may be cut within a character */
		name_ranks(ranks, run->n, names);
		judge_say(j->problems, "%s %s of another run and not counted: %s", names,
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
	const char **names = gather_names(g->unreadable, &n);

	for (size_t i = 0; i < n; i++) {
		json_t *why = json_object_get(g->unreadable, names[i]);

		json_array_append_new(
			list, json_pack("{s:s, s:O}", "file", names[i], "why", why));
		judge_say(j->problems, "%s", json_string_value(why));
	}
	free(names);
	put(o, "unreadable", list);
}

static void tell_incomplete(const struct judge *j)
{
	json_t *row;
	size_t i, n = 0;

	json_array_foreach (j->table, i, row)
		if (!json_is_true(json_object_get(row, "complete")) && n++ < JUDGE_NAMED)
			judge_say(j->problems,
				  "rank %" JSON_INTEGER_FORMAT " is incomplete: %s",
				  json_integer_value(json_object_get(row, "rank")),
				  json_string_value(json_object_get(row, "error")));
}

void judge_rank(struct judge *j, const struct leaf *l, const json_t *result,
		int64_t first_ms)
{
	json_array_append_new(j->table, outliers_row(l, result, first_ms));
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
	clocks_tell(j, run, o);
	put(o, "outliers", outliers_find(j));
	json_object_set(o, "problems", j->problems);
	json_object_set(o, "warnings", j->warnings);
	json_object_set(o, "table", j->table);
	put(o, "complete", json_boolean(!json_array_size(j->problems)));
	return o;
}
