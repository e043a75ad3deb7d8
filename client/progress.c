#include "client/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/progress_text.h"
#include "client/record.h"
#include "client/series.h"

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
	const char *no_color = getenv("NO_COLOR"); /* https://no-color.org */

	*p = (struct progress){ .terminal = isatty(STDERR_FILENO) };
	p->every_ns = every_ns(run, p->terminal);
	p->colour = p->terminal && !(no_color && *no_color);
}

void progress_line(struct progress *p, const struct client_record *run,
		   const struct series_row *now, const struct series_row *before)
{
	double span = now->t - before->t;
	const struct progress_row row = {
		.t = now->t,
		.rate = span > 0 ? (double)(now->connects_ok - before->connects_ok) / span
				 : 0,
		.client = now->has_client ? &now->client : NULL,
		.server = now->has_server ? &now->server : NULL,
		.has_ports = now->has_client,
		.used = now->ports_in_use,
		.budget = run->prediction.budget,
		.errors = now->errors - before->errors,
	};
	char buf[PROGRESS_ROOM];

	if (p->lines == 0 || (p->terminal && p->lines % HEADING_EVERY == 0))
		fputs(progress_heading, stderr);
	p->lines++;
	fprintf(stderr, "%s\n", progress_text(&row, p->colour, buf));
}
