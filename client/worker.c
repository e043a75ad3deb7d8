#include "client/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/idle.h"
#include "client/launch.h"
#include "client/leak.h"
#include "client/plan.h"
#include "client/slot_open.h"
#include "client/slot_proto.h"
#include "common/base/clock.h"
#include "common/base/container.h"
#include "common/base/thread.h"
#include "common/talk/outcome.h"
#include "common/tls/tls.h"

#define GRACE_NS NS_PER_S /* how long open connections may finish at the end */
/* How long a server that said that it closes is waited for: it does so at once, or it never will. */
#define FIN_NS NS_PER_S

static void on_meet(struct rendezvous_node *node)
{
	slot_fire(container_of(node, struct slot, meet), ON_HELD);
}

/* Woken by a closing thread, or to stop. */
static void on_woken(void *arg)
{
	struct client_worker *w = arg;
	struct closer_job *job;
	struct slot *s;

	while ((job = closer_collect(&w->closer))) {
		hist_record(&w->hists.linger, job->took_ns);
		s = container_of(job, struct slot, job);
		if (job->error)
			client_tally_failed(s, STAGE_TRANSFER, job->error);
		slot_fire(s, ON_CLOSED);
	}
}

void client_worker_recovered(struct client_worker *w, uint64_t now_ns)
{
	struct client_tally *t = &w->tally;

	tally_add(&t->exhausted_for_ns, now_ns - tally_get(&t->exhausted_since_ns));
	tally_set(&t->exhausted_since_ns, 0);
	if (tally_get(&t->recovered_ns) == 0)
		tally_set(&t->recovered_ns, now_ns);
}

static void no_port_left(struct client_worker *w, uint64_t now_ns)
{
	struct client_tally *t = &w->tally;
	bool first = tally_get(&t->first_exhausted_ns) == 0;

	if (first)
		tally_set(&t->first_exhausted_ns, now_ns);
	if (tally_get(&t->exhausted_since_ns) == 0)
		tally_set(&t->exhausted_since_ns, now_ns);
	if (first && w->plan->o.on_exhaustion == EXHAUSTION_STOP)
		atomic_store(&w->exhausted_stop, true);
	if (first)
		w->on_event(w->arg); /* to count what has them; then all are to stop */
}

void client_worker_failed(struct client_worker *w, const struct slot *s, uint64_t now_ns,
			  uint64_t cost_ns)
{
	bool spin = s->outcome == OUTCOME_NO_PORT &&
		    w->plan->o.on_exhaustion == EXHAUSTION_SPIN;

	if (s->outcome == OUTCOME_NO_PORT)
		no_port_left(w, now_ns);
	if (spin || aside_failed(&w->aside, s, now_ns, cost_ns))
		return;
	switch (s->outcome) {
	case OUTCOME_NO_PORT:
	case OUTCOME_NO_SOURCE:
	case OUTCOME_LOCAL:
	case OUTCOME_SELF_CONNECTED:
	case OUTCOME_REFUSED:
	case OUTCOME_CONNECT_ERROR:
		launch_back_off(w, now_ns, cost_ns);
		break;
	case OUTCOME_CUT_OFF:
		tally_add(&w->tally.in_flight_at_end, 1);
		break;
	}
}

static void timed_out(struct slot *s, tally_t *n, enum outcome o)
{
	tally_add(n, 1);
	tally_errno(&s->books->failed, ETIMEDOUT);
	slot_end(s, o);
}

static void on_due(struct client_worker *w, struct slot *s)
{
	switch (s->state) {
	case SLOT_HOLD:
		slot_fire(s, ON_MEET);
		break;
	case SLOT_THINK:
		slot_fire(s, ON_AGAIN);
		break;
	case SLOT_IDLE:
		slot_fire(s, ON_RETIRE);
		break;
	case SLOT_CONNECT:
		timed_out(s, &w->tally.timeout_connect, OUTCOME_CONNECT_TIMEOUT);
		break;
	case SLOT_HANDSHAKE:
		timed_out(s, &w->tally.timeout_handshake, OUTCOME_HANDSHAKE_TIMEOUT);
		break;
	default:
		timed_out(s, &w->tally.timeout_transaction, OUTCOME_TIMEOUT);
		break;
	}
}

static void expire_slots(struct client_worker *w, struct timeline *t)
{
	struct timeline_node *node;

	while ((node = timeline_expired(t, w->now_ns)))
		on_due(w, container_of(node, struct slot, due));
}

