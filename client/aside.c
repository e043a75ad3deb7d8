#include "client/aside.h"

#include <stdlib.h>

#include "client/launch.h"
#include "client/plan.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/base/thread.h"
#include "common/talk/outcome.h"

/* A target that is set aside waits WAIT_MIN_NS for its first probe, twice as long for each further probe, and WAIT_MAX_NS at
 * most.  When the target has been back for BACK_WAITS times its last wait, its waits begin with WAIT_MIN_NS again. */
#define WAIT_MIN_NS (100 * NS_PER_MS)
#define WAIT_MAX_NS (2 * NS_PER_S)
#define BACK_WAITS  10

#define PAIRS_MAX                                                                        \
	65536 /* with more pairs of source and target the whole worker backs off */

/* Whose fault an outcome is. */
enum blame { BLAME_NOBODY, BLAME_OPENING, BLAME_TRANSFER };
static const uint8_t blame[OUTCOMES] = {
	[OUTCOME_REFUSED] = BLAME_OPENING,
	[OUTCOME_CONNECT_ERROR] = BLAME_OPENING,
	[OUTCOME_CONNECT_TIMEOUT] = BLAME_OPENING,
	[OUTCOME_NO_SOURCE] = BLAME_OPENING,
	[OUTCOME_SELF_CONNECTED] = BLAME_OPENING,
	[OUTCOME_HANDSHAKE] = BLAME_TRANSFER,
	[OUTCOME_TLS_CERTIFICATE] = BLAME_TRANSFER,
	[OUTCOME_NOT_TLS] = BLAME_TRANSFER,
	[OUTCOME_TLS_VERSION] = BLAME_TRANSFER,
	[OUTCOME_TLS_RENEGOTIATION] = BLAME_TRANSFER,
	[OUTCOME_TLS_FLOOD] = BLAME_TRANSFER,
	[OUTCOME_HANDSHAKE_TIMEOUT] = BLAME_TRANSFER,
	[OUTCOME_TIMEOUT] = BLAME_TRANSFER,
	[OUTCOME_RESET] = BLAME_TRANSFER,
	[OUTCOME_EARLY_EOF] = BLAME_TRANSFER,
	[OUTCOME_TRUNCATED] = BLAME_TRANSFER,
	[OUTCOME_TLS_TRUNCATED] = BLAME_TRANSFER,
	[OUTCOME_TRANSFER_ERROR] = BLAME_TRANSFER,
};

int aside_init(struct aside *a, struct client_worker *w, struct err *err)
{
	uint32_t n = (uint32_t)w->plan->targets.n;

	*a = (struct aside){ .worker = w, .probe_ns = UINT64_MAX, .next_ns = UINT64_MAX };
	a->share = (w->n_slots + n - 1) / n;
	if (!w->plan->failover)
		return 0;
	a->at = thread_memory(n, sizeof(*a->at));
	return a->at ? 0 : err_memory(err);
}

void aside_done(struct aside *a)
{
	free(a->at);
	free(a->pair);
	a->at = NULL;
	a->pair = NULL;
}

static struct target_tally *tally_of(const struct aside *a, uint32_t target)
{
	return &a->worker->targets[targets_entry(&a->worker->plan->books, target)];
}

/* The one place where a target's standing changes. */
static void stand(struct aside *a, uint32_t target, enum aside_why why, uint64_t now_ns)
{
	struct aside_target *t = &a->at[target];
	struct target_tally *n = tally_of(a, target);

	if (t->why == why)
		return;
	if (t->why == ASIDE_FAILED) {
		a->n_failed--;
		t->back_ns = now_ns;
		tally_add(&n->back, 1);
		tally_add(&a->worker->tally.back, 1);
		tally_add(&n->aside_ns, now_ns - t->since_ns);
	}
	if (why == ASIDE_FAILED) {
		a->n_failed++;
		t->since_ns = now_ns;
		tally_add(&n->set_aside, 1);
		tally_add(&a->worker->tally.set_aside, 1);
	}
	t->why = (uint8_t)why;
	if (why == ASIDE_NOT)
		pick_take_in(&a->worker->pick, target);
	else
		pick_leave_out(&a->worker->pick, target);
}

