#include "bench/observe/counted.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"

#define TIME_WAIT_NS    (60 * NS_PER_S) /* TCP_TIMEWAIT_LEN */
#define TIMER_TIME_WAIT 3               /* sock_diag's: the socket is a minisock */
#define LIVE_STATES     (SOCK_DIAG_ALL_STATES & ~(1u << STATE_TIME_WAIT))
#define TICKS_PER_S     (NS_PER_S / COUNTED_TICK_NS)
#define CLOCK_ROWS      64 /* of a dump, for which the clock is read once */

/* ---- one socket */

static bool in_range(const struct counted *w, uint16_t port)
{
	return port >= w->ports.lo && port <= w->ports.hi;
}

static void note_listener(struct counted *w, uint16_t port)
{
	if (port_set_has(&w->listening, port))
		return;
	port_set_add(&w->listening, port);
	port_set_add(&w->ever_listening, port);
	w->listeners_in_range +=
		in_range(w, port) && !port_set_has(&w->ports.reserved, port);
}

/* TIME_WAIT always lasts as long, so what is left of it tells when it began. */
static void note_birth(struct counted *w, struct ends_row *to, uint32_t left_ms)
{
	uint64_t ns = w->clock_ns - TIME_WAIT_NS + left_ms * NS_PER_MS;

	if (!to->first_birth_ns || ns < to->first_birth_ns)
		to->first_birth_ns = ns;
	if (ns > to->last_birth_ns)
		to->last_birth_ns = ns;
}

static void count(struct counted *w, struct ends_row *to, const struct sock_diag_row *row)
{
	if (!to) {
		w->ends.beyond.n[row->state]++;
		return;
	}
	to->now.n[row->state]++;
	if (!in_range(w, row->local_port))
		return;
	to->in_range.n[row->state]++;
	if (row->state == STATE_TIME_WAIT)
		note_birth(w, to, row->expires_ms);
}

static struct ends_row *row_of(struct counted *w, enum ends_kind kind,
			       const struct sock_diag_row *row)
{
	bool at = kind == ENDS_AT;
	struct ends_key key = { .end = endpoint_make(
					row->family, at ? row->local : row->remote,
					at ? row->local_port : row->remote_port),
				.kind = kind };

	if (kind == ENDS_FROM)
		memcpy(key.from, row->local, row->family == AF_INET ? 4 : 16);
	return ends_row(&w->ends, &key);
}

static bool is_asked_for(const struct counted *w, const struct sock_diag_row *row,
			 bool at)
{
	struct sock_diag_row other = *row;

	if (w->all)
		return true;
	if (at) {
		other.remote = row->local;
		other.remote_port = row->local_port;
	}
	return sides_whose(&w->only, &other) == WHOSE_CLIENT;
}

/* Who listens on a port has accepted what is connected to it.  Listeners come before connections. */
static void place(struct counted *w, const struct sock_diag_row *row)
{
	bool at = port_set_has(&w->ever_listening, row->local_port);
	struct ends_row *to, *from;
	size_t n;

	if (!is_asked_for(w, row, at)) {
		count(w, NULL, row);
		return;
	}
	to = row_of(w, at ? ENDS_AT : ENDS_TO, row);
	count(w, to, row);
	if (at || !to)
		return;
	n = w->ends.n;
	from = row_of(w, ENDS_FROM, row);
	to->n_from += w->ends.n > n;
	if (from)
		count(w, from, row);
}

static int take_row(const struct sock_diag_row *row, void *arg)
{
	struct counted *w = arg;

	if (++w->report.sockets % CLOCK_ROWS == 0)
		w->clock_ns = clock_ns();
	w->now.n[row->state]++;
	if (row->state == STATE_LISTEN) {
		note_listener(w, row->local_port);
		return 0;
	}
	w->minisocks += row->state == STATE_FIN_WAIT2 && row->timer == TIMER_TIME_WAIT;
	if (row->remote_port)
		place(w, row);
	return 0;
}

/* ---- a count */

uint64_t counted_budget(const struct counted *w, const struct ends_row *row)
{
	unsigned of = row->key.kind == ENDS_TO ? row->n_from : 1;

	return row->key.kind == ENDS_AT ? 0 : of * w->per_address;
}

