#include "bench/lab/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "bench/text/text.h"
#include "common/base/units.h"
#include "common/base/utf8.h"

#define WIDTH     80
#define NAME_MAX_ 24 /* of a variant's name, before it gets a line of its own */
#define CELL      24
#define HEAD      4 /* lines of a heading */

/* ---- cells */

/* Three figures at least, none that are not there. */
static void show_number(double n, char *buf, size_t size)
{
	if (n >= 0 && n < 1e15 && (n == floor(n) || n >= 100))
		snprintf(buf, size, "%s", units_grouped((uint64_t)llround(n)));
	else
		snprintf(buf, size,
			 fabs(n) < 0.1  ? "%.4f"
			 : fabs(n) < 10 ? "%.2f"
					: "%.1f",
			 n);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *all, size_t n)
{
	qsort(all, n, sizeof(*all), by_size);
	return n % 2 ? all[n / 2] : (all[n / 2 - 1] + all[n / 2]) / 2;
}

static bool of_variant(const json_t *row, const char *variant)
{
	return strcmp(utf8_at(row, "variant"), variant) == 0;
}

/* The cell of a variant in one column: the median of its rounds. */
static void show_cell(const json_t *rows, const char *variant, size_t column, char *buf)
{
	double *all = text_checked(calloc(json_array_size(rows), sizeof(*all)));
	json_t *row;
	size_t i, n = 0;

	snprintf(buf, CELL, "-");
	json_array_foreach ((json_t *)rows, i, row) {
		json_t *cell = json_array_get(json_object_get(row, "cells"), column);

		if (!of_variant(row, variant))
			continue;
		if (json_is_number(cell))
			all[n++] = json_number_value(cell);
		else if (json_is_string(cell))
			snprintf(buf, CELL, "%s", json_string_value(cell));
	}
	if (n)
		show_number(median(all, n), buf, CELL);
	free(all);
}

/* ---- columns */

struct column {
	const char *title;
	size_t index;
	unsigned width;
	char head[HEAD][CELL]; /* the title's words, from below */
};

/* As much of both as fits. */
static void put_before(char line[CELL], const char *word)
{
	char *joined = text_printf("%s%s%s", word, *line ? " " : "", line);
	size_t len = strnlen(joined, CELL - 1);

	memcpy(line, joined, len);
	line[len] = '\0';
	free(joined);
}

/* Words stacked so that the heading is hardly wider than the figures. */
static void stack_title(struct column *c, unsigned figures)
{
	struct words w = { 0 };
	unsigned line = 0, limit = figures > 6 ? figures : 6;
	char *title = text_dup(c->title), *rest = title, *word;

	while ((word = strsep(&rest, " \t\n")))
		if (*word)
			words_add(&w, text_dup(word));
	free(title);
	for (size_t i = w.n; i-- > 0 && line < HEAD;) {
		char *at = c->head[line];
		size_t len = strlen(at);

		if (len && len + 1 + strlen(w.at[i]) > limit && line + 1 < HEAD)
			at = c->head[++line];
		put_before(at, w.at[i]);
	}
	words_done(&w);
	for (unsigned i = 0; i < HEAD; i++)
		if (strlen(c->head[i]) > c->width)
			c->width = (unsigned)strlen(c->head[i]);
}

static bool is_first(const json_t *rows, size_t at)
{
	const char *variant = utf8_at(json_array_get(rows, at), "variant");

	for (size_t i = 0; i < at; i++)
		if (of_variant(json_array_get(rows, i), variant))
			return false;
	return true;
}

static struct column measure(const json_t *columns, const json_t *rows, size_t index)
{
	struct column c = { .title = utf8_at(json_array_get(columns, index), "title"),
			    .index = index };
	char buf[CELL];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		show_cell(rows, utf8_at(json_array_get(rows, i), "variant"), index, buf);
		if (strlen(buf) > c.width)
			c.width = (unsigned)strlen(buf);
	}
	stack_title(&c, c.width);
	return c;
}

/* ---- blocks */

static unsigned name_width(const json_t *rows)
{
	unsigned width = 7;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		size_t len = strlen(utf8_at(json_array_get(rows, i), "variant"));

		if (len > width)
			width = len > NAME_MAX_ ? NAME_MAX_ : (unsigned)len;
	}
	return width;
}

