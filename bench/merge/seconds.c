#include "bench/merge/seconds.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/put.h"
#include "common/kernel/tcp_state.h"
#include "common/result/result.h"

#define MERGED_ROWS 1200 /* what a series has at most */
#define CARRIED     2    /* steps for which a count of sockets stands for the next */

enum {
	T,
	CONNECTS,
	TRANSACTIONS,
	ERRORS,
	PORTS,
	CLIENT,
	SERVER = CLIENT + TCP_STATE_MAX
};
#define COLUMNS  (SERVER + TCP_STATE_MAX)
#define UNKNOWN  (-1)
#define LATEST_S 100000000000 /* what is later is no second */

/* CLIENT is whether it was counted; CLIENT + 6 how many were in TIME_WAIT. */
static const char *column_name(unsigned c, char buf[32])
{
	static const char *const names[] = { "t", "connects_ok", "transactions_ok",
					     "errors", "ports_in_use" };
	const char *side = c >= SERVER ? "server" : "client";
	unsigned state = c >= SERVER ? c - SERVER : c - CLIENT;

	if (c < CLIENT)
		return names[c];
	snprintf(buf, 32, "%s%s%s", side, state ? "." : "",
		 state ? tcp_state_name(state) : "");
	return buf;
}

struct second {
	int64_t n[COLUMNS];
};

/* ---- of one rank */

static int64_t count(const json_t *v)
{
	return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v)
								: UNKNOWN;
}

static void take_side(struct second *row, unsigned at, const json_t *side)
{
	row->n[at] = json_is_object(side);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		int64_t n = count(json_object_get(side, tcp_state_name(i)));

		row->n[at + i] = n < 0 ? 0 : n;
	}
}

static void take(struct second *row, int64_t second, const json_t *from)
{
	char buf[32];

	row->n[T] = second;
	for (unsigned c = CONNECTS; c < CLIENT; c++)
		row->n[c] = count(json_object_get(from, column_name(c, buf)));
	take_side(row, CLIENT, json_object_get(from, "client"));
	take_side(row, SERVER, json_object_get(from, "server"));
}

static double moment(const json_t *row)
{
	double t = json_number_value(json_object_get(row, "t"));

	return t >= 0 && t < 1e9 ? t : 0;
}

static json_t *columns_in_use(const struct second *rows, size_t n, bool *used)
{
	json_t *list = json_array();
	char buf[32];

	for (unsigned c = 0; c < COLUMNS; c++) {
		used[c] = c <= CLIENT || c == SERVER;
		for (size_t i = 0; i < n; i++)
			used[c] |= rows[i].n[c] > 0;
		if (used[c])
			json_array_append_new(list, json_string(column_name(c, buf)));
	}
	return list;
}

static json_t *as_json(const struct second *rows, size_t n, int64_t step)
{
	bool used[COLUMNS];
	json_t *columns = columns_in_use(rows, n, used), *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *row = json_array();

		for (unsigned c = 0; c < COLUMNS; c++)
			if (used[c])
				json_array_append_new(
					row, rows[i].n[c] < 0
						     ? json_null()
						     : json_integer(rows[i].n[c]));
		json_array_append_new(list, row);
	}
	return json_pack("{s:I, s:o, s:o}", "step", (json_int_t)step, "columns", columns,
			 "rows", list);
}

json_t *seconds_of(const json_t *series, int64_t started_ms)
{
	struct second *rows = calloc(SECONDS_ROWS + 1, sizeof(*rows));
	size_t last = json_array_size(series), n = 0;
	double lasts = last ? moment(json_array_get(series, last - 1)) : 0;
	int64_t step = (int64_t)lasts / SECONDS_ROWS + 1;
	json_t *row, *seconds;
	size_t i;

	json_array_foreach ((json_t *)series, i, row) {
		int64_t ms = started_ms + (int64_t)(moment(row) * 1000);
		int64_t second = ms / 1000 / step * step;

		if (!rows || (n == SECONDS_ROWS + 1 && rows[n - 1].n[T] < second))
			break;
		if (n == 0 || rows[n - 1].n[T] < second)
			n++;
		take(&rows[n - 1], second, row);
	}
	seconds = rows ? as_json(rows, n, step) : NULL;
	free(rows);
	return seconds;
}

