#include "bench/observe/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "bench/observe/document.h"
#include "bench/observe/counted.h"
#include "common/base/clock.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/base/relay.h"

#define EVENTS_NS                                                                        \
	(5 *                                                                             \
	 NS_PER_MS) /* between readings of destroyed sockets: many at a time cost less */
#define LINE_NS  NS_PER_S
#define QUIET_NS (100 * NS_PER_MS) /* without such an event: there was the last */
#define LAST_NS  (2 * NS_PER_S)

struct observer {
	const struct observe_plan *plan;
	struct counted counted[OBSERVE_HOSTS];
	uint64_t begin_ns, begin_wall_ns;
	uint64_t tick_ns, line_ns, relay_ns; /* of the next */
};

/* ---- what is said meanwhile */

static const struct ends_row *largest_use(const struct counted *w)
{
	const struct ends_row *best = NULL;

	for (size_t i = 0; i < w->ends.n; i++) {
		const struct ends_row *row = &w->ends.at[i];

		if (row->key.kind == ENDS_TO &&
		    (!best || tcp_states_total(&row->in_range) >
				      tcp_states_total(&best->in_range)))
			best = row;
	}
	return best;
}

static void say(const struct counted *w)
{
	const struct ends_row *row = largest_use(w);
	char text[ADDR_TEXT];

	fprintf(stderr, "  host %s: TIME_WAIT %llu, ESTABLISHED %llu", w->host->name,
		(unsigned long long)w->now.n[STATE_TIME_WAIT],
		(unsigned long long)w->now.n[STATE_ESTABLISHED]);
	if (row)
		fprintf(stderr, ", %llu of %llu ports to %s",
			(unsigned long long)tcp_states_total(&row->in_range),
			(unsigned long long)counted_budget(w, row),
			ends_print(&row->key, text, sizeof(text)));
	fputc('\n', stderr);
}

/* What all hosts had so far, new reference. */
static json_t *document(struct observer *o)
{
	json_t *doc = json_object(), *hosts = json_object();

	put_count(doc, "begin_wall_ns", o->begin_wall_ns);
	put(doc, "hosts", hosts);
	for (unsigned i = 0; i < o->plan->n; i++)
		put(hosts, o->counted[i].host->name,
		    document_host(&o->counted[i], o->begin_ns));
	return doc;
}

/* ---- the loop */

static void end(struct counted *w)
{
	if (!w->over)
		counted_fully(w, NULL);
	w->over = true;
}

static void tick(struct observer *o, uint64_t now_ns)
{
	unsigned missed = 0;

	for (o->tick_ns += COUNTED_TICK_NS; o->tick_ns < now_ns;
	     o->tick_ns += COUNTED_TICK_NS)
		missed++;
	for (unsigned i = 0; i < o->plan->n; i++) {
		struct counted *w = &o->counted[i];

		if (w->until_ns && now_ns >= w->until_ns)
			end(w);
		if (w->over)
			continue;
		counted_tick(w, NULL);
		w->report.missed += missed;
	}
	if (o->plan->quiet || now_ns < o->line_ns)
		return;
	o->line_ns = now_ns + LINE_NS;
	for (unsigned i = 0; i < o->plan->n; i++)
		if (!o->counted[i].over)
			say(&o->counted[i]);
}

static void relay(struct observer *o, uint64_t now_ns)
{
	json_t *doc;

	if (!o->plan->relay || now_ns < o->relay_ns)
		return;
	o->relay_ns = now_ns + LINE_NS;
	doc = document(o);
	if (memory_check(NULL) == 0) {
		relay_send(o->plan->relay, o->plan->about, "seen", doc, false);
		return;
	}
	memory_forget(); /* of this document alone */
	json_decref(doc);
}

static void read_failures(struct observer *o)
{
	for (unsigned i = 0; i < o->plan->n; i++)
		if (counted_failures_fd(&o->counted[i]) != -1)
			no_port_read(&o->counted[i].no_port);
}

