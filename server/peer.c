#include "server/peer.h"

#include <assert.h>
#include <string.h>

#include "server/worker.h"

struct peer_rule {
	uint8_t to; /* enum peer_state */
	enum peer_input (*run)(struct peer *p);
	uint32_t next; /* what it may return: 1 << input, each */
};
#define N(name) (1u << ON_##name)

/* clang-format off */
static const struct peer_rule rules[PEER_STATES][PEER_INPUTS] = {
	[PEER_FREE]   [ON_ACCEPT]  = { PEER_READ,    peer_read,           N(NOTHING) | N(REQUEST) | N(EOF) | N(GIVE_UP) },
	[PEER_READ]   [ON_READY]   = { PEER_READ,    peer_read,           N(NOTHING) | N(REQUEST) | N(EOF) | N(GIVE_UP) },
	[PEER_READ]   [ON_REQUEST] = { PEER_RESPOND, peer_start_response, N(NOTHING) | N(MORE) | N(LAST) | N(GIVE_UP) },
	[PEER_READ]   [ON_EOF]     = { PEER_CLOSE,   peer_client_left,    N(FINISH) },
	[PEER_READ]   [ON_GIVE_UP] = { PEER_FREE,    peer_give_up,        N(NOTHING) },
	[PEER_RESPOND][ON_READY]   = { PEER_RESPOND, peer_respond,        N(NOTHING) | N(MORE) | N(LAST) | N(GIVE_UP) },
	[PEER_RESPOND][ON_MORE]    = { PEER_READ,    peer_read_next,      N(NOTHING) | N(REQUEST) | N(GIVE_UP) },
	[PEER_RESPOND][ON_LAST]    = { PEER_HOLD,    peer_hold,           N(NOTHING) | N(HELD) },
	[PEER_RESPOND][ON_GIVE_UP] = { PEER_FREE,    peer_give_up,        N(NOTHING) },
	[PEER_HOLD]   [ON_READY]   = { PEER_HOLD,    peer_held,           N(NOTHING) | N(HELD) | N(GIVE_UP) },
	[PEER_HOLD]   [ON_MEET]    = { PEER_HOLD,    peer_meet,           N(NOTHING) | N(HELD) },
	[PEER_HOLD]   [ON_HELD]    = { PEER_LEAVE,   peer_leave,          N(WAIT) | N(FINISH) | N(GIVE_UP) },
	[PEER_HOLD]   [ON_GIVE_UP] = { PEER_FREE,    peer_give_up,        N(NOTHING) },
	[PEER_LEAVE]  [ON_WAIT]    = { PEER_DRAIN,   peer_await,          N(NOTHING) },
	[PEER_LEAVE]  [ON_FINISH]  = { PEER_CLOSE,   peer_finish,         N(KEEP) | N(BLOCK) | N(CLOSED) },
	[PEER_LEAVE]  [ON_GIVE_UP] = { PEER_FREE,    peer_give_up,        N(NOTHING) },
	[PEER_DRAIN]  [ON_READY]   = { PEER_DRAIN,   peer_drain,          N(NOTHING) | N(FINISH) | N(GIVE_UP) },
	[PEER_DRAIN]  [ON_FINISH]  = { PEER_CLOSE,   peer_finish,         N(KEEP) | N(BLOCK) | N(CLOSED) },
	[PEER_DRAIN]  [ON_GIVE_UP] = { PEER_FREE,    peer_give_up,        N(NOTHING) },
	[PEER_CLOSE]  [ON_FINISH]  = { PEER_CLOSE,   peer_finish,         N(KEEP) | N(BLOCK) | N(CLOSED) },
	[PEER_CLOSE]  [ON_CLOSED]  = { PEER_FREE,    peer_closed,         N(NOTHING) },
	[PEER_CLOSE]  [ON_BLOCK]   = { PEER_LINGER,  peer_block,          N(NOTHING) | N(CLOSED) },
	[PEER_CLOSE]  [ON_KEEP]    = { PEER_LEAK,    peer_keep,           N(NOTHING) },
	[PEER_LINGER] [ON_CLOSED]  = { PEER_FREE,    peer_closed,         N(NOTHING) },
	[PEER_LINGER] [ON_GIVE_UP] = { PEER_FREE,    peer_closed,         N(NOTHING) },
	[PEER_LEAK]   [ON_READY]   = { PEER_LEAK,    peer_leaked,         N(NOTHING) | N(HELD) },
	[PEER_LEAK]   [ON_HELD]    = { PEER_FREE,    peer_let_go,         N(NOTHING) },
	[PEER_LEAK]   [ON_GIVE_UP] = { PEER_FREE,    peer_let_go,         N(NOTHING) },
};

const char *const peer_state_names[PEER_STATES] = {
#define X(name) [PEER_##name] = #name,
	PEER_STATE_LIST(X)
#undef X
};

const char *const peer_input_names[PEER_INPUTS] = {
#define X(name) [ON_##name] = "ON_" #name,
	PEER_INPUT_LIST(X)
#undef X
};
/* clang-format on */

int peer_rule_to(enum peer_state state, enum peer_input in)
{
	return rules[state][in].run ? rules[state][in].to : -1;
}

unsigned peer_rule_next(enum peer_state state, enum peer_input in)
{
	return rules[state][in].next;
}

/* An action names what came next instead of calling back in: no recursion. */
void peer_fire(struct peer *p, enum peer_input in)
{
	struct server_worker *w = p->worker;

	while (in != ON_NOTHING) {
		const struct peer_rule *rule = &rules[p->state][in];

		life_step(&p->past, p->state, in);
		if (!rule->run)
			life_broken(&p->past, "a connection has none for this input",
				    peer_state_names, peer_input_names);
		w->in_state[p->state]--;
		w->in_state[rule->to]++;
		p->state = rule->to;
		in = rule->run(p);
		assert(rule->next & 1u << in);
	}
}

static void on_ready(struct watch *watch)
{
	peer_fire((struct peer *)((char *)watch - offsetof(struct peer, watch)),
		  ON_READY);
}

static void on_held(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;

	(void)fd;
	(void)what;
	p->timed = false;
	peer_fire(p, p->state == PEER_HOLD ? ON_MEET : ON_HELD);
}

void peer_init(struct peer *p, struct server_worker *w)
{
	memset(p, 0, sizeof(*p));
	p->worker = w;
	watch_init(&p->watch, &w->loop, on_ready);
	event_assign(&p->hold, w->loop.base, -1, 0, on_held, p);
}

void peer_accept(struct peer *p, int fd, const struct addr *client)
{
	watch_open(&p->watch, fd);
	p->client = *client;
	p->closing = NULL;
	p->proto = NULL;
	p->begun = false;
	p->body_left = 0;
	p->moved = PEER_PROGRESS;
	p->unsent = PEER_UNSENT_MOST; /* the listener's */
	peer_fire(p, ON_ACCEPT);
}

void peer_end(struct peer *p, enum server_end end)
{
	p->end = (uint8_t)end;
	if (rules[p->state][ON_GIVE_UP].run)
		peer_fire(p, ON_GIVE_UP);
}
