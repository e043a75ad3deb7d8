#include "common/ports/taken_settle.h"

#include <math.h>
#include <stdlib.h>

#include "common/ports/taken_ask.h"

/* Sockets that have one port and are in one span. */
struct run {
	size_t begin, end;
	bool known, wide, time_wait;
	struct taken_port longest; /* of them */
};

struct settling {
	const struct taken_plan *plan;
	uint32_t pools, span;
	struct taken_list *sockets; /* sorted by port, then pool */
	struct taken_list out;
	/* Runs about which the kernel has to be asked, and its answers. */
	size_t wanted, asked, yes;
	bool answer[TAKEN_QUESTIONS];
	/* While they are used. */
	size_t nth, nth_unasked;
};

/* ---- what lasts how long */

static double until(const struct taken_port *p)
{
	unsigned by = p->by & SOCKET_BY;

	return by == TAKEN_SOCKET || by == TAKEN_KEPT ? INFINITY : (double)p->expires_s;
}

static bool same_span(const struct settling *s, const struct taken_port *a,
		      const struct taken_port *b)
{
	if (a->pool == TAKEN_ALL_POOLS || b->pool == TAKEN_ALL_POOLS)
		return a->pool == b->pool;
	return a->pool / s->span == b->pool / s->span;
}

static struct run run_from(const struct settling *s, size_t begin)
{
	const struct taken_port *at = s->sockets->at;
	struct run r = { .begin = begin, .end = begin, .longest = at[begin] };

	for (; r.end < s->sockets->n && at[r.end].port == at[begin].port &&
	       same_span(s, &at[r.end], &at[begin]);
	     r.end++) {
		const struct taken_port *p = &at[r.end];

		r.known |= (p->by & SOCKET_KNOWN) != 0;
		r.wide |= (p->by & SOCKET_WIDE) != 0;
		r.time_wait |= (p->by & SOCKET_BY) == TAKEN_TIME_WAIT;
		if (until(p) > until(&r.longest))
			r.longest = *p;
	}
	return r;
}

/* ---- questions: the few that are asked are chosen evenly, but not every nth port: connect() and
 * bind() prefer ports of unlike parity */

static bool is_question(const struct settling *s, const struct run *r)
{
	if (r->known)
		return false;
	return r->wide || s->pools > 1 || (s->plan->time_wait_again && r->time_wait);
}

static size_t part_begin(const struct settling *s, size_t part)
{
	return (part * s->wanted + TAKEN_QUESTIONS - 1) / TAKEN_QUESTIONS;
}

/* The place of its answer, or TAKEN_QUESTIONS: the kernel is not asked. */
static size_t question(const struct settling *s, size_t nth)
{
	size_t part = nth * TAKEN_QUESTIONS / s->wanted, begin, size;

	if (s->wanted <= TAKEN_QUESTIONS)
		return nth;
	begin = part_begin(s, part);
	size = part_begin(s, part + 1) - begin;
	return begin + ((uint32_t)part * 2654435761u >> 16) % size == nth
		       ? part
		       : TAKEN_QUESTIONS;
}

static void count_questions(struct settling *s)
{
	for (size_t i = 0; i < s->sockets->n;) {
		struct run r = run_from(s, i);

		s->wanted += is_question(s, &r);
		i = r.end;
	}
}

/* The first source with this id. */
static size_t source_with(const struct taken_plan *p, uint32_t id)
{
	size_t i = 0;

	while (p->sources && i + 1 < p->sources->n && p->source_id[i] != id)
		i++;
	return i;
}

static int ask(const struct settling *s, struct taken_asker *asker, const struct run *r)
{
	const struct taken_port *first = &s->sockets->at[r->begin];
	const struct taken_plan *p = s->plan;
	size_t source = source_with(p, first->pool / s->span);

	return p->ask ? p->ask(p, source, first->port)
		      : taken_ask(asker, p, source, first->port);
}

/* False if the kernel does not answer one of them. */
static bool ask_each(struct settling *s, struct taken_asker *asker)
{
	size_t nth = 0;

	for (size_t i = 0; i < s->sockets->n;) {
		struct run r = run_from(s, i);
		size_t q = is_question(s, &r) ? question(s, nth++) : TAKEN_QUESTIONS;
		int answer = q < TAKEN_QUESTIONS ? ask(s, asker, &r) : 0;

		if (answer < 0)
			return false;
		if (q < TAKEN_QUESTIONS) {
			s->answer[q] = answer > 0;
			s->asked++;
			s->yes += answer > 0;
		}
		i = r.end;
	}
	return true;
}

