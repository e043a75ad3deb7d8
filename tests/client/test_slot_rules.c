/* The rules of a client's connection are whole: nothing that can come lacks a row, no row lacks what
 * brings it, and every state has a way out.
 */
#include "client/slot.h"
#include "tests/check_main.h"
#include "tests/rules_walk.h"

/* clang-format off */
static const struct from_outside outside[] = {
	/* an arrival */ { SLOT_FREE, ON_LAUNCH }, { SLOT_IDLE, ON_LAUNCH },
	/* the socket */
	{ SLOT_HANDSHAKE, ON_READY }, { SLOT_LEAVE, ON_READY },
	{ SLOT_CONNECT, ON_READY }, { SLOT_SEND, ON_READY }, { SLOT_RECEIVE, ON_READY },
	{ SLOT_IDLE, ON_READY }, { SLOT_HOLD, ON_READY }, { SLOT_DRAIN, ON_READY },
	/* timers, and the end of the run */
	{ SLOT_IDLE, ON_RETIRE }, { SLOT_HOLD, ON_MEET }, { SLOT_HOLD, ON_HELD },
	{ SLOT_HANDSHAKE, ON_GIVE_UP }, { SLOT_LEAVE, ON_GIVE_UP },
	{ SLOT_CONNECT, ON_GIVE_UP }, { SLOT_SEND, ON_GIVE_UP }, { SLOT_RECEIVE, ON_GIVE_UP },
	{ SLOT_IDLE, ON_GIVE_UP }, { SLOT_HOLD, ON_GIVE_UP }, { SLOT_DRAIN, ON_GIVE_UP },
	{ SLOT_LINGER, ON_GIVE_UP },
	/* a thread in which close() was blocking */ { SLOT_LINGER, ON_CLOSED },
};
/* clang-format on */

static int rule_to(unsigned state, unsigned in)
{
	return slot_rule_to((enum slot_state)state, (enum slot_input)in);
}

static unsigned rule_next(unsigned state, unsigned in)
{
	return slot_rule_next((enum slot_state)state, (enum slot_input)in);
}

static const struct rules rules = {
	.n_states = SLOT_STATES,
	.n_inputs = SLOT_INPUTS,
	.free = SLOT_FREE,
	.give_up = ON_GIVE_UP,
	.to = rule_to,
	.next = rule_next,
	.states = slot_state_names,
	.inputs = slot_input_names,
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

	return check_main("slot rules", tests);
}
