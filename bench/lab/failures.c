#include "bench/lab/failures.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/lab/ended.h"
#include "bench/lab/ending.h"
#include "bench/lab/record.h"
#include "common/result/condition.h"

void failures_say(struct run *run, const struct stage_proc *end, const char *fmt, ...)
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
	char port[ENDED_PORT];

	failures_say(run, end, "%s %s %s%s%s%s", section_names[proc->kind], proc->name,
		     what, *last ? ": " : "", last, ended_port(end, port));
	run->out->failed = true;
	return EXIT_INCOMPLETE;
}

/* Options are the program's to judge, and so found only when it runs. */
static int wrong_args(struct run *run, const struct plan_proc *proc,
		      const struct stage_proc *end)
{
	failures_say(run, NULL, "%s:%u: %s %s: %s", run->plan->scenario->path,
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
int failures_of_end(struct run *run, const struct plan_proc *proc,
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

/* A load that is somebody else's program: its result says what went wrong, if it did. */
int failures_of_load(struct run *run, const struct plan_proc *proc,
		     const struct stage_proc *end, json_t *result)
{
	const char *why = error_of(result, "message");

	if (!*why || run->stage.caught || run->stage.report->timed_out)
		return EXIT_COMPLETE;
	return complain(run, proc, why, end->last);
}

int failures_left_nothing(struct run *run, const struct plan_proc *proc,
			  const struct stage_proc *end)
{
	return complain(run, proc, "left no result", end->last);
}

void failures_check_others(struct run *run)
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

/* Those that did not end when they were told to. */
void failures_say_stubborn(const struct run *run)
{
	for (size_t i = 0; i < run->plan->n_procs; i++)
		if (run->stage.report->procs[i].stubborn && !run->stage.caught)
			fprintf(stderr,
				"twstorm lab: %s %s did not end within 10 s of SIGTERM, "
				"and was killed\n",
				section_names[run->plan->procs[i].kind],
				run->plan->procs[i].name);
}

/* ---- what was to be expected */

/* Which process a path speaks of the failure of. */
struct naming {
	const struct run *run;
	const struct plan_proc *proc;
	const struct plan_proc
		*main; /* the paths are of its result, where none is named */
};

static bool is_of_end(const char *path)
{
	return condition_is_of_failure(path) || strcmp(path, "exit_code") == 0 ||
	       strcmp(path, "signal") == 0 || strcmp(path, "errno") == 0 ||
	       strncmp(path, "held_by.", 8) == 0;
}

/* Takes "part.NAME." or "process.NAME." off the path: whose it is. */
static const struct plan_proc *owner(const struct naming *n, const char **path)
{
	const struct plan *p = n->run->plan;
	const struct plan_proc *who;

	if (strncmp(*path, "part.", 5) == 0) {
		*path += 5;
		who = plan_part(p, *path);
	} else if (strncmp(*path, "process.", 8) == 0) {
		*path += 8;
		who = plan_process_at(p, *path);
	} else {
		return n->main;
	}
	*path += strcspn(*path, ".");
	*path += **path == '.';
	return who;
}

static bool is_of_failure(const char *path, void *arg)
{
	const struct naming *n = arg;

	return owner(n, &path) == n->proc && is_of_end(path);
}

/* By a rule of [verdict] that holds: then the verdict is about the failure, and not void. */
static bool in_the_verdict(const struct run *run, struct naming *n)
{
	const struct plan_rules *rules = &run->plan->verdicts;

	for (size_t i = 0; i < rules->n; i++) {
		struct condition c;

		condition_eval(rules->at[i]->value, run->out->doc, &c);
		if (c.holds && condition_any_path(rules->at[i]->value, is_of_failure, n))
			return true;
	}
	return false;
}

/* By [expect] or [compare]: a condition that names it, and holds. */
static bool was_expected(const struct run *run, const json_t *compared, struct naming *n)
{
	bool was;

	n->main = plan_main(run->plan);
	was = expect_holds_of(compared, is_of_failure, n);
	for (size_t i = 0; i < run->plan->n_procs; i++) {
		n->main = &run->plan->procs[i];
		was = was || expect_holds_of(run->answers[i], is_of_failure, n);
	}
	n->main = plan_main(run->plan);
	return was;
}

int failures_code(struct run *run, const json_t *compared)
{
	bool wanted = plan_wants(run->plan, VERDICT_VOID), all_judged = true;
	int code = EXIT_COMPLETE;

	for (size_t i = 0; i < run->plan->n_procs; i++) {
		struct naming n = { run, &run->plan->procs[i], plan_main(run->plan) };
		bool judged = run->failed[i] && in_the_verdict(run, &n);

		if (!run->failed[i])
			continue;
		all_judged = all_judged && judged;
		if ((wanted && run->failed[i] != EXIT_USAGE) || judged ||
		    was_expected(run, compared, &n))
			continue;
		code = code ? code : run->failed[i];
	}
	if (run->stage.report->timed_out || run->unseen)
		return code ? code : wanted ? EXIT_COMPLETE : EXIT_INCOMPLETE;
	if (run->out->failed && all_judged) {
		run->out->failed = false;
		run->out->judged = true;
	}
	return code;
}
