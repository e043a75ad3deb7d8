#include "server/conn.h"

#include <assert.h>
#include <string.h>

#include "common/base/container.h"
#include "server/worker.h"

#define N(name) (1u << ON_##name)

/* clang-format off */
const struct conn_rule conn_rules[CONN_STATES][CONN_INPUTS] = {
	[CONN_FREE]     [ON_ACCEPT]  = { CONN_READ,      conn_read,           N(NOTHING) | N(REQUEST) | N(LATER) | N(EOF) | N(GIVE_UP) },
	[CONN_FREE]     [ON_SHAKE]   = { CONN_HANDSHAKE, conn_handshake,      N(NOTHING) | N(OPEN) | N(GIVE_UP) },
	[CONN_HANDSHAKE][ON_READY]   = { CONN_HANDSHAKE, conn_handshake,      N(NOTHING) | N(OPEN) | N(GIVE_UP) },
	[CONN_HANDSHAKE][ON_OPEN]    = { CONN_READ,      conn_read,           N(NOTHING) | N(REQUEST) | N(LATER) | N(EOF) | N(GIVE_UP) },
	[CONN_HANDSHAKE][ON_GIVE_UP] = { CONN_FREE,      conn_give_up,        N(NOTHING) },
	[CONN_READ]     [ON_READY]   = { CONN_READ,      conn_read,           N(NOTHING) | N(REQUEST) | N(LATER) | N(EOF) | N(GIVE_UP) },
	[CONN_READ]     [ON_REQUEST] = { CONN_RESPOND,   conn_start_response, N(NOTHING) | N(MORE) | N(LAST) | N(WAIT) | N(GIVE_UP) },
	[CONN_READ]     [ON_LATER]   = { CONN_DELAY,     conn_delay,          N(NOTHING) | N(GIVE_UP) },
	[CONN_READ]     [ON_EOF]     = { CONN_CLOSE,     conn_client_left,    N(FINISH) },
	[CONN_READ]     [ON_GIVE_UP] = { CONN_FREE,      conn_give_up,        N(NOTHING) },
	[CONN_DELAY]    [ON_READY]   = { CONN_DELAY,     conn_delayed,        N(NOTHING) | N(GIVE_UP) },
	[CONN_DELAY]    [ON_REQUEST] = { CONN_RESPOND,   conn_start_response, N(NOTHING) | N(MORE) | N(LAST) | N(WAIT) | N(GIVE_UP) },
	[CONN_DELAY]    [ON_GIVE_UP] = { CONN_FREE,      conn_give_up,        N(NOTHING) },
	[CONN_RESPOND]  [ON_READY]   = { CONN_RESPOND,   conn_respond,        N(NOTHING) | N(MORE) | N(LAST) | N(WAIT) | N(GIVE_UP) },
	[CONN_RESPOND]  [ON_MORE]    = { CONN_READ,      conn_read_next,      N(NOTHING) | N(REQUEST) | N(LATER) | N(GIVE_UP) },
	[CONN_RESPOND]  [ON_LAST]    = { CONN_HOLD,      conn_hold,           N(NOTHING) | N(HELD) | N(GIVE_UP) },
	[CONN_RESPOND]  [ON_WAIT]    = { CONN_DRAIN,     conn_await,          N(NOTHING) },
	[CONN_RESPOND]  [ON_GIVE_UP] = { CONN_FREE,      conn_give_up,        N(NOTHING) },
	[CONN_HOLD]     [ON_READY]   = { CONN_HOLD,      conn_held,           N(NOTHING) | N(HELD) | N(GIVE_UP) },
	[CONN_HOLD]     [ON_MEET]    = { CONN_HOLD,      conn_meet,           N(NOTHING) | N(HELD) },
	[CONN_HOLD]     [ON_HELD]    = { CONN_LEAVE,     conn_leave,          N(NOTHING) | N(WAIT) | N(FINISH) | N(GIVE_UP) },
	[CONN_HOLD]     [ON_GIVE_UP] = { CONN_FREE,      conn_give_up,        N(NOTHING) },
	[CONN_LEAVE]    [ON_READY]   = { CONN_LEAVE,     conn_leave,          N(NOTHING) | N(WAIT) | N(FINISH) | N(GIVE_UP) },
	[CONN_LEAVE]    [ON_WAIT]    = { CONN_DRAIN,     conn_await,          N(NOTHING) },
	[CONN_LEAVE]    [ON_FINISH]  = { CONN_CLOSE,     conn_finish,         N(KEEP) | N(BLOCK) | N(CLOSED) },
	[CONN_LEAVE]    [ON_GIVE_UP] = { CONN_FREE,      conn_give_up,        N(NOTHING) },
	[CONN_DRAIN]    [ON_READY]   = { CONN_DRAIN,     conn_drain,          N(NOTHING) | N(FINISH) | N(GIVE_UP) },
	[CONN_DRAIN]    [ON_FINISH]  = { CONN_CLOSE,     conn_finish,         N(KEEP) | N(BLOCK) | N(CLOSED) },
	[CONN_DRAIN]    [ON_GIVE_UP] = { CONN_FREE,      conn_give_up,        N(NOTHING) },
	[CONN_CLOSE]    [ON_FINISH]  = { CONN_CLOSE,     conn_finish,         N(KEEP) | N(BLOCK) | N(CLOSED) },
	[CONN_CLOSE]    [ON_CLOSED]  = { CONN_FREE,      conn_closed,         N(NOTHING) },
	[CONN_CLOSE]    [ON_BLOCK]   = { CONN_LINGER,    conn_block,          N(NOTHING) | N(CLOSED) },
	[CONN_CLOSE]    [ON_KEEP]    = { CONN_LEAK,      conn_keep,           N(NOTHING) },
	[CONN_LINGER]   [ON_CLOSED]  = { CONN_FREE,      conn_closed,         N(NOTHING) },
	[CONN_LINGER]   [ON_GIVE_UP] = { CONN_FREE,      conn_closed,         N(NOTHING) },
	[CONN_LEAK]     [ON_READY]   = { CONN_LEAK,      conn_leaked,         N(NOTHING) | N(HELD) },
	[CONN_LEAK]     [ON_HELD]    = { CONN_FREE,      conn_let_go,         N(NOTHING) },
	[CONN_LEAK]     [ON_GIVE_UP] = { CONN_FREE,      conn_let_go,         N(NOTHING) },
};

