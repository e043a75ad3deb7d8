#include "client/server_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/clock_offset.h"
#include "client/own_counts.h"
#include "client/question.h"
#include "common/base/clock.h"
#include "common/base/container.h"
#include "common/base/memory.h"
#include "common/base/token.h"
#include "common/loop/loop.h"
#include "common/result/document.h"
#include "common/result/result.h"

#define RETRY_NS    (100 * NS_PER_MS)
#define FIRST_NS    (3 * NS_PER_S) /* for the answer before the run */
#define PATIENCE_NS (3 * NS_PER_S) /* for any other, during the run */
#define LARGEST     (1ll << 53)    /* no count of ours is over it: a double holds it */

struct server_link {
	struct loop *loop;      /* borrowed */
	struct question q;      /* embedded */
	json_t *first, *latest; /* owned references */
	char token[TOKEN_MAX + 32], trouble[300];
	char key[OWN_KEY];         /* of this run, for the server's books; "" = none */
	uint64_t asked_ns;         /* when the question under way was asked */
	uint64_t answered_ns;      /* when `latest` came */
	uint64_t slowest_ns;       /* the longest that an answer took */
	int error;                 /* -errno of the last question, 0 = it was answered */
	struct clock_answer clock; /* that bounds the server's clock closest */
	char clock_host[64]; /* boot id of the host that has that clock; "" = not known */
	struct server_link_count before; /* the run began */
	uint64_t begun_ns;               /* the run began; 0 = not yet */
	bool over;                       /* said of the run */
	bool first_in_run; /* the next question wants new counts: the budget may allow none for long */
	bool stale;     /* the question under way is from before the end */
	bool restarted; /* another process answers than the one that `first` is from */
};

static bool same_process(const json_t *a, const json_t *b)
{
	return json_equal(result_at(a, "run.started_at"), result_at(b, "run.started_at"));
}

/* A figure of an answer, which may be anybody's: -1 where it is none that we could have sent. */
static int64_t figure(const json_t *v)
{
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;

	return n <= LARGEST ? n : -1;
}

static void take_clock(struct server_link *s, const json_t *doc, uint64_t now_ns)
{
	const char *host = json_string_value(result_at(doc, "host.boot_id"));
	int64_t told_us = figure(json_object_get(doc, "clock_us"));
	const struct clock_answer next = { s->asked_ns, now_ns,
					   (uint64_t)told_us * NS_PER_US };

	if (told_us <= 0)
		return;
	host = host && strlen(host) < sizeof(s->clock_host) ? host : "";
	if (strcmp(host, s->clock_host) != 0)
		s->clock.told_ns = 0; /* what was told before is of another clock */
	snprintf(s->clock_host, sizeof(s->clock_host), "%s", host);
	clock_offset_take(&s->clock, &next, s->begun_ns ? s->begun_ns : now_ns);
}

static void take_answer(struct server_link *s)
{
	uint64_t now_ns = clock_ns();
	json_error_t error;
	json_t *doc;

	memory_needed(true);
	doc = json_loadb(s->q.content, s->q.len, 0, &error);
	memory_needed(false);
	if (!document_is(doc, SERVER_SCHEMA)) {
		snprintf(s->trouble, sizeof(s->trouble),
			 "%s answered something else than " SERVER_SCHEMA, s->q.to.text);
		json_decref(doc);
		return;
	}
	s->trouble[0] = '\0';
	if (s->first && !same_process(s->first, doc)) {
		json_decref(s->first);
		s->first = NULL;
		s->restarted = s->begun_ns;
	}
	if (!s->first && !s->begun_ns)
		s->first = json_incref(doc);
	json_decref(s->latest);
	s->latest = doc;
	s->answered_ns = now_ns;
	if (now_ns - s->asked_ns > s->slowest_ns)
		s->slowest_ns = now_ns - s->asked_ns;
	take_clock(s, doc, now_ns);
}

static void failed(struct server_link *s, int error)
{
	s->error = -error;
	snprintf(s->trouble, sizeof(s->trouble), "%s does not answer: %s (%s)",
		 s->q.to.text, question_error(error), strerrorname_np(error));
}

static void on_answer(struct question *q, int r)
{
	struct server_link *s = container_of(q, struct server_link, q);
	unsigned status = q->http.status;

	s->error = r;
	if (r < 0)
		failed(s, -r);
	else if (s->stale)
		s->stale = false;
	else if (status == 200)
		take_answer(s);
	else
		snprintf(s->trouble, sizeof(s->trouble), "%s answered HTTP %u%s",
			 s->q.to.text, status,
			 status == 401 ? " (--admin-token-file?)" : "");
}

