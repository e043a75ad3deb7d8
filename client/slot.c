#include "client/slot.h"

#include <assert.h>
#include <string.h>

#include "client/worker.h"
#include "common/outcome.h"

struct slot_rule {
	uint8_t to; /* enum slot_state */
	enum slot_input (*run)(struct slot *s);
};

/* clang-format off */
static const struct slot_rule rules[SLOT_STATES][SLOT_INPUTS] = {
	[SLOT_FREE]   [ON_LAUNCH]   = { SLOT_CONNECT, slot_connect },
	[SLOT_CONNECT][ON_READY]    = { SLOT_CONNECT, slot_check_open },
	[SLOT_CONNECT][ON_OPEN]     = { SLOT_SEND,    slot_opened },
	[SLOT_CONNECT][ON_GIVE_UP]  = { SLOT_FREE,    slot_give_up },
	[SLOT_SEND]   [ON_READY]    = { SLOT_SEND,    slot_send },
	[SLOT_SEND]   [ON_SENT]     = { SLOT_RECEIVE, slot_expect },
	[SLOT_SEND]   [ON_LAST]     = { SLOT_HOLD,    slot_hold },
	[SLOT_SEND]   [ON_REDO]     = { SLOT_CONNECT, slot_redo },
	[SLOT_SEND]   [ON_GIVE_UP]  = { SLOT_FREE,    slot_give_up },
	[SLOT_RECEIVE][ON_READY]    = { SLOT_RECEIVE, slot_receive },
	[SLOT_RECEIVE][ON_RESPONSE] = { SLOT_RECEIVE, slot_served },
	[SLOT_RECEIVE][ON_AGAIN]    = { SLOT_SEND,    slot_begin },
	[SLOT_RECEIVE][ON_REST]     = { SLOT_IDLE,    slot_rest },
	[SLOT_RECEIVE][ON_LAST]     = { SLOT_HOLD,    slot_hold },
	[SLOT_RECEIVE][ON_GIVE_UP]  = { SLOT_FREE,    slot_give_up },
	[SLOT_IDLE]   [ON_LAUNCH]   = { SLOT_SEND,    slot_begin },
	[SLOT_IDLE]   [ON_READY]    = { SLOT_IDLE,    slot_idle_ready },
	[SLOT_IDLE]   [ON_RETIRE]   = { SLOT_SEND,    slot_goodbye },
	[SLOT_IDLE]   [ON_GIVE_UP]  = { SLOT_FREE,    slot_give_up },
	[SLOT_HOLD]   [ON_READY]    = { SLOT_HOLD,    slot_hold_ready },
	[SLOT_HOLD]   [ON_MEET]     = { SLOT_HOLD,    slot_meet },
	[SLOT_HOLD]   [ON_HELD]     = { SLOT_LEAVE,   slot_leave },
	[SLOT_HOLD]   [ON_GIVE_UP]  = { SLOT_FREE,    slot_give_up },
	[SLOT_LEAVE]  [ON_WAIT]     = { SLOT_DRAIN,   slot_await },
	[SLOT_LEAVE]  [ON_FINISH]   = { SLOT_CLOSE,   slot_finish },
	[SLOT_LEAVE]  [ON_GIVE_UP]  = { SLOT_FREE,    slot_give_up },
	[SLOT_DRAIN]  [ON_READY]    = { SLOT_DRAIN,   slot_drain },
	[SLOT_DRAIN]  [ON_FINISH]   = { SLOT_CLOSE,   slot_finish },
	[SLOT_DRAIN]  [ON_GIVE_UP]  = { SLOT_FREE,    slot_give_up },
	[SLOT_CLOSE]  [ON_BLOCK]    = { SLOT_LINGER,  slot_block },
	[SLOT_CLOSE]  [ON_CLOSED]   = { SLOT_FREE,    slot_closed },
	[SLOT_LINGER] [ON_CLOSED]   = { SLOT_FREE,    slot_closed },
	[SLOT_LINGER] [ON_GIVE_UP]  = { SLOT_FREE,    slot_abandon },
};

static const char *const state_names[SLOT_STATES] = {
#define X(name) [SLOT_##name] = #name,
	SLOT_STATE_LIST(X)
#undef X
};
/* clang-format on */

const char *slot_state_name(enum slot_state state)
{
	return state_names[state];
}

/* Leaves the old place and enters the new one: gauges, and the lists of who is free or idle. */
static void move(struct slot *s, enum slot_state to)
{
	struct client_worker *w = s->worker;

	w->in_state[s->state]--;
	w->in_state[to]++;
	if (s->state == to)
		return;
	if (s->state == SLOT_FREE)
		TAILQ_REMOVE(&w->free, s, link);
	else if (s->state == SLOT_IDLE)
		TAILQ_REMOVE(&w->idle, s, link);
	if (to == SLOT_FREE)
		TAILQ_INSERT_HEAD(&w->free, s, link);
	else if (to == SLOT_IDLE)
		TAILQ_INSERT_HEAD(&w->idle, s, link);
	s->state = to;
}

/* An action names what came next instead of calling back in: no recursion. */
void slot_fire(struct slot *s, enum slot_input in)
{
	while (in != ON_NOTHING) {
		const struct slot_rule *rule = &rules[s->state][in];

		assert(rule->run);
		move(s, rule->to);
		in = rule->run(s);
	}
}

static void on_ready(struct watch *watch)
{
	slot_fire((struct slot *)((char *)watch - offsetof(struct slot, watch)),
		  ON_READY);
}

void slot_init(struct slot *s, struct client_worker *w)
{
	memset(s, 0, sizeof(*s));
	s->worker = w;
	watch_init(&s->watch, &w->loop, on_ready);
}

void slot_launch(struct slot *s, uint64_t intended_ns)
{
	s->intended_ns = intended_ns;
	s->served_arrival = 0;
	slot_fire(s, ON_LAUNCH);
}

void slot_end(struct slot *s, int outcome)
{
	s->outcome = (uint8_t)outcome;
	if (rules[s->state][ON_GIVE_UP].run)
		slot_fire(s, ON_GIVE_UP);
}
