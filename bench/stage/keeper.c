#include "bench/stage/keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/stage/cables.h"
#include "bench/stage/child.h"
#include "bench/stage/ends.h"
#include "bench/stage/hosts.h"
#include "bench/stage/observers.h"
#include "bench/stage/part.h"
#include "bench/stage/shown.h"
#include "bench/stage/sysctl.h"
#include "common/base/clock.h"

#define GRACE_NS (10 * NS_PER_S)  /* for one that was told to end, to do so */
#define LOOK_NS  (20 * NS_PER_MS) /* between looks for a listener */

struct keeper {
	const struct plan *plan;
	struct stage *stage;
	struct stage_report *report;
	struct netns net;
	struct children children;
	struct companion wire;
	struct companion observer;
	struct child room[PLAN_PROCS];
	struct part parts[PLAN_PROCS]; /* in the plan's order */
	struct shown shown[PLAN_PROCS];
	uint64_t limit_ns; /* when the clients must have ended */
	bool first_came;   /* a client or probe has been started */
};

/* ---- what a part is doing */

static struct part *part_of(struct keeper *k, const struct plan_proc *proc)
{
	return &k->parts[proc - k->plan->procs];
}

static size_t host_of(const struct keeper *k, const struct plan_proc *proc)
{
	return (size_t)(proc->host - k->plan->hosts);
}

/* The first that has not come; NULL: all have. */
static const struct plan_cue *missing_cue(struct keeper *k, const struct plan_cues *cues)
{
	for (size_t i = 0; i < cues->n; i++) {
		const struct part *who = part_of(k, cues->at[i].who);

		if (cues->at[i].ended ? !part_has_ended(who) : !part_is_ready(who))
			return &cues->at[i];
	}
	return NULL;
}

/* ---- starting */

/* The clients' lines are the run's live display; ours are named, a third party's are kept
 * for when it fails. */
static void relay(const struct child *c, const char *line, void *arg)
{
	struct keeper *k = arg;
	const struct part *part = k->parts;

	while (part->child != c && part < &k->parts[k->plan->n_procs - 1])
		part++;
	if (part->proc->shown)
		shown_line(&k->shown[part - k->parts], line);
	if (part->proc->kind == SECTION_PROCESS)
		return;
	if (plan_has_result(part->proc) && plan_results(k->plan) == 1)
		fprintf(stderr, "  %s\n", line);
	else
		fprintf(stderr, "  %s: %s\n", c->label, line);
}

/* Counted from the first client's or probe's start; until then there is time to get ready. */
static void set_limit(struct keeper *k, uint64_t from_ns, uint64_t more_ns)
{
	k->limit_ns = k->plan->seconds ? from_ns + k->plan->seconds * NS_PER_S + more_ns
				       : UINT64_MAX;
}

static int start(struct keeper *k, struct part *part, struct err *err)
{
	const struct plan_proc *proc = part->proc;
	size_t i = (size_t)(part - k->parts), before = k->children.n;
	char *about = plan_label(k->plan, proc);
	struct child_spec spec = {
		.label = part->label,
		.argv = proc->argv.at,
		.third_party = proc->kind == SECTION_PROCESS || proc->foreign,
		.shown = proc->shown,
		.user = proc->user,
		.no_caps = proc->kind != SECTION_PROBE && !proc->foreign,
		.netns = k->net.host[host_of(k, proc)],
		.relay = proc->kind == SECTION_CLIENT ? k->plan->relay : 0,
		.about = about,
		.kept = { .fd = k->stage->said_fd[i],
			  .bytes = &k->report->procs[i].said },
		.stdout_fd = k->stage->json_fd[i],
		.awaited = part_awaited(proc),
	};
	int r;

	part->started_ns = clock_ns();
	r = child_start(&k->children, &spec, err);
	free(about);
	if (k->children.n > before)
		part->child = &k->room[before];
	k->report->procs[i].started = r == 0;
	if (r < 0)
		k->report->failed_start = i + 1;
	if (plan_has_result(proc) && !k->first_came) {
		k->first_came = true;
		set_limit(k, part->started_ns, 0);
	}
	return r < 0 ? part_not_started(part, r, err) : 0;
}

static bool waits_for_close(const struct keeper *k, const struct part *part)
{
	return part->proc->after_close && !k->plan->wire->trace->closed;
}

static bool loads_have_ended(struct keeper *k)
{
	for (size_t i = 0; i < k->plan->n_procs; i++)
		if (plan_has_result(k->parts[i].proc) && !part_has_ended(&k->parts[i]))
			return false;
	return true;
}

