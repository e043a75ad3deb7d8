#include <stdlib.h>
#include <string.h>
#include "bench/scenario/plan_keys.h"
#include "bench/scenario/variants.h"

/* ---- what each key does */

static struct plan_proc *proc_of(struct plan *p, const struct setting *s)
{
	return plan_proc(p, s->section, s->name);
}

int plan_add_proc(struct plan *p, const struct setting *s, struct err *err)
{
	if (proc_of(p, s))
		return 0;
	if (p->n_procs == PLAN_PROCS)
		return wrong(p, s, "at most %d servers, clients, probes and processes",
			     PLAN_PROCS);
	p->procs[p->n_procs++] = (struct plan_proc){ .kind = s->section,
						     .name = s->name,
						     .ready_within_ns = PLAN_READY_NS,
						     .line = s->line };
	return 0;
}

int plan_take_host(struct plan *p, const struct setting *s, struct err *err)
{
	struct plan_proc *proc = proc_of(p, s);

	proc->host = plan_host(p, s->value);
	return proc->host ? 0 : wrong(p, s, "there is no [host %s]", s->value);
}

/* ---- cues: who begins and ends when */

static int wrong_cue(struct plan *p, const struct setting *s, const char *text,
		     struct err *err)
{
	return wrong(p, s,
		     "%s: expected client NAME, probe NAME, or server or process NAME "
		     "[ended], which this file has; not '%s'",
		     s->key, text);
}

static struct plan_proc *find_named(struct plan *p, const char *kind, const char *name)
{
	for (size_t i = 0; i < p->n_procs; i++)
		if (strcmp(section_names[p->procs[i].kind], kind) == 0 &&
		    strcmp(p->procs[i].name, name) == 0)
			return &p->procs[i];
	return NULL;
}

/* A part that the file has, and this variant leaves out: nobody waits for it. */
static bool is_left_out(const struct plan *p, const char *kind, const char *name)
{
	for (enum section k = SECTION_SERVER; k <= SECTION_PROCESS; k++)
		if (strcmp(section_names[k], kind) == 0)
			return plan_in_file(p, k, name);
	return false;
}

static int parse_cue(struct plan *p, const struct plan_proc *proc,
		     const struct setting *s, const char *text, struct plan_cues *to,
		     struct err *err)
{
	struct words w = { 0 };
	struct plan_cue cue = { 0 };
	bool left_out, ok = words_split(&w, text, NULL) == 0 && (w.n == 2 || w.n == 3);

	cue.who = ok ? find_named(p, w.at[0], w.at[1]) : NULL;
	left_out = ok && !cue.who && is_left_out(p, w.at[0], w.at[1]);
	ok = (left_out || (cue.who && cue.who != proc)) &&
	     (w.n == 2 || strcmp(w.at[2], "ended") == 0);
	cue.ended = ok && !left_out && (w.n == 3 || plan_has_result(cue.who));
	words_done(&w);
	if (!ok)
		return wrong_cue(p, s, text + strspn(text, " \t"), err);
	if (left_out)
		return 0;
	for (size_t i = 0; i < to->n; i++)
		if (to->at[i].who == cue.who && to->at[i].ended == cue.ended)
			return 0; /* once is enough, so there is room for all there can be */
	to->at[to->n++] = cue;
	return 0;
}

static bool is_empty(const struct setting *s)
{
	return !s || !*s->value;
}

static int parse_cues(struct plan *p, const struct plan_proc *proc,
		      const struct setting *s, struct plan_cues *to, struct err *err)
{
	char *list, *rest, *one;
	int r = 0;

	if (is_empty(s))
		return 0;
	list = rest = text_dup(s->value);
	while (r == 0 && (one = strsep(&rest, ",")))
		r = parse_cue(p, proc, s, one, to, err);
	free(list);
	return r;
}

/* Whether a server or process is there before any load is: it waits only for others that are, and
 * only until they are ready, or, of a step of the set-up, over.  `seen`: no way twice. */
static bool is_set_up(const struct plan *p, const struct plan_proc *at,
		      bool seen[PLAN_PROCS])
{
	if (plan_has_result(at))
		return false;
	if (seen[at - p->procs])
		return true;
	seen[at - p->procs] = true;
	for (size_t i = 0; i < at->after.n; i++) {
		const struct plan_cue *cue = &at->after.at[i];
		bool step = cue->who->kind == SECTION_PROCESS &&
			    cue->who->ready == READY_EXIT;

		if ((cue->ended && !step) || !is_set_up(p, cue->who, seen))
			return false;
	}
	return true;
}

/* What loads waits for all that is there before any load. */
static void add_default_cues(struct plan *p, struct plan_proc *proc)
{
	for (size_t i = 0; i < p->n_procs; i++) {
		bool seen[PLAN_PROCS] = { false };

		if (is_set_up(p, &p->procs[i], seen))
			proc->after.at[proc->after.n++] =
				(struct plan_cue){ .who = &p->procs[i] };
	}
}

/* Which moments the search has looked at: a part's beginning [0] or its end [1]. */
struct cycle_search {
	const struct plan *plan;
	bool seen[PLAN_PROCS][2];
};

static bool depends_on(struct cycle_search *s, const struct plan_proc *at, bool at_end,
		       const struct plan_cue *wanted);

