#include "bench/lab/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/judge/expected.h"
#include "bench/lab/ending.h"
#include "bench/lab/narrate.h"
#include "bench/lab/record.h"
#include "bench/lab/seen.h"
#include "bench/stage/stage.h"
#include "common/base/utf8.h"
#include "common/cli/output.h"
#include "common/result/condition.h"

/* One lab_run() at work. */
struct run {
	const struct plan *plan;
	const struct lab_order *order;
	struct run_outcome *out;
	struct stage stage;
	json_t *parts;          /* NAME to result */
	json_t *seen;           /* of seen_read() */
	bool unseen;            /* hosts were observed, and what they had is not known */
	json_t *rows;           /* what was expected, of all parts */
	int failed[PLAN_PROCS]; /* what its end means for the exit code, if it failed */
};

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

/* ---- one process's end */

static void say_why(struct run *run, const struct stage_proc *end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* end: of the process that is to blame; NULL = none is. */
static void say_why(struct run *run, const struct stage_proc *end, const char *fmt, ...)
{
	char why[sizeof(run->out->why)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	fprintf(stderr, "twstorm lab: %s", why);
	if (end)
		ending_tell(stderr, &run->stage, end);
	else
		fputc('\n', stderr);
	if (!*run->out->why)
		memcpy(run->out->why, why, sizeof(why)); /* the first is the reason */
}

static int complain(struct run *run, const struct plan_proc *proc, const char *what,
		    const char *last)
{
	const struct stage_proc *end = &run->stage.report->procs[proc - run->plan->procs];

	say_why(run, end, "%s %s %s%s%s", section_names[proc->kind], proc->name, what,
		*last ? ": " : "", last);
	run->out->failed = true;
	return EXIT_INCOMPLETE;
}

/* Options are the program's to judge, and so found only when it runs. */
static int wrong_args(struct run *run, const struct plan_proc *proc,
		      const struct stage_proc *end)
{
	say_why(run, NULL, "%s:%u: %s %s: %s", run->plan->scenario->path,
		proc->args->line, section_names[proc->kind], proc->name,
		*end->last ? end->last : "wrong args");
	return EXIT_USAGE;
}

static const char *error_of(json_t *result, const char *key)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(result, "error"), key));

	return text ? text : "";
}

/* It was told to end, by the plan or by the user; by the plan that is as it should be. */
static int told_to_end(struct run *run, const struct plan_proc *proc, json_t *result)
{
	const char *code = error_of(result, "code");

	if (run->stage.caught || run->stage.report->timed_out || !result || !*code ||
	    strcmp(code, "interrupted") == 0)
		return EXIT_COMPLETE;
	return complain(run, proc, "left an incomplete result",
			error_of(result, "message"));
}

/* The exit code that the end of a client or probe means for the lab; `result` may be NULL. */
static int judge_end(struct run *run, const struct plan_proc *proc,
		     const struct stage_proc *end, json_t *result)
{
	int code = WIFEXITED(end->status) ? WEXITSTATUS(end->status) : 0;
	char what[64];

	if (!end->ended)
		return complain(run, proc, "did not end", end->last);
	if (WIFSIGNALED(end->status)) {
		snprintf(what, sizeof(what), "was killed by signal %d",
			 WTERMSIG(end->status));
		return complain(run, proc, what, end->last);
	}
	if (code == EXIT_COMPLETE || code == EXIT_EXPECTATION)
		return code; /* its result says why */
	if (code >= 128 && !end->by_itself)
		return told_to_end(run, proc, result);
	if (code == EXIT_INCOMPLETE && *error_of(result, "message"))
		return complain(run, proc, "left an incomplete result",
				error_of(result, "message"));
	if (code == EXIT_USAGE)
		return wrong_args(run, proc, end);
	snprintf(what, sizeof(what), "ended with code %d", code);
	complain(run, proc, what, end->last);
	return code >= 128 ? EXIT_INCOMPLETE : code;
}

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
	char *path = result_path(run, proc);
	struct err err;
	int code = EXIT_COMPLETE;

	if (output_json(path, result, &err) < 0) {
		say_why(run, NULL, "%s", err.text);
		code = EXIT_NOT_WRITTEN;
	} else {
		fprintf(run->order->out, "\nResult: %s\n", path);
		json_array_append_new(run->out->files, utf8_json(path));
	}
	free(path);
	return code;
}

/* Codes of one part come from its expectations and the disk; that of its end is kept apart. */
static int take_part(struct run *run, size_t i)
{
	const struct plan_proc *proc = &run->plan->procs[i];
	const struct stage_proc *end = &run->stage.report->procs[i];
	json_t *result = stage_read(run->stage.json_fd[i]);
	int code, write_code;

	if (!json_is_object(result)) {
		json_decref(result);
		code = judge_end(run, proc, end, NULL);
		run->failed[i] =
			code ? code : complain(run, proc, "left no result", end->last);
		return EXIT_COMPLETE;
	}
	code = judge_end(run, proc, end, result);
	run->failed[i] = code == EXIT_EXPECTATION ? EXIT_COMPLETE : code;
	json_object_set_new(result, "lab", record_json(run->plan, &run->stage, proc));
	seen_tell(run->seen, proc == plan_main(run->plan), result);
	code = show_result(run, proc, result);
	write_code = keep_result(run, proc, result);
	json_object_set_new(run->parts, proc->name, result);
	return write_code ? write_code : code;
}