/* What begins when the loads have ended would be ended at once, unless it has to get ready first:
 * whether it does is then what the run is about. */
static bool begins(struct keeper *k, const struct part *part)
{
	return part_shows_ready(part->proc) || !loads_have_ended(k);
}

/* One look at each; returns how many were started, or -errno. */
static int start_some(struct keeper *k, uint64_t now, struct err *err)
{
	int n = 0, r = 0;

	for (size_t i = 0; r == 0 && i < k->plan->n_procs; i++) {
		struct part *part = &k->parts[i];

		if (part->child)
			continue;
		if (!part->due_ns && !missing_cue(k, &part->proc->after) &&
		    !waits_for_close(k, part))
			part->due_ns = now + part->proc->delay_ns;
		if (!part->due_ns || part->due_ns > now || !begins(k, part))
			continue;
		r = start(k, part, err);
		n++;
	}
	return r ? r : n;
}

/* A start may be the cue of a part that was looked at before. */
static int start_due(struct keeper *k, uint64_t now, struct err *err)
{
	int n;

	do {
		n = start_some(k, now, err);
	} while (n > 0);
	return n;
}

/* ---- getting ready */

static int check_ready(struct keeper *k, uint64_t now, struct err *err)
{
	for (size_t i = 0; i < k->plan->n_procs; i++) {
		struct part *part = &k->parts[i];

		if (!part_waits(part) ||
		    part_check(part, &k->net, host_of(k, part->proc), now, err) == 0)
			continue;
		k->report->failed_start = i + 1;
		return -EINVAL;
	}
	return 0;
}

/* ---- ending */

static bool is_to_end(struct keeper *k, const struct part *part, uint64_t now)
{
	const struct plan_proc *proc = part->proc;

	if (proc->lasts_ns && now >= part->started_ns + proc->lasts_ns)
		return true;
	return proc->until.n && !missing_cue(k, &proc->until);
}

static void end_due(struct keeper *k, uint64_t now)
{
	for (size_t i = 0; i < k->plan->n_procs; i++) {
		struct part *part = &k->parts[i];

		if (part->child && !part->child->ended && !part->child->asked_to_end &&
		    is_to_end(k, part, now))
			child_signal(part->child, SIGTERM);
	}
}

/* The parts that get SIGTERM together: clients and probes, third parties, servers. */
static bool in_group(const struct part *part, enum section group)
{
	return group == SECTION_CLIENT ? plan_has_result(part->proc)
				       : part->proc->kind == group;
}

static bool all_ended(struct keeper *k, enum section group)
{
	for (size_t i = 0; i < k->plan->n_procs; i++)
		if (in_group(&k->parts[i], group) && k->parts[i].child &&
		    !part_has_ended(&k->parts[i]))
			return false;
	return true;
}

/* A second signal would end a process of ours at once, without a result.  So no process
 * gets the signal twice. */
static void end_group(struct keeper *k, enum section group, int sig)
{
	uint64_t deadline = clock_ns() + GRACE_NS;

	for (size_t i = 0; i < k->plan->n_procs; i++) {
		struct child *c = k->parts[i].child;

		if (c && in_group(&k->parts[i], group) &&
		    (sig == SIGKILL || !c->asked_to_end))
			child_signal(c, sig);
	}
	while (!all_ended(k, group) && clock_ns() < deadline)
		children_turn(&k->children, deadline);
}

/* Tells them, waits a while, and then does not ask any more. */
static void end_all(struct keeper *k, enum section group, int sig)
{
	if (all_ended(k, group))
		return;
	end_group(k, group, sig);
	for (size_t i = 0; i < k->plan->n_procs; i++)
		if (k->parts[i].child && in_group(&k->parts[i], group))
			k->report->procs[i].stubborn = !part_has_ended(&k->parts[i]);
	if (!all_ended(k, group))
		end_group(k, group, SIGKILL);
}

/* ---- the whole */

/* ... and nobody is still to get ready. */
static bool finished(struct keeper *k)
{
	bool all = loads_have_ended(k);

	for (size_t i = 0; i < k->plan->n_procs; i++)
		all = all && !part_waits(&k->parts[i]);
	return all;
}

/* When something is to be done though nothing happens. */
static uint64_t next_ns(struct keeper *k, uint64_t now)
{
	uint64_t next = k->limit_ns;

	for (size_t i = 0; i < k->plan->n_procs; i++) {
		const struct part *part = &k->parts[i];

		if (!part->child && waits_for_close(k, part))
			next = clock_sooner(next, now + LOOK_NS);
		else if (!part->child)
			next = begins(k, part) ? clock_sooner(next, part->due_ns) : next;
		else if (part->proc->lasts_ns && !part->child->asked_to_end &&
			 !part_has_ended(part))
			next = clock_sooner(next,
					    part->started_ns + part->proc->lasts_ns);
		if (!part_waits(part))
			continue;
		next = clock_sooner(next, part->proc->ready == READY_LISTEN
						  ? now + LOOK_NS
						  : part->started_ns +
							    part->proc->ready_within_ns);
	}
	return next;
}

