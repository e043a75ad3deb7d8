#include "bench/doctor/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/doctor/anonymize.h"
#include "bench/doctor/collector.h"
#include "bench/doctor/diagnosis.h"
#include "bench/doctor/findings.h"
#include "bench/doctor/live.h"
#include "bench/doctor/print.h"
#include "bench/doctor/source.h"
#include "common/base/put.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/cli/output.h"
#include "common/html/html.h"
#include "common/result/condition.h"

enum format { FORMAT_TEXT, FORMAT_JSON };
static const char *const format_names[] = { "text", "json", NULL };

struct options {
	uint64_t horizon_ns, interval_ns;
	struct opt_texts expect;
	const char *output, *html, *netns; /* borrowed from argv */
	int format;
	bool collector, anonymize, watch;
};

static void offer_files(const struct complete *c)
{
	complete_files(c, "");
}

static const struct complete_values file_values = { offer_files, false, NULL };

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	{ "interval", 'i', DURATION(interval_ns), NULL, "T", "without FILE: look for so long (300ms; 1s with --watch)", NULL },
	{ "netns", 0, TEXT(netns), NULL, "PATH", "look at that network namespace (root), as /run/netns/NAME, /proc/PID/ns/net", NULL },
	{ "watch", 'w', FLAG(watch), NULL, NULL, "look again and again, and print what is new or gone", NULL },
	{ "horizon", 0, DURATION(horizon_ns), NULL, "T", "exit code 3 if something fails within T", NULL },
	{ "expect", 'e', TEXTS(expect), NULL, "'PATH OP VALUE'", "exit code 3 unless it holds; several may be given", NULL },
	{ "format", 'f', CHOICE(format), "text", NULL, "on stdout", format_names },
	{ "output", 'o', TEXT(output), NULL, "FILE", "JSON too (- = stdout, instead)", NULL },
	{ "html", 0, TEXT(html), NULL, "FILE", "one HTML page with charts too (- = stdout, instead)", NULL },
	{ "anonymize", 0, FLAG(anonymize), NULL, NULL, "print the text with other addresses, and no diagnosis", NULL },
	{ "collector", 0, FLAG(collector), NULL, NULL, "print a shell script that collects what FILE may be", NULL },
	{ 0 },
};
/* clang-format on */

static const struct opt_command command;

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;

	if (!o->interval_ns && opt_given(&command, parsed, "interval"))
		return err_usage(err, "--interval must be more than 0, as in 1s");
	if (!o->horizon_ns && opt_given(&command, parsed, "horizon"))
		return err_usage(err, "--horizon must be more than 0, as in 10m");
	if (o->collector && parsed->n_words)
		return err_usage(err, "--collector takes no FILE");
	if (o->output && o->html && strcmp(o->output, o->html) == 0)
		return err_usage(err, "--output and --html are the same file");
	if (o->collector && o->anonymize)
		return err_usage(err, "--collector and --anonymize exclude each other");
	if (o->anonymize && !parsed->n_words)
		return err_usage(err,
				 "--anonymize needs a FILE, or - for standard input");
	if ((o->interval_ns || o->netns || o->watch) && parsed->n_words)
		return err_usage(err, "--%s goes without FILE: it is of this host",
				 o->interval_ns ? "interval"
				 : o->netns     ? "netns"
						: "watch");
	if (o->watch && (o->output || o->html || o->expect.n || o->horizon_ns ||
			 o->format != FORMAT_TEXT))
		return err_usage(
			err, "--watch prints text, and goes without --output, --html, "
			     "--format, --expect and --horizon");
	return 0;
}

static const struct opt_command command = {
	.name = "doctor",
	.usage = "[FILE...] [options]",
	.about = "Says what is wrong with a host, from what ss, netstat and others "
		 "printed there.",
	.examples = "  twstorm doctor\n"
		    "  ss -tano | twstorm doctor -\n"
		    "  twstorm doctor pasted.txt --format json\n"
		    "  twstorm doctor --collector >collect.sh\n",
	.rows = rows,
	.positional = true,
	.words = &file_values,
	.check = check,
};

static int read_line(const char *line, size_t len, bool ended, bool last, void *arg)
{
	reading_line(arg, line, len, ended, last);
	return signals_got ? -EINTR : 0;
}

static int read_files(const struct opt_result *parsed, struct reading *read,
		      struct err *err)
{
	int r = 0;

	for (int i = 0; i < parsed->n_words && r == 0; i++) {
		reading_begin(read);
		r = source_read(parsed->words[i], read_line, read, err);
	}
	return r;
}

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static int write_page(const char *path, const json_t *doc, struct err *err)
{
	json_t *page = json_pack("{s:O}", "diagnosis", doc);
	int r = html_write(path, page, err);

	json_decref(page);
	return r;
}

static int show(const struct options *o, const json_t *doc, struct err *err)
{
	bool to_stdout = is_stdout(o->output);
	int r = o->output && !to_stdout ? output_json(o->output, doc, err) : 0;

	if (r == 0 && o->html)
		r = write_page(o->html, doc, err);
	if (r < 0 || is_stdout(o->html))
		return r;
	if (o->format == FORMAT_JSON || to_stdout)
		return output_json("-", doc, err);
	doctor_print(stdout, doc);
	return output_flush_stdout(err);
}

static int judge(const struct options *o, json_t *doc, struct err *err)
{
	unsigned failed = 0;
	int r;

	put(doc, "expectations", expect_answer(&o->expect, doc, &failed));
	for (size_t i = 0; i < o->expect.n; i++) {
		struct condition c;

		condition_eval(o->expect.at[i], doc, &c);
		if (!c.holds)
			fprintf(stderr, "twstorm doctor: not as expected: %s\n",
				c.reason ? o->expect.at[i] : c.shown);
	}
	r = show(o, doc, err);
	if (r < 0)
		return r;
	return failed || (o->horizon_ns && findings_within(doc, o->horizon_ns))
		       ? EXIT_EXPECTATION
		       : EXIT_COMPLETE;
}

static int check_expectations(const struct options *o, struct err *err)
{
	json_t *skeleton = diagnosis_skeleton();
	int r = expect_check(&o->expect, skeleton, err);

	json_decref(skeleton);
	return r;
}

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;
	const struct live live = { o->netns, o->interval_ns, o->watch };
	struct reading *read;
	json_t *doc;
	int r = o->output ? output_check(o->output, err) : 0;

	if (r == 0 && o->html)
		r = output_check(o->html, err);
	if (r == 0 && o->expect.n)
		r = check_expectations(o, err);
	if (r == 0)
		r = signals_catch(err);
	if (r < 0)
		return r;
	if (o->collector)
		return collector_print(err);
	if (o->anonymize)
		r = anonymize_files(parsed->words, parsed->n_words, err);
	if (o->anonymize)
		return signals_got ? 128 + signals_got : r;
	if (o->watch) {
		r = live_watch(&live, err);
		return r < 0 ? r : 128 + signals_got;
	}
	read = calloc(1, sizeof(*read));
	if (!read)
		return err_memory(err);
	r = parsed->n_words ? read_files(parsed, read, err) : live_look(&live, read, err);
	doc = r == 0 ? diagnosis_of(read, err) : NULL;
	if (r == 0)
		r = doc ? judge(o, doc, err) : err->code;
	json_decref(doc);
	reading_done(read);
	free(read);
	return signals_got ? 128 + signals_got : r;
}

int doctor_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&command, run, argc, argv, &o);
}
