#include "bench/wire/tracer.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench/wire/idle.h"
#include "common/base/clock.h"

/* How long a segment waits for the other end's of its kind; and for the next of its own end, which is to be
 * another than itself once more. */
#define MEET_NS     (900 * NS_PER_MS)
#define OVERTAKE_NS (150 * NS_PER_MS)
#define IDLE_NS     (20 * NS_PER_MS) /* for the programs to do what they do next */
#define ANSWER_NS   (20 * NS_PER_MS) /* to an old copy: it comes at once or never */

int tracer_open(struct tracer *t, const struct wire_plan *plan, struct line *line,
		struct err *err)
{
	*t = (struct tracer){ .order = &plan->trace->order,
			      .trace = plan->trace->trace,
			      .line = line };
	STAILQ_INIT(&t->waiting);
	STAILQ_INIT(&t->old);
	return pair_open(&t->pair, plan->host, err);
}

/* ---- waiting */

static bool brings_nothing_new(const struct tracer *t, const struct step *s)
{
	uint32_t end = s->segment.seq + segment_space(&s->segment);

	return segment_space(&s->segment) > 0 &&
	       (int32_t)(end - t->arrived[s->from]) <= 0;
}

/* Whether it is what the sender repeats because the first one, or its answer, has to wait: for a person or for the other
 * end's.  A sender may join what it repeats; a SYN,ACK that follows a SYN has its number. */
static bool waits_already(const struct tracer *t, const struct step *s)
{
	const struct held *h;

	if (t->aside && t->aside->after == -1 && held_is_again(t->aside, s))
		return true;
	if (t->order->keys == -1)
		return false;
	STAILQ_FOREACH(h, &t->waiting, next)
	if (held_is_again(h, s))
		return true;
	return !STAILQ_EMPTY(&t->waiting) && !(s->segment.flags & SEGMENT_SYN) &&
	       brings_nothing_new(t, s);
}

static void push(struct tracer *t, const struct step *s, const unsigned char *bytes,
		 size_t len)
{
	struct held *h = t->n_waiting < TRACER_WAITING ? held_new(s, bytes, len) : NULL;

	if (!h) {
		t->line->stats->refused++;
		return;
	}
	STAILQ_INSERT_TAIL(&t->waiting, h, next);
	t->n_waiting++;
	if (s->segment.flags & SEGMENT_SYN || !brings_nothing_new(t, s))
		t->arrived[s->from] = s->segment.seq + segment_space(&s->segment);
}

static void push_first(struct tracer *t, struct held *h)
{
	STAILQ_INSERT_HEAD(&t->waiting, h, next);
	t->n_waiting++;
}

static void take_first(struct tracer *t)
{
	STAILQ_REMOVE_HEAD(&t->waiting, next);
	t->n_waiting--;
}

/* ---- what becomes of it */

static enum fate fate_of(struct tracer *t, const struct step *s)
{
	struct wire_order *o = t->order;

	for (unsigned i = 0; i < o->n_rules; i++)
		if (which_is(&o->rule[i].which, s)) {
			t->trace->meant |= 1u << i;
			return o->rule[i].fate;
		}
	return FATE_CARRIED;
}

static void look(struct tracer *t, struct step *s)
{
	struct wire_end ends[ENDS];

	for (int e = 0; e < ENDS; e++) {
		pair_look(&t->pair, (enum end)e, &ends[e]);
		s->state[e] = ends[e].state;
	}
}

static void begin(struct tracer *t, struct held *h, uint64_t now_ns)
{
	unsigned before = t->past.connection;

	h->begun = true;
	h->due_ns = now_ns + t->order->pace_ns;
	if (h->step.fate == FATE_OLD)
		return;
	step_place(&h->step, &t->past);
	if (t->past.connection != before)
		pair_again(&t->pair);
	look(t, &h->step);
	h->step.fate = fate_of(t, &h->step);
}

static void put_back(struct tracer *t)
{
	struct held *h = t->aside;

	t->aside = NULL;
	h->due_ns = 0;
	push_first(t, h);
}

static void set_aside(struct tracer *t, struct held *h, int after, uint64_t until_ns)
{
	take_first(t);
	t->aside = h;
	h->after = after;
	h->due_ns = until_ns;
}