static void find_next(struct aside *a)
{
	a->probe_ns = UINT64_MAX;
	for (uint32_t i = 0; a->n_failed && i < a->worker->plan->targets.n; i++)
		if (a->at[i].why == ASIDE_FAILED && !a->at[i].probing)
			a->probe_ns = clock_sooner(a->probe_ns, a->at[i].until_ns);
	a->next_ns = a->probe_ns;
	for (uint32_t i = 0; i < a->n_pairs; i++)
		a->next_ns = clock_sooner(a->next_ns, a->pair[i].until_ns);
}

/* A pair of source and target that has waited long enough can be picked again. */
static void let_pairs_in(struct aside *a, uint64_t now_ns)
{
	for (uint32_t i = 0; i < a->n_pairs;) {
		struct aside_pair p = a->pair[i];

		if (now_ns < p.until_ns) {
			i++;
			continue;
		}
		a->pair[i] = a->pair[--a->n_pairs];
		pick_pair_in(&a->worker->pick, p.target, p.source);
		if (a->at[p.target].why == ASIDE_PORTS)
			stand(a, p.target, ASIDE_NOT, now_ns);
	}
}

/* The target whose probe is due, the earliest first.  If `any`: the earliest of all targets, due or not. */
static uint32_t to_probe(const struct aside *a, uint64_t now_ns, bool any)
{
	uint32_t best = ANY_TARGET;

	for (uint32_t i = 0; i < a->worker->plan->targets.n; i++) {
		const struct aside_target *t = &a->at[i];

		if (!any &&
		    (t->why != ASIDE_FAILED || t->probing || now_ns < t->until_ns))
			continue;
		if (best == ANY_TARGET || t->until_ns < a->at[best].until_ns)
			best = i;
	}
	return best;
}

static void pick_probe(struct aside *a, struct slot *s, uint32_t target)
{
	struct aside_target *t = &a->at[target];

	pick_for(&a->worker->pick, target, &s->choice);
	if (t->why != ASIDE_FAILED)
		return;
	s->probe = t->probing = true;
	tally_add(&tally_of(a, target)->probes, 1);
	tally_add(&a->worker->tally.probes, 1);
}

/* One more SYN to it waits for its answer. */
static void waits(struct aside *a, uint32_t target, uint64_t now_ns)
{
	struct aside_target *t = &a->at[target];

	if (++t->unanswered >= a->share && t->why == ASIDE_NOT)
		stand(a, target, ASIDE_SILENT, now_ns);
}

/* A probe or a pair is due, or no target can be picked: one is probed then, whether due or not. */
static bool picks_probe(struct aside *a, struct slot *s, uint64_t now_ns)
{
	uint32_t probed = ANY_TARGET;

	if (now_ns >= a->next_ns) {
		let_pairs_in(a, now_ns);
		probed = to_probe(a, now_ns, false);
	}
	if (probed == ANY_TARGET && a->worker->pick.n_present == 0)
		probed = to_probe(a, now_ns, true);
	if (probed != ANY_TARGET)
		pick_probe(a, s, probed);
	find_next(a);
	return probed != ANY_TARGET;
}

void aside_pick(struct aside *a, struct slot *s, uint64_t now_ns)
{
	struct pick *pick = &a->worker->pick;

	s->probe = false;
	if ((now_ns >= a->next_ns || pick->n_present == 0) && picks_probe(a, s, now_ns))
		return;
	if (s->wanted != ANY_TARGET && (!a->at || a->at[s->wanted].why == ASIDE_NOT))
		pick_for(pick, s->wanted, &s->choice);
	else
		pick_next(pick, &s->choice);
	if (a->at)
		waits(a, s->choice.target, now_ns);
}

/* If no target can be picked, the worker waits until the first probe is due, or an answer comes. */
static void back_off_if_none(struct aside *a)
{
	struct client_worker *w = a->worker;

	if (w->pick.n_present > 0)
		return;
	w->backing_off = true;
	w->resume_ns = a->next_ns;
}

static void take_back(struct aside *a, uint32_t target, uint64_t now_ns)
{
	bool has_source = pick_has_source(&a->worker->pick, target);

	stand(a, target, has_source ? ASIDE_NOT : ASIDE_PORTS, now_ns);
}

/* What the probe's connection does from now on says no more than any other's. */
static void is_back(struct aside *a, struct slot *probe, uint64_t now_ns)
{
	probe->probe = a->at[probe->choice.target].probing = false;
	take_back(a, probe->choice.target, now_ns);
	find_next(a);
}

