#include "server/peer.h"

#include <assert.h>
#include <string.h>

#include "server/worker.h"

struct peer_rule {
	uint8_t to; /* enum peer_state */
	enum peer_input (*run)(struct peer *p);
};

/* clang-format off */
static const struct peer_rule rules[PEER_STATES][PEER_INPUTS] = {
	[PEER_FREE]   [ON_ACCEPT]  = { PEER_READ,    peer_read },
	[PEER_READ]   [ON_READY]   = { PEER_READ,    peer_read },
	[PEER_READ]   [ON_REQUEST] = { PEER_RESPOND, peer_start_response },
	[PEER_READ]   [ON_EOF]     = { PEER_CLOSE,   peer_client_left },
	[PEER_READ]   [ON_GIVE_UP] = { PEER_FREE,    peer_give_up },
	[PEER_RESPOND][ON_READY]   = { PEER_RESPOND, peer_respond },
	[PEER_RESPOND][ON_MORE]    = { PEER_READ,    peer_read_next },
	[PEER_RESPOND][ON_LAST]    = { PEER_HOLD,    peer_hold },
	[PEER_RESPOND][ON_GIVE_UP] = { PEER_FREE,    peer_give_up },
	[PEER_HOLD]   [ON_READY]   = { PEER_HOLD,    peer_held },
	[PEER_HOLD]   [ON_MEET]    = { PEER_HOLD,    peer_meet },
	[PEER_HOLD]   [ON_HELD]    = { PEER_LEAVE,   peer_leave },
	[PEER_HOLD]   [ON_GIVE_UP] = { PEER_FREE,    peer_give_up },
	[PEER_LEAVE]  [ON_WAIT]    = { PEER_DRAIN,   peer_await },
	[PEER_LEAVE]  [ON_FINISH]  = { PEER_CLOSE,   peer_finish },
	[PEER_LEAVE]  [ON_GIVE_UP] = { PEER_FREE,    peer_give_up },
	[PEER_DRAIN]  [ON_READY]   = { PEER_DRAIN,   peer_drain },
	[PEER_DRAIN]  [ON_FINISH]  = { PEER_CLOSE,   peer_finish },
	[PEER_DRAIN]  [ON_GIVE_UP] = { PEER_FREE,    peer_give_up },
	[PEER_CLOSE]  [ON_FINISH]  = { PEER_CLOSE,   peer_finish },
	[PEER_CLOSE]  [ON_CLOSED]  = { PEER_FREE,    peer_closed },
	[PEER_CLOSE]  [ON_BLOCK]   = { PEER_LINGER,  peer_block },
	[PEER_CLOSE]  [ON_KEEP]    = { PEER_LEAK,    peer_keep },
	[PEER_LINGER] [ON_CLOSED]  = { PEER_FREE,    peer_closed },
	[PEER_LINGER] [ON_GIVE_UP] = { PEER_FREE,    peer_closed },
	[PEER_LEAK]   [ON_READY]   = { PEER_LEAK,    peer_leaked },
	[PEER_LEAK]   [ON_HELD]    = { PEER_FREE,    peer_let_go },
	[PEER_LEAK]   [ON_GIVE_UP] = { PEER_FREE,    peer_let_go },
};

static const char *const state_names[PEER_STATES] = {
#define X(name) [PEER_##name] = #name,
	PEER_STATE_LIST(X)
#undef X
};
/* clang-format on */

const char *peer_state_name(enum peer_state s)
{
	return state_names[s];
}

/* An action names what came next instead of calling back in: no recursion. */
void peer_fire(struct peer *p, enum peer_input in)
{
	struct server_worker *w = p->worker;

	while (in != ON_NOTHING) {
		const struct peer_rule *rule = &rules[p->state][in];

		assert(rule->run);
		w->in_state[p->state]--;
		w->in_state[rule->to]++;
		p->state = rule->to;
		in = rule->run(p);
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