/* ---- of a stranger */

static bool is_row(const json_t *row, size_t columns, int64_t before)
{
	json_t *v;
	size_t i;

	if (json_array_size(row) != columns)
		return false;
	json_array_foreach ((json_t *)row, i, v)
		if (!json_is_null(v) && (count(v) < 0 || count(v) > LATEST_S * 10))
			return false;
	return count(json_array_get(row, 0)) > before &&
	       count(json_array_get(row, 0)) < LATEST_S;
}

bool seconds_range(const json_t *seconds, int64_t *lo, int64_t *hi, int64_t *step)
{
	const json_t *rows = json_object_get(seconds, "rows");
	const json_t *columns = json_object_get(seconds, "columns");
	const char *first = json_string_value(json_array_get(columns, 0));
	json_t *row;
	size_t i;

	*step = count(json_object_get(seconds, "step"));
	*lo = 1;
	*hi = 0;
	if (*step < 1 || *step > 1000000000 || !first || strcmp(first, "t") != 0 ||
	    !json_is_array(rows) || json_array_size(rows) > SECONDS_ROWS + 1 ||
	    json_array_size(columns) > COLUMNS)
		return false;
	json_array_foreach ((json_t *)rows, i, row) {
		if (!is_row(row, json_array_size(columns), i ? *hi : -1))
			return false;
		*hi = json_integer_value(json_array_get(row, 0));
		*lo = i ? *lo : *hi;
	}
	return true;
}

/* ---- of all */

struct seconds {
	int64_t lo, step;
	size_t n;
	struct second *sum;   /* owned, as are the next two: n of them */
	struct second *space; /* of the space at hand */
	int64_t *own;         /* of a rank: one of its own counts */
	char *name;           /* owned: of the space at hand; NULL = there is none */
	unsigned spaces[2];   /* of each side */
};

struct seconds *seconds_new(int64_t lo, int64_t hi, int64_t step)
{
	struct seconds *s = calloc(1, sizeof(*s));
	int64_t span = hi >= lo ? hi - lo : 0;

	if (!s)
		return NULL;
	s->step = step > span / MERGED_ROWS + 1 ? step : span / MERGED_ROWS + 1;
	s->lo = lo / s->step * s->step;
	s->n = hi >= lo ? (size_t)((hi - s->lo) / s->step) + 1 : 0;
	s->sum = calloc(s->n + 1, sizeof(*s->sum));
	s->space = calloc(s->n + 1, sizeof(*s->space));
	s->own = calloc(s->n + 1, sizeof(*s->own));
	if (!s->sum || !s->space || !s->own) {
		seconds_free(s);
		return NULL;
	}
	return s;
}

void seconds_free(struct seconds *s)
{
	if (!s)
		return;
	free(s->sum);
	free(s->space);
	free(s->own);
	free(s->name);
	free(s);
}

static size_t place(const struct seconds *s, const json_t *row)
{
	int64_t t = json_integer_value(json_array_get(row, 0));

	return t < s->lo ? 0 : (size_t)((t - s->lo) / s->step);
}

/* A total of this rank stays what it was until it is counted again, and was 0 before. */
static void add_own(struct seconds *s, const json_t *rows, size_t at, unsigned column)
{
	int64_t now = 0;
	json_t *row;
	size_t i;

	for (i = 0; i < s->n; i++)
		s->own[i] = UNKNOWN;
	json_array_foreach ((json_t *)rows, i, row)
		if (place(s, row) < s->n)
			s->own[place(s, row)] = count(json_array_get(row, at));
	for (i = 0; i < s->n; i++) {
		now = s->own[i] == UNKNOWN ? now : s->own[i];
		s->sum[i].n[column] += now;
	}
}