static bool cues_depend_on(struct cycle_search *s, const struct plan_cues *cues,
			   const struct plan_cue *wanted)
{
	for (size_t i = 0; i < cues->n; i++)
		if ((cues->at[i].who == wanted->who &&
		     cues->at[i].ended == wanted->ended) ||
		    depends_on(s, cues->at[i].who, cues->at[i].ended, wanted))
			return true;
	return false;
}

/* Whether that part's beginning, or end, comes only after the wanted moment.  A client or
 * probe ends by itself, and so does one that `lasts`; the others end by their `until`. */
static bool depends_on(struct cycle_search *s, const struct plan_proc *at, bool at_end,
		       const struct plan_cue *wanted)
{
	bool *seen = &s->seen[at - s->plan->procs][at_end];

	if (*seen)
		return false;
	*seen = true;
	if (!at_end)
		return cues_depend_on(s, &at->after, wanted);
	if (at == wanted->who && !wanted->ended)
		return true; /* it ends only if it begins */
	return depends_on(s, at, false, wanted) ||
	       (!plan_has_result(at) && !at->lasts_ns &&
		cues_depend_on(s, &at->until, wanted));
}

/* Whether a part begins, or ends, only after itself, through whatever others. */
static bool in_circle(const struct plan *p, const struct plan_proc *proc, bool ended)
{
	struct cycle_search search = { .plan = p };
	struct plan_cue wanted = { .who = proc, .ended = ended };

	return depends_on(&search, proc, ended, &wanted);
}

static int check_circles(struct plan *p, const struct plan_proc *proc, struct err *err)
{
	const struct setting *s = NULL;

	if (in_circle(p, proc, false))
		s = proc->after_setting;
	else if (in_circle(p, proc, true))
		s = proc->until_setting;
	return s ? wrong(p, s, "%s: %s%s %s would wait for itself", s->key,
			 s == proc->until_setting ? "the end of " : "",
			 section_names[proc->kind], proc->name)
		 : 0;
}

/* Who does not say where it runs is on the host that is called as its section is: server, client. */
static void take_default_host(const struct plan *p, struct plan_proc *proc)
{
	if (!proc->host)
		proc->host = plan_host(p, section_names[proc->kind]);
}

static const char *args_key(const struct plan_proc *proc)
{
	return proc->kind == SECTION_PROCESS ? "command" : "args";
}

static const char *needs(const struct plan_proc *proc)
{
	if (!proc->host)
		return "host";
	return proc->args ? NULL : args_key(proc);
}

/* "none", or said by other variants only. */
static bool leaves_out(const struct plan *p, const struct plan_proc *proc)
{
	return proc->args ? strcmp(proc->args->value, "none") == 0
			  : variants_any(p->scenario, proc->kind, proc->name,
					 args_key(proc));
}

void plan_leave_out(struct plan *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_procs; i++) {
		if (!leaves_out(p, &p->procs[i]))
			p->procs[kept++] = p->procs[i];
	}
	p->n_procs = kept;
}

/* A result is known by its part's name alone. */
static int check_names(struct plan *p, const struct plan_proc *proc, struct err *err)
{
	for (const struct plan_proc *q = p->procs; plan_has_result(proc) && q < proc; q++)
		if (plan_has_result(q) && strcmp(proc->name, q->name) == 0)
			return scenario_fault(p->scenario, proc->line, err,
					      "there is a [%s %s]: its result would have "
					      "the same name",
					      section_names[q->kind], q->name);
	return 0;
}

static int check_proc(struct plan *p, struct plan_proc *proc, struct err *err)
{
	int r;

	if (plan_has_result(proc))
		add_default_cues(p, proc);
	r = parse_cues(p, proc, proc->after_setting, &proc->after, err);
	r = r ? r : parse_cues(p, proc, proc->until_setting, &proc->until, err);
	r = r ? r : plan_check_process(p, proc, err);
	return r ? r : check_names(p, proc, err);
}

int plan_check_procs(struct plan *p, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < p->n_procs; i++) {
		take_default_host(p, &p->procs[i]);
		if (needs(&p->procs[i]))
			return scenario_fault(p->scenario, p->procs[i].line, err,
					      "[%s %s] needs %s = ...",
					      section_names[p->procs[i].kind],
					      p->procs[i].name, needs(&p->procs[i]));
	}
	if (!plan_main(p))
		return scenario_fault(p->scenario, 1, err,
				      "expected at least one [client NAME] or [probe "
				      "NAME], or a [process NAME] with counts = yes");
	/* What loads comes second: by then it is known what is there before any load. */
	for (int loads = 0; loads < 2; loads++)
		for (size_t i = 0; r == 0 && i < p->n_procs; i++)
			if (plan_has_result(&p->procs[i]) == loads)
				r = check_proc(p, &p->procs[i], err);
	for (size_t i = 0; r == 0 && i < p->n_procs; i++)
		r = check_circles(p, &p->procs[i], err);
	return r;
}

uint64_t plan_set_up_ns(const struct plan *p)
{
	uint64_t longest = PLAN_READY_NS;

	for (size_t i = 0; i < p->n_procs; i++)
		if (p->procs[i].ready_within_ns > longest)
			longest = p->procs[i].ready_within_ns;
	return longest;
}