static bool hears_failures(const struct observer *o)
{
	for (unsigned i = 0; i < o->plan->n; i++)
		if (counted_failures_fd(&o->counted[i]) != -1)
			return true;
	return false;
}

/* Its parent said so, or closed the pipe: then it returns false. */
static bool load_ended(struct observer *o, int stop)
{
	char none;

	if (read(stop, &none, 1) != 1)
		return false;
	for (unsigned i = 0; i < o->plan->n; i++) {
		struct counted *w = &o->counted[i];

		if (!w->host->count_on_ns)
			end(w);
		w->until_ns = clock_ns() + w->host->count_on_ns;
	}
	return true;
}

static void run(struct observer *o, int stop)
{
	struct pollfd ends = { .fd = stop, .events = POLLIN };
	bool failures = hears_failures(o);

	for (;;) {
		uint64_t now = clock_ns(), due = o->tick_ns;
		struct timespec t;

		if (failures && due > now + EVENTS_NS)
			due = now + EVENTS_NS;
		t = (struct timespec){ .tv_nsec = due > now ? (long)(due - now) : 0 };
		if (ppoll(&ends, 1, &t, NULL) > 0 && !load_ended(o, stop))
			return;
		read_failures(o);
		now = clock_ns();
		if (now >= o->tick_ns) {
			tick(o, now);
			relay(o, now);
		}
	}
}

static uint64_t events(const struct observer *o)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < o->plan->n; i++)
		n += o->counted[i].no_port.events;
	return n;
}

/* The kernel tells of a destroyed socket from a work queue, so after the program has ended; on busy cores
 * hundreds of ms after.  That of the last connect(), which found no port, comes last. */
static void read_last_failures(struct observer *o)
{
	uint64_t now = clock_ns(), last = now, end = now + LAST_NS, n, before = events(o);

	for (; hears_failures(o) && now < last + QUIET_NS && now < end;
	     now = clock_ns(), before = n) {
		poll(NULL, 0, EVENTS_NS / NS_PER_MS);
		read_failures(o);
		n = events(o);
		last = n > before ? now : last;
	}
}

static void finish(struct observer *o)
{
	json_t *doc;

	memory_needed(true);
	read_last_failures(o);
	for (unsigned i = 0; i < o->plan->n; i++) {
		struct counted *w = &o->counted[i];

		end(w);
		no_port_settle(&w->no_port,
			       &w->ends); /* what came after the last count */
	}
	doc = document(o);
	if (memory_check(NULL) == 0)
		json_dumpfd(doc, o->plan->out, JSON_COMPACT);
	json_decref(doc);
}

static int open_all(struct observer *o, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < o->plan->n; i++)
		r = counted_open(&o->counted[i], &o->plan->host[i], o->plan->n, err);
	return r;
}

/* What goes wrong is told through `over`: nothing but its end, or the sentence. */
static int child(const void *arg, int stop, int over)
{
	const struct observe_plan *plan = arg;
	static struct observer o; /* too large for a stack */
	struct err err;

	o.plan = plan;
	if (open_all(&o, &err) < 0) {
		companion_could_not(over, &err);
		return 1;
	}
	o.begin_ns = clock_ns();
	o.begin_wall_ns = clock_wall_ns();
	o.tick_ns = o.begin_ns + COUNTED_TICK_NS;
	o.line_ns = o.begin_ns + LINE_NS / 2;
	if (companion_begun(over) == -1)
		return 1;
	run(&o, stop);
	finish(&o);
	for (unsigned i = 0; i < plan->n; i++)
		counted_close(&o.counted[i]);
	return 0;
}

/* ---- its parent */

int observe_start(const struct observe_plan *plan, struct companion *out, struct err *err)
{
	*out = COMPANION_NONE;
	if (!plan->n)
		return 0;
	return companion_start(
		out, child, plan,
		"the process that observes hosts ended before it had counted", err);
}

void observe_load_ended(const struct companion *p)
{
	if (p->stop != -1 && write(p->stop, "", 1) != 1)
		return; /* it is gone, which its document will show */
}

void observe_stop(struct companion *p)
{
	companion_end(p);
}