/* What never began when the time was over, and why. */
static void report_waiting(struct keeper *k)
{
	char *to = k->report->waiting;
	size_t len = 0, size = sizeof(k->report->waiting);

	for (size_t i = 0; i < k->plan->n_procs && len < size; i++) {
		const struct part *part = &k->parts[i];
		const struct plan_cue *cue = missing_cue(k, &part->proc->after);

		if (part->child)
			continue;
		len += (size_t)snprintf(
			to + len, size - len, "; %s never began: it waited for %s%s",
			part->label, cue ? part_of(k, cue->who)->label : "its time",
			!cue         ? ""
			: cue->ended ? " to end"
				     : " to be ready");
	}
}

static bool trace_is_over(const struct keeper *k)
{
	return k->plan->wire && k->plan->wire->trace->stopped;
}

static int perform(struct keeper *k, struct err *err)
{
	int r = 0;

	set_limit(k, clock_ns(), plan_set_up_ns(k->plan));
	for (;;) {
		uint64_t now = clock_ns();

		ends_look(k->parts, &k->net, k->stage);
		r = check_ready(k, now, err);
		r = r ? r : start_due(k, now, err);
		if (r < 0 || finished(k))
			return r;
		end_due(k, now);
		k->report->timed_out = now >= k->limit_ns;
		if (k->report->timed_out)
			report_waiting(k);
		if (k->children.caught || k->report->timed_out || trace_is_over(k))
			break;
		children_turn(&k->children, next_ns(k, now));
	}
	return 0;
}

/* Where nothing is carried any more a client would wait for its answer in vain. */
static int last_signal(const struct keeper *k)
{
	if (trace_is_over(k))
		return SIGKILL;
	return k->children.caught ? k->children.caught : SIGTERM;
}

static int play(struct keeper *k, const struct cell_inside *inside, struct err *err)
{
	struct words machine_wide = { 0 };
	int r = cell_enter(inside, !k->stage->shell, err);

	k->wire = COMPANION_NONE;
	r = r ? r : children_init(&k->children, k->room, inside->leash, err);
	sysctl_outside(k->plan, &machine_wide);
	r = r ? r : hosts_build(k->plan, &k->net, err);
	k->report->has_hosts = r == 0;
	r = r ? r : hosts_furnish(k->plan, &k->net, &machine_wide, err);
	words_done(&machine_wide);
	k->report->built_ns = clock_ns();
	k->children.said = relay;
	k->children.arg = k;
	r = r ? r : cables_start(k->plan, &k->net, k->report, &k->wire, err);
	if (r == 0 && k->stage->shell)
		return hosts_shell(k->plan, &k->net, k->stage->shell,
				   &k->report->shell_status, err);
	r = r ? r
	      : observers_start(k->plan, &k->net, k->stage->observed_fd, &k->observer,
				err);
	r = r ? r : perform(k, err);
	end_all(k, SECTION_CLIENT, last_signal(k));
	if (k->plan->wire)
		wire_stop(&k->wire, k->children.caught);
	if (r == 0 && !k->report->timed_out)
		observers_count_on(k->plan, &k->observer, &k->children);
	observe_stop(&k->observer);
	end_all(k, SECTION_PROCESS, SIGTERM);
	ends_look(k->parts, &k->net, k->stage);
	end_all(k, SECTION_SERVER, SIGTERM);
	wire_stop(&k->wire, k->children.caught);
	ends_report(k->parts, k->stage);
	k->report->finished_ns = clock_ns();
	return r;
}

int keeper_play(const struct cell_inside *inside, void *stage)
{
	/* Too large for a stack, and there is one in this process. */
	static struct keeper k;
	struct stage *s = stage;

	k.stage = s;
	k.observer = COMPANION_NONE;
	k.report = s->report;
	k.plan = s->plan;
	for (size_t i = 0; i < k.plan->n_procs; i++)
		k.parts[i] = (struct part){ .proc = &k.plan->procs[i],
					    .label = text_printf(
						    "%s %s",
						    section_names[k.plan->procs[i].kind],
						    k.plan->procs[i].name) };
	k.report->r = play(&k, inside, &k.report->err);
	return 0;
}
