/* The rules of a client's connection are whole: nothing that can come lacks a row, no row lacks what
 * brings it, and every state has a way out.
 */
#include "client/slot.h"
#include "tests/rules_walk.h"

/* clang-format off */
static const struct from_outside outside[] = {
	/* an arrival */ { SLOT_FREE, ON_LAUNCH }, { SLOT_IDLE, ON_LAUNCH },
	/* the socket */
	{ SLOT_HANDSHAKE, ON_READY }, { SLOT_LEAVE, ON_READY },
	{ SLOT_CONNECT, ON_READY }, { SLOT_SEND, ON_READY }, { SLOT_RECEIVE, ON_READY },
	{ SLOT_IDLE, ON_READY }, { SLOT_THINK, ON_READY }, { SLOT_HOLD, ON_READY }, { SLOT_DRAIN, ON_READY },
	/* timers, and the end of the run */
	{ SLOT_THINK, ON_AGAIN }, { SLOT_THINK, ON_GIVE_UP },
	{ SLOT_IDLE, ON_RETIRE }, { SLOT_HOLD, ON_MEET }, { SLOT_HOLD, ON_HELD }, { SLOT_DRAIN, ON_LEFT },
	{ SLOT_HANDSHAKE, ON_GIVE_UP }, { SLOT_LEAVE, ON_GIVE_UP },
	{ SLOT_CONNECT, ON_GIVE_UP }, { SLOT_SEND, ON_GIVE_UP }, { SLOT_RECEIVE, ON_GIVE_UP },
	{ SLOT_IDLE, ON_GIVE_UP }, { SLOT_HOLD, ON_GIVE_UP }, { SLOT_DRAIN, ON_GIVE_UP },
	{ SLOT_LINGER, ON_GIVE_UP },
	/* a thread in which close() was blocking */ { SLOT_LINGER, ON_CLOSED },
};
/* clang-format on */

static int to(unsigned state, unsigned in)
{
	return slot_rules[state][in].run ? slot_rules[state][in].to : -1;
}

static unsigned next(unsigned state, unsigned in)
{
	return slot_rules[state][in].next;
}

static const struct rules rules = {
	.n_states = SLOT_STATES,
	.n_inputs = SLOT_INPUTS,
	.free = SLOT_FREE,
	.give_up = ON_GIVE_UP,
	.to = to,
	.next = next,
	.states = slot_state_names,
	.inputs = slot_input_names,
	.outside = outside,
	.n_outside = ROWS(outside),
};

CHECK_MAIN("slot rules")
