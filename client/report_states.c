/* report_states - see report_states.h. */
#include "client/report_states.h"

#include "client/books_server.h"
#include "client/record.h"
#include "client/report_server.h"
#include "client/server_link.h"
#include "common/base/put.h"
#include "common/result/result.h"

/* What is known of one side. */
struct side {
	bool has_before, has_end;
	struct tcp_states before, peak, end;
	uint64_t own_peak, own_end; /* of TIME_WAIT: those that began in the run */
	const char *no_own;         /* why the two are not known; NULL = they are */
};

static json_t *time_wait(uint64_t n)
{
	return json_pack("{s:I}", "TIME_WAIT", (json_int_t)n);
}

static json_t *side_json(struct side *s)
{
	json_t *o = json_object(), *own = NULL;

	if (s->has_end)
		tcp_states_peak(&s->peak, &s->end);
	if (s->own_peak < s->own_end)
		s->own_peak = s->own_end;
	if (!s->no_own)
		own = json_pack("{s:o, s:o}", "peak", time_wait(s->own_peak), "end",
				time_wait(s->own_end));
	put(o, "peak", result_states(&s->peak));
	put(o, "end", s->has_end ? result_states(&s->end) : json_null());
	put(o, "before", s->has_before ? result_states(&s->before) : json_null());
	report_known(o, "own", own, s->no_own);
	return o;
}

/* More than we can have made is not ours alone. */
static void judge_own(struct side *s, const struct client_tally *sum)
{
	if (!s->no_own && s->own_end > tally_get(&sum->connects_started))
		s->no_own = "more began than the run has connections: other programs "
			    "connect to our targets, too, or did before";
}

/* By the timers of the sockets in this network namespace. */
static void own_here(struct side *s, const struct client_record *run, bool server)
{
	const struct sampler_report *r = &run->sampled;
	const struct sample *last = &run->last;

	s->own_peak = server ? r->server_own_peak : r->client_own_peak;
	s->own_end = server ? last->server.n[STATE_TIME_WAIT] - last->server_before
			    : last->client.n[STATE_TIME_WAIT] - last->client_before;
	s->no_own = last->full || run->skeleton
			    ? NULL
			    : "TIME_WAIT could not be listed at the end";
}

/* A side whose sockets are in this network namespace. */
static json_t *side_here(const struct client_record *run, const struct client_tally *sum,
			 bool server)
{
	const struct sampler_report *r = &run->sampled;
	const struct sample *first = &run->first, *last = &run->last;
	struct side s = {
		.has_before = true,
		.has_end = true,
		.before = server ? first->server : first->client,
		.peak = server ? r->server_peak : r->client_peak,
		.end = server ? last->server : last->client,
	};

	own_here(&s, run, server);
	judge_own(&s, sum);
	return side_json(&s);
}

/* By the server's answers, which do not tell its TIME_WAIT of this run from older. */
static json_t *side_there(const struct client_record *run, const struct client_tally *sum,
			  const struct books_server *server, bool has_end,
			  const struct tcp_states *end)
{
	struct side s = {
		.has_end = has_end,
		.peak = run->server_peak,
		.end = *end,
		.own_peak = run->server_peak.n[STATE_TIME_WAIT],
		.own_end = end->n[STATE_TIME_WAIT],
	};

	s.has_before = server_link_first_states(run->link, &s.before);
	if (run->shared && run->sampler)
		own_here(&s, run, true);
	else if (!s.has_before || !has_end)
		s.no_own = server_link_why_unknown(run->link);
	else if (s.before.n[STATE_TIME_WAIT] > 0)
		s.no_own = "the server had TIME_WAIT before the run, and its answers do "
			   "not tell which is which";
	else if (server->why[0])
		s.no_own = server->why;
	judge_own(&s, sum);
	return side_json(&s);
}

/* Its own word, or this namespace's if it lives here, or unknown.  Where it answered during the run,
 * when it listened, and not at the end, there is a peak. */
static void put_server(json_t *states, const struct client_record *run,
		       const struct client_tally *sum, const struct books_server *server)
{
	struct tcp_states end = { 0 };
	bool answered = run->link && server_link_states(run->link, &end, NULL);
	json_t *side = NULL;

	if (answered)
		side = side_there(run, sum, server, true, &end);
	else if (run->skeleton || (run->shared && run->sampler))
		side = side_here(run, sum, true);
	else if (run->server_peak.n[STATE_LISTEN] > 0)
		side = side_there(run, sum, server, false, &end);
	report_known(states, "server", side, report_no_server(run));
	if (side && json_is_null(json_object_get(side, "end")))
		put_text(states, "server_reason", report_no_server(run));
}

json_t *report_states(const struct client_record *run, const struct client_tally *sum,
		      const struct books_server *server)
{
	bool counted = run->sampler || run->skeleton;
	json_t *o = json_object();

	report_known(o, "client", counted ? side_here(run, sum, false) : NULL,
		     run->no_states);
	put_server(o, run, sum, server);
	put(o, "sockstat_tw",
	    counted ? json_integer((json_int_t)run->last.sockstat.tw) : json_null());
	return o;
}
