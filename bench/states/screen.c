#include "bench/states/screen.h"

#include <stdlib.h>
#include <string.h>

#include "bench/states/screen_text.h"
#include "common/admin/live.h"
#include "common/base/clock.h"
#include "common/base/signals.h"
#include "common/cli/terminal.h"

#define PACE_NS    NS_PER_S
#define MOST_SHARE 0.05 /* of a core, for counting, at a pace of our own */

struct screen {
	const struct screen_plan *plan;
	struct screen_text text;
	uint64_t every_ns, next_ns;
};

/* ---- counting */

/* A count that is expensive is made less often; one that is asked for every so often is not. */
static uint64_t pace_ns(const struct screen *s, double cost_ms)
{
	uint64_t least = (uint64_t)(cost_ms * NS_PER_MS / MOST_SHARE);

	if (s->plan->interval_ns)
		return s->plan->interval_ns;
	return least > PACE_NS ? least : PACE_NS;
}

static void publish(const struct screen *s)
{
	const struct states_view v = {
		.source = s->plan->source,
		.want = s->plan->want,
		.shot = &s->text.shot,
		.ports_text = screen_filter(&s->text, SCREEN_PORTS),
		.states_text = screen_filter(&s->text, SCREEN_STATES),
		.top = s->plan->top,
		.rounds = true,
	};

	if (s->plan->live)
		live_publish(s->plan->live, states_json(&v), false);
}

static int count(struct screen *s, struct err *err)
{
	struct screen_text *t = &s->text;
	uint64_t now = clock_ns();
	int r;

	t->before = t->shot;
	t->before_ns = t->counted_ns;
	r = states_count(s->plan->source, s->plan->want, &t->shot, err);
	if (r < 0)
		return r;
	t->counted_ns = now;
	t->every_ns = s->every_ns = pace_ns(s, t->shot.cost_ms);
	s->next_ns = now + s->every_ns;
	publish(s);
	return 0;
}

static void draw(struct screen *s)
{
	unsigned lines, columns;
	char *text;

	terminal_size(1, &lines, &columns);
	text = screen_text(&s->text, lines, columns);
	if (text)
		terminal_draw(text);
	free(text);
}

/* ---- keys */

/* What has been typed becomes the filter, unless it makes no sense; it is counted by at once. */
static void choose(struct screen *s)
{
	struct screen_text *t = &s->text;
	struct states_want want = *s->plan->want;
	struct err err;
	char *kept = t->filter[t->asking];

	t->filter[t->asking] = t->typed;
	if (states_want_filter(&want, screen_filter(t, SCREEN_PORTS),
			       screen_filter(t, SCREEN_STATES), &err) < 0) {
		snprintf(t->said, sizeof(t->said), "%s", err.text);
		t->filter[t->asking] = kept;
		return;
	}
	memcpy(kept, t->typed, sizeof(t->typed));
	t->filter[t->asking] = kept;
	*s->plan->want = want;
	t->asking = SCREEN_NOTHING;
	t->counted_ns = 0; /* what differs now is the filter's doing */
	s->next_ns = 0;
}

static void type(struct screen *s, int key)
{
	struct screen_text *t = &s->text;
	size_t n = strlen(t->typed);

	t->said[0] = '\0';
	if (key == TERMINAL_ENTER) {
		choose(s);
	} else if (key == TERMINAL_ESCAPE) {
		t->asking = SCREEN_NOTHING;
	} else if (key == TERMINAL_ERASE) {
		t->typed[n ? n - 1 : 0] = '\0';
	} else if (key >= ' ' && key < TERMINAL_ERASE && n + 1 < sizeof(t->typed)) {
		t->typed[n] = (char)key;
		t->typed[n + 1] = '\0';
	}
}

static void ask(struct screen *s, enum screen_asking what)
{
	s->text.asking = what;
	s->text.typed[0] = '\0';
}

/* false: it is the end. */
static bool take_key(struct screen *s, int key)
{
	struct screen_text *t = &s->text;

	if (key <= 0)
		return true;
	if (t->asking != SCREEN_NOTHING)
		type(s, key);
	else if (key == 'q')
		return false;
	else if (key == 's')
		t->sort = (t->sort + 1) % SCREEN_SORTS;
	else if (key == 'p')
		ask(s, SCREEN_PORTS);
	else if (key == 'f')
		ask(s, SCREEN_STATES);
	return true;
}

/* ---- the whole */

static int run(struct screen *s, struct err *err)
{
	bool goes_on = true;

	while (goes_on && !signals_got) {
		int r = clock_ns() >= s->next_ns ? count(s, err) : 0;

		if (r < 0)
			return r;
		draw(s);
		goes_on = take_key(s, terminal_key(s->next_ns));
	}
	return 0;
}

static void keep(char to[SCREEN_TYPED], const char *text)
{
	snprintf(to, SCREEN_TYPED, "%s", text ? text : "");
}

int states_screen(const struct screen_plan *plan, struct err *err)
{
	struct screen s = { .plan = plan };
	char filters[2][SCREEN_TYPED];
	int r;

	keep(filters[SCREEN_PORTS], plan->ports);
	keep(filters[SCREEN_STATES], plan->states);
	s.text = (struct screen_text){
		.source = plan->source,
		.want = plan->want,
		.top = plan->top,
		.asking = SCREEN_NOTHING,
		.filter = { filters[0], filters[1] },
		.shot.groups = plan->groups,
	};
	r = terminal_enter(err);
	if (r < 0)
		return r;
	r = run(&s, err);
	terminal_leave();
	return r;
}