static void note_fullness(struct counted *w, uint64_t t_ns)
{
	uint64_t in_range = (uint64_t)w->ports.hi - w->ports.lo + 1;
	uint64_t no_connect = host_ports_reserved(&w->ports, w->ports.lo, w->ports.hi) +
			      w->listeners_in_range;

	w->per_address = in_range > no_connect ? in_range - no_connect : 0;
	for (size_t i = 0; i < w->ends.n; i++) {
		struct ends_row *row = &w->ends.at[i];
		struct fullness_look look = {
			.t_ns = t_ns,
			.budget = counted_budget(w, row),
			.in_range = row->in_range,
			.first_birth_ns = row->first_birth_ns,
			.last_birth_ns = row->last_birth_ns,
			.taken_again =
				w->counters.n[KC_TWRecycled] > w->first.n[KC_TWRecycled],
		};

		if (row->key.kind != ENDS_AT)
			fullness_note(&row->full, &look);
	}
}

static void note_peaks(struct counted *w, bool full)
{
	struct tcp_states seen = w->now;

	if (!full)
		seen.n[STATE_TIME_WAIT] = 0; /* kept from the last full count */
	tcp_states_peak(&w->peak, &seen);
	if (w->sockets_peak < tcp_states_total(&seen))
		w->sockets_peak = tcp_states_total(&seen);
	ends_peaks(&w->ends, full);
}

static int dump(struct counted *w, bool full, struct err *err)
{
	const struct sock_diag_query q = {
		.states = full ? SOCK_DIAG_ALL_STATES : LIVE_STATES,
	};
	uint64_t waiting = w->now.n[STATE_TIME_WAIT];
	int r;

	w->now = (struct tcp_states){ 0 };
	if (!full)
		w->now.n[STATE_TIME_WAIT] = waiting;
	w->clock_ns = clock_ns();
	w->listening = (struct port_set){ 0 };
	w->listeners_in_range = 0;
	w->minisocks = 0;
	ends_clear(&w->ends, full);
	r = sock_diag_dump(w->diag, &q, take_row, w, err);
	if (r == 0 && full)
		r = proc_net_read_counters(&w->files, &w->counters, err);
	return r;
}

static int count_all(struct counted *w, bool full, struct err *err)
{
	uint64_t wall = clock_ns(), cpu = clock_thread_cpu_ns(), took;
	int r = dump(w, full, err);

	if (r < 0)
		return r;
	note_peaks(w, full);
	if (full) {
		note_fullness(w, clock_ns());
		no_port_settle(&w->no_port, &w->ends);
	}
	sample_pace_spent(&w->pace, full ? SAMPLE_FULL : SAMPLE_LIVE,
			  clock_thread_cpu_ns() - cpu, clock_ns());
	took = clock_ns() - wall;
	w->report.samples++;
	w->report.full_dumps += full;
	if (w->report.longest_ms < (double)took / NS_PER_MS)
		w->report.longest_ms = (double)took / NS_PER_MS;
	return 0;
}

/* ---- the series */

static void note_uses(const struct counted *w, struct counted_moment *m)
{
	for (uint32_t i = 0; i < w->ends.n; i++) {
		const struct ends_row *row = &w->ends.at[i];
		uint32_t ports = (uint32_t)tcp_states_total(&row->in_range);
		unsigned at = m->n_use;

		if (row->key.kind != ENDS_TO || !ports)
			continue;
		if (at == COUNTED_ENDS && m->use[--at].ports >= ports)
			continue;
		for (; at && m->use[at - 1].ports < ports; at--)
			m->use[at] = m->use[at - 1];
		m->use[at] = (struct counted_use){ i, ports };
		m->n_use += m->n_use < COUNTED_ENDS;
	}
}

static void thin_out(struct counted *w)
{
	for (unsigned i = 0; i < w->n_moments / 2; i++)
		w->moment[i] = w->moment[2 * i];
	w->n_moments /= 2;
	w->step_ns *= 2;
}

