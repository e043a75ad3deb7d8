#include "bench/lab/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/judge/expected.h"
#include "bench/lab/ended.h"
#include "bench/lab/failures.h"
#include "bench/lab/load.h"
#include "bench/lab/narrate.h"
#include "bench/lab/record.h"
#include "bench/lab/running.h"
#include "bench/lab/seen.h"
#include "common/base/relay.h"
#include "common/base/utf8.h"
#include "common/cli/output.h"
#include "common/result/condition.h"

static char *result_path(const struct run *run, const struct plan_proc *proc)
{
	const struct plan *p = run->plan;
	char *name = plan_result_name(p, proc);
	char *path = run->order->round > 1
			     ? text_printf("%s/%s.%u.json", run->order->dir, name,
					   run->order->round)
			     : text_printf("%s/%s.json", run->order->dir, name);

	free(name);
	return path;
}

/* ---- one part's result */

static int code_of(const json_t *rows)
{
	struct expected n = expected_count(rows);

	if (n.unanswered)
		return EXIT_INCOMPLETE;
	return n.failed ? EXIT_EXPECTATION : EXIT_COMPLETE;
}

/* Prints what was expected and keeps it; the code that it comes to. */
static int take_rows(struct run *run, json_t *stolen)
{
	int code = code_of(stolen);

	expected_print(run->order->out, stolen);
	json_array_extend(run->rows, stolen);
	json_decref(stolen);
	return code;
}

static int show_result(struct run *run, const struct plan_proc *proc, json_t *result)
{
	narrate_heading(run->order->out, run->plan, proc);
	narrate_after(run->order->out, result);
	putc('\n', run->order->out);
	return take_rows(run, expected_rows(run->plan, proc, result));
}

static int keep_result(struct run *run, const struct plan_proc *proc, json_t *result)
{
	struct err err;
	int code = EXIT_COMPLETE;
	char *path;

	if (!run->order->dir)
		return code;
	path = result_path(run, proc);
	if (output_json(path, result, &err) < 0) {
		failures_say(run, NULL, "%s", err.text);
		code = EXIT_NOT_WRITTEN;
	} else {
		fprintf(run->order->out, "\nResult: %s\n", path);
		json_array_append_new(run->out->files, utf8_json(path));
	}
	free(path);
	return code;
}

/* What is asked of a result that the lab adds to it, or that nobody else answers. */
static void answer(struct run *run, const struct plan_proc *proc, json_t *result)
{
	json_t *all = json_object_get(result, "expectations"), *one;
	json_t *answers = json_array();
	bool ok;

	for (size_t i = 0; i < run->plan->n_expects; i++) {
		const struct plan_expect *e = &run->plan->expects[i];

		if (e->client != proc || !e->by_lab)
			continue;
		one = condition_answer(e->setting->value, result, &ok);
		json_array_append(all, one);
		json_array_append_new(answers, one);
	}
	run->answers[proc - run->plan->procs] = answers;
}

/* Adds what the lab knows, tells it, keeps it. */
static int take_result(struct run *run, const struct plan_proc *proc, json_t *result)
{
	json_t *processes = ended_processes(&run->stage);
	int code, write_code;

	json_object_set_new(result, "lab", record_json(run->plan, &run->stage, proc));
	if (processes)
		json_object_set_new(result, "process", processes);
	seen_tell(run->seen, proc == plan_main(run->plan), result);
	answer(run, proc, result);
	code = show_result(run, proc, result);
	write_code = keep_result(run, proc, result);
	json_object_set_new(run->parts, proc->name, result);
	return write_code ? write_code : code;
}

