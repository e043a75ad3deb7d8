#include "bench/report/report.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "bench/doctor/print.h"
#include "bench/report/read.h"
#include "common/result/compare_text.h"
#include "common/base/utf8.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/cli/output.h"
#include "common/html/html.h"
#include "common/result/compare.h"
#include "common/result/condition.h"
#include "common/result/process_text.h"
#include "common/result/result.h"
#include "common/result/result_label.h"
#include "common/result/result_text.h"

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_NONE };
static const char *const format_names[] = { "text", "csv", "json", "none", NULL };

struct options {
	const char *output, *html; /* borrowed from argv */
	struct opt_texts expect;
	int format;
};

/* What is reported. */
struct report {
	struct report_docs docs;
	json_t *labels, *comparison; /* NULL where the documents have a page alone */
	unsigned failed;             /* expectations */
};

static void offer_results(const struct complete *c)
{
	complete_files(c, ".json");
}

static const struct complete_values result_values = { offer_results, false, NULL };

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	{ "format", 'f', CHOICE(format), "text", NULL, "on stdout; of several results a comparison", format_names },
	{ "expect", 0, TEXTS(expect), NULL, "'CONDITION'", "fail (exit 3) unless true: b.PATH is of the second result; repeatable", NULL },
	{ "output", 'o', TEXT(output), NULL, "FILE", "the comparison as JSON too (- = stdout, instead)", NULL },
	{ "html", 0,  TEXT(html), NULL, "FILE", "one HTML page with charts (- = stdout, instead)", NULL },
	{ 0 },
};
/* clang-format on */

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return a && b && stat(a, &sa) == 0 && stat(b, &sb) == 0 && S_ISREG(sa.st_mode) &&
	       sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/* A result is not overwritten by what is made from it. */
static int check_names(const struct options *o, const struct opt_result *parsed,
		       struct err *err)
{
	if (o->output && o->html &&
	    (strcmp(o->output, o->html) == 0 || is_same_file(o->output, o->html)))
		return err_usage(err, "--output and --html are the same file");
	for (int i = 0; i < parsed->n_words; i++)
		if (is_same_file(o->output, parsed->words[i]) ||
		    is_same_file(o->html, parsed->words[i]))
			return err_usage(err, "%s would be overwritten",
					 parsed->words[i]);
	return 0;
}

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;
	int r;

	if (!parsed->n_words)
		return err_usage(err, "report needs a result: a file that `twstorm "
				      "client -o` or `lab run` wrote");
	r = check_names(o, parsed, err);
	if (r == 0)
		r = output_check(o->output, err);
	return r < 0 ? r : output_check(o->html, err);
}

static bool is_process(const json_t *doc)
{
	return strcmp(utf8_at(doc, "schema"), PROCESS_SCHEMA) == 0;
}

static void print_one(const json_t *doc)
{
	if (is_process(doc))
		process_text(stdout, doc);
	else
		result_text(stdout, doc);
}

/* What is asked for by the last is said by the exit code and the files alone. */
static int print(const struct options *o, const struct report *rep, struct err *err)
{
	if (o->format == FORMAT_NONE)
		return 0;
	if (o->format == FORMAT_JSON)
		return output_json("-", rep->comparison, err);
	if (o->format == FORMAT_CSV) {
		compare_csv(stdout, rep->comparison);
	} else {
		if (json_array_size(rep->docs.all) == 1)
			print_one(json_array_get(rep->docs.all, 0));
		else
			compare_text(stdout, rep->comparison);
		result_text_expectations(stdout, rep->comparison);
	}
	return output_flush_stdout(err);
}

static int write_html(const char *path, const struct report *rep, struct err *err)
{
	const json_t *first = json_array_get(rep->docs.all, 0);
	json_t *document =
		rep->docs.is_diagnosis ? json_pack("{s:O}", "diagnosis", first)
		: rep->docs.are_counts
			? json_pack("{s:O}", "counts", rep->docs.all)
			: json_pack("{s:O, s:O, s:O?}", "results", rep->docs.all,
				    "labels", rep->labels, "expectations",
				    json_object_get(rep->comparison, "expectations"));
	int r = html_write(path, document, err);

	json_decref(document);
	return r;
}

