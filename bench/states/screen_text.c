#include "bench/states/screen_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/units.h"

#define CURVE_ROWS  9
#define CURVE_STEPS 12 /* of STATES_LEFT_WIDTH_S: the minute that TIME_WAIT lasts */
#define CURVE_WIDTH 3  /* columns of a step */
#define BAR         10

/* One line, of which only whole fields are written. */
struct line {
	FILE *to;
	unsigned left; /* columns */
};

static void put(struct line *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct line *l, const char *fmt, ...)
{
	char field[256];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(field, sizeof(field), fmt, ap);
	va_end(ap);
	n = strlen(field);
	if (n > l->left) {
		l->left = 0; /* and no later one in its place */
		return;
	}
	fputs(field, l->to);
	l->left -= (unsigned)n;
}

const char *screen_filter(const struct screen_text *t, enum screen_asking what)
{
	return t->filter[what][0] ? t->filter[what] : NULL;
}

static bool wanted(const struct screen_text *t, unsigned state)
{
	return t->want->states >> state & 1;
}

/* ---- the head */

static void put_title(struct line *l, const struct screen_text *t)
{
	time_t s = (time_t)(t->shot.wall_ns / NS_PER_S);
	char when[16];
	struct tm tm;

	localtime_r(&s, &tm);
	strftime(when, sizeof(when), "%H:%M:%S", &tm);
	put(l, "twstorm states");
	put(l, "  %s", when);
	put(l, "  every %.3g s", (double)t->every_ns / NS_PER_S);
	put(l, ", a count takes %.3g ms", t->shot.cost_ms);
	put(l, " by %s", t->source->method);
}

static const char *const sorts[SCREEN_SORTS] = { "total", "ESTABLISHED", "TIME_WAIT",
						 "CLOSE_WAIT", "name" };

/* What is asked, what is wrong, or what the keys do. */
static void put_keys(struct line *l, const struct screen_text *t)
{
	const char *ports = screen_filter(t, SCREEN_PORTS);
	const char *states = screen_filter(t, SCREEN_STATES);

	if (t->asking != SCREEN_NOTHING && t->said[0]) {
		put(l, "%.*s", (int)l->left, t->said);
	} else if (t->asking != SCREEN_NOTHING) {
		put(l, "%s: ", t->asking == SCREEN_PORTS ? "ports" : "states");
		put(l, "%s_", t->typed);
		put(l, "  (%s; Enter: ",
		    t->asking == SCREEN_PORTS ? "80,8000-8010" : "TIME_WAIT,CLOSE_WAIT");
		put(l, "nothing typed is all)");
	} else {
		put(l, "q quit");
		put(l, "  s sort: %s", sorts[t->sort]);
		put(l, "  f states: %s", states ? states : "all");
		put(l, "  p ports: %s", ports ? ports : "all");
	}
}

/* ---- states on the left, the last minute on the right */

static void put_change(struct line *l, const struct screen_text *t, uint64_t now,
		       uint64_t before)
{
	double s = (double)(t->counted_ns - t->before_ns) / NS_PER_S;
	double change = s > 0 ? ((double)now - (double)before) / s : 0;

	if (!t->before_ns || change == 0)
		put(l, "%10s", t->before_ns ? "" : "n/a");
	else
		put(l, "%+10.*f", change < 10 && change > -10 ? 1 : 0, change);
}

static void put_state(struct line *l, const struct screen_text *t, unsigned state)
{
	uint64_t n = t->shot.states.n[state];

	put(l, "%-11s", tcp_state_name(state));
	put(l, "%9s", units_grouped(n));
	put_change(l, t, n, t->before.states.n[state]);
}

/* So many a second entered TIME_WAIT: those that have so long left.  The last step is the newest. */
static double entered(const struct screen_text *t, unsigned step)
{
	uint64_t n = t->shot.left[step + 1];

	if (step + 1 == CURVE_STEPS)
		n += t->shot.left[STATES_LEFT_BUCKETS - 1]; /* just now */
	return (double)n / STATES_LEFT_WIDTH_S;
}

_Static_assert(CURVE_STEPS + 2 == STATES_LEFT_BUCKETS, "expired, the steps, just now");

static double most_entered(const struct screen_text *t)
{
	double most = 0;

	for (unsigned i = 0; i < CURVE_STEPS; i++)
		most = entered(t, i) > most ? entered(t, i) : most;
	return most;
}

/* A row of the curve, from above; the scale stands behind the highest. */
static void put_curve(struct line *l, const struct screen_text *t, unsigned row)
{
	double most = most_entered(t);
	char drawn[CURVE_STEPS * CURVE_WIDTH + 1] = "";

	if (row > CURVE_ROWS || most == 0)
		return;
	if (row == CURVE_ROWS) {
		put(l, "   a minute ago                    now");
		return;
	}
	for (unsigned i = 0; i < CURVE_STEPS; i++) {
		bool full = entered(t, i) / most * CURVE_ROWS > CURVE_ROWS - row - 1 &&
			    entered(t, i) > 0;

		memcpy(drawn + strlen(drawn), full ? "## " : "   ", CURVE_WIDTH + 1);
	}
	put(l, "   %s", drawn);
	if (row == 0 && most < 10)
		put(l, "%.1f/s", most);
	else if (row == 0)
		put(l, "%s/s", units_grouped((uint64_t)(most + 0.5)));
}