static void expire_age(struct client_worker *w)
{
	struct timeline_node *node;

	while ((node = timeline_expired(&w->age, w->now_ns))) {
		struct slot *s = container_of(node, struct slot, age);

		s->too_old = true;
		if (s->state == SLOT_IDLE)
			on_due(w, s);
	}
}

static void expire(struct client_worker *w)
{
	struct timeline_node *node;

	expire_slots(w, &w->timeout);
	expire_slots(w, &w->drain);
	expire_slots(w, &w->hold);
	expire_slots(w, &w->think);
	expire_slots(w, &w->rest);
	expire_age(w);
	while ((node = timeline_expired(&w->fin, w->now_ns)))
		slot_fire(container_of(node, struct slot, due), ON_LEFT);
	leaks_expire(w);
}

/* With --connections: all have started, and (except for pooled ones) ended. */
static bool all_done(const struct client_worker *w)
{
	return w->arrivals_left == 0 && w->n_free + w->n_idle == w->n_slots;
}

/* When something is to be done even if no socket moves. */
static uint64_t next_deadline(const struct client_worker *w)
{
	uint64_t at =
		clock_sooner(timeline_next_ns(&w->timeout), timeline_next_ns(&w->hold));
	uint64_t launch_ns;

	at = clock_sooner(at, timeline_next_ns(&w->drain));
	at = clock_sooner(at, timeline_next_ns(&w->fin));
	at = clock_sooner(at, timeline_next_ns(&w->think));
	at = clock_sooner(at, timeline_next_ns(&w->rest));
	at = clock_sooner(at, timeline_next_ns(&w->age));
	at = clock_sooner(at, timeline_next_ns(&w->leak_hold));
	if (w->ending)
		return clock_sooner(at, w->end_ns + GRACE_NS);
	if (all_done(w))
		return w->now_ns;
	at = clock_sooner(at, w->end_ns);
	launch_ns = launch_next_ns(w);
	return clock_sooner(at, launch_ns);
}

static void turn(struct client_worker *w)
{
	bool sleeps = !watch_set_busy(&w->loop.watches);

	loop_turn(&w->loop, w->now_ns, sleeps ? next_deadline(w) : w->now_ns);
	w->now_ns = w->looked_ns = clock_ns();
	expire(w);
}

/* What is open when the first connection finds no port stays so until it has been counted, and this
 * worker is told to stop like the others. */
static void await_count(struct client_worker *w)
{
	while (atomic_load(&w->exhausted_stop) && !atomic_load(&w->stop) &&
	       w->now_ns < w->end_ns + GRACE_NS)
		turn(w);
}

/* The time is up: holds and thinking end now, idle connections go, what is busy may finish. */
static void begin_ending(struct client_worker *w)
{
	struct timeline_node *node;
	struct slot *s;

	launch_skip_arrivals(
		w, w->end_ns - 1); /* what was due at the very end is not missed */
	w->ending = true;
	await_count(w);
	while ((node = timeline_expired(&w->hold, UINT64_MAX)) ||
	       (node = timeline_expired(&w->think, UINT64_MAX)))
		on_due(w, container_of(node, struct slot, due));
	while ((s = TAILQ_FIRST(&w->idle)))
		slot_fire(s, ON_RETIRE);
}

static bool all_free(const struct client_worker *w)
{
	return w->n_free == w->n_slots;
}

static bool time_is_up(const struct client_worker *w)
{
	return w->now_ns >= w->end_ns || all_done(w) ||
	       atomic_load_explicit(&w->stop, memory_order_relaxed) ||
	       atomic_load_explicit(&w->exhausted_stop, memory_order_relaxed);
}

static void cut_off(struct client_worker *w)
{
	for (uint32_t i = 0; i < w->n_slots; i++)
		if (w->slots[i].state != SLOT_FREE)
			slot_end(&w->slots[i], OUTCOME_CUT_OFF);
}

static void *worker_thread(void *arg)
{
	struct client_worker *w = arg;

	if (w->paced)
		thread_punctual();
	w->now_ns = clock_ns();
	while (!time_is_up(w)) {
		launch_due_arrivals(w);
		turn(w);
	}
	if (w->end_ns > w->now_ns)
		w->end_ns = w->now_ns;
	begin_ending(w);
	while (!all_free(w) && w->now_ns < w->end_ns + GRACE_NS)
		turn(w);
	cut_off(w);
	aside_end(&w->aside, w->now_ns);
	atomic_store(&w->over, true);
	w->on_event(w->arg);
	return NULL;
}

