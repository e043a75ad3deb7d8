/* The rules of a server's connection are whole: nothing that can come lacks a row, no row lacks what
 * brings it, and every state has a way out.
 */
#include "server/conn.h"
#include "tests/rules_walk.h"

/* clang-format off */
static const struct from_outside outside[] = {
	/* accept() */ { CONN_FREE, ON_ACCEPT }, { CONN_FREE, ON_SHAKE },
	/* the socket */
	{ CONN_HANDSHAKE, ON_READY }, { CONN_LEAVE, ON_READY },
	{ CONN_READ, ON_READY }, { CONN_RESPOND, ON_READY }, { CONN_HOLD, ON_READY },
	{ CONN_DRAIN, ON_READY }, { CONN_LEAK, ON_READY }, { CONN_DELAY, ON_READY },
	/* timers, room for others, and the end of the run */
	{ CONN_HOLD, ON_MEET }, { CONN_HOLD, ON_HELD }, { CONN_LEAK, ON_HELD }, { CONN_DELAY, ON_REQUEST },
	{ CONN_HANDSHAKE, ON_GIVE_UP }, { CONN_LEAVE, ON_GIVE_UP },
	{ CONN_READ, ON_GIVE_UP }, { CONN_RESPOND, ON_GIVE_UP }, { CONN_HOLD, ON_GIVE_UP },
	{ CONN_DRAIN, ON_GIVE_UP }, { CONN_LEAK, ON_GIVE_UP }, { CONN_LINGER, ON_GIVE_UP }, { CONN_DELAY, ON_GIVE_UP },
	/* a thread in which close() was blocking */ { CONN_LINGER, ON_CLOSED },
};
/* clang-format on */

static int to(unsigned state, unsigned in)
{
	return conn_rules[state][in].run ? conn_rules[state][in].to : -1;
}

static unsigned next(unsigned state, unsigned in)
{
	return conn_rules[state][in].next;
}

static const struct rules rules = {
	.n_states = CONN_STATES,
	.n_inputs = CONN_INPUTS,
	.free = CONN_FREE,
	.give_up = ON_GIVE_UP,
	.to = to,
	.next = next,
	.states = conn_state_names,
	.inputs = conn_input_names,
	.outside = outside,
	.n_outside = ROWS(outside),
};

CHECK_MAIN("conn rules")
