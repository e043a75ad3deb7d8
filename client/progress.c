#include "client/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "client/record.h"
#include "client/series.h"
#include "common/base/units.h"
#include "common/cli/colour.h"

/* ---- the text of a line */

#define BAR 6

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
	return share >= 0.9 ? COLOUR_RED : share >= 0.5 ? COLOUR_YELLOW : COLOUR_GREEN;
}

static void put_bar(struct text *t, uint64_t used, uint64_t budget)
{
	static const char bar[] = "######......";
	double share = budget ? (double)used / (double)budget : 0;
	unsigned full = share < 1 ? (unsigned)(share * BAR) : BAR;

	put(t, " [%s%.*s%s]%4.0f%%", colour(t->colour, colour_of(share)), BAR,
	    bar + BAR - full, colour(t->colour, COLOUR_PLAIN),
	    share < 9.99 ? 100 * share : 999);
}

char *progress_text(const struct series_row *now, const struct series_row *before,
		    uint64_t budget, bool coloured, char *buf)
{
	struct text t = { buf, 0, coloured };
	double span = now->t - before->t;
	double rate =
		span > 0 ? (double)(now->connects_ok - before->connects_ok) / span : 0;

	put_time(&t, now->t);
	put_count(&t, (uint64_t)(rate + 0.5), 6);
	put_side(&t, now->has_client ? &now->client : NULL);
	put_side(&t, now->has_server ? &now->server : NULL);
	if (now->has_client)
		put_bar(&t, now->ports_in_use, budget);
	else
		put(&t, "%14s", "n/a");
	if (now->errors != before->errors) {
		put(&t, " %s", colour(t.colour, COLOUR_RED));
		put_count(&t, now->errors - before->errors, 4);
		put(&t, "%s", colour(t.colour, COLOUR_PLAIN));
	}
	return buf;
}

/* ---- when there is a line */

#define HEADING_EVERY 20 /* lines, on a terminal: an old heading has scrolled away */

static uint64_t every_ns(const struct client_record *run, bool terminal)
{
	if (run->options->quiet)
		return 0;
	if (run->options->interval_ns)
		return run->options->interval_ns;
	return terminal ? NS_PER_S : 0;
}

void progress_init(struct progress *p, const struct client_record *run)
{
	*p = (struct progress){ .terminal = isatty(STDERR_FILENO) };
	p->every_ns = every_ns(run, p->terminal);
	p->colour = colour_wanted(stderr);
}

void progress_line(struct progress *p, const struct client_record *run,
		   const struct series_row *now, const struct series_row *before)
{
	char buf[PROGRESS_ROOM];

	if (p->lines == 0 || (p->terminal && p->lines % HEADING_EVERY == 0))
		fputs(progress_heading, stderr);
	p->lines++;
	fprintf(stderr, "%s\n",
		progress_text(now, before, run->prediction.budget, p->colour, buf));
}
