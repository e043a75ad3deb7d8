#include "bench/lab/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan.h"
#include "bench/text/text.h"
#include "common/base/units.h"
#include "common/base/utf8.h"

#define WIDTH     80
#define NAME_MAX_ 24 /* of a variant's name, before it gets a line of its own */
#define CELL      24
#define HEAD      4 /* lines of a heading */

/* ---- cells */

struct column {
	const char *title;
	size_t index;
	bool range; /* of several rounds the lowest and the highest, not the median */
	unsigned width;
	char head[HEAD][CELL]; /* the title's words, from below */
};

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

json_t *table_variants(const json_t *rows)
{
	json_t *variants = text_checked(json_object()), *row, *rounds;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row) {
		const char *variant = utf8_at(row, "variant");

		rounds = json_object_get(variants, variant);
		if (!rounds)
			json_object_set_new(variants, variant, rounds = json_array());
		json_array_append(rounds, row);
	}
	return variants;
}

/* "245..270", or one figure where they look the same. */
static void show_range(double low, double high, char *buf)
{
	char first[CELL], last[CELL];

	show_number(low, first, CELL);
	show_number(high, last, CELL);
	snprintf(buf, CELL, strcmp(first, last) == 0 ? "%.10s" : "%.10s..%.10s", first,
		 last);
}

/* The cell of a variant in one column: the median of its rounds, or the lowest and the highest. */
static void show_cell(const json_t *rounds, const struct column *c, char *buf)
{
	double *all = text_checked(calloc(json_array_size(rounds), sizeof(*all)));
	json_t *row;
	size_t i, n = 0;

	snprintf(buf, CELL, "-");
	json_array_foreach ((json_t *)rounds, i, row) {
		json_t *cell = json_array_get(json_object_get(row, "cells"), c->index);

		if (json_is_number(cell))
			all[n++] = json_number_value(cell);
		else if (json_is_string(cell))
			snprintf(buf, CELL, "%s", json_string_value(cell));
	}
	if (n) {
		double middle = median(all, n);

		if (c->range)
			show_range(all[0], all[n - 1], buf);
		else
			show_number(middle, buf, CELL);
	}
	free(all);
}

/* ---- columns */

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
		if (*word && strcmp(word, "..") != 0)
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

static bool is_range(const char *title)
{
	size_t len = strlen(title);

	return len > 2 && strcmp(title + len - 2, "..") == 0;
}

static struct column measure(const json_t *columns, json_t *variants, size_t index)
{
	struct column c = { .title = utf8_at(json_array_get(columns, index), "title"),
			    .index = index };
	const char *variant;
	json_t *rounds;
	char buf[CELL];

	c.range = is_range(c.title);
	json_object_foreach (variants, variant, rounds) {
		show_cell(rounds, &c, buf);
		if (strlen(buf) > c.width)
			c.width = (unsigned)strlen(buf);
	}
	stack_title(&c, c.width);
	return c;
}

/* ---- blocks */

unsigned table_names(json_t *variants)
{
	const char *variant;
	json_t *rounds;
	size_t width = 7;

	json_object_foreach (variants, variant, rounds)
		if (strlen(variant) > width)
			width = strlen(variant);
	return width > NAME_MAX_ ? NAME_MAX_ : (unsigned)width;
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

static void print_block(FILE *out, json_t *variants, const struct column *at, size_t n,
			unsigned names)
{
	const char *variant;
	json_t *rounds;

	print_heading(out, at, n, names);
	json_object_foreach (variants, variant, rounds) {
		char buf[CELL];

		if (strlen(variant) > names)
			fprintf(out, "  %s\n", variant);
		fprintf(out, "  %-*s", (int)names,
			strlen(variant) > names ? "" : variant);
		for (size_t c = 0; c < n; c++) {
			show_cell(rounds, &at[c], buf);
			fprintf(out, "  %*s", (int)at[c].width, buf);
		}
		fputc('\n', out);
	}
}

void table_print(FILE *out, const json_t *columns, const json_t *rows)
{
	size_t all = json_array_size(columns), from = 0, n = 0;
	struct column *at = text_checked(calloc(all + 1, sizeof(*at)));
	json_t *variants = table_variants(rows);
	unsigned names = table_names(variants), width = 2 + names;

	for (size_t i = 0; i < all; i++) {
		at[i] = measure(columns, variants, i);
		if (n && width + 2 + at[i].width > WIDTH) {
			print_block(out, variants, at + from, n, names);
			fputc('\n', out);
			from = i;
			n = 0;
			width = 2 + names;
		}
		width += 2 + at[i].width;
		n++;
	}
	if (n)
		print_block(out, variants, at + from, n, names);
	json_decref(variants);
	free(at);
}

/* ---- what was expected */

#define LINES 8 /* of more variants one line, if all is well */

static unsigned good_of(json_t *rounds)
{
	unsigned good = 0;
	json_t *row;
	size_t i;

	json_array_foreach (rounds, i, row)
		good += json_is_true(json_object_get(row, "ok"));
	return good;
}

/* What this machine could not run, and nobody expected that. */
static bool is_left_out(const json_t *rounds)
{
	const json_t *row = json_array_get(rounds, 0);

	return strcmp(utf8_at(row, "verdict"), VERDICT_NOT_HERE) == 0 &&
	       strcmp(utf8_at(row, "wanted"), VERDICT_NOT_HERE) != 0;
}

/* A file that expects nothing says nothing about it. */
static bool expects_anything(const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row)
		if (json_array_size(json_object_get(row, "expectations")) ||
		    *utf8_at(row, "wanted"))
			return true;
	return false;
}

void table_expected(FILE *out, const json_t *rows, bool rounds)
{
	json_t *variants = table_variants(rows), *of_one;
	unsigned names = table_names(variants);
	size_t all = json_object_size(variants), good = 0, left_out = 0;
	const char *variant;
	bool well;

	json_object_foreach (variants, variant, of_one) {
		good += good_of(of_one) == json_array_size(of_one);
		left_out += is_left_out(of_one);
	}
	well = good == all && left_out < all && expects_anything(rows);
	if (left_out && well)
		fprintf(out,
			"  Each of the %zu that could run was as expected; %zu could not "
			"run "
			"here.\n\n",
			all - left_out, left_out);
	else if (!rounds && well)
		fprintf(out, "  Each of the %zu was as expected.\n\n", all);
	else if (rounds && all > LINES && good == all)
		fprintf(out, "  Each of the %zu was as expected in all rounds.\n\n", all);
	else if (rounds) {
		json_object_foreach (variants, variant, of_one)
			fprintf(out, "  %-*s  %u of %zu as expected\n", (int)names,
				variant, good_of(of_one), json_array_size(of_one));
		putc('\n', out);
	}
	json_decref(variants);
}