static void print_heading(FILE *out, const struct column *at, size_t n, unsigned names)
{
	for (unsigned line = HEAD; line-- > 0;) {
		unsigned blanks = 0;
		bool any = line == 0;

		for (size_t i = 0; i < n; i++)
			any = any || *at[i].head[line];
		if (!any)
			continue;
		fprintf(out, "  %-*s", (int)names, line ? "" : "variant");
		for (size_t i = 0; i < n; i++) {
			blanks += 2 + at[i].width;
			if (*at[i].head[line]) {
				fprintf(out, "%*s", (int)blanks, at[i].head[line]);
				blanks = 0;
			}
		}
		fputc('\n', out);
	}
}

static void print_block(FILE *out, const json_t *rows, const struct column *at, size_t n,
			unsigned names)
{
	print_heading(out, at, n, names);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const char *variant = utf8_at(json_array_get(rows, i), "variant");
		char buf[CELL];

		if (!is_first(rows, i))
			continue;
		if (strlen(variant) > names)
			fprintf(out, "  %s\n", variant);
		fprintf(out, "  %-*s", (int)names,
			strlen(variant) > names ? "" : variant);
		for (size_t c = 0; c < n; c++) {
			show_cell(rows, variant, at[c].index, buf);
			fprintf(out, "  %*s", (int)at[c].width, buf);
		}
		fputc('\n', out);
	}
}

void table_print(FILE *out, const json_t *columns, const json_t *rows)
{
	size_t all = json_array_size(columns), from = 0, n = 0;
	struct column *at = text_checked(calloc(all + 1, sizeof(*at)));
	unsigned names = name_width(rows), width = 2 + names;

	for (size_t i = 0; i < all; i++) {
		at[i] = measure(columns, rows, i);
		if (n && width + 2 + at[i].width > WIDTH) {
			print_block(out, rows, at + from, n, names);
			fputc('\n', out);
			from = i;
			n = 0;
			width = 2 + names;
		}
		width += 2 + at[i].width;
		n++;
	}
	if (n)
		print_block(out, rows, at + from, n, names);
	free(at);
}

/* ---- verdicts */

static bool is_judged(const json_t *row, const char *variant)
{
	return of_variant(row, variant) && *utf8_at(row, "verdict");
}

/* The variant's first round with a verdict; NULL if none has. */
static const json_t *first_judged(const json_t *rows, const char *variant)
{
	for (size_t i = 0; i < json_array_size(rows); i++)
		if (is_judged(json_array_get(rows, i), variant))
			return json_array_get(rows, i);
	return NULL;
}

/* Another verdict than the first that a round of it got, or NULL. */
static const char *odd_one(const json_t *rows, const char *variant, const char *first)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (is_judged(row, variant) &&
		    strcmp(first, utf8_at(row, "verdict")) != 0)
			return utf8_at(row, "verdict");
	}
	return NULL;
}

static void print_verdict(FILE *out, const json_t *rows, const json_t *row,
			  unsigned names)
{
	const char *variant = utf8_at(row, "variant"), *verdict = utf8_at(row, "verdict");
	const char *odd = odd_one(rows, variant, verdict), *cost = utf8_at(row, "cost");
	const char *wanted = utf8_at(row, "wanted");

	fprintf(out, "  %-*s  %s%s%s%s\n", (int)names, variant, verdict,
		odd ? ", but also " : "", odd ? odd : "",
		*wanted && strcmp(wanted, verdict) != 0 ? "  (another was expected)"
							: "");
	if (*utf8_at(row, "claim"))
		text_say(out, 6, "said of it: %s", utf8_at(row, "claim"));
	text_wrap(out, 6, utf8_at(row, "figure"));
	if (*cost)
		text_say(out, 6, "price: %s", cost);
}

void table_verdicts(FILE *out, const json_t *rows)
{
	unsigned names = name_width(rows);

	for (size_t i = 0; i < json_array_size(rows); i++)
		if (is_first(rows, i)) {
			const json_t *row = first_judged(
				rows, utf8_at(json_array_get(rows, i), "variant"));

			if (row)
				print_verdict(out, rows, row, names);
		}
}

void table_rounds(FILE *out, const json_t *rows)
{
	unsigned names = name_width(rows);

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const char *variant = utf8_at(json_array_get(rows, i), "variant");
		unsigned good = 0, all = 0;

		if (!is_first(rows, i))
			continue;
		for (size_t j = i; j < json_array_size(rows); j++) {
			const json_t *row = json_array_get(rows, j);

			all += of_variant(row, variant);
			good += of_variant(row, variant) &&
				json_is_true(json_object_get(row, "ok"));
		}
		fprintf(out, "  %-*s  %u of %u as expected\n", (int)names, variant, good,
			all);
	}
}