/* A SYN to the target no longer waits for its answer. */
static void no_longer_waits(struct aside *a, uint32_t target, uint64_t now_ns)
{
	struct aside_target *t = &a->at[target];

	if (t->unanswered)
		t->unanswered--;
	if (t->why == ASIDE_SILENT && t->unanswered < a->share)
		take_back(a, target, now_ns);
}

void aside_heard_of(struct aside *a, struct slot *s, uint64_t now_ns)
{
	struct aside_target *t = &a->at[s->choice.target];

	if (t->why == ASIDE_SILENT)
		take_back(a, s->choice.target, now_ns);
	else if (s->probe && t->why == ASIDE_FAILED && !t->in_transfer)
		is_back(a, s, now_ns);
}

void aside_probe_served(struct aside *a, struct slot *s, uint64_t now_ns)
{
	if (a->at[s->choice.target].why == ASIDE_FAILED)
		is_back(a, s, now_ns);
}

/* A target that fails again soon after it came back waits as long as if its probe had failed. */
static void set_aside(struct aside *a, const struct slot *s, uint64_t now_ns)
{
	uint32_t target = s->choice.target;
	struct aside_target *t = &a->at[target];
	bool again =
		t->why == ASIDE_FAILED || now_ns - t->back_ns < BACK_WAITS * t->wait_ns;

	t->wait_ns = again ? clock_sooner(2 * t->wait_ns, WAIT_MAX_NS) : WAIT_MIN_NS;
	t->until_ns = now_ns + t->wait_ns;
	t->in_transfer =
		blame[s->outcome] == BLAME_TRANSFER && a->worker->plan->o.requests > 0;
	t->unanswered = 0;
	stand(a, target, ASIDE_FAILED, now_ns);
}

/* No port is left for this source and this target.  The pause grows with the pairs that have none, so that looking for ports
 * of all of them takes a tenth of a core at most. */
static bool pair_aside(struct aside *a, const struct slot *s, uint64_t now_ns,
		       uint64_t cost_ns)
{
	struct pick *pick = &a->worker->pick;
	uint32_t target = s->choice.target;
	uint64_t pause = launch_pause_ns(cost_ns * (a->n_pairs + 1));
	struct aside_pair *more;

	if (pick->plan.n_targets * pick->plan.n_sources > PAIRS_MAX)
		return false;
	if (a->n_pairs == a->room) {
		more = realloc(a->pair, (2 * a->room + 4) * sizeof(*more));
		if (!more)
			return false;
		a->pair = more;
		a->room = 2 * a->room + 4;
	}
	if (!pick_has_source(pick, target) ||
	    !pick_pair_out(pick, target, s->choice.source))
		return false;
	a->pair[a->n_pairs++] =
		(struct aside_pair){ now_ns + pause, target, s->choice.source };
	if (!pick_has_source(pick, target) && a->at[target].why == ASIDE_NOT)
		stand(a, target, ASIDE_PORTS, now_ns);
	return true;
}

bool aside_failed(struct aside *a, const struct slot *s, uint64_t now_ns,
		  uint64_t cost_ns)
{
	struct aside_target *t;
	bool dealt = true;

	if (!a->at)
		return false;
	t = &a->at[s->choice.target];
	if (s->probe)
		t->probing = false;
	if (!s->connected)
		no_longer_waits(a, s->choice.target, now_ns);
	if (blame[s->outcome] &&
	    (t->why == ASIDE_FAILED ? s->probe : s->began_ns >= t->back_ns))
		set_aside(a, s, now_ns);
	else if (s->outcome == OUTCOME_NO_PORT)
		dealt = pair_aside(a, s, now_ns, cost_ns);
	else if (s->probe)
		t->until_ns = now_ns +
			      t->wait_ns; /* the probe showed nothing about the target */
	else
		dealt = blame[s->outcome];
	find_next(a);
	back_off_if_none(a);
	return dealt;
}

void aside_end(struct aside *a, uint64_t now_ns)
{
	for (uint32_t i = 0; a->at && i < a->worker->plan->targets.n; i++)
		if (a->at[i].why == ASIDE_FAILED)
			tally_add(&tally_of(a, i)->aside_ns, now_ns - a->at[i].since_ns);
}
