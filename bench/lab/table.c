#include "bench/lab/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan.h"
#include "bench/text/text.h"
#include "common/base/units.h"
#include "common/base/utf8.h"
#include "common/base/wrap.h"
#include "common/cli/colour.h"

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

/* The variants in the order of their first rows: {VARIANT: its rounds}.  New reference. */
static json_t *by_variant(const json_t *rows)
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

/* The cell of a variant in one column: the median of its rounds. */
static void show_cell(const json_t *rounds, size_t column, char *buf)
{
	double *all = text_checked(calloc(json_array_size(rounds), sizeof(*all)));
	json_t *row;
	size_t i, n = 0;

	snprintf(buf, CELL, "-");
	json_array_foreach ((json_t *)rounds, i, row) {
		json_t *cell = json_array_get(json_object_get(row, "cells"), column);

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

static struct column measure(const json_t *columns, json_t *variants, size_t index)
{
	struct column c = { .title = utf8_at(json_array_get(columns, index), "title"),
			    .index = index };
	const char *variant;
	json_t *rounds;
	char buf[CELL];

	json_object_foreach (variants, variant, rounds) {
		show_cell(rounds, index, buf);
		if (strlen(buf) > c.width)
			c.width = (unsigned)strlen(buf);
	}
	stack_title(&c, c.width);
	return c;
}

/* ---- blocks */

static unsigned name_width(json_t *variants)
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
			show_cell(rounds, at[c].index, buf);
			fprintf(out, "  %*s", (int)at[c].width, buf);
		}
		fputc('\n', out);
	}
}

void table_print(FILE *out, const json_t *columns, const json_t *rows)
{
	size_t all = json_array_size(columns), from = 0, n = 0;
	struct column *at = text_checked(calloc(all + 1, sizeof(*at)));
	json_t *variants = by_variant(rows);
	unsigned names = name_width(variants), width = 2 + names;

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

/* ---- verdicts */

/* What is good to know is above, what says nothing below; other words stay between, in the file's order. */
static const struct {
	const char *word, *colour;
	int rank;
} verdicts[] = {
	{ "works", COLOUR_GREEN, 1 },
	{ "harmful", COLOUR_RED, 2 },
	{ VERDICT_NOT_HERE, NULL, 4 },
	{ VERDICT_VOID, COLOUR_YELLOW, 5 },
};
#define VERDICTS     (sizeof(verdicts) / sizeof(verdicts[0]))
#define RANK_OTHER   3
#define RANKS        6
#define VERDICT_MAX_ 10 /* a longer one has what was seen below it */

/* The first round that was judged; NULL if none was. */
static json_t *judged_of(json_t *rounds)
{
	json_t *row;
	size_t i;

	json_array_foreach (rounds, i, row)
		if (*utf8_at(row, "verdict"))
			return row;
	return NULL;
}

/* What was not judged, the baseline, is what the others are compared with. */
static int rank_of(json_t *rounds)
{
	json_t *judged = judged_of(rounds);

	for (size_t i = 0; judged && i < VERDICTS; i++)
		if (strcmp(utf8_at(judged, "verdict"), verdicts[i].word) == 0)
			return verdicts[i].rank;
	return judged ? RANK_OTHER : 0;
}

json_t *table_sorted(const json_t *rows)
{
	json_t *variants = by_variant(rows), *all = text_checked(json_array()), *rounds;
	const char *variant;

	for (int rank = 0; rank < RANKS; rank++)
		json_object_foreach (variants, variant, rounds)
			if (rank_of(rounds) == rank)
				json_array_extend(all, rounds);
	json_decref(variants);
	return all;
}

static const char *colour_of(const char *verdict)
{
	for (size_t i = 0; i < VERDICTS; i++)
		if (strcmp(verdict, verdicts[i].word) == 0)
			return verdicts[i].colour;
	return NULL;
}

/* Another verdict than the first that a round got, or "". */
static const char *odd_of(json_t *rounds, const char *verdict)
{
	json_t *row;
	size_t i;

	json_array_foreach (rounds, i, row) {
		const char *word = utf8_at(row, "verdict");

		if (*word && strcmp(word, verdict) != 0)
			return word;
	}
	return "";
}

/* "  VARIANT  VERDICT  ", and how many columns that took. */
static int print_word(FILE *out, const char *variant, const char *verdict,
		      const char *odd, unsigned names)
{
	int at = fprintf(out, "  %-*s  ", (int)names, variant);

	colour_word(out, colour_of(verdict), verdict);
	at += (int)strlen(verdict);
	if (*odd)
		at += fprintf(out, ", but also %s", odd);
	return at;
}

static void print_verdict(FILE *out, const char *variant, json_t *rounds, unsigned names,
			  unsigned words)
{
	json_t *judged = judged_of(rounds);
	const char *verdict = utf8_at(judged, "verdict");
	const char *wanted = utf8_at(judged, "wanted"), *seen = utf8_at(judged, "seen");
	int indent = (int)(2 + names + 2 + words + 2), at;

	if (!judged)
		return;
	at = print_word(out, variant, verdict, odd_of(rounds, verdict), names);
	seen = *seen ? seen : utf8_at(judged, "figure");
	if (*seen && at + 2 > indent)
		at = fprintf(out, "\n") - 1;
	if (*seen)
		wrap_words(out, at + fprintf(out, "%*s", indent - at, ""), indent, seen);
	else
		putc('\n', out);
	if (*wanted && strcmp(wanted, verdict) != 0) {
		fprintf(out, "      ");
		colour_word(out, COLOUR_RED, "NO");
		fprintf(out, ", the verdict that was expected is %s\n", wanted);
	}
	if (*utf8_at(judged, "applied"))
		text_say(out, 6, "in force: %s", utf8_at(judged, "applied"));
	if (*utf8_at(judged, "cost"))
		text_say(out, 6, "price: %s", utf8_at(judged, "cost"));
}

static unsigned verdict_width(json_t *variants)
{
	const char *variant;
	json_t *rounds;
	size_t width = 5;

	json_object_foreach (variants, variant, rounds) {
		size_t len = strlen(utf8_at(judged_of(rounds), "verdict"));

		if (len > width && len <= VERDICT_MAX_)
			width = len;
	}
	return (unsigned)width;
}

void table_verdicts(FILE *out, const json_t *rows)
{
	json_t *variants = by_variant(rows), *rounds;
	unsigned names = name_width(variants), words = verdict_width(variants);
	const char *variant;

	json_object_foreach (variants, variant, rounds)
		print_verdict(out, variant, rounds, names, words);
	json_decref(variants);
}

void table_rounds(FILE *out, const json_t *rows)
{
	json_t *variants = by_variant(rows), *rounds, *row;
	unsigned names = name_width(variants);
	const char *variant;
	size_t i;

	json_object_foreach (variants, variant, rounds) {
		unsigned good = 0;

		json_array_foreach (rounds, i, row)
			good += json_is_true(json_object_get(row, "ok"));
		fprintf(out, "  %-*s  %u of %zu as expected\n", (int)names, variant, good,
			json_array_size(rounds));
	}
	json_decref(variants);
}