/* The flags by which both ends' segments are to meet. */
static uint8_t to_meet(const struct tracer *t, const struct held *h)
{
	uint8_t flags = h->step.segment.flags;

	if ((flags & (SEGMENT_SYN | SEGMENT_ACK)) == (SEGMENT_SYN | SEGMENT_ACK))
		return 0;
	return flags & t->order->meets;
}

/* Of two that have met, so that the same is shown each time. */
static void client_first(struct tracer *t)
{
	struct held *a = STAILQ_FIRST(&t->waiting), *b = STAILQ_NEXT(a, next);

	if (a->step.from == END_CLIENT)
		return;
	STAILQ_REMOVE(&t->waiting, b, held, next);
	STAILQ_INSERT_HEAD(&t->waiting, b, next);
}

/* An end's first SYN or FIN waits for the other end's, an overtaken segment for the next of its own end. */
static bool waits_for_another(struct tracer *t, struct held *h, uint64_t now_ns)
{
	uint8_t meets = to_meet(t, h);

	if (t->aside && t->aside->step.from != h->step.from &&
	    to_meet(t, t->aside) & meets) {
		put_back(t);
		client_first(t);
		return true;
	}
	meets &= (uint8_t)~t->met;
	if (t->aside || (!meets && h->step.fate != FATE_OVERTAKEN))
		return false;
	t->met |= meets;
	if (meets)
		set_aside(t, h, -1, now_ns + MEET_NS);
	else
		set_aside(t, h, h->step.from, now_ns + OVERTAKE_NS);
	return true;
}

static void keep_copy(struct tracer *t, const struct held *h)
{
	struct held *copy = held_new(&h->step, h->bytes, h->len);

	if (!copy) {
		t->line->stats->refused++;
		return;
	}
	copy->step.fate = FATE_OLD;
	STAILQ_INSERT_TAIL(&t->old, copy, next);
	t->n_old++;
}

/* In front of the first data of the next connection, which waits until that is answered. */
static bool old_comes_first(struct tracer *t, struct held *h)
{
	const struct held *old = STAILQ_FIRST(&t->old);

	if (!old || t->aside || h->step.fate == FATE_OLD || h->step.segment.len == 0 ||
	    h->step.connection <= old->step.connection)
		return false;
	set_aside(t, h, !h->step.from, UINT64_MAX); /* see carry() */
	return tracer_send_old(t);
}

static void show(struct tracer *t, struct held *h, uint64_t now_ns)
{
	h->shown = true;
	t->acted_ns = now_ns;
	t->begin_ns = t->begin_ns ? t->begin_ns : now_ns;
	h->step.at_ns = now_ns - t->begin_ns;
	look(t, &h->step);
	t->trace->stopped = h->step.fate == FATE_HELD;
	if (t->trace->n == WIRE_STEPS) {
		t->trace->beyond++;
		return;
	}
	t->trace->at[t->trace->n++] = h->step;
	if (t->order->step)
		t->order->step(&h->step, t->order->arg);
}

static void carry(struct tracer *t, struct held *h)
{
	enum end from = h->step.from;

	take_first(t);
	t->acted_ns = clock_ns();
	if (h->step.fate != FATE_DROPPED)
		line_carry(t->line, from, h->bytes, h->len);
	if (h->step.fate == FATE_DUPLICATED)
		line_carry(t->line, from, h->bytes, h->len);
	if (h->step.fate == FATE_KEPT)
		keep_copy(t, h);
	if (h->step.fate == FATE_OLD)
		step_old(&t->past, from);
	if (h->step.fate == FATE_OLD && t->aside)
		t->aside->due_ns = clock_ns() + ANSWER_NS;
	if (t->aside && t->aside->after == (int)from)
		put_back(t);
	free(h);
}

/* What the first that waits can do now.  One is carried a turn: what comes of it is to be seen first. */
static void advance(struct tracer *t, uint64_t now_ns)
{
	struct held *h = STAILQ_FIRST(&t->waiting);

	while (h && !h->begun) {
		begin(t, h, now_ns);
		if (old_comes_first(t, h) || waits_for_another(t, h, now_ns))
			h = STAILQ_FIRST(&t->waiting);
	}
	if (!h || h->due_ns > now_ns)
		return;
	if (!h->shown)
		show(t, h, now_ns);
	if (t->trace->stopped || (t->order->keys != -1 && !t->may_go))
		return;
	t->may_go = false;
	carry(t, h);
}

