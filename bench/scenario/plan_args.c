#include "bench/scenario/plan_args.h"

#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_fill.h"
#include "common/base/units.h"
#include "common/kernel/addr_list.h"

/* ---- what the file says */

static int add_args(const struct plan *p, struct plan_proc *proc, struct err *err)
{
	struct words raw = { 0 };
	struct err why;
	int r = 0;

	if (words_split(&raw, proc->args->value, &why) < 0) {
		words_done(&raw);
		return scenario_fault(p->scenario, proc->args->line, err, "%s", why.text);
	}
	for (size_t i = 0; r == 0 && i < raw.n; i++) {
		char *word = NULL;

		r = plan_fill(p, proc, proc->args, raw.at[i], &word, err);
		if (r == 0)
			words_add(&proc->argv, word);
	}
	words_done(&raw);
	return r;
}

/* ---- what the lab adds */

static void add(struct plan_proc *proc, const char *option, const char *value)
{
	words_add(&proc->argv, text_dup(option));
	if (value)
		words_add(&proc->argv, text_dup(value));
}

/* Not by the network that is measured: a sick one would keep it from answering, and a port would
 * be one less. */
static void add_for_server(struct plan_proc *proc)
{
	snprintf(proc->admin, sizeof(proc->admin), "unix:%s/%s", PLAN_ADMIN, proc->name);
	add(proc, "--admin", proc->admin);
}

/* The server a client asks for the other side's states: as said, or the only one. */
static int choose_stats(struct plan *p, struct plan_proc *proc, struct err *err)
{
	const char *want = proc->stats_setting ? proc->stats_setting->value : "";
	const struct plan_proc *only = NULL;
	size_t servers = 0;

	if (strcmp(want, "none") == 0)
		return 0;
	for (size_t i = 0; i < p->n_procs; i++) {
		const struct plan_proc *q = &p->procs[i];

		if (q->kind != SECTION_SERVER)
			continue;
		servers++;
		if (!*want || strcmp(want, q->name) == 0)
			only = q;
	}
	if (*want && !only && !plan_in_file(p, SECTION_SERVER, want))
		return scenario_fault(p->scenario, proc->stats_setting->line, err,
				      "stats: expected a server's name or none, not '%s'",
				      want);
	/* A server that was named may be left out by this variant. */
	proc->stats = *want || servers == 1 ? only : NULL;
	return 0;
}

/* Whatever leaves a result: what is expected of it, how it reports, where it goes. */
static void add_for_result(const struct plan *p, struct plan_proc *proc)
{
	for (size_t i = 0; i < p->n_expects; i++)
		if (p->expects[i].client == proc && !p->expects[i].by_lab)
			add(proc, "--expect", p->expects[i].setting->value);
	if (p->quiet)
		add(proc, "-q", NULL);
	else
		add(proc, "--interval", "1s");
	add(proc, "-o", "-");
}

static int add_for_client(struct plan *p, struct plan_proc *proc, struct err *err)
{
	int r = choose_stats(p, proc, err);

	if (r < 0)
		return r;
	if (proc->stats)
		add(proc, "--server-stats", proc->stats->admin);
	add_for_result(p, proc);
	return 0;
}

/* What a load of somebody else's does to ports: ADDR:PORT, and so many a second. */
static int take_target(struct plan *p, struct plan_proc *proc, struct err *err)
{
	struct addr_list list;
	struct rate rate;
	struct err why;
	int r;

	if (!proc->to_setting)
		return 0;
	r = plan_fill(p, proc, proc->to_setting, proc->to_setting->value, &proc->to, err);
	if (r < 0)
		return r;
	if (addr_parse_list(proc->to, false, &list, &why) < 0)
		return scenario_fault(p->scenario, proc->to_setting->line, err, "to: %s",
				      why.text);
	addr_list_done(&list);
	if (units_parse_rate(proc->rate_setting->value, &rate, &why) < 0)
		return scenario_fault(p->scenario, proc->rate_setting->line, err,
				      "rate: %s", why.text);
	return 0;
}

static int build_argv(struct plan *p, struct plan_proc *proc, struct err *err)
{
	int r;

	if (proc->kind != SECTION_PROCESS)
		add(proc, "twstorm", proc->kind == SECTION_PROBE ? "lab" : NULL);
	if (proc->kind != SECTION_PROCESS)
		add(proc, section_names[proc->kind], NULL);
	r = add_args(p, proc, err);
	r = r ? r : plan_fill_files(p, proc, err);
	r = r ? r : take_target(p, proc, err);
	r = r ? r : plan_check_sets(p, proc, err);
	if (r == 0 && !proc->argv.n)
		r = scenario_fault(p->scenario, proc->args->line, err,
				   "command: expected a program and its arguments");
	if (r == 0 && proc->kind == SECTION_SERVER)
		add_for_server(proc);
	if (r == 0 && proc->kind == SECTION_CLIENT)
		r = add_for_client(p, proc, err);
	if (r == 0 && proc->kind == SECTION_PROBE)
		add_for_result(p, proc);
	return r;
}

int plan_args(struct plan *p, struct err *err)
{
	int r = 0;

	/* Servers first: a client's line has its server's address in it. */
	for (int servers = 1; servers >= 0; servers--)
		for (size_t i = 0; r == 0 && i < p->n_procs; i++)
			if ((p->procs[i].kind == SECTION_SERVER) == servers)
				r = build_argv(p, &p->procs[i], err);
	return r;
}
