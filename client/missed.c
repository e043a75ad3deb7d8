#include "client/missed.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/record.h"
#include "common/base/units.h"
#include "common/kernel/host.h"
#include "common/ports/traits.h"

#define SLOWER 3 /* times what connect() takes below half of the ports */

static const char *const names[] = {
	"ipv4.ip_local_port_range", "ipv4.ip_local_reserved_ports",
	"ipv4.tcp_tw_reuse",        "ipv4.tcp_tw_reuse_delay",
	"ipv4.tcp_timestamps",      "ipv4.tcp_fin_timeout",
	"ipv4.tcp_max_tw_buckets",  "ipv4.ip_autobind_reuse",
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

struct missed_sysctls {
	char text[N_NAMES][200]; /* "" = none, or longer than that */
};

struct missed_sysctls *missed_read_sysctls(void)
{
	struct missed_sysctls *s = calloc(1, sizeof(*s));

	for (size_t i = 0; s && i < N_NAMES; i++)
		if (host_sysctl("/proc", names[i], s->text[i], sizeof(s->text[i])) < 0)
			s->text[i][0] = '\0';
	return s;
}

bool missed_range_changed(const struct client_record *run)
{
	char now[sizeof(run->sysctls->text[0])];

	return run->sysctls && !run->facts.own_range &&
	       host_sysctl("/proc", names[0], now, sizeof(now)) == 0 &&
	       strcmp(now, run->sysctls->text[0]) != 0;
}

/* What there is to be judged. */
struct question {
	const struct client_record *run;
	struct client_tally sum;
	double predicted_s, seen_s, due_s; /* < 0 = not in this run */
	char *buf;
	size_t size;
};

static double near_s(const struct question *q)
{
	return ports_near_s(q->predicted_s, trait_closed_loop(&q->run->facts));
}

static bool is_near(const struct question *q, double s)
{
	return s >= 0 && fabs(s - q->predicted_s) <= near_s(q);
}

static bool came_true(const struct question *q)
{
	double over_s = record_moment_s(q->run, q->run->over_ns);

	if (q->predicted_s < 0)
		return q->seen_s < 0;
	if (q->seen_s < 0)
		return over_s < q->predicted_s + near_s(q);
	return is_near(q, q->seen_s);
}

/* The reasons: each returns false if it is none. */

static bool a_sysctl_changed(const struct question *q)
{
	struct missed_sysctls *now = missed_read_sysctls();
	size_t i = 0;

	if (!now || !q->run->sysctls) {
		free(now);
		return false;
	}
	while (i < N_NAMES && strcmp(q->run->sysctls->text[i], now->text[i]) == 0)
		i++;
	if (i < N_NAMES)
		snprintf(q->buf, q->size,
			 "net.%s changed during the run, from \"%s\" to \"%s\"", names[i],
			 q->run->sysctls->text[i], now->text[i]);
	free(now);
	return i < N_NAMES;
}

static uint64_t failed_otherwise(const struct client_tally *sum)
{
	return tally_get(&sum->outcome[OUTCOME_LOCAL]) +
	       tally_get(&sum->outcome[OUTCOME_REFUSED]) +
	       tally_get(&sum->outcome[OUTCOME_CONNECT_ERROR]) +
	       tally_get(&sum->outcome[OUTCOME_CONNECT_TIMEOUT]);
}

static bool connections_failed(const struct question *q)
{
	uint64_t n = failed_otherwise(&q->sum);

	if (n == 0)
		return false;
	snprintf(q->buf, q->size, "%s connections failed otherwise and kept no port",
		 units_grouped(n));
	return true;
}

/* The mean of what connect() took while the ports were less, or more, than half full; 0 = none
 * was measured. */
static double connect_us(const struct client_record *run, bool past_half)
{
	double sum = 0, n = 0;

	for (unsigned w = 0; w < run->plan.workers; w++)
		for (unsigned i = 0; i < PORT_FILL_BANDS; i++) {
			const struct hist *h = &run->workers[w]->port_fill.band[i];

			if ((i >= PORT_FILL_BANDS / 2) != past_half || !h->all)
				continue;
			sum += (double)h->sum_ns;
			n += (double)h->count;
		}
	return n > 0 ? sum / n / NS_PER_US : 0;
}

static bool connect_got_slow(const struct question *q)
{
	double before = connect_us(q->run, false), past = connect_us(q->run, true);

	if (before <= 0 || past < SLOWER * before)
		return false;
	snprintf(q->buf, q->size,
		 "connect() took %.0f us past half of the ports, and %.0f us before",
		 past, before);
	return true;
}

static bool client_was_late(const struct question *q)
{
	if (!is_near(q, q->due_s))
		return false;
	snprintf(q->buf, q->size,
		 "the client was late: the connection that found no port was due at %.2f "
		 "s",
		 q->due_s);
	return true;
}

static bool unmeasured(const struct question *q)
{
	snprintf(q->buf, q->size, "the reason was not measured");
	return true;
}

const char *missed_why(const struct client_record *run, char *buf, size_t size)
{
	static bool (*const reasons[])(const struct question *) = {
		a_sysctl_changed, connections_failed, connect_got_slow,
		client_was_late,  unmeasured,
	};
	struct question q = {
		.run = run,
		.buf = buf,
		.size = size,
		.predicted_s = run->prediction.exhaustion_s,
	};
	unsigned i = 0;

	if (!run->prediction.known || run->skeleton)
		return NULL;
	client_tally_sum(run, &q.sum);
	q.seen_s = record_moment_s(run, tally_get(&q.sum.first_exhausted_ns));
	q.due_s = record_moment_s(run, tally_get(&q.sum.first_exhausted_due_ns));
	if (came_true(&q))
		return NULL;
	while (!reasons[i](&q))
		i++;
	return buf;
}