/* ---- keys */

static bool waits_for_key(const struct tracer *t)
{
	const struct held *h = STAILQ_FIRST(&t->waiting);

	return t->order->keys != -1 && h && h->shown && !t->trace->stopped;
}

int tracer_fd(const struct tracer *t)
{
	return waits_for_key(t) ? t->order->keys : -1;
}

static void take_key(struct tracer *t)
{
	struct pollfd p = { .fd = tracer_fd(t), .events = POLLIN };
	char key;

	if (p.fd == -1 || poll(&p, 1, 0) != 1)
		return;
	t->may_go = read(p.fd, &key, 1) == 1 && key != 'q' && key != 'Q';
	t->trace->stopped = !t->may_go;
}

/* ---- the wire's turn */

/* What waits already goes first: it may be what the one aside waits for. */
static uint64_t aside_due_ns(const struct tracer *t)
{
	return t->aside && STAILQ_EMPTY(&t->waiting) ? t->aside->due_ns : UINT64_MAX;
}

void tracer_turn(struct tracer *t, uint64_t now_ns)
{
	take_key(t);
	if (t->aside && aside_due_ns(t) <= now_ns) {
		t->trace->met_nobody += t->aside->after != !t->aside->step.from;
		put_back(t);
	}
	advance(t, now_ns);
}

/* Known when the last ACK has arrived; the one that closed last has no socket then. */
static void note_close(struct tracer *t)
{
	struct wire_end end;

	for (int e = 0; e < ENDS && !t->trace->closed; e++) {
		pair_look(&t->pair, (enum end)e, &end);
		t->trace->closed = end.state == 0;
	}
}

void tracer_settle(struct tracer *t)
{
	idle_wait(IDLE_NS);
	if (!t->trace->closed && t->past.fin_acked[END_CLIENT] &&
	    t->past.fin_acked[END_SERVER] && STAILQ_EMPTY(&t->waiting))
		note_close(t);
}

void tracer_take(struct tracer *t, enum end from, const unsigned char *bytes, size_t len)
{
	struct step s = { .from = from };
	const unsigned char *frame = bytes + LINE_VNET_HEADER;
	size_t size = len - LINE_VNET_HEADER;
	bool is_segment = segment_read(frame, size, &s.segment);

	if (is_segment && pair_has(&t->pair, from, &s.segment)) {
		if (waits_already(t, &s)) {
			t->trace->swallowed++;
			return;
		}
		push(t, &s, bytes, len);
		return;
	}
	t->trace->others += is_segment;
	t->trace->other_connections +=
		is_segment && pair_other_begins(&t->pair, &s.segment);
	t->trace->parts += !is_segment && segment_is_part(frame, size);
	line_carry(t->line, from, bytes, len);
}

uint64_t tracer_next_ns(const struct tracer *t)
{
	const struct held *h = STAILQ_FIRST(&t->waiting);
	uint64_t at = aside_due_ns(t);

	if (h && !h->shown && h->due_ns < at)
		at = h->due_ns;
	return at;
}

bool tracer_send_old(struct tracer *t)
{
	struct held *h;
	bool any = !STAILQ_EMPTY(&t->old);

	STAILQ_CONCAT(&t->old, &t->waiting); /* they go first */
	STAILQ_CONCAT(&t->waiting, &t->old);
	if (any) {
		t->n_waiting = 0;
		STAILQ_FOREACH(h, &t->waiting, next)
		t->n_waiting++;
	}
	return any;
}

bool tracer_is_unfinished(struct tracer *t)
{
	const unsigned waiting = 1u << STATE_SYN_SENT | 1u << STATE_SYN_RECV |
				 1u << STATE_FIN_WAIT1 | 1u << STATE_CLOSING |
				 1u << STATE_LAST_ACK;
	struct wire_end end;
	unsigned states = 0;

	for (int e = 0; t->pair.known && e < ENDS; e++) {
		pair_look(&t->pair, (enum end)e, &end);
		states |= 1u << end.state;
	}
	return states & waiting;
}

void tracer_end(struct tracer *t)
{
	for (int e = 0; t->pair.known && e < ENDS; e++)
		pair_look(&t->pair, (enum end)e, &t->trace->end[e]);
}
