#include "bench/lab/summary.h"

#include <stdlib.h>
#include <string.h>
#include "bench/judge/expected.h"
#include "bench/lab/table.h"
#include "bench/lab/verdicts.h"
#include "bench/text/next.h"
#include "bench/text/text.h"
#include "common/base/utf8.h"

/* ---- what was not as expected */

static json_t *failed_of(const json_t *row)
{
	json_t *failed = text_checked(json_array()), *one;
	size_t i;

	json_array_foreach (json_object_get(row, "expectations"), i, one)
		if (!json_is_true(json_object_get(one, "ok")))
			json_array_append(failed, one);
	return failed;
}

static void print_failed(FILE *out, const json_t *rows, bool rounds)
{
	json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row) {
		json_t *failed = failed_of(row);

		if (json_array_size(failed)) {
			fprintf(out, "Not as expected in %s", utf8_at(row, "variant"));
			if (rounds)
				fprintf(out, ", round %lld",
					json_integer_value(
						json_object_get(row, "round")));
			fprintf(out, ":\n");
			expected_print(out, failed);
			putc('\n', out);
		}
		json_decref(failed);
	}
}

/* ---- where there is more */

static bool got_what_it_should(const json_t *row)
{
	const char *verdict = utf8_at(row, "verdict");

	return *verdict && strcmp(verdict, utf8_at(row, "wanted")) == 0;
}

/* The first row that was judged, has a result's file and, if asked for, a cure. */
static json_t *find_row(const json_t *rows, bool cure)
{
	json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row)
		if (*utf8_at(row, "verdict") &&
		    json_array_size(json_object_get(row, "files")) &&
		    (!cure || (*utf8_at(row, "cure") && got_what_it_should(row))))
			return row;
	return NULL;
}

static const char *file_of(const json_t *row)
{
	const json_t *file = json_array_get(json_object_get(row, "files"), 0);

	return file ? json_string_value(file) : "";
}

static void print_command(FILE *out, const char *before, const json_t *row,
			  const char *command)
{
	char *text = text_printf("%s %s (the others by their names): `twstorm %s`",
				 before, utf8_at(row, "variant"), command);

	next_print(out, text);
	free(text);
}

/* Commands for one variant, to be pasted, as examples of all.  Where it runs again, these results stay. */
static void print_more(FILE *out, const json_t *rows, const struct summary_from *from)
{
	json_t *cured = find_row(rows, true), *row = find_row(rows, false);
	const char *variant = utf8_at(cured, "variant");
	char *file, *scenario = text_quote(from->word), *dir = text_quote(from->dir);
	char *again = text_printf("lab run %s --variant %s -o %s/%s", scenario, variant,
				  dir, variant);
	char *report;

	row = cured ? cured : row ? row : json_array_get(rows, 0);
	file = text_quote(file_of(row));
	report = text_printf("report %s", file);
	if (*file_of(row) && from->reported)
		print_command(out, "What happened in", row, report);
	if (cured)
		print_command(out, "How to set and to undo", cured, again);
	free(file);
	free(scenario);
	free(dir);
	free(again);
	free(report);
}

/* Where only one is judged, how to have it needs no other command. */
static const char *only_cure(const json_t *rows)
{
	json_t *found = find_row(rows, true), *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row)
		if (*utf8_at(row, "verdict") &&
		    strcmp(utf8_at(row, "variant"), utf8_at(found, "variant")) != 0)
			found = NULL;
	return utf8_at(found, "cure");
}

/* ---- the table */

static bool has_verdicts(const json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row)
		if (*utf8_at(row, "verdict"))
			return true;
	return false;
}

static void print_tables(FILE *out, const json_t *doc, const json_t *rows)
{
	const json_t *columns = json_object_get(doc, "columns");
	bool rounds = json_integer_value(json_object_get(doc, "rounds")) > 1;

	fprintf(out, "%s, side by side%s:\n\n", utf8_at(doc, "scenario"),
		rounds ? " (medians of all rounds)" : "");
	if (has_verdicts(rows)) {
		verdicts_print(out, rows);
		putc('\n', out);
	}
	table_print(out, columns, rows);
	if (json_array_size(columns))
		putc('\n', out);
	if (has_verdicts(rows))
		verdicts_count(out, rows);
	table_expected(out, rows, rounds);
}

void summary_print(FILE *out, json_t *doc, const struct summary_from *from)
{
	bool rounds = json_integer_value(json_object_get(doc, "rounds")) > 1;
	bool columns = json_array_size(json_object_get(doc, "columns"));
	json_t *rows = verdicts_sort(json_object_get(doc, "rows"));

	if (json_array_size(rows) >= (from->told ? 2 : 1) &&
	    (has_verdicts(rows) || columns || rounds))
		print_tables(out, doc, rows);
	if (!from->told) {
		print_failed(out, rows, rounds);
		if (*only_cure(rows))
			next_print(out, only_cure(rows));
		else
			print_more(out, rows, from);
	}
	json_decref(rows);
}

void summary_line(FILE *out, const json_t *row)
{
	const char *seen = utf8_at(row, "seen"), *verdict = utf8_at(row, "verdict");

	seen = *seen ? seen : utf8_at(row, "figure");
	if (*verdict || *seen)
		text_say(out, 0, "%s%s%s", verdict, *verdict && *seen ? ": " : "", seen);
	putc('\n', out);
}
