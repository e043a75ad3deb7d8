#include "bench/lab/skeleton.h"

#include "bench/judge/judge.h"
#include "bench/lab/ended.h"
#include "bench/lab/load.h"
#include "bench/lab/seen.h"
#include "bench/probe/probe.h"
#include "common/cli/command.h"
#include "common/result/condition.h"
#include "common/result/result.h"

/* Of a client ("twstorm client ...") or a probe ("twstorm lab probe ..."); or NULL. */
static json_t *result_of(const struct plan *p, const struct plan_proc *proc)
{
	bool probe = proc->kind == SECTION_PROBE;
	struct words argv = { 0 };
	json_t *doc = NULL;

	if (proc->kind == SECTION_PROCESS)
		doc = text_checked(load_skeleton(proc));
	words_copy(&argv, &proc->argv, probe ? 2 : 1);
	if (!doc && probe)
		doc = probe_skeleton((int)argv.n, argv.at);
	else if (!doc && result_skeleton_of_client)
		doc = result_skeleton_of_client((int)argv.n, argv.at);
	words_done(&argv);
	if (doc && !probe)
		seen_skeleton(p, doc);
	return doc;
}

/* What the lab adds to each: the processes that the file has, this variant or not. */
static json_t *processes_of(const struct plan *p)
{
	json_t *all = text_checked(json_object());

	for (size_t i = 0; i < p->settings.n; i++) {
		const struct setting *s = &p->settings.at[i];

		if (s->section == SECTION_PROCESS && !*s->key)
			json_object_set_new(all, s->name, ended_skeleton());
	}
	return all;
}

/* {the first result's keys..., part{NAME: result's keys}}, nothing measured; what cannot be known
 * beforehand has no keys. */
static json_t *skeleton_of(const struct plan *p)
{
	json_t *parts = text_checked(json_object()), *main, *doc;
	json_t *processes = processes_of(p);

	for (size_t i = 0; i < p->n_procs; i++) {
		json_t *one;

		if (!plan_has_result(&p->procs[i]))
			continue;
		one = result_of(p, &p->procs[i]);
		if (one)
			json_object_set(one, "process", processes);
		json_object_set_new(parts, p->procs[i].name, one);
	}
	json_decref(processes);
	main = json_object_get(parts, plan_main(p)->name);
	doc = text_checked(main ? json_copy(main) : json_object());
	json_object_set_new(doc, "part", parts);
	return doc;
}

static int find_base(const struct plan *p, json_t **base, struct err *err)
{
	struct plan plan;
	int r;

	if (*base || !*p->baseline)
		return 0;
	r = plan_build(p->scenario, p->baseline, p->quiet, &plan, err);
	if (r < 0)
		return r;
	*base = skeleton_of(&plan);
	plan_done(&plan);
	return 0;
}

static int check_expect(const struct plan *p, const struct plan_expect *e, json_t *parts,
			struct err *err)
{
	json_t *result = json_object_get(parts, e->client->name);
	struct err why;

	if (!result)
		return 0;
	if (e->by_lab)
		return judge_check_condition(p, e->setting, result, err);
	if (condition_check_paths(e->setting->value, result, &why) == 0)
		return 0;
	return scenario_fault(p->scenario, e->setting->line, err, "%s", why.text);
}

static int check_expects(const struct plan *p, json_t *parts, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_expects; i++)
		r = check_expect(p, &p->expects[i], parts, err);
	return r;
}

int skeleton_check(const struct plan *p, json_t **base, struct err *err)
{
	json_t *doc;
	int r = find_base(p, base, err);

	if (r < 0)
		return r;
	doc = skeleton_of(p);
	r = check_expects(p, json_object_get(doc, "part"), err);
	if (*base)
		json_object_set(doc, "base", *base);
	r = r ? r : judge_check(p, doc, err);
	json_decref(doc);
	return r;
}

/* In the words of the program that would refuse them; a third party's are not known. */
static int check_args(const struct plan *p, const struct plan_proc *proc, struct err *err)
{
	command_check *check = proc->kind == SECTION_SERVER   ? command_check_server
			       : proc->kind == SECTION_CLIENT ? command_check_client
			       : proc->kind == SECTION_PROBE  ? probe_check
							      : NULL;
	struct words argv = { 0 };
	struct err why;
	int r;

	if (!check)
		return 0;
	words_copy(&argv, &proc->argv, proc->kind == SECTION_PROBE ? 2 : 1);
	r = check((int)argv.n, argv.at, &why);
	words_done(&argv);
	return r < 0 ? scenario_fault(p->scenario, proc->args->line, err, "%s %s: %s",
				      section_names[proc->kind], proc->name, why.text)
		     : 0;
}

static int check_all_args(const struct plan *p, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n_procs; i++)
		r = check_args(p, &p->procs[i], err);
	return r;
}

int skeleton_check_args(const struct scenario *sc, struct err *err)
{
	struct plan plan;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sc->n_variants; i++) {
		r = plan_build(sc, sc->variants[i], false, &plan, err);
		if (r < 0)
			return r;
		r = check_all_args(&plan, err);
		plan_done(&plan);
	}
	return r;
}
