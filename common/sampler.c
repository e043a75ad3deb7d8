#include "common/sampler.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "common/clock.h"
#include "common/sock_diag.h"
#include "common/thread.h"

#define TICK_NS      (100 * NS_PER_MS)
#define BUDGET       0.01
#define PORTS        65536
#define BITMAP_WORDS (PORTS / 64)

/* Whose a socket is, is decided here and not by the kernel's port filter: `other` and the
 * listeners need every socket anyway, and telling sides apart costs little beside the
 * ~300 ns the kernel takes for each.  The bitmap of ports turns nearly all away; what is
 * left is looked for among the sorted endpoints. */
struct endpoint {
	unsigned char host[16]; /* IPv4: the first 4 */
	uint16_t port;
	uint16_t family;
};

struct side {
	struct endpoint *at; /* owned, sorted */
	size_t n;
	uint64_t port[BITMAP_WORDS];   /* of the endpoints */
	uint64_t any_v4[BITMAP_WORDS]; /* of wildcards: every IPv4 address */
	uint64_t any_v6[BITMAP_WORDS];
};

/* The lock is the publication's alone: it is never held over a system call that works. */
struct sampler {
	struct side targets, listens; /* const after the start */
	uint16_t port_lo, port_hi;
	uint64_t tick_ns;
	double budget;
	struct sock_diag *diag;      /* owned; the thread's alone, ... */
	struct proc_net_files files; /* ... and these, open from the start: a load may
					 leave no descriptor */
	pthread_t thread;
	bool running;

	_Atomic uint64_t ports; /* see sampler_ports(); written with the lock held */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;  /* to the thread: asked or stop changed */
	pthread_cond_t done;  /* from the thread: served changed */
	bool stop;
	uint64_t asked, served; /* requests for a fresh sample */
	struct err failure;     /* of the newest dump; code 0 = it went well */
	struct sample latest;
	struct sampler_report report;
};

static bool has(const uint64_t *bitmap, uint16_t port)
{
	return bitmap[port / 64] >> (port % 64) & 1;
}

static void put(uint64_t *bitmap, uint16_t port)
{
	bitmap[port / 64] |= 1ull << (port % 64);
}

static int compare_endpoints(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct endpoint));
}

static struct endpoint make_endpoint(int family, const void *host, uint16_t port)
{
	struct endpoint e = { .port = port, .family = (uint16_t)family };

	memcpy(e.host, host, family == AF_INET ? 4 : 16);
	return e;
}

static struct endpoint endpoint_of(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return make_endpoint(AF_INET, &a->in.sin_addr, addr_port(a));
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return make_endpoint(AF_INET, a->in6.sin6_addr.s6_addr + 12,
				     addr_port(a));
	return make_endpoint(AF_INET6, &a->in6.sin6_addr, addr_port(a));
}

static bool is_wildcard(const struct endpoint *e)
{
	static const unsigned char zero[16];

	return memcmp(e->host, zero, sizeof(zero)) == 0;
}

/* connect() to the wildcard goes to the loopback address. */
static void wildcard_to_loopback(struct endpoint *e)
{
	if (e->family == AF_INET) {
		e->host[0] = 127;
		e->host[3] = 1;
	} else {
		e->host[15] = 1;
	}
}

/* A listener on [::] hears IPv4 too, unless it is V6ONLY; then nobody else's sockets are on
 * that port of ours. */
static void add_wildcard(struct side *side, const struct endpoint *e)
{
	put(side->any_v4, e->port);
	if (e->family == AF_INET6)
		put(side->any_v6, e->port);
}

static int side_init(struct side *side, const struct addr_list *list, bool listening,
		     struct err *err)
{
	if (!list || !list->n)
		return 0;
	side->at = calloc(list->n, sizeof(*side->at));
	if (!side->at)
		return err_sys(err, "sampler: %zu addresses", list->n);
	for (size_t i = 0; i < list->n; i++) {
		struct endpoint e = endpoint_of(&list->at[i]);

		if (is_wildcard(&e) && listening) {
			add_wildcard(side, &e);
			continue;
		}
		if (is_wildcard(&e))
			wildcard_to_loopback(&e);
		put(side->port, e.port);
		side->at[side->n++] = e;
	}
	qsort(side->at, side->n, sizeof(*side->at), compare_endpoints);
	return 0;
}

static bool side_has(const struct side *side, int family, const unsigned char *host,
		     uint16_t port)
{
	struct endpoint e;

	if (has(family == AF_INET ? side->any_v4 : side->any_v6, port))
		return true;
	if (!has(side->port, port))
		return false;
	e = make_endpoint(family, host, port);
	return bsearch(&e, side->at, side->n, sizeof(e), compare_endpoints) != NULL;
}

struct classify {
	const struct sampler *s;
	struct sample *into;
};

