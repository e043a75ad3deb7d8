#include "bench/doctor/until_full.h"

#include <stdlib.h>
#include <string.h>
#include "bench/doctor/remotes.h"
#include "common/base/clock.h"
#include "common/ports/simulate.h"

#define TIME_WAIT_S   60
#define MOST_WINDOW_S 20
#define FEW           20 /* connections: a rate of less is luck */
#define LOOK_AHEAD_S  180
#define MOST_EVENTS   2000000
/* Of a host that cannot keep more TIME_WAIT than ports, buckets do not matter here. */
#define ENOUGH_BUCKETS UINT32_MAX

/* Connections a second, by the last two seconds if many were made then, else by as many as there are
 * of the last 20. */
static double recent_rate(const int32_t *left_ms, size_t n)
{
	size_t two = 0, window = 0;
	int32_t oldest = 60000;

	for (size_t i = 0; i < n; i++) {
		two += left_ms[i] >= (TIME_WAIT_S - 2) * 1000;
		window += left_ms[i] >= (TIME_WAIT_S - MOST_WINDOW_S) * 1000;
		oldest = left_ms[i] < oldest ? left_ms[i] : oldest;
	}
	if (two >= FEW)
		return (double)two / 2;
	oldest = oldest / 1000 < TIME_WAIT_S - MOST_WINDOW_S ? TIME_WAIT_S - MOST_WINDOW_S
							     : oldest / 1000;
	return window >= FEW && oldest < TIME_WAIT_S
		       ? (double)window / (TIME_WAIT_S - oldest)
		       : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct sim_other *x = a, *y = b;

	return x->until_ns < y->until_ns ? -1 : x->until_ns > y->until_ns;
}

/* 0, -ENOMEM; *out is not known where the ports last. */
static int run(uint64_t ports, double rate, struct sim_other *others, size_t n,
	       struct maybe *out, struct err *err)
{
	struct load load = {
		.pick = { .n_targets = 1, .n_sources = 1, .seed = 1, .workers = 1 },
		.rate = { rate, rate, NULL },
		.ranks = 1,
		.duration_ns = LOOK_AHEAD_S * NS_PER_S,
		.concurrency = 1,
		.requests = 1,
	};
	struct sim_plan plan = {
		.load = &load,
		.targets = 1,
		.sources = 1,
		.by_target = true,
		.ports = (uint32_t)ports,
		.life = { .after_ns = { [PORT_TIME_WAIT] = TIME_WAIT_S * NS_PER_S },
			  .bucket_ns = TIME_WAIT_S * NS_PER_S },
		.of_both = PORT_TIME_WAIT,
		.buckets_most = ENOUGH_BUCKETS,
		.others = others,
		.n_others = n,
		.end_ns = LOOK_AHEAD_S * NS_PER_S,
		.most_events = MOST_EVENTS,
	};
	struct sim_result result;
	int r = closing_mix_parse("client-fin", &load.pick.mix, err);

	qsort(others, n, sizeof(*others), by_time);
	if (r == 0)
		r = simulate(&plan, &result, err);
	if (r == 0 && result.exhausted && !result.too_long)
		*out = maybe_of(result.at_ns / NS_PER_MS);
	return r;
}

static bool same_host(const struct endpoint *host, const struct noted_socket *s)
{
	return s->local_kind == host->kind &&
	       memcmp(s->local, host->host, sizeof(s->local)) == 0;
}

static int find(struct facts *f, unsigned nth, struct err *err)
{
	const struct reading *r = f->read;
	struct facts_remote *remote = &f->remote[nth];
	struct sim_other *others = calloc(remote->ports_used + 1, sizeof(*others));
	int32_t *left = calloc(remote->ports_used + 1, sizeof(*left));
	size_t n = 0, timed = 0, room = remote->ports_used;
	double rate;
	int result = 0;

	for (size_t i = 0; others && left && i < r->seen.n && room; i++) {
		const struct noted_socket *s = &r->seen.at[i];
		bool waits = s->state == STATE_TIME_WAIT && s->left_ms >= 0;

		if (!remotes_has(f, nth, s) || !same_host(&remote->from, s) ||
		    !noted_takes_port(&r->seen, s))
			continue;
		for (uint32_t k = 0; k < noted_n(s) && room; k++, room--) {
			if (waits)
				left[timed++] = s->left_ms;
			if (waits && s->left_ms == 0)
				continue;
			others[n++].until_ns = waits ? (uint64_t)s->left_ms * NS_PER_MS
						     : HOLDING_FOR_EVER;
		}
	}
	if (!others || !left) {
		result = err_memory(err);
	} else {
		rate = recent_rate(left, timed);
		remote->until = rate > 0 ? UNTIL_LASTS : UNTIL_FEW;
		/* What is taken now and what comes within TIME_WAIT: if that fits, the ports last. */
		if (rate > 0 &&
		    (double)n + rate * TIME_WAIT_S >= (double)facts_budget(f, remote))
			result = run(facts_budget(f, remote), rate, others, n,
				     &remote->full_in_ms, err);
		if (remote->full_in_ms.known)
			remote->until = UNTIL_FULL;
	}
	free(others);
	free(left);
	return result;
}

/* At most so many ports are taken a second, towards whomever; what is in TIME_WAIT comes free after the delay. */
static bool lasts_with_reuse(const struct facts *f, const struct facts_remote *m)
{
	const struct maybe *delay = &f->read->sysctl[DS_tw_reuse_delay];
	double delay_s = delay->known ? (double)delay->n / 1000 : 1;
	double rate;

	return facts_per_second(f->read, KC_ActiveOpens, &rate) &&
	       (double)(m->ports_used - m->waiting) + rate * delay_s <
		       (double)facts_budget(f, m);
}

/* Where other states are open for a moment they are counted as held: the moment is a little early. */
static int find_one(struct facts *f, unsigned nth, struct err *err)
{
	struct facts_remote *m = &f->remote[nth];
	int r = 0;

	if (f->range_other || f->ports < 1)
		m->until = UNTIL_NO_RANGE;
	else if (m->reuse == REUSE_UNKNOWN)
		m->until = UNTIL_NO_SETTING;
	else if (m->reuse == REUSE_WORKS)
		m->until = lasts_with_reuse(f, m) ? UNTIL_LASTS : UNTIL_REUSED;
	else if (m->timed < FEW)
		m->until = UNTIL_FEW;
	else
		r = find(f, nth, err);
	return r;
}

int until_full_find(struct facts *f, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; i < f->n_remotes && r == 0; i++)
		if (f->remote[i].is_client)
			r = find_one(f, i, err);
	return r;
}
