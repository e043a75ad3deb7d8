/* progress_text - see progress_text.h. */
#include "client/progress_text.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/units.h"

#define BAR    6
#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define GREEN  "\033[32m"
#define PLAIN  "\033[0m"

const char progress_heading[] =
	"             | client               | server               |\n"
	"    s conn/s | EST FINW CLSW TIME_W | EST FINW CLSW TIME_W |ports/budget errs\n";

struct text {
	char *buf;
	size_t n;
	bool colour;
};

static void put(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->n, PROGRESS_ROOM - t->n, fmt, ap);
	va_end(ap);
	t->n += (size_t)n;
	if (t->n > PROGRESS_ROOM - 1)
		t->n = PROGRESS_ROOM - 1;
}

/* The number right-aligned in `width` columns, compact where it must be. */
static void put_count(struct text *t, uint64_t n, unsigned width)
{
	char buf[32];

	put(t, "%*s", (int)width, units_compact(n, width, buf, sizeof(buf)));
}

static void put_colour(struct text *t, const char *colour)
{
	if (t->colour)
		put(t, "%s", colour);
}

static void put_time(struct text *t, double s)
{
	if (s < 999.95)
		put(t, "%5.1f", s);
	else
		put_count(t, (uint64_t)s, 5);
	put(t, " ");
}

/* ESTABLISHED, FIN_WAIT1+2, CLOSE_WAIT, TIME_WAIT of one side. */
static void put_side(struct text *t, const struct tcp_states *s)
{
	if (!s) {
		put(t, " |%21s", "n/a");
		return;
	}
	put(t, " |");
	put_count(t, s->n[STATE_ESTABLISHED], 4);
	put(t, " ");
	put_count(t, s->n[STATE_FIN_WAIT1] + s->n[STATE_FIN_WAIT2], 4);
	put(t, " ");
	put_count(t, s->n[STATE_CLOSE_WAIT], 4);
	put(t, " ");
	put_count(t, s->n[STATE_TIME_WAIT], 6);
}

static const char *colour_of(double share)
{
	return share >= 0.9 ? RED : share >= 0.5 ? YELLOW : GREEN;
}

static void put_bar(struct text *t, uint64_t used, uint64_t budget)
{
	double share = budget ? (double)used / (double)budget : 0;
	unsigned full = share < 1 ? (unsigned)(share * BAR) : BAR;

	put(t, " [");
	put_colour(t, colour_of(share));
	for (unsigned i = 0; i < BAR; i++)
		put(t, i < full ? "#" : ".");
	put_colour(t, PLAIN);
	put(t, "]%4.0f%%", share < 9.99 ? 100 * share : 999);
}

static void put_errors(struct text *t, uint64_t errors)
{
	put(t, " ");
	put_colour(t, RED);
	put_count(t, errors, 4);
	put_colour(t, PLAIN);
}

char *progress_text(const struct progress_row *row, bool colour, char *buf)
{
	struct text t = { buf, 0, colour };

	put_time(&t, row->t);
	put_count(&t, (uint64_t)(row->rate + 0.5), 6);
	put_side(&t, row->client);
	put_side(&t, row->server);
	if (row->has_ports)
		put_bar(&t, row->used, row->budget);
	else
		put(&t, "%14s", "n/a");
	if (row->errors)
		put_errors(&t, row->errors);
	return buf;
}