/* Codes of one part come from its expectations and the disk; that of its end is kept apart. */
static int take_part(struct run *run, size_t i)
{
	const struct plan_proc *proc = &run->plan->procs[i];
	const struct stage_proc *end = &run->stage.report->procs[i];
	json_t *result;
	int code;

	if (proc->kind == SECTION_PROCESS) {
		result = load_json(&run->stage, i);
		run->failed[i] = failures_of_load(run, proc, end, result);
		return take_result(run, proc, result);
	}
	result = stage_read(run->stage.json_fd[i]);
	if (!json_is_object(result)) {
		json_decref(result);
		code = failures_of_end(run, proc, end, NULL);
		run->failed[i] = code ? code : failures_left_nothing(run, proc, end);
		return EXIT_COMPLETE;
	}
	code = failures_of_end(run, proc, end, result);
	run->failed[i] = code == EXIT_EXPECTATION ? EXIT_COMPLETE : code;
	return take_result(run, proc, result);
}

/* ---- the whole */

/* The first result with its neighbours: what conditions are looked up in. */
static json_t *make_doc(struct run *run)
{
	json_t *main = json_object_get(run->parts, plan_main(run->plan)->name);
	json_t *doc = main ? json_copy(main) : json_object();
	json_t *parts = json_copy(run->parts);

	record_ends(run->plan, &run->stage, parts);
	json_object_set_new(doc, "part", parts);
	if (!main)
		json_object_set_new(doc, "process", ended_processes(&run->stage));
	if (run->order->base)
		json_object_set(doc, "base", run->order->base);
	return doc;
}

static int take_results(struct run *run)
{
	int code = EXIT_COMPLETE;

	for (size_t i = 0; i < run->plan->n_procs; i++) {
		int one = 0;

		if (plan_has_result(&run->plan->procs[i]) &&
		    run->stage.report->procs[i].started)
			one = take_part(run, i);
		code = code ? code : one;
	}
	return code;
}

static void take_seen(struct run *run)
{
	run->seen = seen_read(run->plan, &run->stage);
	if (run->seen || run->stage.observed_fd == -1 || run->stage.caught)
		return;
	failures_say(run, NULL,
		     "the process that observes hosts did not go on to the end");
	run->out->failed = run->unseen = true;
}

/* What processes said, beside the results: VARIANT-NAME, VARIANT.2-NAME. */
static int keep_output(struct run *run, size_t i)
{
	const struct plan *p = run->plan;
	unsigned round = run->order->round;
	uint64_t said = run->stage.report->procs[i].said;
	char number[16] = "", *path, *text;
	struct err err;
	size_t len;
	int r;

	if (round > 1)
		snprintf(number, sizeof(number), ".%u", round);
	path = text_printf("%s/%s%s-%s", run->order->dir, p->variant, number,
			   p->procs[i].output->value);
	text = stage_said(&run->stage, i, &len);
	r = output_bytes(path, text, len, &err);
	if (r < 0) {
		failures_say(run, NULL, "%s", err.text);
	} else {
		fprintf(run->order->out, "Output: %s%s\n", path,
			said > STAGE_SAID ? " (the first and the last half MiB of it)"
					  : "");
		json_array_append_new(run->out->files, utf8_json(path));
	}
	free(path);
	free(text);
	return r < 0 ? EXIT_NOT_WRITTEN : EXIT_COMPLETE;
}

static int keep_outputs(struct run *run)
{
	int code = EXIT_COMPLETE;

	for (size_t i = 0; i < run->plan->n_procs; i++) {
		int one = 0;

		if (run->order->dir && run->plan->procs[i].output &&
		    run->stage.report->procs[i].started)
			one = keep_output(run, i);
		code = code ? code : one;
	}
	return code;
}

/* All went on to its end, or something failed before it: then `failed_start` says what. */
static int conclude(struct run *run)
{
	int code, failures, compared, written;
	json_t *rows;

	failures_check_others(run);
	failures_say_stubborn(run);
	take_seen(run);
	code = take_results(run);
	run->out->interrupted = run->stage.caught != 0;
	run->out->doc = make_doc(run);
	if (run->stage.caught) {
		keep_outputs(run);
		return 128 + run->stage.caught;
	}
	run->out->judged = json_object_get(run->parts, plan_main(run->plan)->name);
	if (run->stage.report->timed_out) {
		run->out->failed = true;
		failures_say(run, NULL, "stopped after %u s, the scenario's time limit%s",
			     run->plan->seconds, run->stage.report->waiting);
	}
	rows = expected_compared(run->plan, run->out->doc, run->out->failed);
	failures = failures_code(run, rows);
	run->out->foreseen =
		run->out->failed && !failures && !plan_wants(run->plan, VERDICT_VOID);
	if (json_array_size(rows))
		putc('\n', run->order->out);
	compared = take_rows(run, rows);
	written = keep_outputs(run);
	return failures ? failures : code ? code : compared ? compared : written;
}