static void note_moment(struct counted *w, enum sample_kind kind, uint64_t time_wait)
{
	struct counted_moment m = {
		.t_ns = clock_ns(),
		.time_wait = time_wait,
		.kind = kind,
		.states = w->now,
		.tracked = w->conntrack.now.count,
		.track_dropped =
			w->conntrack.now.stat.drop - w->conntrack.first.stat.drop,
	};

	if (m.t_ns < w->next_ns)
		return;
	if (w->n_moments == COUNTED_MOMENTS)
		thin_out(w);
	if (kind == SAMPLE_FULL)
		note_uses(w, &m);
	if (kind == SAMPLE_LIVE)
		m.states.n[STATE_TIME_WAIT] =
			time_wait > w->minisocks ? time_wait - w->minisocks : 0;
	w->moment[w->n_moments++] = m;
	w->next_ns = m.t_ns + w->step_ns - COUNTED_TICK_NS / 2;
}

static bool mostly_waiting(const struct counted *w)
{
	return 2 * w->now.n[STATE_TIME_WAIT] >
	       tcp_states_total(&w->now); /* of the last count */
}

static int take(struct counted *w, enum sample_kind kind, struct err *err)
{
	uint64_t cpu = clock_thread_cpu_ns();
	uint64_t tracked = conntrack_count(&w->conntrack);
	struct sockstat total;
	int r = 0;

	if (kind != SAMPLE_TOTAL)
		r = count_all(w, kind == SAMPLE_FULL, err);
	proc_net_read_sockstat(&w->files, &total);
	if (total.tw)
		w->time_wait_ns = clock_ns();
	conntrack_read(&w->conntrack, tracked, clock_ns());
	if (r == 0)
		note_moment(w, kind, total.tw);
	w->report.cpu_s += (double)(clock_thread_cpu_ns() - cpu) / NS_PER_S;
	return r;
}

int counted_tick(struct counted *w, struct err *err)
{
	enum sample_kind kind = sample_pace_next(&w->pace, clock_ns(), mostly_waiting(w));

	w->report.ticks++;
	if (w->until_ns && w->report.ticks % TICKS_PER_S == 0)
		conntrack_forget_expired(&w->conntrack);
	w->report.thinned += kind != SAMPLE_FULL;
	return take(w, kind, err);
}

int counted_fully(struct counted *w, struct err *err)
{
	w->next_ns = 0;
	return take(w, SAMPLE_FULL, err);
}

int counted_failures_fd(const struct counted *w)
{
	return w->host && w->host->failures ? no_port_fd(&w->no_port) : -1;
}

/* ---- the host */

/* An end that is asked for is told of, though nobody uses it. */
static void place_asked(struct counted *w)
{
	for (size_t i = 0; i < w->only.targets.n; i++) {
		struct ends_key key = { .end = w->only.targets.at[i], .kind = ENDS_TO };

		ends_row(&w->ends, &key);
	}
}

int counted_open(struct counted *w, const struct observe_host *host, unsigned of_hosts,
		 struct err *err)
{
	int r = 0;

	*w = (struct counted){ .host = host,
			       .all = !host->only || !host->only->n,
			       .step_ns = COUNTED_TICK_NS };
	w->report.budget = COUNTED_BUDGET / of_hosts;
	w->pace = (struct sample_pace){ .tick_ns = COUNTED_TICK_NS,
					.budget = w->report.budget };
	w->moment = calloc(COUNTED_MOMENTS, sizeof(*w->moment));
	if (!w->moment)
		r = err_memory(err);
	r = r ? r : ends_init(&w->ends, err);
	r = r ? r : sides_init(&w->only, host->only, NULL, err);
	if (r == 0)
		place_asked(w);
	if (r == 0 && setns(host->netns, CLONE_NEWNET) == -1)
		r = err_sys(err, "enter host %s", host->name);
	r = r ? r : host_ports("/proc", &w->ports, err);
	r = r ? r : proc_net_open(PROC_ROOT, &w->files, err);
	r = r ? r : sock_diag_open(&w->diag, err);
	conntrack_open(&w->conntrack, "/proc");
	if (r == 0 && host->failures)
		r = no_port_open(&w->no_port, err);
	r = r ? r : counted_fully(w, err);
	w->first = w->counters;
	/* That was before the run, in nobody's way. */
	w->pace.full_at = w->pace.live_at = 0;
	return r;
}

void counted_close(struct counted *w)
{
	sock_diag_close(w->diag);
	proc_net_close(&w->files);
	no_port_close(&w->no_port);
	conntrack_close(&w->conntrack);
	ends_done(&w->ends);
	sides_done(&w->only);
	free(w->moment);
	*w = (struct counted){ 0 };
}