/* ---- the ends */

static unsigned sort_by;

static uint32_t rank(const struct states_group *g)
{
	static const unsigned states[SCREEN_SORTS] = { 0, STATE_ESTABLISHED,
						       STATE_TIME_WAIT, STATE_CLOSE_WAIT,
						       0 };

	return states[sort_by] ? g->n[states[sort_by]] : g->total;
}

static int compare(const void *pa, const void *pb)
{
	const struct states_group *a = pa, *b = pb;

	if (sort_by + 1 < SCREEN_SORTS && rank(a) != rank(b))
		return rank(a) < rank(b) ? 1 : -1;
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

static void put_bar(struct line *l, const struct screen_text *t,
		    const struct states_group *g)
{
	static const char bar[] = "##########..........";
	unsigned budget = t->source->ephemeral.hi - t->source->ephemeral.lo + 1u;
	double share = (double)g->total / budget;
	unsigned full = share < 1 ? (unsigned)(share * BAR) : BAR;

	if (!g->key.family || !g->key.port)
		return; /* no port of ours goes for it */
	put(l, "  [%.*s] %.0f%%", BAR, bar + BAR - full, 100 * share);
}

static void put_end(struct line *l, const struct screen_text *t,
		    const struct states_group *g)
{
	char key[STATES_KEY_TEXT];

	put(l, "%-27s", states_key_print(&g->key, key));
	put(l, "%8s", units_grouped(g->total));
	put(l, "%8u", g->n[STATE_ESTABLISHED]);
	put(l, "%8u", g->n[STATE_TIME_WAIT]);
	put(l, "%8u", g->n[STATE_CLOSE_WAIT]);
	put_bar(l, t, g);
}

static void put_ends_head(struct line *l, const struct screen_text *t)
{
	const struct host_ports *p = &t->source->ephemeral;

	put(l, "%-27s", t->want->by == STATES_BY_END ? "REMOTE END, OR OUR PORT" : "BY");
	put(l, "%8s", "TOTAL");
	put(l, "%8s", "ESTAB");
	put(l, "%8s", "TIME_W");
	put(l, "%8s", "CLOSE_W");
	put(l, "  PORTS OF %s", units_grouped(p->hi - p->lo + 1u));
}

/* ---- the whole */

struct screen_lines {
	FILE *to;
	const struct screen_text *text;
	unsigned left, columns;
};

/* Begins a line; one that is not on the screen has no columns. */
static struct line begin(const struct screen_lines *s)
{
	return (struct line){ s->to, s->left ? s->columns : 0 };
}

static void end(struct screen_lines *s)
{
	if (s->left == 0)
		return;
	if (--s->left)
		putc('\n', s->to);
}

static void put_states(struct screen_lines *s)
{
	const struct screen_text *t = s->text;
	unsigned row = 0;
	struct line l = begin(s);

	put(&l, "%-11s", "STATE");
	put(&l, "%9s", "COUNT");
	put(&l, "%10s", "CHANGE/s");
	if (most_entered(t) > 0)
		put(&l, "   ENTERED TIME_WAIT, A SECOND");
	end(s);
	for (unsigned state = 1; state < TCP_STATE_MAX; state++) {
		if (!wanted(t, state))
			continue;
		l = begin(s);
		put_state(&l, t, state);
		put_curve(&l, t, row++);
		end(s);
	}
	for (; most_entered(t) > 0 && row <= CURVE_ROWS; row++) {
		l = begin(s);
		put(&l, "%30s", "");
		put_curve(&l, t, row);
		end(s);
	}
}

static void put_ends(struct screen_lines *s)
{
	const struct states_groups *g = s->text->shot.groups;
	struct line l = begin(s);

	end(s);
	l = begin(s);
	put_ends_head(&l, s->text);
	end(s);
	for (size_t i = 0; i < g->n && i < s->text->top && s->left; i++) {
		l = begin(s);
		put_end(&l, s->text, &g->at[i]);
		end(s);
	}
}

char *screen_text(struct screen_text *t, unsigned lines, unsigned columns)
{
	char *text = NULL;
	size_t size;
	struct screen_lines s = { .to = open_memstream(&text, &size),
				  .text = t,
				  .left = lines,
				  .columns = columns };
	struct line l;

	if (!s.to)
		return NULL;
	sort_by = t->sort;
	qsort(t->shot.groups->at, t->shot.groups->n, sizeof(t->shot.groups->at[0]),
	      compare);
	l = begin(&s);
	put_title(&l, t);
	end(&s);
	l = begin(&s);
	put_keys(&l, t);
	end(&s);
	put_states(&s);
	put_ends(&s);
	if (fclose(s.to) == 0)
		return text;
	free(text);
	return NULL;
}
