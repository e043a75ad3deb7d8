/* The rules of a server's connection are whole: nothing that can come lacks a row, no row lacks what
 * brings it, and every state has a way out.
 */
#include "server/conn.h"
#include "tests/check_main.h"
#include "tests/rules_walk.h"

/* clang-format off */
static const struct from_outside outside[] = {
	/* accept() */ { CONN_FREE, ON_ACCEPT }, { CONN_FREE, ON_SHAKE },
	/* the socket */
	{ CONN_HANDSHAKE, ON_READY }, { CONN_LEAVE, ON_READY },
	{ CONN_READ, ON_READY }, { CONN_RESPOND, ON_READY }, { CONN_HOLD, ON_READY },
	{ CONN_DRAIN, ON_READY }, { CONN_LEAK, ON_READY },
	/* timers, room for others, and the end of the run */
	{ CONN_HOLD, ON_MEET }, { CONN_HOLD, ON_HELD }, { CONN_LEAK, ON_HELD },
	{ CONN_HANDSHAKE, ON_GIVE_UP }, { CONN_LEAVE, ON_GIVE_UP },
	{ CONN_READ, ON_GIVE_UP }, { CONN_RESPOND, ON_GIVE_UP }, { CONN_HOLD, ON_GIVE_UP },
	{ CONN_DRAIN, ON_GIVE_UP }, { CONN_LEAK, ON_GIVE_UP }, { CONN_LINGER, ON_GIVE_UP },
	/* a thread in which close() was blocking */ { CONN_LINGER, ON_CLOSED },
};
/* clang-format on */

static int rule_to(unsigned state, unsigned in)
{
	return conn_rule_to((enum conn_state)state, (enum conn_input)in);
}

static unsigned rule_next(unsigned state, unsigned in)
{
	return conn_rule_next((enum conn_state)state, (enum conn_input)in);
}

static const struct rules rules = {
	.n_states = CONN_STATES,
	.n_inputs = CONN_INPUTS,
	.free = CONN_FREE,
	.give_up = ON_GIVE_UP,
	.to = rule_to,
	.next = rule_next,
	.states = conn_state_names,
	.inputs = conn_input_names,
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

	return check_main("conn rules", tests);
}