static int write_all(const struct options *o, const struct report *rep, struct err *err)
{
	int r = 0;

	if (o->output)
		r = output_json(o->output, rep->comparison, err);
	if (o->html && r == 0)
		r = write_html(o->html, rep, err);
	if (r == 0 && rep->docs.is_diagnosis && !is_stdout(o->html)) {
		doctor_print(stdout, json_array_get(rep->docs.all, 0));
		r = output_flush_stdout(err);
	}
	if (r == 0 && rep->comparison && !is_stdout(o->output) && !is_stdout(o->html))
		r = print(o, rep, err);
	return r;
}

/* What cannot be compared is asked for as a page, and as nothing else; a diagnosis is text too. */
static int check_kind(const struct options *o, const struct report_docs *docs,
		      struct err *err)
{
	if (docs->page_alone && ((!o->html && !docs->is_diagnosis) || o->output ||
				 o->expect.n || o->format != FORMAT_TEXT))
		return err_usage(
			err,
			"%s is shown as a page alone, with --html FILE%s: a %s is no "
			"client's result (" RESULT_SCHEMA "), so it has no comparison",
			docs->page_alone, docs->is_diagnosis ? ", or as text" : "",
			docs->is_diagnosis ? "diagnosis"
			: docs->are_counts ? "count of states"
					   : "probe's result");
	return 0;
}

static void report_done(struct report *rep)
{
	json_decref(rep->comparison);
	json_decref(rep->labels);
	json_decref(rep->docs.all);
}

/* ---- --expect */

/* {a: the first, b: the second, ...}, new reference: what conditions are looked up in. */
static json_t *by_letter(const json_t *results)
{
	json_t *doc = json_object(), *result;
	char name[PATH_LETTERS];
	size_t i;

	json_array_foreach ((json_t *)results, i, result)
		json_object_set(doc, path_letter(i, name), result);
	return doc;
}

/* The same with every key that a result can have.  An older result may lack some of what a new one has,
 * which is not measured and no mistake in typing. */
static json_t *every_key(const json_t *results)
{
	char *argv[] = { "client",         "-t",          "127.0.0.1:9",
			 "--server-stats", "127.0.0.1:9", NULL };
	json_t *doc = json_object(), *result;
	char name[PATH_LETTERS];
	size_t i;

	json_array_foreach ((json_t *)results, i, result) {
		json_t *keys = result_skeleton_of_client && !is_process(result)
				       ? result_skeleton_of_client(5, argv)
				       : NULL;

		keys = keys ? keys : json_object();
		json_object_update_recursive(keys, result);
		json_object_set_new(doc, path_letter(i, name), keys);
	}
	return doc;
}

static int check_expect(const struct opt_texts *conditions, const json_t *results,
			struct err *err)
{
	json_t *keys;
	int r;

	if (!conditions->n)
		return 0;
	keys = every_key(results);
	r = expect_check(conditions, keys, err);
	json_decref(keys);
	return r;
}

static void answer_expect(const struct opt_texts *conditions, struct report *rep)
{
	json_t *doc = by_letter(rep->docs.all);

	json_object_set_new(rep->comparison, "expectations",
			    expect_answer(conditions, doc, &rep->failed));
	json_decref(doc);
}

static int report(void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;
	struct report rep = { 0 };
	int r = report_read(parsed->words, parsed->n_words, &rep.docs, err);

	if (r == 0)
		r = check_kind(o, &rep.docs, err);
	r = r ? r : check_expect(&o->expect, rep.docs.all, err);
	if (r == 0 && !rep.docs.are_counts)
		rep.labels =
			result_labels(rep.docs.all, (const char *const *)parsed->words);
	if (r == 0 && !rep.docs.page_alone) {
		rep.comparison = compare_results(rep.docs.all, rep.labels);
		answer_expect(&o->expect, &rep);
	}
	if (r == 0)
		r = write_all(o, &rep, err);
	report_done(&rep);
	return r ? r : rep.failed ? EXIT_EXPECTATION : EXIT_COMPLETE;
}

static const struct opt_command command = {
	.name = "report",
	.usage = "RESULT.json... [options]",
	.about = "Shows one result in full, or several side by side with ratios to the "
		 "first.",
	.examples = "  twstorm report storm.json --html storm.html\n"
		    "  twstorm report before.json after.json\n"
		    "  twstorm report before.json after.json --expect \\\n"
		    "    'b.rate.connections_per_s > 0.95 * a.rate.connections_per_s'\n"
		    "  twstorm report out/remedies/*.json --format csv\n",
	.rows = rows,
	.positional = true,
	.words = &result_values,
	.check = check,
};

int report_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&command, report, argc, argv, &o);
}
