#include "bench/merge/series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/columns.h"
#include "common/base/put.h"
#include "common/result/result.h"

#define MERGED_ROWS 1200 /* what a series has at most */
#define CARRIED     2    /* steps for which a count of sockets stands for the next */

enum side { CLIENT_SIDE, SERVER_SIDE };

/* Where a row of a rank goes. */
struct series {
	int64_t lo, step;
	size_t n;
	struct second *sum;   /* owned, as are the next two: n of them */
	struct second *space; /* of the namespace at hand */
	int64_t *own;         /* of a rank: one of its own counts */
	unsigned spaces[2];   /* of each side */
};

static void series_done(struct series *s)
{
	free(s->sum);
	free(s->space);
	free(s->own);
}

/* ---- which seconds */

/* Of a rank's clock to the one by which all began: whole seconds, since its rows are. */
static int64_t shift_s(const struct leaf *l)
{
	int64_t ms = l->began_ms - l->started_ms;

	return (ms + (ms < 0 ? -500 : 500)) / 1000;
}

static int series_init(struct series *s, const struct gather_run *run, struct err *err)
{
	int64_t lo = INT64_MAX, hi = INT64_MIN, step = 1, span;

	for (size_t i = 0; i < run->n; i++) {
		const struct leaf *l = &run->at[i];

		if (l->lo > l->hi)
			continue;
		lo = l->lo + shift_s(l) < lo ? l->lo + shift_s(l) : lo;
		hi = l->hi + shift_s(l) > hi ? l->hi + shift_s(l) : hi;
		step = l->step > step ? l->step : step;
	}
	span = hi >= lo ? hi - lo : 0;
	*s = (struct series){ .step = step > span / MERGED_ROWS + 1
					      ? step
					      : span / MERGED_ROWS + 1 };
	s->lo = hi >= lo ? lo / s->step * s->step : 0;
	s->n = hi >= lo ? (size_t)((hi - s->lo) / s->step) + 1 : 0;
	s->sum = calloc(s->n + 1, sizeof(*s->sum));
	s->space = calloc(s->n + 1, sizeof(*s->space));
	s->own = calloc(s->n + 1, sizeof(*s->own));
	if (s->sum && s->space && s->own)
		return 0;
	series_done(s);
	return err_memory(err);
}

static size_t place(const struct series *s, const json_t *row, int64_t shift)
{
	int64_t t = json_integer_value(json_array_get(row, 0)) + shift;

	return t < s->lo ? 0 : (size_t)((t - s->lo) / s->step);
}

/* ---- rank after rank */

/* A total of this rank stays what it was until it is counted again, and was 0 before. */
static void add_own(struct series *s, const json_t *rows, size_t at, unsigned column,
		    int64_t shift)
{
	int64_t now = 0;
	json_t *row;
	size_t i;

	for (i = 0; i < s->n; i++)
		s->own[i] = UNKNOWN;
	json_array_foreach ((json_t *)rows, i, row)
		if (place(s, row, shift) < s->n)
			s->own[place(s, row, shift)] =
				column_count(json_array_get(row, at));
	for (i = 0; i < s->n; i++) {
		now = s->own[i] == UNKNOWN ? now : s->own[i];
		s->sum[i].n[column] += now;
	}
}

/* Ranks of a namespace saw the same sockets, at slightly other moments: the most counts. */
static void add_shared(struct series *s, const json_t *rows, size_t at, unsigned column,
		       int64_t shift)
{
	json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row) {
		int64_t n = column_count(json_array_get(row, at));
		size_t p = place(s, row, shift);

		if (p < s->n && n > s->space[p].n[column])
			s->space[p].n[column] = n;
	}
}

/* The namespace is complete: its counts enter the sum, and are unknown where it was not looked at. */
static void close_space(struct series *s, enum side side)
{
	unsigned known = side == CLIENT_SIDE ? CLIENT : SERVER;
	unsigned old = CARRIED + 1;

	for (size_t i = 0; i < s->n; i++) {
		struct second *sum = &s->sum[i], *from = &s->space[i];

		old = from->n[known] == 1 ? 0 : old + 1;
		if (old > 0 && old <= CARRIED)
			*from = s->space[i - 1];
		if (s->spaces[side] == 0)
			sum->n[known] = 1;
		sum->n[known] = sum->n[known] == 1 && old <= CARRIED;
		for (unsigned c = known + 1; c < known + TCP_STATE_MAX; c++)
			sum->n[c] += from->n[c] > 0 ? from->n[c] : 0;
		if (side == CLIENT_SIDE && from->n[PORTS] > 0 && sum->n[PORTS] >= 0)
			sum->n[PORTS] += from->n[PORTS];
		else if (side == CLIENT_SIDE && from->n[PORTS] < 0)
			sum->n[PORTS] = UNKNOWN;
	}
	s->spaces[side]++;
}

static void open_space(struct series *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (unsigned c = 0; c < COLUMNS; c++)
			s->space[i].n[c] = UNKNOWN;
}

/* What a rank saw of a side; of the client's side its own counts as well. */
static void add_rank(struct series *s, enum side side, const struct leaf *l)
{
	json_t *seconds = leaf_seconds(l), *name;
	const json_t *rows = json_object_get(seconds, "rows");
	unsigned from = side == CLIENT_SIDE ? PORTS : SERVER;
	unsigned end = side == CLIENT_SIDE ? SERVER : COLUMNS;
	char buf[32];
	size_t i;

	json_array_foreach (json_object_get(seconds, "columns"), i, name)
		for (unsigned c = CONNECTS; c < COLUMNS; c++) {
			if (!json_is_string(name) ||
			    strcmp(json_string_value(name), column_name(c, buf)) != 0)
				continue;
			if (c < PORTS && side == CLIENT_SIDE)
				add_own(s, rows, i, c, shift_s(l));
			else if (c >= from && c < end)
				add_shared(s, rows, i, c, shift_s(l));
		}
	json_decref(seconds);
}