static int classify(const struct sock_diag_row *row, void *arg)
{
	const struct classify *c = arg;
	const struct sampler *s = c->s;
	struct sample *into = c->into;
	bool in_range = row->local_port >= s->port_lo && row->local_port <= s->port_hi;

	if (row->state == STATE_LISTEN)
		into->listeners_in_range += in_range;
	if (side_has(&s->targets, row->family, row->remote, row->remote_port)) {
		into->client.n[row->state]++;
		into->ports_in_use += in_range;
	} else if (side_has(&s->listens, row->family, row->local, row->local_port)) {
		into->server.n[row->state]++;
	} else {
		into->other.n[row->state]++;
	}
	return 0;
}

static int take_sample(struct sampler *s, struct sample *out, struct err *err)
{
	const struct sock_diag_query all = { .states = SOCK_DIAG_ALL_STATES };
	struct classify c = { s, out };
	int r;

	memset(out, 0, sizeof(*out));
	r = sock_diag_dump(s->diag, &all, classify, &c, err);
	proc_net_read_sockstat(&s->files, &out->sockstat);
	if (r == 0)
		r = proc_net_read_counters(&s->files, &out->counters, err);
	out->t_ns = clock_ns();
	return r;
}

static void note_peaks(struct sampler_report *report, const struct sample *sample)
{
	tcp_states_peak(&report->client_peak, &sample->client);
	tcp_states_peak(&report->server_peak, &sample->server);
	if (report->ports_peak < sample->ports_in_use)
		report->ports_peak = sample->ports_in_use;
	if (report->tw_peak < sample->sockstat.tw)
		report->tw_peak = sample->sockstat.tw;
}

static void publish_ports(struct sampler *s, uint64_t in_use)
{
	uint64_t word = atomic_load_explicit(&s->ports, memory_order_relaxed);
	uint64_t nth = (word >> SAMPLER_PORTS_BITS) + 1;

	atomic_store_explicit(&s->ports, nth << SAMPLER_PORTS_BITS | in_use,
			      memory_order_relaxed);
}

/* Called and left with the lock held, which is not held meanwhile.  Returns when the budget
 * allows the next dump. */
static uint64_t dump_and_publish(struct sampler *s)
{
	uint64_t upto = s->asked, wall, cpu, spent;
	struct err failure = { 0 };
	struct sample sample = { 0 };

	pthread_mutex_unlock(&s->lock);
	wall = clock_ns();
	cpu = clock_thread_cpu_ns();
	take_sample(s, &sample, &failure);
	spent = clock_thread_cpu_ns() - cpu;
	wall = clock_ns() - wall;
	pthread_mutex_lock(&s->lock);

	s->served = upto;
	s->failure = failure;
	pthread_cond_broadcast(&s->done);
	if (failure.code == 0) {
		s->latest = sample;
		s->report.samples++;
		note_peaks(&s->report, &sample);
		publish_ports(s, sample.ports_in_use);
	}
	if (s->report.longest_ms < (double)wall / NS_PER_MS)
		s->report.longest_ms = (double)wall / NS_PER_MS;
	return clock_ns() + (uint64_t)((double)spent / s->budget);
}

/* Every tick: the O(1) total, whatever the dump costs.  As dump_and_publish(), it lets go of
 * the lock meanwhile. */
static void read_total(struct sampler *s)
{
	struct sockstat now;

	pthread_mutex_unlock(&s->lock);
	proc_net_read_sockstat(&s->files, &now);
	pthread_mutex_lock(&s->lock);
	s->report.ticks++;
	if (s->report.tw_peak < now.tw)
		s->report.tw_peak = now.tw;
}

static void wait_until_ns(struct sampler *s, uint64_t when_ns)
{
	const struct timespec when = { (time_t)(when_ns / NS_PER_S),
				       (long)(when_ns % NS_PER_S) };

	pthread_cond_timedwait(&s->wake, &s->lock, &when);
}

static void *sampler_main(void *arg)
{
	struct sampler *s = arg;
	uint64_t tick = clock_ns() + s->tick_ns, allowed = 0;

	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		uint64_t now = clock_ns();

		if (s->asked != s->served) {
			allowed = dump_and_publish(s);
		} else if (now < tick) {
			wait_until_ns(s, tick);
		} else {
			read_total(s);
			if (now >= allowed)
				allowed = dump_and_publish(s);
			else
				s->report.missed++;
			tick += s->tick_ns;
			if (tick < clock_ns()) /* never two at once after a long one */
				tick = clock_ns() + s->tick_ns;
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
	s->port_lo = plan->port_lo;
	s->port_hi = plan->port_hi;
	s->tick_ns = plan->tick_ns ? plan->tick_ns : TICK_NS;
	s->budget = plan->budget > 0 ? plan->budget : BUDGET;
	if ((r = side_init(&s->targets, plan->targets, false, err)) < 0 ||
	    (r = side_init(&s->listens, plan->listens, true, err)) < 0 ||
	    (r = proc_net_open(PROC_ROOT, &s->files, err)) < 0 ||
	    (r = sock_diag_open(&s->diag, err)) < 0 || (r = start_thread(s, err)) < 0 ||
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
		*out = s->latest;
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
	sock_diag_close(s->diag);
	proc_net_close(&s->files);
	free(s->targets.at);
	free(s->listens.at);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->done);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
