#include "client/watch_run.h"

#include <string.h>

#include "client/predict.h"
#include "client/progress.h"
#include "client/record.h"
#include "client/report.h"
#include "client/server_link.h"
#include "common/admin/live.h"

#define ASK_NS (250 * NS_PER_MS) /* how often the server is asked */
#define SETTLE_NS                                                                        \
	(600 * NS_PER_MS)        /* the last FIN's ACK may be delayed by 41 ms; a lost one
				       costs an RTO */
#define BEHIND_NS (3 * NS_PER_S) /* the server has still to read what was sent */
#define HURRY_NS  (150 * NS_PER_MS) /* when interrupted */
#define ANSWER_NS                                                                        \
	(1800 *                                                                          \
	 NS_PER_MS)      /* after the duration, to wait for the server's final figures;
				  without them older ones would be reported as final */
#define ANSWERS        4 /* ... or so often the longest that an answer took before */
#define MOST_ANSWER_NS (10 * NS_PER_S)
#define AGAIN_NS       (400 * NS_PER_MS) /* for newer ones, once there were some */
#define BUSY_NS        NS_PER_S          /* the same of a server that is behind */
#define LOOK_NS        (25 * NS_PER_MS)
#define STALE_NS       (500 * NS_PER_MS) /* older counts are not a row's */
#define BEGIN_NS       (50 * NS_PER_MS) /* but those from before the run are its first row's */

static uint64_t failures(const struct client_tally *t)
{
	uint64_t n = 0;

	for (int o = 0; o < OUTCOMES; o++)
		if (o != OUTCOME_COMPLETED && o != OUTCOME_LEAKED && o != OUTCOME_CUT_OFF)
			n += tally_get(&t->outcome[o]);
	return n;
}

/* Counts made at counted_ns are of this moment: the run has hardly begun, or they are of the run and
 * not too old. */
static bool is_current(const struct client_record *run, uint64_t counted_ns,
		       uint64_t now_ns, uint64_t too_old_ns)
{
	if (now_ns < run->begin_ns + BEGIN_NS)
		return true;
	return counted_ns >= run->begin_ns &&
	       (now_ns < counted_ns || now_ns - counted_ns < too_old_ns);
}

static void take_row(struct client_record *run, struct series_row *row, uint64_t now_ns)
{
	struct client_tally sum;
	uint64_t counted_ns = 0;
	struct sample s;

	client_tally_sum(run, &sum);
	memset(row, 0, sizeof(*row));
	row->t = (double)(now_ns - run->begin_ns) / NS_PER_S;
	row->connects_ok = tally_get(&sum.connects_ok);
	row->transactions_ok = tally_get(&sum.transactions_ok);
	row->errors = failures(&sum);
	if (run->sampler) {
		sampler_latest(run->sampler, &s);
		row->client = s.client;
		row->ports_in_use = s.ports_in_use;
		counted_ns = sample_counted_ns(&s);
		row->has_client = is_current(run, counted_ns, now_ns, STALE_NS);
		row->server = s.server;
		row->has_server = run->shared;
	}
	if (run->link)
		row->has_server =
			server_link_states(run->link, &row->server, &counted_ns);
	if (!row->has_server)
		return;
	tcp_states_peak(&run->server_peak, &row->server);
	/* The server counts as often as it may, and is asked for the newest. */
	row->has_server =
		is_current(run, counted_ns, now_ns, run->link ? UINT64_MAX : STALE_NS);
}

static bool all_over(const struct client_record *run)
{
	for (unsigned i = 0; i < run->plan.workers; i++)
		if (!atomic_load(&run->workers[i]->over))
			return false;
	return true;
}

/* What has the ports when a connection first finds none: before anything that is open is
 * closed.  The worker that met it has woken this thread. */
static void note_none_left(struct client_record *run)
{
	bool met = false;

	for (unsigned i = 0; i < run->plan.workers; i++)
		met |= tally_get(&run->workers[i]->tally.first_exhausted_ns) != 0;
	if (!met || run->none_left_noted)
		return;
	run->none_left_noted = true;
	if (run->sampler)
		sampler_fresh(run->sampler, &run->none_left, NULL);
}

