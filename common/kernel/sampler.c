#include "common/kernel/sampler.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"
#include "common/base/thread.h"
#include "common/kernel/sample_pace.h"
#include "common/kernel/sample_taker.h"
#include "common/kernel/time_wait_track.h"

#define TICK_NS (100 * NS_PER_MS)
#define BUDGET  0.01

/* The lock is the publication's alone: it is never held over a system call that works. */
struct sampler {
	bool gives_way; /* set at the start, then read only */

	/* The sampler's thread only. */
	struct sample_taker taker;
	struct sample_pace pace;
	struct time_wait_track track;

	/* Who starts and stops the thread only. */
	pthread_t thread;
	bool running;

	_Atomic uint64_t ports; /* see sampler_ports(); written with the lock held */

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;  /* to the thread: asked or stop changed */
	pthread_cond_t done;  /* from the thread: served changed */
	bool stop;
	uint64_t asked, served; /* requests for a fresh sample */
	struct err failure;     /* of the newest dump; code 0 = it went well */
	struct sample latest, newest_full;
	struct sampler_report report;
};

static void raise_to(uint64_t *peak, uint64_t now)
{
	if (*peak < now)
		*peak = now;
}

/* TIME_WAIT at the ticks between two full dumps, where they show whose it was. */
static void note_tracked_peak(struct sampler_report *report,
			      struct time_wait_track *track, const struct sample *full)
{
	struct sample_peak peak = time_wait_track_dump(track, full);

	if (peak.whose == WHOSE_SERVER) {
		raise_to(&report->server_peak.n[STATE_TIME_WAIT], peak.highest);
		raise_to(&report->server_own_peak, peak.own);
	}
	if (peak.whose != WHOSE_CLIENT)
		return;
	raise_to(&report->client_peak.n[STATE_TIME_WAIT], peak.highest);
	raise_to(&report->client_own_peak, peak.own);
	/* If all of them are in the range, all of them took a port of it. */
	if (full->time_wait_in_range == full->client.n[STATE_TIME_WAIT])
		raise_to(&report->ports_peak, peak.highest);
}

/* What was kept or estimated is no peak.  A dump without TIME_WAIT shows ports that are in use,
 * too: not all of them. */
static void note_peaks(struct sampler *s, const struct sample *sample)
{
	struct sampler_report *report = &s->report;
	struct sample seen = *sample;

	if (!sample->full)
		seen.client.n[STATE_TIME_WAIT] = seen.server.n[STATE_TIME_WAIT] = 0;
	tcp_states_peak(&report->client_peak, &seen.client);
	tcp_states_peak(&report->server_peak, &seen.server);
	raise_to(&report->tw_peak, sample->sockstat.tw);
	raise_to(&report->ports_peak, sample->ports_in_use);
	if (sample->full) {
		raise_to(&report->client_own_peak,
			 sample->client.n[STATE_TIME_WAIT] - sample->client_before);
		raise_to(&report->server_own_peak,
			 sample->server.n[STATE_TIME_WAIT] - sample->server_before);
		note_tracked_peak(report, &s->track, sample);
	}
}

static void publish_ports(struct sampler *s, uint64_t in_use)
{
	const unsigned nth_bits = 64 - SAMPLER_PORTS_BITS - SAMPLER_DUMPS_BITS;
	uint64_t word = atomic_load_explicit(&s->ports, memory_order_relaxed);
	uint64_t nth = ((word >> SAMPLER_PORTS_BITS) + 1) & ((1ull << nth_bits) - 1);

	nth |= s->report.samples << nth_bits;
	atomic_store_explicit(&s->ports, nth << SAMPLER_PORTS_BITS | in_use,
			      memory_order_relaxed);
}

/* By sockstat, which is of this moment, while a dump may have taken long.  Where it does not
 * tell whose TIME_WAIT has come since, who counts on from the last word knows better. */
static void publish_kept(struct sampler *s, struct sample *sample)
{
	struct sample now = *sample;

	if (time_wait_track_estimate(&s->track, &now) ||
	    now.sockstat.tw <= sample->minisocks) {
		now.tw_ns = clock_ns();
		publish_ports(s, now.ports_in_use);
	}
	if (!sample->full)
		*sample = now;
}

static void publish(struct sampler *s, struct sample *sample)
{
	s->report.samples++;
	s->report.full_dumps += sample->full;
	note_peaks(s, sample);
	sample->tw_ns = sample->full ? sample->t_ns : s->latest.tw_ns;
	if (sample->full)
		s->newest_full = s->latest = *sample;
	publish_kept(s, sample);
	if (!sample->full)
		s->latest = *sample;
}

/* Called and left with the lock held, which is not held meanwhile. */
static void dump_and_publish(struct sampler *s, bool full)
{
	uint64_t upto = s->asked, wall, cpu, spent, sockets;
	struct err failure = { 0 };
	struct sample sample = { 0 };

	pthread_mutex_unlock(&s->lock);
	wall = clock_ns();
	cpu = clock_thread_cpu_ns();
	sample_take(&s->taker, full, &sample, &sockets, &failure);
	spent = clock_thread_cpu_ns() - cpu;
	wall = clock_ns() - wall;
	sample_pace_spent(&s->pace, full ? SAMPLE_FULL : SAMPLE_LIVE, spent, clock_ns());
	/* The first is before the load, in nobody's way; the next is soon, for it tells whose
	 * TIME_WAIT is. */
	if (s->report.samples == 0)
		s->pace.full_at = s->pace.live_at = 0;
	pthread_mutex_lock(&s->lock);

	s->report.sockets += sockets;
	if (full) {
		s->served = upto;
		s->failure = failure;
		s->report.full_ms = (double)spent / NS_PER_MS;
		pthread_cond_broadcast(&s->done);
	}
	if (failure.code == 0)
		publish(s, &sample);
	if (s->report.longest_ms < (double)wall / NS_PER_MS)
		s->report.longest_ms = (double)wall / NS_PER_MS;
}

