#include "client/slot.h"

#include <assert.h>
#include <string.h>

#include "client/idle.h"
#include "client/plan.h"
#include "client/slot_leave.h"
#include "client/slot_open.h"
#include "client/slot_talk.h"
#include "client/worker.h"
#include "common/base/container.h"

#define N(name) (1u << ON_##name)

/* clang-format off */
const struct slot_rule slot_rules[SLOT_STATES][SLOT_INPUTS] = {
	[SLOT_FREE]     [ON_LAUNCH]   = { SLOT_CONNECT,   slot_connect,        N(NOTHING) | N(SHAKE) | N(OPEN) | N(SENT) | N(GIVE_UP) },
	[SLOT_CONNECT]  [ON_READY]    = { SLOT_CONNECT,   slot_check_open,     N(NOTHING) | N(SHAKE) | N(OPEN) | N(SENT) | N(GIVE_UP) },
	[SLOT_CONNECT]  [ON_SHAKE]    = { SLOT_HANDSHAKE, slot_handshake,      N(NOTHING) | N(OPEN) | N(GIVE_UP) },
	[SLOT_CONNECT]  [ON_OPEN]     = { SLOT_SEND,      slot_opened,         N(NOTHING) | N(SENT) | N(LAST) | N(REST) | N(GIVE_UP) },
	[SLOT_CONNECT]  [ON_SENT]     = { SLOT_RECEIVE,   slot_expect,         N(NOTHING) | N(RESPONSE) | N(GIVE_UP) },
	[SLOT_CONNECT]  [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_HANDSHAKE][ON_READY]    = { SLOT_HANDSHAKE, slot_handshake,      N(NOTHING) | N(OPEN) | N(GIVE_UP) },
	[SLOT_HANDSHAKE][ON_OPEN]     = { SLOT_SEND,      slot_opened,         N(NOTHING) | N(SENT) | N(LAST) | N(REST) | N(GIVE_UP) },
	[SLOT_HANDSHAKE][ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_SEND]     [ON_READY]    = { SLOT_SEND,      slot_send,           N(NOTHING) | N(SENT) | N(REDO) | N(GIVE_UP) },
	[SLOT_SEND]     [ON_SENT]     = { SLOT_RECEIVE,   slot_expect,         N(NOTHING) | N(RESPONSE) | N(GIVE_UP) },
	[SLOT_SEND]     [ON_REST]     = { SLOT_IDLE,      slot_rest,           N(NOTHING) | N(RETIRE) },
	[SLOT_SEND]     [ON_LAST]     = { SLOT_HOLD,      slot_hold,           N(NOTHING) | N(HELD) },
	[SLOT_SEND]     [ON_REDO]     = { SLOT_CONNECT,   slot_redo,           N(NOTHING) | N(SHAKE) | N(OPEN) | N(SENT) | N(GIVE_UP) },
	[SLOT_SEND]     [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_RECEIVE]  [ON_READY]    = { SLOT_RECEIVE,   slot_receive,        N(NOTHING) | N(PAUSE) | N(AGAIN) | N(REST) | N(LAST) | N(HELD) | N(FINISH) | N(GIVE_UP) },
	[SLOT_RECEIVE]  [ON_RESPONSE] = { SLOT_RECEIVE,   slot_served,         N(PAUSE) | N(AGAIN) | N(REST) | N(LAST) | N(HELD) | N(FINISH) },
	[SLOT_RECEIVE]  [ON_AGAIN]    = { SLOT_SEND,      slot_begin,          N(NOTHING) | N(SENT) | N(REDO) | N(GIVE_UP) },
	[SLOT_RECEIVE]  [ON_REST]     = { SLOT_IDLE,      slot_rest,           N(NOTHING) | N(RETIRE) },
	[SLOT_RECEIVE]  [ON_LAST]     = { SLOT_HOLD,      slot_hold,           N(NOTHING) | N(HELD) },
	[SLOT_RECEIVE]  [ON_HELD]     = { SLOT_LEAVE,     slot_leave,          N(NOTHING) | N(WAIT) | N(FINISH) | N(GIVE_UP) },
	[SLOT_RECEIVE]  [ON_FINISH]   = { SLOT_CLOSE,     slot_finish,         N(BLOCK) | N(CLOSED) },
	[SLOT_RECEIVE]  [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_RECEIVE]  [ON_PAUSE]    = { SLOT_THINK,     slot_think,          N(NOTHING) },
	[SLOT_THINK]    [ON_READY]    = { SLOT_THINK,     slot_idle_ready,     N(NOTHING) | N(GIVE_UP) },
	[SLOT_THINK]    [ON_AGAIN]    = { SLOT_SEND,      slot_begin,          N(NOTHING) | N(SENT) | N(REDO) | N(GIVE_UP) },
	[SLOT_THINK]    [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_IDLE]     [ON_LAUNCH]   = { SLOT_SEND,      slot_begin,          N(NOTHING) | N(SENT) | N(REDO) | N(GIVE_UP) },
	[SLOT_IDLE]     [ON_READY]    = { SLOT_IDLE,      slot_idle_ready,     N(NOTHING) | N(GIVE_UP) },
	[SLOT_IDLE]     [ON_RETIRE]   = { SLOT_SEND,      slot_goodbye,        N(NOTHING) | N(SENT) | N(LAST) | N(GIVE_UP) },
	[SLOT_IDLE]     [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_HOLD]     [ON_READY]    = { SLOT_HOLD,      slot_hold_ready,     N(NOTHING) | N(GIVE_UP) },
	[SLOT_HOLD]     [ON_MEET]     = { SLOT_HOLD,      slot_meet,           N(NOTHING) | N(HELD) },
	[SLOT_HOLD]     [ON_HELD]     = { SLOT_LEAVE,     slot_leave,          N(NOTHING) | N(WAIT) | N(FINISH) | N(GIVE_UP) },
	[SLOT_HOLD]     [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_LEAVE]    [ON_READY]    = { SLOT_LEAVE,     slot_leave,          N(NOTHING) | N(WAIT) | N(FINISH) | N(GIVE_UP) },
	[SLOT_LEAVE]    [ON_WAIT]     = { SLOT_DRAIN,     slot_await,          N(NOTHING) | N(FINISH) | N(GIVE_UP) },
	[SLOT_LEAVE]    [ON_FINISH]   = { SLOT_CLOSE,     slot_finish,         N(BLOCK) | N(CLOSED) },
	[SLOT_LEAVE]    [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_DRAIN]    [ON_READY]    = { SLOT_DRAIN,     slot_drain,          N(NOTHING) | N(FINISH) | N(GIVE_UP) },
	[SLOT_DRAIN]    [ON_LEFT]     = { SLOT_LEAVE,     slot_take_over,      N(NOTHING) | N(FINISH) | N(GIVE_UP) },
	[SLOT_DRAIN]    [ON_FINISH]   = { SLOT_CLOSE,     slot_finish,         N(BLOCK) | N(CLOSED) },
	[SLOT_DRAIN]    [ON_GIVE_UP]  = { SLOT_FREE,      slot_give_up,        N(NOTHING) },
	[SLOT_CLOSE]    [ON_BLOCK]    = { SLOT_LINGER,    slot_block,          N(NOTHING) | N(CLOSED) },
	[SLOT_CLOSE]    [ON_CLOSED]   = { SLOT_FREE,      slot_closed,         N(NOTHING) },
	[SLOT_LINGER]   [ON_CLOSED]   = { SLOT_FREE,      slot_closed,         N(NOTHING) },
	[SLOT_LINGER]   [ON_GIVE_UP]  = { SLOT_FREE,      slot_abandon,        N(NOTHING) },
};

