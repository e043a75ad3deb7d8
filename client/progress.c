#include "client/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/record.h"
#include "client/series.h"
#include "common/base/units.h"
#include "common/cli/colour.h"
#include "common/cli/terminal.h"

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

/* ---- the line that stays */

#define STAY_BAR 14

struct stay {
	struct text text;
	unsigned left; /* columns */
};

static void add(struct stay *s, const char *is, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A part, in a colour or none (""); where one does not fit no later one is there either. */
static void add(struct stay *s, const char *is, const char *fmt, ...)
{
	bool coloured = s->text.colour && *is;
	char part[PROGRESS_WIDEST + 1];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(part, sizeof(part), fmt, ap);
	va_end(ap);
	n = strlen(part);
	if (n > s->left) {
		s->left = 0;
		return;
	}
	s->left -= (unsigned)n;
	put(&s->text, "%s%s%s", colour(coloured, is), part,
	    colour(coloured, COLOUR_PLAIN));
}

static void add_ports(struct stay *s, const struct series_row *now, uint64_t budget,
		      double gone_s)
{
	static const char bar[] = "##############..............";
	double share = budget ? (double)now->ports_in_use / (double)budget : 0;
	unsigned full = share < 1 ? (unsigned)(share * STAY_BAR) : STAY_BAR;

	if (!now->has_client || !budget) {
		add(s, "", "  ports n/a");
		return;
	}
	add(s, colour_of(share), "  [%.*s]", STAY_BAR, bar + STAY_BAR - full);
	add(s, "", "%4.0f%%", share < 9.99 ? 100 * share : 999);
	add(s, "", " of %s ports", units_grouped(budget));
	if (now->ports_in_use >= budget)
		add(s, COLOUR_RED, ", none left");
	else if (gone_s > now->t)
		add(s, "", ", gone in %.*f s", gone_s - now->t < 10, gone_s - now->t);
}

char *progress_stay(const struct series_row *now, const struct series_row *before,
		    uint64_t budget, double gone_s, unsigned columns, bool coloured,
		    char *buf)
{
	struct stay s = { { buf, 0, coloured },
			  columns < PROGRESS_WIDEST ? columns : PROGRESS_WIDEST };
	double span = now->t - before->t;
	double rate =
		span > 0 ? (double)(now->connects_ok - before->connects_ok) / span : 0;
	char n[32];

	*buf = '\0';
	add(&s, "", "%.1f s", now->t);
	add(&s, "", "  %s/s", units_compact((uint64_t)(rate + 0.5), 6, n, sizeof(n)));
	if (now->errors != before->errors)
		add(&s, COLOUR_RED, "  %s failed",
		    units_compact(now->errors - before->errors, 6, n, sizeof(n)));
	add_ports(&s, now, budget, gone_s);
	if (now->has_client)
		add(&s, "", "  TIME_WAIT %s",
		    units_compact(now->client.n[STATE_TIME_WAIT], 6, n, sizeof(n)));
	if (now->has_server)
		add(&s, "", ", server's %s",
		    units_compact(now->server.n[STATE_TIME_WAIT], 6, n, sizeof(n)));
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
	p->stays =
		p->every_ns && !run->options->interval_ns && terminal_can(STDERR_FILENO);
}

void progress_line(struct progress *p, const struct client_record *run,
		   const struct series_row *now, const struct series_row *before)
{
	char buf[PROGRESS_ROOM];
	unsigned lines, columns;

	if (p->stays) {
		p->lines++;
		terminal_size(STDERR_FILENO, &lines, &columns);
		fprintf(stderr, "\r%s\033[K",
			progress_stay(now, before, run->prediction.budget,
				      run->prediction.exhaustion_s, columns - 1,
				      p->colour, buf));
		return;
	}
	if (p->lines == 0 || (p->terminal && p->lines % HEADING_EVERY == 0))
		fputs(progress_heading, stderr);
	p->lines++;
	fprintf(stderr, "%s\n",
		progress_text(now, before, run->prediction.budget, p->colour, buf));
}

void progress_end(struct progress *p)
{
	if (p->stays && p->lines)
		fputc('\n', stderr);
	p->lines = 0;
}