static int parse_where(struct server_link *s, const char *where, struct err *err)
{
	struct admin_addr at;
	int r = err_prefix(admin_addr_parse(where, false, &at, err), err,
			   "--server-stats");

	if (r == 0)
		question_init(&s->q, s->loop, &at, on_answer);
	return r;
}

int server_link_open(struct loop *l, const char *where, const char *token_file,
		     struct server_link **out, struct err *err)
{
	struct server_link *s = calloc(1, sizeof(*s));
	char token[TOKEN_MAX];
	int r = s ? 0 : err_memory(err);

	if (r == 0 && token_file) {
		r = token_read(token_file, token, err);
		if (r == 0)
			snprintf(s->token, sizeof(s->token),
				 "Authorization: Bearer %s\r\n", token);
	}
	if (r == 0) {
		s->loop = l;
		own_counts_key(s->key);
		r = parse_where(s, where, err);
	}
	if (r < 0) {
		server_link_close(s);
		return r;
	}
	*out = s;
	return 0;
}

void server_link_close(struct server_link *s)
{
	if (!s)
		return;
	if (s->q.answered)
		question_done(&s->q);
	json_decref(s->first);
	json_decref(s->latest);
	free(s);
}

bool server_link_local(const struct server_link *s, struct addr *out)
{
	*out = (struct addr){ .len = sizeof(out->in6) };
	return s->q.watch.fd != -1 && s->q.to.in_network &&
	       getsockname(s->q.watch.fd, &out->sa, &out->len) == 0;
}

void server_link_count(const struct server_link *s, struct server_link_count *out)
{
	*out = (struct server_link_count){ 0 };
	if (!s)
		return;
	out->elsewhere = !s->q.to.in_network;
	if (out->elsewhere)
		return;
	out->connects = s->q.connects - s->before.connects;
	out->hangups = s->q.hangups - s->before.hangups;
}

static void ask(struct server_link *s, bool fresh)
{
	char request[QUESTION_ROOM];

	snprintf(request, sizeof(request),
		 "GET /stats%s HTTP/1.1\r\nHost: %s\r\n%s%s%s%s\r\n",
		 fresh ? "?fresh=1" : "", s->q.to.in_network ? s->q.to.text : "server",
		 *s->key ? "Twstorm-Run: " : "", s->key, *s->key ? "\r\n" : "", s->token);
	s->asked_ns = clock_ns();
	s->stale = false;
	question_ask(&s->q, request);
}

void server_link_ask(struct server_link *s)
{
	if (s->q.asking && clock_ns() < s->asked_ns + PATIENCE_NS)
		return;
	if (s->q.asking) {
		question_drop(&s->q);
		failed(s, ETIMEDOUT);
	}
	ask(s, s->first_in_run);
	s->first_in_run = false;
}

/* Runs the loop while a question is under way, or while none is. */
static void turn_while(struct server_link *s, bool asking, uint64_t until_ns,
		       const atomic_int *interrupted)
{
	uint64_t now;

	while (s->q.asking == asking && (now = clock_ns()) < until_ns &&
	       !(interrupted && atomic_load(interrupted)))
		loop_turn(s->loop, now, until_ns);
}

/* It answered, and will answer the next time as it did this time. */
static bool is_hopeless(const struct server_link *s)
{
	return s->error == -EPROTO || s->error == -EMSGSIZE ||
	       (s->error == 0 && s->q.http.status < 500);
}

/* Asks for a fresh answer, and again, until there is one: true.  refused_is_gone: nobody listens
 * any more, so nobody will answer. */
static bool wait_fresh(struct server_link *s, uint64_t until_ns, bool refused_is_gone,
		       const atomic_int *interrupted)
{
	turn_while(s, true, until_ns, interrupted); /* an older one */
	while (!s->q.asking && clock_ns() < until_ns &&
	       !(interrupted && atomic_load(interrupted))) {
		ask(s, true);
		turn_while(s, true, until_ns, interrupted);
		if (s->q.asking)
			break;
		if (s->latest && s->trouble[0] == '\0')
			return true;
		if (is_hopeless(s) || (refused_is_gone && s->error == -ECONNREFUSED))
			return false;
		turn_while(s, false, clock_ns() + RETRY_NS, interrupted);
	}
	if (s->q.asking)
		question_drop(&s->q);
	if (!s->trouble[0])
		failed(s, ETIMEDOUT);
	return false;
}