/* Ranks of a space saw the same sockets, at slightly other moments: the most counts. */
static void add_shared(struct seconds *s, const json_t *rows, size_t at, unsigned column)
{
	json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row) {
		int64_t n = count(json_array_get(row, at));
		size_t p = place(s, row);

		if (p < s->n && n > s->space[p].n[column])
			s->space[p].n[column] = n;
	}
}

/* The space is complete: its counts enter the sum, and are unknown where it was not looked at. */
static void close_space(struct seconds *s, enum seconds_side side)
{
	unsigned known = side == SECONDS_CLIENT ? CLIENT : SERVER;
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
		if (side == SECONDS_CLIENT && from->n[PORTS] > 0 && sum->n[PORTS] >= 0)
			sum->n[PORTS] += from->n[PORTS];
		else if (side == SECONDS_CLIENT && from->n[PORTS] < 0)
			sum->n[PORTS] = UNKNOWN;
	}
	s->spaces[side]++;
}

static void open_space(struct seconds *s, const char *name)
{
	free(s->name);
	s->name = name ? strdup(name) : NULL;
	for (size_t i = 0; i < s->n; i++)
		for (unsigned c = 0; c < COLUMNS; c++)
			s->space[i].n[c] = UNKNOWN;
}

void seconds_add(struct seconds *s, enum seconds_side side, const json_t *seconds,
		 const char *space)
{
	const json_t *columns = json_object_get(seconds, "columns");
	const json_t *rows = json_object_get(seconds, "rows");
	unsigned from = side == SECONDS_CLIENT ? PORTS : SERVER;
	unsigned end = side == SECONDS_CLIENT ? SERVER : COLUMNS;
	json_t *name;
	char buf[32];
	size_t i;

	if (s->name && (!space || strcmp(space, s->name) != 0))
		close_space(s, side);
	if (!s->name || !space || strcmp(space, s->name) != 0)
		open_space(s, space);
	json_array_foreach ((json_t *)columns, i, name)
		for (unsigned c = CONNECTS; c < COLUMNS; c++) {
			if (!json_is_string(name) ||
			    strcmp(json_string_value(name), column_name(c, buf)) != 0)
				continue;
			if (c < PORTS && side == SECONDS_CLIENT)
				add_own(s, rows, i, c);
			else if (c >= from && c < end)
				add_shared(s, rows, i, c);
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
static void tell_peak(const struct seconds *s, json_t *side, unsigned known)
{
	json_t *peak = json_object_get(side, "peak"), *n;
	const char *state;
	void *next;

	json_object_foreach_safe(peak, next, state, n)
	{
		int64_t most =
			count(json_object_get(json_object_get(side, "end"), state));

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

static void tell_ports(const struct seconds *s, json_t *ports)
{
	int64_t most = UNKNOWN;

	for (size_t i = 0; i < s->n; i++)
		if (s->sum[i].n[CLIENT] == 1 && s->sum[i].n[PORTS] > most)
			most = s->sum[i].n[PORTS];
	if (json_is_integer(json_object_get(ports, "peak_in_use")))
		put(ports, "peak_in_use", most < 0 ? json_null() : json_integer(most));
}

void seconds_tell(const struct seconds *s, json_t *whole, int64_t started_ms)
{
	double duration = json_number_value(result_at(whole, "run.duration_s"));
	json_t *list = json_array();

	for (size_t i = 0; i < s->n; i++) {
		int64_t end_s = s->lo + ((int64_t)i + 1) * s->step;
		double t = (double)(end_s * 1000 - started_ms) / 1000;

		json_array_append_new(list, row_json(&s->sum[i], t < 0          ? 0
								 : t > duration ? duration
										: t));
	}
	put(whole, "series", list);
	if (s->spaces[SECONDS_CLIENT] > 1) {
		tell_peak(s, result_at(whole, "states.client"), CLIENT);
		tell_ports(s, json_object_get(whole, "ports"));
	}
	if (s->spaces[SECONDS_SERVER] > 1)
		tell_peak(s, result_at(whole, "states.server"), SERVER);
}
