#include "common/result/ranks_text.h"

#include "common/base/units.h"
#include "common/result/figure.h"
#include "common/result/result.h"

#define ROWS 64

static const struct column {
	const char *name, *title;
	int width;
} columns[] = {
	{ "after_first_ms", "began ms", 8 },  { "connects_started", "started", 10 },
	{ "connects_ok", "made", 10 },        { "failed", "failed", 8 },
	{ "connections_per_s", "rate/s", 8 }, { "connect_p99_us", "p99, us", 9 },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void print_cell(FILE *to, const json_t *v, int width)
{
	double n = json_number_value(v);

	if (!json_is_number(v))
		fprintf(to, " %*s", width, "n/a");
	else if (!(n >= 0 && n < 1e15))
		fprintf(to, " %*.3g", width, n);
	else
		fprintf(to, " %*s", width, units_grouped((uint64_t)(n + 0.5)));
}

/* Who is an outlier, and who did not finish. */
static const char *mark_of(const json_t *result, const json_t *row)
{
	const json_t *list = result_at(result, "merged.outliers"), *rank;
	json_t *outlier;
	size_t i;

	if (!json_is_true(json_object_get(row, "complete")))
		return " partial";
	rank = json_object_get(row, "rank");
	json_array_foreach ((json_t *)list, i, outlier)
		if (json_equal(json_object_get(outlier, "rank"), (json_t *)rank))
			return " differs";
	return "";
}

/* clang-format off */
static const struct figure_line clocks[] = {
	{ " clocks", "merged.clock_us != null and merged.ranks_present > 1",
	  "rank {merged.clock_rank}'s is furthest from the others':"
	  " {merged.clock_us >= 0?{merged.clock_us / 1000|1} ms ahead}{merged.clock_us < 0?{0 - merged.clock_us / 1000|1} ms behind},"
	  " give or take {merged.clock_error_us / 1000|1} ms" },
	{ " clocks", "merged.clock_us == null and merged.ranks_present > 1",
	  "n/a ({merged.clock_reason|an older twstorm merged the ranks})" },
};
/* clang-format on */

void ranks_text(FILE *to, const json_t *result)
{
	const json_t *table = result_at(result, "merged.table");
	size_t n = json_array_size(table), i;
	json_t *row;

	if (n == 0)
		return;
	fprintf(to, FIGURE_LABEL, "ranks");
	for (i = 0; i < N_COLUMNS; i++)
		fprintf(to, " %*s", columns[i].width, columns[i].title);
	fputc('\n', to);
	json_array_foreach ((json_t *)table, i, row) {
		if (i == ROWS)
			break;
		fprintf(to, " %-12lld",
			(long long)json_integer_value(json_object_get(row, "rank")));
		for (size_t c = 0; c < N_COLUMNS; c++)
			print_cell(to, json_object_get(row, columns[c].name),
				   columns[c].width);
		fprintf(to, "%s\n", mark_of(result, row));
	}
	if (n > ROWS)
		fprintf(to, " and %zu more: merged.table\n", n - ROWS);
	figure_lines(to, result, clocks, sizeof(clocks) / sizeof(clocks[0]));
}