bool server_link_wait_first(struct server_link *s, const atomic_int *interrupted)
{
	return wait_fresh(s, clock_ns() + FIRST_NS, false, interrupted);
}

bool server_link_wait_anew(struct server_link *s, uint64_t until_ns,
			   const atomic_int *interrupted)
{
	json_t *older = s->first;
	bool anew;

	s->first = NULL;
	anew = wait_fresh(s, until_ns, false, interrupted);
	if (!anew && !s->first)
		s->first = own_counts_alone(older);
	json_decref(older);
	return anew;
}

bool server_link_wait_last(struct server_link *s, uint64_t until_ns)
{
	s->stale = s->q.asking && !s->over;
	s->over = true;
	json_decref(s->latest);
	s->latest = NULL;
	return wait_fresh(s, until_ns, true, NULL);
}

void server_link_begin(struct server_link *s)
{
	if (!s)
		return;
	s->begun_ns = clock_ns();
	s->first_in_run = true;
	s->before = (struct server_link_count){ .connects = s->q.connects,
						.hangups = s->q.hangups };
}

json_t *server_link_first(const struct server_link *s)
{
	return s ? s->first : NULL;
}

json_t *server_link_latest(const struct server_link *s)
{
	return s ? s->latest : NULL;
}

const char *server_link_trouble(const struct server_link *s)
{
	return s->trouble;
}

bool server_link_restarted(const struct server_link *s)
{
	return s->restarted;
}

const char *server_link_why_unknown(const struct server_link *s)
{
	if (s->trouble[0])
		return s->trouble;
	return s->restarted ? "the server was started anew during the run"
			    : "the server first answered when the run had begun";
}

const char *server_link_clock(const struct server_link *s, struct clock_answer *out,
			      const char **host)
{
	*out = s->clock;
	*host = s->clock_host[0] ? s->clock_host : NULL;
	if (s->clock.told_ns)
		return NULL;
	return s->answered_ns ? "the server does not tell its clock: it is of an older "
				"twstorm"
			      : server_link_why_unknown(s);
}

uint64_t server_link_slowest_ns(const struct server_link *s)
{
	return s ? s->slowest_ns : 0;
}

unsigned server_link_number(const struct server_link *s)
{
	const json_t *number = result_at(server_link_first(s), "of_run.number");

	return (unsigned)json_integer_value(number);
}

void server_link_take_own(struct server_link *s)
{
	own_counts_take(s->first);
	own_counts_take(s->latest);
}

bool server_link_is_own(const struct server_link *s)
{
	return json_object_get(server_link_latest(s), "all");
}

/* By how old the counts were when it answered. */
static uint64_t counted_at(const struct server_link *s)
{
	double answered = json_number_value(result_at(s->latest, "run.duration_s"));
	double counted = json_number_value(json_object_get(s->latest, "sampled_at_s"));
	double age_ns = (answered - counted) * (double)NS_PER_S;

	return age_ns > 0 && age_ns < (double)s->answered_ns
		       ? s->answered_ns - (uint64_t)age_ns
		       : s->answered_ns;
}

static bool states_of(const json_t *answer, struct tcp_states *out)
{
	const json_t *states = result_at(answer, "states.server.end");

	if (!json_is_object(states))
		return false;
	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		int64_t n = figure(json_object_get(states, tcp_state_name(i)));

		out->n[i] = n < 0 ? 0 : (uint64_t)n;
	}
	return true;
}

bool server_link_states(const struct server_link *s, struct tcp_states *out,
			uint64_t *counted_ns)
{
	if (s->trouble[0] || !states_of(s->latest, out))
		return false;
	if (counted_ns)
		*counted_ns = counted_at(s);
	return true;
}

bool server_link_first_states(const struct server_link *s, struct tcp_states *out)
{
	return states_of(server_link_first(s), out);
}

bool server_link_difference(const json_t *now, const json_t *before, int64_t *out)
{
	int64_t a = figure(now), b = figure(before);

	*out = a < 0 || b < 0 ? 0 : a - b;
	return a >= 0 && b >= 0;
}

int64_t server_link_delta(const struct server_link *s, const char *path, bool *known)
{
	int64_t n;

	*known = server_link_difference(result_at(server_link_latest(s), path),
					result_at(server_link_first(s), path), &n);
	return n;
}
