#include "bench/merge/merge.h"

#include <stdlib.h>
#include <string.h>

#include "bench/merge/files.h"
#include "bench/merge/whole.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/cli/output.h"
#include "common/result/result_text.h"

struct options {
	const char *output; /* borrowed from argv */
	bool quiet;
};

static void offer_results(const struct complete *c)
{
	complete_files(c, ".json");
}

static const struct complete_values result_values = { offer_results, false, NULL };

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	{ "output", 'o', TEXT(output), NULL, "FILE", "the merged result as JSON; - = stdout, instead of its text", NULL },
	{ "quiet", 'q', FLAG(quiet), NULL, NULL, "on stderr only what makes the result incomplete", NULL },
	{ 0 },
};
/* clang-format on */

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;

	if (!parsed->n_words)
		return err_usage(err, "merge needs a directory or files that the ranks' "
				      "`twstorm client -o` wrote");
	for (int i = 0; i < parsed->n_words; i++)
		if (o->output && strcmp(o->output, parsed->words[i]) == 0)
			return err_usage(err, "%s would be overwritten", o->output);
	return output_check(o->output, err);
}

static void say_all(const json_t *list, const char *before)
{
	json_t *text;
	size_t i;

	json_array_foreach ((json_t *)list, i, text)
		fprintf(stderr, "twstorm merge: %s%s\n", before, json_string_value(text));
}

static int write_result(const struct options *o, const json_t *whole,
			const struct gather *g, struct err *err)
{
	size_t len;
	char *text = whole_text(whole, g, &len);
	int r = text ? output_bytes(o->output, text, len, err) : err_memory(err);

	free(text);
	return r;
}

static int exit_code(const json_t *whole, unsigned failed)
{
	const json_t *merged = json_object_get(whole, "merged");

	if (!json_is_true(json_object_get(merged, "complete")))
		return EXIT_INCOMPLETE;
	return failed ? EXIT_EXPECTATION : EXIT_COMPLETE;
}

/* What was read: the result, and what there is to say of it. */
static int tell(const struct options *o, struct gather *g, struct err *err)
{
	const json_t *merged;
	unsigned failed;
	json_t *whole = whole_make(g, &failed, err);
	int r = whole ? 0 : -EINVAL;

	if (!whole)
		return r;
	merged = json_object_get(whole, "merged");
	say_all(json_object_get(merged, "problems"), "");
	if (!o->quiet)
		say_all(json_object_get(merged, "warnings"), "warning: ");
	if (o->output)
		r = write_result(o, whole, g, err);
	if (r == 0 && !(o->output && strcmp(o->output, "-") == 0) && g->n_runs) {
		result_text(stdout, whole);
		r = output_flush_stdout(err);
	}
	if (r == 0)
		r = exit_code(whole, failed);
	json_decref(whole);
	return r;
}

static int nothing(const struct gather *g, struct err *err)
{
	const char *file = NULL, *first = NULL;
	json_t *why;

	json_object_foreach (g->unreadable, file, why)
		first = first ? first : json_string_value(why);
	return err_usage(err, "there is no result to merge%s%s", first ? ": " : "",
			 first ? first : "");
}

static int merge(void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;
	struct gather g;
	int r = files_gather(parsed->words, parsed->n_words, o->output, o->quiet, &g,
			     err);

	if (r == 0 && !gather_count(&g) && !json_object_size(g.servers))
		r = nothing(&g, err);
	if (r == 0)
		r = tell(o, &g, err);
	gather_done(&g);
	return r;
}

static const struct opt_command command = {
	.name = "merge",
	.usage = "DIR|RESULT.json... [options]",
	.about = "Makes one result of those of many ranks; adds, and averages nothing.",
	.examples = "  twstorm merge ranks/ -o all.json\n"
		    "  twstorm merge rank-*.json server.json -o all.json\n"
		    "  twstorm report all.json --html all.html\n",
	.rows = rows,
	.positional = true,
	.words = &result_values,
	.check = check,
};

int merge_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&command, merge, argc, argv, &o);
}
