/* plan_look - looking things up in a plan. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/scenario/plan.h"
#include "common/result/condition.h"
#include "common/result/figure.h"

static bool is_of_base(const char *path, void *arg)
{
	(void)arg;
	return strncmp(path, "base.", 5) == 0;
}

bool plan_asks_for_base(const struct setting *rule)
{
	return condition_any_path(rule->value, is_of_base, NULL);
}

const struct plan_host *plan_host(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		if (strcmp(p->hosts[i].name, name) == 0)
			return &p->hosts[i];
	return NULL;
}

struct plan_proc *plan_proc(struct plan *p, enum section kind, const char *name)
{
	for (size_t i = 0; i < p->n_procs; i++)
		if (p->procs[i].kind == kind && strcmp(p->procs[i].name, name) == 0)
			return &p->procs[i];
	return NULL;
}

bool plan_has_result(const struct plan_proc *proc)
{
	return proc->kind == SECTION_CLIENT || proc->kind == SECTION_PROBE ||
	       proc->counts;
}

bool plan_in_file(const struct plan *p, enum section kind, const char *name)
{
	return settings_find(&p->settings, kind, name, "") != NULL;
}

bool plan_ended_well(const struct plan_proc *proc, int status)
{
	return WIFEXITED(status) &&
	       (proc->any_code || WEXITSTATUS(status) == (int)proc->code);
}

const struct plan_proc *plan_main(const struct plan *p)
{
	for (size_t i = 0; i < p->n_procs; i++)
		if (plan_has_result(&p->procs[i]))
			return &p->procs[i];
	return NULL;
}

size_t plan_results(const struct plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_procs; i++)
		n += plan_has_result(&p->procs[i]);
	return n;
}

char *plan_result_name(const struct plan *p, const struct plan_proc *proc)
{
	return plan_results(p) == 1 ? text_dup(p->variant)
				    : text_printf("%s-%s", p->variant, proc->name);
}

char *plan_label(const struct plan *p, const struct plan_proc *proc)
{
	const char *of = p->label ? p->label : p->variant;
	bool several = plan_results(p) > 1;
	char round[24] = "";

	if (p->round > 1)
		snprintf(round, sizeof(round), ", round %u", p->round);
	return text_printf("%s%s%s%s", of, several ? ", " : "", several ? proc->name : "",
			   round);
}

char *plan_output_name(const struct plan *p, const struct plan_proc *proc)
{
	return proc->output ? text_printf("%s-%s", p->variant, proc->output->value)
			    : NULL;
}

const struct setting *plan_find_rule(const struct plan *p,
				     bool (*is)(const char *path, void *arg), void *arg)
{
	for (size_t i = 0; i < PLAN_RULES; i++)
		for (size_t j = 0; j < p->rules[i].n; j++)
			if (condition_any_path(p->rules[i].at[j]->value, is, arg))
				return p->rules[i].at[j];
	return p->shows && figure_any_path(p->shows->value, is, arg) ? p->shows : NULL;
}

bool plan_is_baseline(const struct plan *p)
{
	return strcmp(p->variant, p->baseline) == 0;
}

/* Of those that a path may mean by this name what has a result comes first. */
static const struct plan_proc *find_part(const struct plan *p, const char *name,
					 bool processes_only)
{
	const struct plan_proc *found = NULL;
	size_t len = strcspn(name, ".");

	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *q = &p->procs[i];

		if (strlen(q->name) == len && strncmp(q->name, name, len) == 0 &&
		    (!processes_only || q->kind == SECTION_PROCESS) &&
		    (!found || plan_has_result(q)))
			found = q;
	}
	return found;
}

const struct plan_proc *plan_part(const struct plan *p, const char *name)
{
	return find_part(p, name, false);
}

const struct plan_proc *plan_process_at(const struct plan *p, const char *name)
{
	return find_part(p, name, true);
}

bool plan_wants(const struct plan *p, const char *verdict)
{
	return !plan_is_baseline(p) && strcmp(p->wanted, verdict) == 0;
}
