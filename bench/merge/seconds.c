#include "bench/merge/seconds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/columns.h"

#define LATEST_S 100000000000 /* what is later is no second */

const char *column_name(unsigned c, char buf[32])
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

int64_t column_count(const json_t *v)
{
	return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v)
								: UNKNOWN;
}

/* ---- of one rank */

static void take_side(struct second *row, unsigned at, const json_t *side)
{
	row->n[at] = json_is_object(side);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		int64_t n = column_count(json_object_get(side, tcp_state_name(i)));

		row->n[at + i] = n < 0 ? 0 : n;
	}
}

static void take(struct second *row, int64_t second, const json_t *from)
{
	char buf[32];

	row->n[T] = second;
	for (unsigned c = CONNECTS; c < CLIENT; c++)
		row->n[c] = column_count(json_object_get(from, column_name(c, buf)));
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
		if (!json_is_null(v) &&
		    (column_count(v) < 0 || column_count(v) > LATEST_S * 10))
			return false;
	return column_count(json_array_get(row, 0)) > before &&
	       column_count(json_array_get(row, 0)) < LATEST_S;
}

bool seconds_range(const json_t *seconds, int64_t *lo, int64_t *hi, int64_t *step)
{
	const json_t *rows = json_object_get(seconds, "rows");
	const json_t *columns = json_object_get(seconds, "columns");
	const char *first = json_string_value(json_array_get(columns, 0));
	json_t *row;
	size_t i;

	*step = column_count(json_object_get(seconds, "step"));
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
