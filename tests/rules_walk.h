/* rules_walk - holds a table of rules against itself: that every input that can come has a row,
 * that every row can be used, that every state has a way out. */
#ifndef TWSTORM_TESTS_RULES_WALK_H
#define TWSTORM_TESTS_RULES_WALK_H

#include "tests/check_main.h"

/* A state and an input that comes from outside: a timer, the socket, the worker. */
struct from_outside {
	unsigned state, input;
};

struct rules {
	unsigned n_states, n_inputs, free, give_up; /* the input 0 is ON_NOTHING */
	int (*to)(unsigned state, unsigned input);  /* -1: no rule */
	unsigned (*next)(unsigned state, unsigned input);
	const char *const *states, *const *inputs;
	const struct from_outside *outside;
	unsigned n_outside;
};

#define EACH_RULE(r, s, i)                                                               \
	for (unsigned s = 0; s < (r)->n_states; s++)                                     \
		for (unsigned i = 1; i < (r)->n_inputs; i++)                             \
			if ((r)->to(s, i) >= 0)

/* What an action may return has a row in the state that it leads to. */
static inline void rules_are_closed(const struct rules *r)
{
	EACH_RULE(r, s, i)
	{
		unsigned to = (unsigned)r->to(s, i), next = r->next(s, i);

		ck_assert_msg(next, "%s %s returns nothing at all", r->states[s],
			      r->inputs[i]);
		for (unsigned in = 1; in < r->n_inputs; in++)
			ck_assert_msg(!(next & 1u << in) || r->to(to, in) >= 0,
				      "%s %s may return %s, for which %s has no row",
				      r->states[s], r->inputs[i], r->inputs[in],
				      r->states[to]);
	}
}

static inline unsigned rules_can_come(const struct rules *r, unsigned state, unsigned in)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n_outside; i++)
		n += r->outside[i].state == state && r->outside[i].input == in;
	EACH_RULE(r, s, i)
	n += r->to(s, i) == (int)state && (r->next(s, i) & 1u << in);
	return n;
}

/* What comes from outside has a row, and no row is there for what cannot come. */
static inline void rules_are_whole(const struct rules *r)
{
	for (unsigned i = 0; i < r->n_outside; i++)
		ck_assert_msg(r->to(r->outside[i].state, r->outside[i].input) >= 0,
			      "%s has no row for %s", r->states[r->outside[i].state],
			      r->inputs[r->outside[i].input]);
	EACH_RULE(r, s, i)
	ck_assert_msg(rules_can_come(r, s, i), "nothing brings %s to %s", r->inputs[i],
		      r->states[s]);
}

static inline int rules_wait_in(const struct rules *r, unsigned state)
{
	EACH_RULE(r, s, i)
	if (r->to(s, i) == (int)state && r->next(s, i) & 1)
		return 1;
	return 0;
}

/* Whoever waits can be made to give up, from anywhere there is a way to the end, and nothing
 * follows the end. */
static inline void rules_have_an_end(const struct rules *r)
{
	unsigned ends = 1u << r->free, before = 0;

	while (ends != before) {
		before = ends;
		EACH_RULE(r, s, i)
		if (ends & 1u << r->to(s, i))
			ends |= 1u << s;
	}
	for (unsigned s = 0; s < r->n_states; s++) {
		ck_assert_msg(ends & 1u << s, "no way out of %s", r->states[s]);
		ck_assert_msg(s == r->free || !rules_wait_in(r, s) ||
				      r->to(s, r->give_up) == (int)r->free,
			      "%s waits, and cannot be made to give up", r->states[s]);
	}
	EACH_RULE(r, s, i)
	ck_assert_msg(r->to(s, i) != (int)r->free || r->next(s, i) == 1,
		      "something follows the end that %s brings to %s", r->inputs[i],
		      r->states[s]);
}

static inline void rules_have_names(const struct rules *r)
{
	for (unsigned a = 0; a < r->n_states; a++)
		for (unsigned b = 0; b < a; b++)
			ck_assert_str_ne(r->states[a], r->states[b]);
	for (unsigned a = 0; a < r->n_inputs; a++)
		for (unsigned b = 0; b < a; b++)
			ck_assert_str_ne(r->inputs[a], r->inputs[b]);
}

static const struct rules rules; /* the test's */

TEST(what_an_action_returns_has_a_row)
{
	rules_are_closed(&rules);
}

TEST(each_row_has_what_brings_it)
{
	rules_are_whole(&rules);
}

TEST(every_state_has_a_way_out)
{
	rules_have_an_end(&rules);
}

TEST(names_differ)
{
	rules_have_names(&rules);
}

#endif