static bool ask_questions(struct settling *s)
{
	struct taken_asker asker = { .fd = -1 };
	bool answered;

	if (s->wanted == 0)
		return true;
	if (!s->plan->ask && !taken_ask_sends_nothing(s->plan))
		return false;
	answered = ask_each(s, &asker);
	taken_ask_done(&asker);
	return answered;
}

/* Those that were not asked about are taken in the proportion of those that were. */
static bool next_answer(struct settling *s)
{
	size_t q = s->asked ? question(s, s->nth++) : TAKEN_QUESTIONS, before;

	if (s->asked == 0)
		return false;
	if (q < TAKEN_QUESTIONS)
		return s->answer[q];
	before = s->nth_unasked++ * s->yes / s->asked;
	return s->nth_unasked * s->yes / s->asked > before;
}

/* ---- what comes out of it */

static void give_span(struct settling *s, const struct taken_port *longest)
{
	unsigned by = longest->by & SOCKET_BY;
	uint32_t first = longest->pool - longest->pool % s->span;

	if (by == TAKEN_TIME_WAIT)
		by = TAKEN_BOUND_TIME_WAIT;
	if (longest->pool == TAKEN_ALL_POOLS || s->span == s->pools) {
		taken_list_add(&s->out, TAKEN_ALL_POOLS, longest->port, by,
			       longest->expires_s);
		return;
	}
	for (uint32_t i = 0; i < s->span; i++)
		taken_list_add(&s->out, first + i, longest->port, by, longest->expires_s);
}

/* Each socket by itself; of sockets in one pool, the socket that lasts longest. */
static void give_each(struct settling *s, const struct run *r)
{
	const struct taken_port *at = s->sockets->at, *longest = NULL;

	for (size_t i = r->begin; i < r->end; i++) {
		if (at[i].by & SOCKET_WIDE)
			continue;
		if (longest && longest->pool != at[i].pool) {
			taken_list_add(&s->out, longest->pool, longest->port, longest->by,
				       longest->expires_s);
			longest = NULL;
		}
		if (!longest || until(longest) < until(&at[i]))
			longest = &at[i];
	}
	if (longest)
		taken_list_add(&s->out, longest->pool, longest->port, longest->by,
			       longest->expires_s);
}

static void give_all(struct settling *s)
{
	for (size_t i = 0; i < s->sockets->n;) {
		struct run r = run_from(s, i);

		if (r.known || (is_question(s, &r) && next_answer(s)))
			give_span(s, &r.longest);
		else
			give_each(s, &r);
		i = r.end;
	}
}

/* A pool's port that no connection can have for that long.  The list is sorted:
 * TAKEN_ALL_POOLS is last. */
static void drop_covered(struct taken_list *l)
{
	size_t n = l->n, kept = 0;
	float *nobodys; /* by port, a second more than until; 0 = some pool has it */

	if (n == 0 || l->at[0].pool == TAKEN_ALL_POOLS ||
	    l->at[n - 1].pool != TAKEN_ALL_POOLS)
		return;
	nobodys = calloc(UINT16_MAX + 1, sizeof(*nobodys));
	if (!nobodys) {
		l->no_memory = true;
		return;
	}
	for (size_t i = n; i-- > 0 && l->at[i].pool == TAKEN_ALL_POOLS;)
		nobodys[l->at[i].port] = (float)until(&l->at[i]) + 1;
	for (size_t i = 0; i < n; i++)
		if (l->at[i].pool == TAKEN_ALL_POOLS ||
		    (float)until(&l->at[i]) + 1 > nobodys[l->at[i].port])
			l->at[kept++] = l->at[i];
	l->n = kept;
	free(nobodys);
}

void taken_settle(const struct taken_plan *p, uint32_t pools, uint32_t span,
		  struct taken_list *sockets, struct taken *out)
{
	struct settling s = {
		.plan = p, .pools = pools, .span = span, .sockets = sockets
	};

	taken_list_by_pool(sockets, &s.out);
	taken_list_by_port(sockets, &s.out);
	count_questions(&s);
	if (!ask_questions(&s)) {
		out->unasked = (uint32_t)s.wanted;
		s.asked = 0;
	}
	out->estimated = s.asked < s.wanted && s.yes && s.yes < s.asked;
	give_all(&s);
	taken_list_by_pool(&s.out, sockets);
	drop_covered(&s.out);
	sockets->n = 0;
	sockets->no_memory |= s.out.no_memory;
	out->at = s.out.at;
	out->n = s.out.n;
}