/* clang-format on */

const char *const slot_state_names[] = { SLOT_STATE_LIST(LIFE_NAME) };
const char *const slot_input_names[] = { SLOT_INPUT_LIST(LIFE_INPUT_NAME) };

_Static_assert(SLOT_STATES *SLOT_INPUTS <= UINT8_MAX + 1, "a step is a byte (life.h)");

/* The lists of who is free, or idle.  The free slot that is taken is always the first. */
static void leave_list(struct slot *s)
{
	struct client_worker *w = s->worker;

	if (s->state == SLOT_IDLE) {
		idle_leave(s);
		return;
	}
	assert(s == SLIST_FIRST(&w->free));
	SLIST_REMOVE_HEAD(&w->free, next_free);
	w->n_free--;
}

static void enter_list(struct slot *s)
{
	struct client_worker *w = s->worker;

	if (s->state == SLOT_IDLE) {
		idle_enter(s);
		return;
	}
	SLIST_INSERT_HEAD(&w->free, s, next_free);
	w->n_free++;
}

/* The rule for what came; it is the newest step of `past`. */
static const struct slot_rule *rule_for(const struct slot *s, enum slot_input in,
					struct life *past)
{
	unsigned number = s->state * SLOT_INPUTS + in;

	life_step(past, number);
	return (const struct slot_rule *)slot_rules + number;
}

/* An action names what came next instead of calling back in: no recursion.  There are rules for all
 * that it may name (tests/client/test_slot_rules.c), so only what comes from outside may lack one. */
void slot_fire(struct slot *s, enum slot_input in)
{
	struct life past = s->past;
	const struct slot_rule *rule = rule_for(s, in, &past);

	if (!rule->run)
		life_broken(past, "a slot has none for this input", slot_state_names,
			    slot_input_names, SLOT_INPUTS);
	s->worker->looked_ns = 0;
	if (s->state <= SLOT_IDLE)
		leave_list(s);
	for (;;) {
		s->state = rule->to;
		in = rule->run(s);
		assert(rule->next >> in & 1);
		if (in == ON_NOTHING)
			break;
		rule = rule_for(s, in, &past);
	}
	if (s->state <= SLOT_IDLE)
		enter_list(s);
	s->past = past;
}

static void on_ready(struct watch *watch)
{
	slot_fire(container_of(watch, struct slot, watch), ON_READY);
}

void slot_init(struct slot *s, struct client_worker *w)
{
	memset(s, 0, sizeof(*s));
	s->worker = w;
	s->books = w->targets;
	s->wanted = ANY_TARGET;
	s->wire = (struct wire){ .by = w->plan->transport, .of = w->tls };
	watch_init(&s->watch, &w->loop, on_ready);
}

void slot_launch(struct slot *s, uint64_t intended_ns)
{
	s->intended_ns = intended_ns;
	s->served_arrival = 0;
	if (s->state == SLOT_FREE)
		s->prefilled = false;
	slot_fire(s, ON_LAUNCH);
}

void slot_prefill(struct slot *s, uint64_t now_ns)
{
	s->intended_ns = now_ns;
	s->served_arrival = 0;
	s->prefilled = true;
	slot_fire(s, ON_LAUNCH);
}

void slot_end(struct slot *s, int outcome)
{
	s->outcome = (uint8_t)outcome;
	if (slot_rules[s->state][ON_GIVE_UP].run)
		slot_fire(s, ON_GIVE_UP);
}
