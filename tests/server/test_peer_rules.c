/* The rules of a server's connection are whole: nothing that can come lacks a row, no row lacks what
 * brings it, and every state has a way out.
 */
#include "server/peer.h"
#include "tests/check_main.h"
#include "tests/rules_walk.h"

/* clang-format off */
static const struct from_outside outside[] = {
	/* accept() */ { PEER_FREE, ON_ACCEPT },
	/* the socket */
	{ PEER_READ, ON_READY }, { PEER_RESPOND, ON_READY }, { PEER_HOLD, ON_READY },
	{ PEER_DRAIN, ON_READY }, { PEER_LEAK, ON_READY },
	/* timers, room for others, and the end of the run */
	{ PEER_HOLD, ON_MEET }, { PEER_HOLD, ON_HELD }, { PEER_LEAK, ON_HELD },
	{ PEER_READ, ON_GIVE_UP }, { PEER_RESPOND, ON_GIVE_UP }, { PEER_HOLD, ON_GIVE_UP },
	{ PEER_DRAIN, ON_GIVE_UP }, { PEER_LEAK, ON_GIVE_UP }, { PEER_LINGER, ON_GIVE_UP },
	/* a thread in which close() was blocking */ { PEER_LINGER, ON_CLOSED },
};
/* clang-format on */

static int rule_to(unsigned state, unsigned in)
{
	return peer_rule_to((enum peer_state)state, (enum peer_input)in);
}

static unsigned rule_next(unsigned state, unsigned in)
{
	return peer_rule_next((enum peer_state)state, (enum peer_input)in);
}

static const struct rules rules = {
	.n_states = PEER_STATES,
	.n_inputs = PEER_INPUTS,
	.free = PEER_FREE,
	.give_up = ON_GIVE_UP,
	.to = rule_to,
	.next = rule_next,
	.states = peer_state_names,
	.inputs = peer_input_names,
	.outside = outside,
	.n_outside = ROWS(outside),
};

START_TEST(what_an_action_returns_has_a_row)
{
	rules_are_closed(&rules);
}
END_TEST

START_TEST(each_row_has_what_brings_it)
{
	rules_are_whole(&rules);
}
END_TEST

START_TEST(every_state_has_a_way_out)
{
	rules_have_an_end(&rules);
}
END_TEST

START_TEST(names_differ)
{
	rules_have_names(&rules);
}
END_TEST

int main(void)
{
	const struct check_test tests[] = {
		{ what_an_action_returns_has_a_row, 1 },
		{ each_row_has_what_brings_it, 1 },
		{ every_state_has_a_way_out, 1 },
		{ names_differ, 1 },
		{ 0 },
	};

	return check_main("peer rules", tests);
}