/* Every tick: the O(1) total, whatever a dump costs.  Lets go of the lock meanwhile, as
 * dump_and_publish() does. */
static void read_total(struct sampler *s)
{
	struct sockstat now;

	pthread_mutex_unlock(&s->lock);
	proc_net_read_sockstat(&s->taker.files, &now);
	pthread_mutex_lock(&s->lock);
	raise_to(&s->report.tw_peak, now.tw);
	s->latest.sockstat = now;
	s->latest.full = false;
	publish_kept(s, &s->latest);
}

static bool mostly_waiting(const struct sample *s)
{
	uint64_t all = tcp_states_total(&s->client) + tcp_states_total(&s->server) +
		       tcp_states_total(&s->other);

	return 2 * s->sockstat.tw > all;
}

uint64_t sample_counted_ns(const struct sample *s)
{
	return mostly_waiting(s) || s->tw_ns < s->t_ns ? s->tw_ns : s->t_ns;
}

/* A full dump, or what can be afforded instead. */
static void do_tick(struct sampler *s)
{
	enum sample_kind kind;

	s->report.ticks++;
	kind = sample_pace_next(&s->pace, clock_ns(), mostly_waiting(&s->latest));
	s->report.thinned += kind != SAMPLE_FULL;
	/* Before a dump, too: it may take longer than what it counts lasts. */
	read_total(s);
	if (kind != SAMPLE_TOTAL)
		dump_and_publish(s, kind == SAMPLE_FULL);
}

static void wait_until_ns(struct sampler *s, uint64_t when_ns)
{
	const struct timespec when = { (time_t)(when_ns / NS_PER_S),
				       (long)(when_ns % NS_PER_S) };

	pthread_cond_timedwait(&s->wake, &s->lock, &when);
}

/* The tick after this one; those that have passed are missed, never made up for. */
static uint64_t next_tick(struct sampler *s, uint64_t tick)
{
	uint64_t now = clock_ns();

	tick += s->pace.tick_ns;
	if (tick < now) {
		s->report.missed += (now - tick) / s->pace.tick_ns;
		tick = now + s->pace.tick_ns;
	}
	return tick;
}

static void *sampler_main(void *arg)
{
	struct sampler *s = arg;
	uint64_t tick = clock_ns() + s->pace.tick_ns;

	if (s->gives_way)
		thread_give_way();
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		if (s->asked != s->served) {
			dump_and_publish(s, true);
		} else if (clock_ns() < tick) {
			wait_until_ns(s, tick);
		} else {
			do_tick(s);
			tick = next_tick(s, tick);
		}
		s->report.cpu_s = (double)clock_thread_cpu_ns() / NS_PER_S;
	}
	pthread_cond_broadcast(&s->done);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void init_locks(struct sampler *s)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, &monotonic);
	pthread_cond_init(&s->done, NULL);
	pthread_condattr_destroy(&monotonic);
}

/* Signals are for the program's own threads. */
static int start_thread(struct sampler *s, struct err *err)
{
	int r = thread_start(&s->thread, sampler_main, s, err);

	s->running = r == 0;
	return r;
}

int sampler_start(const struct sampler_plan *plan, struct sample *first,
		  struct sampler **out, struct err *err)
{
	struct sampler *s = calloc(1, sizeof(*s));
	struct sample unwanted;
	int r;

	*out = NULL;
	if (!s)
		return err_sys(err, "sampler");
	init_locks(s);
	s->gives_way = plan->gives_way;
	s->pace.tick_ns = plan->tick_ns ? plan->tick_ns : TICK_NS;
	s->pace.budget = s->report.budget = plan->budget > 0 ? plan->budget : BUDGET;
	if ((r = sample_taker_init(&s->taker, plan, err)) < 0 ||
	    (r = start_thread(s, err)) < 0 ||
	    (r = sampler_fresh(s, first ? first : &unwanted, err)) < 0) {
		sampler_stop(s);
		return r;
	}
	*out = s;
	return 0;
}

void sampler_latest(struct sampler *s, struct sample *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->latest;
	pthread_mutex_unlock(&s->lock);
}

int sampler_fresh(struct sampler *s, struct sample *out, struct err *err)
{
	uint64_t ticket;
	int r;

	pthread_mutex_lock(&s->lock);
	ticket = ++s->asked;
	pthread_cond_signal(&s->wake);
	while (s->served < ticket)
		pthread_cond_wait(&s->done, &s->lock);
	r = s->failure.code;
	if (r == 0)
		*out = s->newest_full;
	else if (err)
		*err = s->failure;
	pthread_mutex_unlock(&s->lock);
	return r;
}

const _Atomic uint64_t *sampler_ports(const struct sampler *s)
{
	return &s->ports;
}

void sampler_report(struct sampler *s, struct sampler_report *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->report;
	pthread_mutex_unlock(&s->lock);
}

void sampler_stop(struct sampler *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	if (s->running)
		pthread_join(s->thread, NULL);
	sample_taker_done(&s->taker);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->done);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