static const char *space_of(const struct leaf *l, enum side side)
{
	return side == CLIENT_SIDE ? l->space : l->server;
}

static int by_space(const void *a, const void *b, void *side)
{
	const struct leaf *x = *(const struct leaf *const *)a;
	const struct leaf *y = *(const struct leaf *const *)b;
	int order =
		strcmp(space_of(x, *(enum side *)side), space_of(y, *(enum side *)side));

	return order ? order : x < y ? -1 : x > y;
}

/* Where a namespace has no name, nobody is known to share it. */
static bool share_space(const struct leaf *a, const struct leaf *b, enum side side)
{
	return strcmp(space_of(a, side), space_of(b, side)) == 0 &&
	       (*space_of(a, side) || a->rank == b->rank);
}

/* Ranks of one namespace follow each other: they see the same sockets, which enter once. */
static void add_side(struct series *s, enum side side, const struct leaf **order,
		     size_t n)
{
	qsort_r(order, n, sizeof(*order), by_space, &side);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !share_space(order[i - 1], order[i], side))
			open_space(s);
		add_rank(s, side, order[i]);
		if (i + 1 == n || !share_space(order[i], order[i + 1], side))
			close_space(s, side);
	}
}

/* ---- told */

static json_t *side_json(const struct second *row, unsigned known)
{
	json_t *o;

	if (row->n[known] != 1)
		return json_null();
	o = json_object();
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (row->n[known + i] > 0)
			put_count(o, tcp_state_name(i), (uint64_t)row->n[known + i]);
	return o;
}

static json_t *row_json(const struct second *row, double t)
{
	return json_pack(
		"{s:f, s:I, s:I, s:I, s:o, s:o, s:o}", "t", t, "connects_ok",
		(json_int_t)row->n[CONNECTS], "transactions_ok",
		(json_int_t)row->n[TRANSACTIONS], "errors", (json_int_t)row->n[ERRORS],
		"ports_in_use",
		row->n[PORTS] < 0 || row->n[CLIENT] != 1 ? json_null()
							 : json_integer(row->n[PORTS]),
		"client", side_json(row, CLIENT), "server", side_json(row, SERVER));
}

/* At one moment, as far as whole seconds are; never less than at the end. */
static void tell_peak(const struct series *s, json_t *side, unsigned known)
{
	json_t *peak = json_object_get(side, "peak"), *n;
	const char *state;
	void *next;

	json_object_foreach_safe(peak, next, state, n)
	{
		int64_t most = column_count(
			json_object_get(json_object_get(side, "end"), state));

		for (size_t i = 0; i < s->n; i++) {
			int64_t now = s->sum[i].n[known + tcp_state_by_name(state)];

			if (s->sum[i].n[known] == 1 && now > most)
				most = now;
		}
		if (!json_is_null(n) && tcp_state_by_name(state))
			json_integer_set(n, most < 0 ? 0 : most);
	}
	json_object_foreach (json_object_get(json_object_get(side, "own"), "peak"), state,
			     n)
		json_object_set_new(json_object_get(json_object_get(side, "own"), "peak"),
				    state, json_null());
}

static void tell_ports(const struct series *s, json_t *ports)
{
	int64_t most = UNKNOWN;

	for (size_t i = 0; i < s->n; i++)
		if (s->sum[i].n[CLIENT] == 1 && s->sum[i].n[PORTS] > most)
			most = s->sum[i].n[PORTS];
	if (json_is_integer(json_object_get(ports, "peak_in_use")))
		put(ports, "peak_in_use", most < 0 ? json_null() : json_integer(most));
}

static void tell(const struct series *s, json_t *whole, int64_t first_ms)
{
	double duration = json_number_value(result_at(whole, "run.duration_s"));
	json_t *list = json_array();

	for (size_t i = 0; i < s->n; i++) {
		int64_t end_s = s->lo + ((int64_t)i + 1) * s->step;
		double t = (double)(end_s * 1000 - first_ms) / 1000;

		json_array_append_new(list, row_json(&s->sum[i], t < 0          ? 0
								 : t > duration ? duration
										: t));
	}
	put(whole, "series", list);
	if (s->spaces[CLIENT_SIDE] > 1) {
		tell_peak(s, result_at(whole, "states.client"), CLIENT);
		tell_ports(s, json_object_get(whole, "ports"));
	}
	if (s->spaces[SERVER_SIDE] > 1)
		tell_peak(s, result_at(whole, "states.server"), SERVER);
}

int series_set(json_t *whole, const struct gather_run *run, int64_t first_ms,
	       struct err *err)
{
	const struct leaf **order = calloc(run->n, sizeof(const struct leaf *));
	struct series s;
	int r = order ? series_init(&s, run, err) : err_memory(err);

	if (r == 0) {
		for (size_t i = 0; i < run->n; i++)
			order[i] = &run->at[i];
		add_side(&s, CLIENT_SIDE, order, run->n);
		add_side(&s, SERVER_SIDE, order, run->n);
		tell(&s, whole, first_ms);
		series_done(&s);
	}
	free(order);
	return r;
}