/* A server that did not like its args: where they are. */
static void name_line(const struct run *run, struct err *err)
{
	for (size_t i = 0; err->exit == EXIT_USAGE && i < run->plan->n_procs; i++) {
		const struct stage_proc *end = &run->stage.report->procs[i];

		if (end->by_itself && WIFEXITED(end->status) &&
		    WEXITSTATUS(end->status) == EXIT_USAGE &&
		    run->plan->procs[i].kind == SECTION_SERVER)
			err_prefix(err->code, err, "%s:%u", run->plan->scenario->path,
				   run->plan->procs[i].args->line);
	}
}

/* Of the process that did not get ready; NULL = there is none. */
static const struct stage_proc *end_of_failed(const struct run *run)
{
	const struct stage_report *report = run->stage.report;

	return report && report->failed_start ? &report->procs[report->failed_start - 1]
					      : NULL;
}

static void could_not(struct run *run, struct err *err)
{
	if (run->stage.report)
		name_line(run, err);
	run->out->code = run->stage.caught ? 128 + run->stage.caught : (int)err->exit;
	run->out->interrupted = run->stage.caught != 0;
	if (!run->stage.caught)
		failures_say(run, end_of_failed(run), "%s", err->text);
}

/* A process that did not get ready is a result, too: all that ended before is judged. */
static bool is_failed_start(struct run *run, const struct err *err)
{
	const struct stage_report *report = run->stage.report;
	size_t i = report ? report->failed_start : 0;
	char port[ENDED_PORT];

	if (!i || err->exit != EXIT_CANNOT_RUN || run->stage.caught)
		return false;
	failures_say(run, end_of_failed(run), "%s%s", err->text,
		     ended_port(&report->procs[i - 1], port));
	run->out->failed = true;
	run->failed[i - 1] = EXIT_CANNOT_RUN;
	return true;
}

/* Programs of others tell nothing of themselves while they run. */
static void tell_page(const struct plan *p)
{
	for (size_t i = 0; p->relay && i < p->n_procs; i++) {
		const struct plan_proc *proc = &p->procs[i];
		char *label;

		if (proc->kind != SECTION_PROCESS || !plan_has_result(proc))
			continue;
		label = plan_label(p, proc);
		relay_send(p->relay, label, "news", load_running(p, proc), true);
		free(label);
	}
}

void lab_run(const struct plan *p, const struct lab_order *order, struct run_outcome *out)
{
	struct run run = { .plan = p,
			   .order = order,
			   .out = out,
			   .parts = json_object(),
			   .rows = json_array() };
	struct err err;

	*out = (struct run_outcome){ .files = json_array() };
	if (!p->quiet)
		narrate_before(stderr, p, order->brief);
	tell_page(p);
	if (stage_run(p, NULL, &run.stage, &err) == 0 || is_failed_start(&run, &err))
		out->code = conclude(&run);
	else
		could_not(&run, &err);
	out->not_here = out->code == EXIT_NO_SUPPORT && run.stage.report &&
			run.stage.report->has_hosts;
	out->row = order->dir ? judge_row(p, order->round, out, run.rows, order->out)
			      : json_object();
	stage_done(&run.stage);
	json_decref(run.parts);
	json_decref(run.rows);
	json_decref(run.seen);
	for (size_t i = 0; i < PLAN_PROCS; i++)
		json_decref(run.answers[i]);
}