/* A signal, or a worker that found no port under --on-exhaustion stop, ends all. */
static void pass_on_stop(struct client_record *run)
{
	bool stop = run->signal != 0;

	for (unsigned i = 0; i < run->plan.workers; i++)
		stop |= atomic_load(&run->workers[i]->exhausted_stop);
	for (unsigned i = 0; stop && i < run->plan.workers; i++)
		if (!atomic_load(&run->workers[i]->stop))
			client_worker_stop(run->workers[i]);
}

struct pace { /* when the next of each is due */
	uint64_t ask_ns, line_ns, predict_ns, publish_ns;
	struct progress progress;
	struct series_row last_line;
};

/* A line that people read should be of this moment; unless counting is expensive just now: half
 * of the sampler's budget may go into that. */
static void refresh(struct client_record *run, uint64_t every_ns)
{
	struct sampler_report cost;
	struct sample s;

	if (!run->sampler)
		return;
	sampler_report(run->sampler, &cost);
	if (cost.full_ms * NS_PER_MS < cost.budget / 2 * (double)every_ns)
		sampler_fresh(run->sampler, &s, NULL);
}

static void publish(struct client_record *run, uint64_t now_ns)
{
	struct series_row row;

	refresh(run, LIVE_NS);
	take_row(run, &row, now_ns);
	live_publish(run->live_at, report_live(run, &row), false);
}

static void do_what_is_due(struct client_record *run, struct pace *pace, uint64_t now_ns)
{
	uint64_t t_ns = now_ns > run->begin_ns ? now_ns - run->begin_ns : 0;
	struct series_row row;

	note_none_left(run);
	pass_on_stop(run);
	if (now_ns < run->begin_ns)
		return;
	if (run->link && now_ns >= pace->ask_ns) {
		server_link_ask(run->link);
		pace->ask_ns = now_ns + ASK_NS;
	}
	if (series_due(&run->series, t_ns)) {
		take_row(run, &row, now_ns);
		series_add(&run->series, &row, t_ns);
	}
	if (pace->progress.every_ns && now_ns >= pace->line_ns) {
		refresh(run, pace->progress.every_ns);
		take_row(run, &row, now_ns);
		progress_line(&pace->progress, run, &row, &pace->last_line);
		pace->last_line = row;
		pace->line_ns += pace->progress.every_ns;
	}
	if (now_ns >= pace->predict_ns)
		pace->predict_ns = predict_meanwhile(run, now_ns);
	if (now_ns >= pace->publish_ns) {
		publish(run, now_ns);
		pace->publish_ns = now_ns + LIVE_NS;
	}
}

static uint64_t next_look(const struct client_record *run, const struct pace *pace)
{
	uint64_t at = run->begin_ns + run->series.next_ns;

	if (run->link && pace->ask_ns < at)
		at = pace->ask_ns;
	if (pace->progress.every_ns && pace->line_ns < at)
		at = pace->line_ns;
	if (pace->publish_ns < at)
		at = pace->publish_ns;
	return pace->predict_ns < at ? pace->predict_ns : at;
}

void watch_run(struct client_record *run, struct loop *loop)
{
	struct pace pace = { 0 };
	uint64_t now_ns;

	progress_init(&pace.progress, run);
	pace.predict_ns = run->begin_ns;
	pace.publish_ns = run->live_at ? run->begin_ns : UINT64_MAX;
	pace.ask_ns = run->begin_ns + ASK_NS;
	pace.line_ns = run->begin_ns + pace.progress.every_ns;
	while (!all_over(run)) {
		now_ns = clock_ns();
		do_what_is_due(run, &pace, now_ns);
		loop_turn(loop, now_ns, next_look(run, &pace));
	}
	progress_end(&pace.progress);
}