/* clang-format on */

const char *const conn_state_names[] = { CONN_STATE_LIST(LIFE_NAME) };
const char *const conn_input_names[] = { CONN_INPUT_LIST(LIFE_INPUT_NAME) };

_Static_assert(CONN_STATES *CONN_INPUTS <= UINT8_MAX + 1, "a step is a byte (life.h)");

/* The rule for what came in a state; it is the newest step of a life. */
static const struct conn_rule *rule_for(unsigned state, enum conn_input in,
					struct life *past)
{
	unsigned number = state * CONN_INPUTS + in;

	life_step(past, number);
	return (const struct conn_rule *)conn_rules + number;
}

/* An action names what came next instead of calling back in: no recursion.  There are rules for all
 * that it may name (tests/server/test_conn_rules.c), so only what comes from outside may lack one. */
void conn_fire(struct conn *p, enum conn_input in)
{
	unsigned *in_state = p->worker->in_state;
	struct life past = p->past;
	const struct conn_rule *rule = rule_for(p->state, in, &past);

	if (!rule->run)
		life_broken(past, "a connection has none for this input",
			    conn_state_names, conn_input_names, CONN_INPUTS);
	in_state[p->state]--;
	for (;;) {
		p->state = rule->to;
		in = rule->run(p);
		assert(rule->next >> in & 1);
		if (in == ON_NOTHING)
			break;
		rule = rule_for(rule->to, in, &past);
	}
	p->past = past;
	in_state[p->state]++;
}

static void on_ready(struct watch *watch)
{
	conn_fire(container_of(watch, struct conn, watch), ON_READY);
}

void conn_init(struct conn *p, struct server_worker *w)
{
	memset(p, 0, sizeof(*p));
	p->worker = w;
	watch_init(&p->watch, &w->loop, on_ready);
}

void conn_accept(struct conn *p, int fd, const struct addr *client)
{
	watch_open(&p->watch, fd);
	p->wire = (struct wire){ .by = p->worker->plan->transport, .of = p->worker->tls };
	p->client = *client;
	p->closing = NULL;
	p->proto = NULL;
	p->books = NULL;
	p->unnamed = 0;
	p->begun = false;
	p->body_left = 0;
	p->moved = CONN_PROGRESS;
	p->unsent = CONN_UNSENT_MOST; /* the listener's */
	conn_fire(p, p->wire.by->start ? ON_SHAKE : ON_ACCEPT);
}

void conn_end(struct conn *p, enum server_end end)
{
	p->end = (uint8_t)end;
	if (conn_rules[p->state][ON_GIVE_UP].run)
		conn_fire(p, ON_GIVE_UP);
}