static int init_hists(struct client_worker *w, struct err *err)
{
	int r = 0;

#define CLIENT_TIMER(field, ...) r = r < 0 ? r : hist_init(&w->hists.field, err);
#include "common/result/paths.def"
	return r;
}

static int init_tls(struct client_worker *w, struct err *err)
{
	if (!w->plan->tls)
		return 0;
	w->tls = tls_thread_new(w->plan->tls);
	return w->tls ? 0 : err_memory(err);
}

static int init_targets(struct client_worker *w, struct err *err)
{
	w->targets = thread_memory(w->plan->books.n + 1, sizeof(*w->targets));
	return w->targets ? 0 : err_memory(err);
}

static int init_slots(struct client_worker *w, const struct load *load, struct err *err)
{
	w->n_slots = (uint32_t)load_places(load, w->nth);
	w->slots = thread_memory(w->n_slots, sizeof(*w->slots));
	if (!w->slots)
		return err_memory(err);
	for (uint32_t i = w->n_slots; i-- > 0;) {
		slot_init(&w->slots[i], w);
		SLIST_INSERT_HEAD(&w->free, &w->slots[i], next_free);
	}
	w->n_free = w->n_slots;
	w->to_open = w->plan->o.prefill ? w->n_slots : 0;
	return 0;
}

static void init_timelines(struct client_worker *w)
{
	const struct client_plan *plan = w->plan;

	timeline_init(&w->timeout, plan->o.timeout_ns);
	timeline_init(&w->drain, plan->o.timeout_ns + plan->o.hold_ns);
	timeline_init(&w->fin,
		      clock_sooner(plan->o.timeout_ns, FIN_NS) + plan->o.hold_ns);
	timeline_init(&w->hold, plan->o.hold_ns);
	timeline_init(&w->think, plan->o.think_ns);
	timeline_init(&w->rest, plan->o.idle_timeout_ns);
	timeline_init(&w->age, plan->o.max_age_ns);
	timeline_init(&w->leak_hold, plan->o.hold_ns);
}

int client_worker_init(struct client_worker *w, const struct client_plan *plan,
		       unsigned nth, struct err *err)
{
	const struct load load = client_plan_load(plan);
	int r;

	memset(w, 0, sizeof(*w));
	w->plan = plan;
	w->proto = slot_proto_of(plan->o.proto);
	w->nth = nth;
	SLIST_INIT(&w->free);
	TAILQ_INIT(&w->leaks);
	init_timelines(w);
	rendezvous_init(&w->meeting, &w->loop, 2 * nth, on_meet);
	w->paced = plan->rate.from > 0;
	w->sets_up = slot_open_sets_up(plan);
	w->arrivals_left = load_arrivals(&load, nth);
	r = loop_init(&w->loop, on_woken, w, err);
	if (r == 0)
		r = idle_init(w, err);
	if (r == 0)
		r = closer_init(&w->closer, &w->loop, err);
	if (r == 0)
		r = pick_init(&w->pick, &load.pick, nth, err);
	if (r == 0)
		r = init_hists(w, err);
	if (r == 0)
		r = init_targets(w, err);
	if (r == 0)
		r = init_tls(w, err);
	if (r == 0)
		r = init_slots(w, &load, err);
	return r < 0 ? r : aside_init(&w->aside, w, err);
}

int client_worker_start(struct client_worker *w, uint64_t begin_ns, struct err *err)
{
	const struct load load = client_plan_load(w->plan);
	int r;

	w->begin_ns = begin_ns;
	w->end_ns = begin_ns + w->plan->o.duration_ns;
	if (w->paced)
		load_pacer(&load, w->nth, begin_ns, &w->pacer);
	r = thread_start(&w->thread, worker_thread, w, err);
	w->started = r == 0;
	return r;
}

void client_worker_stop(struct client_worker *w)
{
	atomic_store(&w->stop, true);
	loop_wake(&w->loop);
}

void client_worker_join(struct client_worker *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
	w->started = false;
}

void client_worker_done(struct client_worker *w)
{
	closer_done(&w->closer);
	leaks_drop(w);
	rendezvous_done(&w->meeting);
	aside_done(&w->aside);
	idle_done(w);
	pick_done(&w->pick);
#define CLIENT_TIMER(field, ...) hist_done(&w->hists.field);
#include "common/result/paths.def"
	port_fill_done(&w->port_fill);
	free(w->targets);
	free(w->slots);
	tls_thread_free(w->tls);
	loop_done(&w->loop);
}
