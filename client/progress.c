#include "client/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/run.h"
#include "client/series.h"

#define BAR 5

uint64_t progress_every_ns(const struct client_run *run)
{
	if (run->options->quiet)
		return 0;
	if (run->options->interval_ns)
		return run->options->interval_ns;
	return isatty(STDERR_FILENO) ? NS_PER_S : 0;
}

static void print_bar(uint64_t used, uint64_t budget)
{
	unsigned full = budget ? (unsigned)(used * BAR / budget) : 0;

	fprintf(stderr, " [");
	for (unsigned i = 0; i < BAR; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "]%4.0f%%", budget ? 100.0 * (double)used / (double)budget : 0);
}

/* ESTABLISHED, FIN_WAIT1+2, CLOSE_WAIT, TIME_WAIT of one side. */
static void print_side(bool known, const struct tcp_states *s)
{
	if (!known) {
		fprintf(stderr, " |%21s", "n/a");
		return;
	}
	fprintf(stderr, " |%4" PRIu64 " %4" PRIu64 " %4" PRIu64 " %6" PRIu64,
		s->n[STATE_ESTABLISHED], s->n[STATE_FIN_WAIT1] + s->n[STATE_FIN_WAIT2],
		s->n[STATE_CLOSE_WAIT], s->n[STATE_TIME_WAIT]);
}

/* 77 columns at most, so that the lab can indent it by two. */
static void print_heading(void)
{
	fprintf(stderr, "%5s %6s |%-21s |%-21s |\n", "", "", " client", " server");
	fprintf(stderr, "%5s %6s |%4s %4s %4s %6s |%4s %4s %4s %6s | %-11s %4s\n", "s",
		"conn/s", "EST", "FINW", "CLSW", "TIME_W", "EST", "FINW", "CLSW",
		"TIME_W", "of budget", "errs");
}

void progress_line(const struct client_run *run, const struct series_row *now,
		   const struct series_row *before)
{
	double span = now->t - before->t;
	double rate =
		span > 0 ? (double)(now->connects_ok - before->connects_ok) / span : 0;

	if (before->t <= 0)
		print_heading();
	fprintf(stderr, "%5.1f %6.0f", now->t, rate);
	print_side(now->has_client, &now->client);
	print_side(now->has_server, &now->server);
	if (now->has_client)
		print_bar(now->ports_in_use, run->prediction.budget);
	if (now->errors > before->errors)
		fprintf(stderr, " %5" PRIu64, now->errors - before->errors);
	fputc('\n', stderr);
}