static uint64_t moving(const struct tcp_states *s)
{
	return s->n[STATE_SYN_SENT] + s->n[STATE_SYN_RECV] + s->n[STATE_FIN_WAIT1] +
	       s->n[STATE_CLOSING] + s->n[STATE_LAST_ACK];
}

/* Sockets that will move on by themselves.  FIN_WAIT2, CLOSE_WAIT and ESTABLISHED count only
 * where nobody leaks and nobody is left to be waited for. */
static uint64_t unsettled(const struct client_record *run, const struct tcp_states *s)
{
	bool leaks = closing_mix_share(&run->plan.mix, PORT_HELD) > 0 ||
		     closing_mix_share(&run->plan.mix, PORT_FIN_WAIT2) > 0;

	return moving(s) + (leaks ? 0
				  : s->n[STATE_FIN_WAIT2] + s->n[STATE_CLOSE_WAIT] +
					    s->n[STATE_ESTABLISHED]);
}

/* How long to wait for the server's final figures, without which there are none: a run whose server
 * is lost ends within 2 s of its duration, but one whose answers have been slow is given time. */
static uint64_t answer_until(const struct client_record *run)
{
	uint64_t end_ns = run->begin_ns + run->plan.o.duration_ns;
	uint64_t patience_ns = ANSWERS * server_link_slowest_ns(run->link);

	if (run->signal)
		return clock_ns() + NS_PER_S;
	if (patience_ns < ANSWER_NS)
		patience_ns = ANSWER_NS;
	if (patience_ns > MOST_ANSWER_NS)
		patience_ns = MOST_ANSWER_NS;
	return (run->over_ns < end_ns ? run->over_ns : end_ns) + patience_ns;
}

/* Bytes are missing and there are connections to read them from. */
static bool is_behind(const struct client_record *run, const struct tcp_states *server)
{
	struct client_tally sum;
	bool known = false;
	int64_t got = server_link_delta(run->link,
					run->plan.run ? "of_run.totals.bytes_received"
						      : "totals.bytes_received",
					&known);

	client_tally_sum(run, &sum);
	return known && got < (int64_t)tally_get(&sum.bytes_sent) &&
	       server->n[STATE_SYN_RECV] + server->n[STATE_ESTABLISHED] +
			       server->n[STATE_CLOSE_WAIT] >
		       0;
}

static uint64_t unsettled_anywhere(struct client_record *run, uint64_t until_ns,
				   bool *behind)
{
	struct tcp_states server = { 0 };
	struct sample fresh;
	uint64_t n = 0;

	if (run->sampler && sampler_fresh(run->sampler, &fresh, NULL) == 0) {
		run->last = fresh;
		n += unsettled(run, &run->last.client);
		if (run->shared)
			n += unsettled(run, &run->last.server);
	}
	*behind = false;
	if (run->link && server_link_wait_last(run->link, until_ns) &&
	    server_link_states(run->link, &server, NULL)) {
		n += unsettled(run, &server);
		*behind = is_behind(run, &server);
	}
	return n;
}

void watch_settle(struct client_record *run, struct loop *loop)
{
	uint64_t begin = clock_ns(), now = begin, until = answer_until(run);
	struct series_row row;
	bool behind;

	if (run->sampler)
		sampler_latest(run->sampler, &run->last); /* should no fresh one come */
	while (unsettled_anywhere(run, until, &behind) > 0 &&
	       (now = clock_ns()) < begin + (behind ? BEHIND_NS : SETTLE_NS) &&
	       (run->signal == 0 || now < begin + HURRY_NS)) {
		loop_turn(loop, now, now + LOOK_NS);
		if (until < now + (behind ? BUSY_NS : AGAIN_NS))
			until = now + (behind ? BUSY_NS : AGAIN_NS);
	}
	now = clock_ns();
	take_row(run, &row, now);
	if (run->sampler) {
		row.client = run->last.client;
		row.ports_in_use = run->last.ports_in_use;
		row.has_client = true;
	}
	series_add(&run->series, &row, now - run->begin_ns);
}
