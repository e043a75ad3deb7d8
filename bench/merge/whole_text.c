#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/whole.h"
#include "common/base/json_lines.h"

static void print_ranks(FILE *to, const struct gather_run *run, const char *indent)
{
	fputs("\"ranks\": [\n", to);
	for (size_t i = 0; i < run->n; i++)
		fprintf(to, "%s  %s%s\n", indent, run->at[i].text,
			i + 1 < run->n ? "," : "");
	fprintf(to, "%s]", indent);
}

/* A run that is not counted keeps its buckets: in another merge it may be the one that is. */
static void print_other(FILE *to, const struct gather_run *run, bool last)
{
	fputs("    {\"buckets\": {", to);
	for (int t = 0; t < GATHER_TIMERS; t++) {
		const char *between = "";

		fprintf(to, "%s\"%s\": [", t ? ", " : "", gather_timer_names[t]);
		for (unsigned b = 0; b < hist_buckets(); b++) {
			uint64_t n = hist_in_bucket(&run->timers[t], b);

			if (n == 0)
				continue;
			fprintf(to, "%s[%u,%llu]", between, b, (unsigned long long)n);
			between = ",";
		}
		fputc(']', to);
	}
	fputs("},\n     ", to);
	print_ranks(to, run, "     ");
	fprintf(to, "}%s\n", last ? "" : ",");
}

char *whole_text(const json_t *whole, const struct gather *g, size_t *len)
{
	char *head = json_lines(whole);
	char *text = NULL;
	FILE *to = head ? open_memstream(&text, len) : NULL;

	if (!to) {
		free(head);
		return NULL;
	}
	fwrite(head, 1, strlen(head) - 2, to); /* all but "\n}" */
	free(head);
	if (g->n_runs > 0) {
		fputs(",\n  ", to);
		print_ranks(to, &g->runs[0], "  ");
	}
	if (g->n_runs > 1) {
		fputs(",\n  \"others\": [\n", to);
		for (size_t i = 1; i < g->n_runs; i++)
			print_other(to, &g->runs[i], i + 1 == g->n_runs);
		fputs("  ]", to);
	}
	fputs("\n}\n", to);
	if (ferror(to) | (fclose(to) == EOF)) {
		free(text);
		return NULL;
	}
	return text;
}
