#include "common/result/compare_text.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "common/base/units.h"
#include "common/base/wrap.h"
#include "common/result/formula_path.h"

#define ACROSS 3 /* results in one table */

/* "A" ... "Z", "AA", ... as spreadsheets name their columns. */
static char *letter(size_t i, char buf[PATH_LETTERS])
{
	char *name = path_letter(i, buf);

	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return name;
}

static void print_number(char *buf, size_t size, const json_t *v, const char *unit)
{
	double real = json_number_value(v);
	bool whole = json_is_integer(v) && json_integer_value(v) >= 0;

	if (whole && !*unit)
		snprintf(buf, size, "%s", units_grouped((uint64_t)json_integer_value(v)));
	else if (strcmp(unit, "s") == 0)
		snprintf(buf, size, "%.2f s", real);
	else if (strcmp(unit, "us") == 0)
		snprintf(buf, size, "%.1f us", real);
	else if (fabs(real) >= 1e9)
		snprintf(buf, size, "%.4g", real);
	else if (real >= 100 && strcmp(unit, "/s") == 0)
		snprintf(buf, size, "%s", units_grouped((uint64_t)(real + 0.5)));
	else
		snprintf(buf, size, "%.*f", whole ? 0 : 2, real);
	if (strcmp(unit, "/s") == 0)
		strncat(buf, "/s", size - strlen(buf) - 1);
}

static void print_value(FILE *to, const json_t *v, const char *unit)
{
	char buf[48];

	if (json_is_boolean(v))
		snprintf(buf, sizeof(buf), "%s", json_is_true(v) ? "yes" : "no");
	else if (json_is_number(v))
		print_number(buf, sizeof(buf), v, unit);
	else
		snprintf(buf, sizeof(buf), "n/a");
	fprintf(to, " %12.12s", buf);
}

static void print_ratio(FILE *to, const json_t *v)
{
	double ratio = json_number_value(v);
	char buf[32] = "";

	if (json_is_number(v))
		snprintf(buf, sizeof(buf), ratio >= 1000 ? "x%.0f" : "x%.3g", ratio);
	fprintf(to, " %7.7s", buf);
}

/* Which results stand beside the first: from .. from + n - 1. */
struct chunk {
	size_t from, n;
};

static bool says_something(const json_t *values, struct chunk c)
{
	size_t i;
	json_t *v;

	json_array_foreach ((json_t *)values, i, v) {
		if (i != 0 && (i < c.from || i >= c.from + c.n))
			continue;
		if (json_is_boolean(v) ||
		    (json_is_number(v) && json_number_value(v) != 0))
			return true;
	}
	return false;
}

/* One of what a comparison says of a figure. */
static const json_t *of(const json_t *cmp, const char *what, const char *path)
{
	return json_object_get(json_object_get(cmp, what), path);
}

static void print_row(FILE *to, const json_t *cmp, const char *path, struct chunk c)
{
	const json_t *values = of(cmp, "figures", path);
	const json_t *ratios = of(cmp, "ratios", path);
	const char *unit = json_string_value(of(cmp, "units", path));
	const char *title = json_string_value(of(cmp, "titles", path));

	if (!says_something(values, c))
		return;
	fprintf(to, "%-25.25s", title ? title : path);
	print_value(to, json_array_get(values, 0), unit);
	for (size_t i = c.from; i < c.from + c.n; i++) {
		print_value(to, json_array_get(values, i), unit);
		if (i + 1 < c.from + c.n || json_is_number(json_array_get(ratios, i)))
			print_ratio(to, json_array_get(ratios, i));
	}
	fputc('\n', to);
}

static void print_table(FILE *to, const json_t *cmp, struct chunk c)
{
	char name[PATH_LETTERS], ratio[16];
	const char *path;
	json_t *values;

	fprintf(to, "\n%-25s %12s", "", letter(0, name));
	for (size_t i = c.from; i < c.from + c.n; i++) {
		fprintf(to, " %12s", letter(i, name));
		snprintf(ratio, sizeof(ratio), "%s/A", letter(i, name));
		fprintf(to, " %7s", ratio);
	}
	fputc('\n', to);
	json_object_foreach (json_object_get(cmp, "figures"), path, values)
		print_row(to, cmp, path, c);
}

void compare_text(FILE *to, const json_t *cmp)
{
	const json_t *labels = json_object_get(cmp, "labels");
	size_t n = json_array_size(labels);
	char name[PATH_LETTERS];

	for (size_t i = 0; i < n; i++)
		wrap_words(to, fprintf(to, "%-3s ", letter(i, name)), 4,
			   json_string_value(json_array_get(labels, i)));
	for (size_t i = 1; i < n; i += ACROSS - 1)
		print_table(to, cmp,
			    (struct chunk){ i, n - i < ACROSS - 1 ? n - i : ACROSS - 1 });
}

/* ---- CSV */

/* RFC 4180: in quotes where it has to be. */
static void csv_text(FILE *to, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, to);
		return;
	}
	putc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', to);
		putc(*text, to);
	}
	putc('"', to);
}

static void csv_value(FILE *to, const json_t *v)
{
	putc(',', to);
	if (json_is_integer(v))
		fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_real(v))
		fprintf(to, "%.9g", json_real_value(v));
	else if (json_is_boolean(v))
		fputs(json_is_true(v) ? "true" : "false", to);
}

static void csv_heading(FILE *to, const json_t *labels)
{
	json_t *label;
	size_t i;

	fputs("figure,unit", to);
	json_array_foreach ((json_t *)labels, i, label) {
		putc(',', to);
		csv_text(to, json_string_value(label));
	}
	for (i = 1; i < json_array_size(labels); i++) {
		json_t *ratio = json_sprintf(
			"%s / %s", json_string_value(json_array_get(labels, i)),
			json_string_value(json_array_get(labels, 0)));

		putc(',', to);
		csv_text(to, json_string_value(ratio));
		json_decref(ratio);
	}
	putc('\n', to);
}

void compare_csv(FILE *to, const json_t *cmp)
{
	const char *path;
	json_t *values, *v;
	size_t i;

	csv_heading(to, json_object_get(cmp, "labels"));
	json_object_foreach (json_object_get(cmp, "figures"), path, values) {
		const json_t *ratios = of(cmp, "ratios", path);

		csv_text(to, path);
		putc(',', to);
		csv_text(to, json_string_value(of(cmp, "units", path)));
		json_array_foreach (values, i, v)
			csv_value(to, v);
		for (i = 1; i < json_array_size(ratios); i++)
			csv_value(to, json_array_get(ratios, i));
		putc('\n', to);
	}
}