/* ---- the whole */

static void check_others(struct run *run)
{
	char how[RECORD_HOW], what[RECORD_HOW + 20];

	for (size_t i = 0; i < run->plan->n_procs; i++) {
		if (run->failed[i] || !record_ended_early(run->plan, &run->stage, i, how))
			continue;
		snprintf(what, sizeof(what), "%s before its time", how);
		run->failed[i] = complain(run, &run->plan->procs[i], what,
					  run->stage.report->procs[i].last);
	}
}

/* The first result with its neighbours: what conditions are looked up in. */
static json_t *make_doc(struct run *run)
{
	json_t *main = json_object_get(run->parts, plan_main(run->plan)->name);
	json_t *doc = main ? json_copy(main) : json_object();
	json_t *parts = json_copy(run->parts);

	record_ends(run->plan, &run->stage, parts);
	json_object_set_new(doc, "part", parts);
	if (run->order->base)
		json_object_set(doc, "base", run->order->base);
	return doc;
}

/* Which process a path speaks of the failure of. */
struct naming {
	const struct run *run;
	const struct plan_proc *proc;
};

static bool is_of_failure(const char *path, void *arg)
{
	const struct naming *n = arg;
	const struct plan *p = n->run->plan;
	bool part = strncmp(path, "part.", 5) == 0;

	if (n->proc != (part ? plan_part(p, path + 5) : plan_main(p)))
		return false;
	if (part)
		path += 5 + strcspn(path + 5, ".") + 1;
	return condition_is_of_failure(path) || strcmp(path, "exit_code") == 0;
}

/* What failed and was not to be expected: by [compare], or by the verdict that is wanted. */
static int code_of_failures(struct run *run, const json_t *compared)
{
	bool named = plan_wants(run->plan, VERDICT_VOID);

	for (size_t i = 0; i < run->plan->n_procs; i++) {
		struct naming n = { .run = run, .proc = &run->plan->procs[i] };

		if (run->failed[i] && run->failed[i] != EXIT_USAGE && named)
			continue;
		if (run->failed[i] && !expect_holds_of(compared, is_of_failure, &n))
			return run->failed[i];
	}
	if ((run->stage.report->timed_out || run->unseen) && !named)
		return EXIT_INCOMPLETE;
	return EXIT_COMPLETE;
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
	say_why(run, NULL, "the process that observes hosts did not go on to the end");
	run->out->failed = run->unseen = true;
}

/* All went on to its end, or something failed before it: then `failed_start` says what. */
static int conclude(struct run *run)
{
	int code, failures, compared;
	json_t *rows;

	check_others(run);
	take_seen(run);
	code = take_results(run);
	run->out->interrupted = run->stage.caught != 0;
	run->out->doc = make_doc(run);
	if (run->stage.caught)
		return 128 + run->stage.caught;
	run->out->judged = json_object_get(run->parts, plan_main(run->plan)->name);
	if (run->stage.report->timed_out) {
		run->out->failed = true;
		say_why(run, NULL, "stopped after %u s, the scenario's time limit%s",
			run->plan->seconds, run->stage.report->waiting);
	}
	rows = expected_compared(run->plan, run->out->doc, run->out->failed);
	failures = code_of_failures(run, rows);
	if (json_array_size(rows))
		putc('\n', run->order->out);
	compared = take_rows(run, rows);
	return failures ? failures : code ? code : compared;
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
		say_why(run, end_of_failed(run), "%s", err->text);
}

/* A process that did not get ready is a result, too: all that ended before is judged. */
static bool is_failed_start(struct run *run, const struct err *err)
{
	const struct stage_report *report = run->stage.report;
	size_t i = report ? report->failed_start : 0;

	if (!i || err->exit != EXIT_CANNOT_RUN || run->stage.caught)
		return false;
	say_why(run, end_of_failed(run), "%s", err->text);
	run->out->failed = true;
	run->failed[i - 1] = EXIT_CANNOT_RUN;
	return true;
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
	if (stage_run(p, NULL, &run.stage, &err) == 0 || is_failed_start(&run, &err))
		out->code = conclude(&run);
	else
		could_not(&run, &err);
	out->not_here = out->code == EXIT_NO_SUPPORT && run.stage.report &&
			run.stage.report->has_hosts;
	out->row = judge_row(p, order->round, out, run.rows, order->out);
	stage_done(&run.stage);
	json_decref(run.parts);
	json_decref(run.rows);
	json_decref(run.seen);
}
