/* slot_http - the client's end of HTTP/1.1: a request goes out, a response is parsed and counted,
 * and a response that says so ends its connection. */
#include "client/slot_proto.h"
#include "common/talk/closing.h"
#include "common/talk/http_parse.h"

/* The last request of a connection that the server is to close says so. */
static const struct http_request *request(const struct slot *s)
{
	bool closes = s->last && closing_moves_first(&s->choice.closing->server);

	return http_requests_at(&s->worker->plan->http, s->choice.target, closes);
}

static bool prepare(struct slot *s)
{
	s->out_size = request(s)->len + s->worker->plan->http.content;
	s->in_left = 0;
	http_parse_response(&s->http, false);
	return true;
}

static struct slot_bytes bytes(const struct slot *s, uint64_t done)
{
	const struct http_request *r = request(s);

	if (done < r->len)
		return (struct slot_bytes){ (const unsigned char *)r->text + done,
					    r->len - (size_t)done };
	return slot_zeros(s);
}

static enum outcome outcome_of(enum http_error e)
{
	switch (e) {
	case HTTP_BAD_CHUNK:
	case HTTP_CHUNK_TOO_LARGE:
		return OUTCOME_BAD_CHUNK;
	case HTTP_HEAD_TOO_LARGE:
		return OUTCOME_HEAD_TOO_LARGE;
	default:
		return OUTCOME_BAD_RESPONSE;
	}
}

static enum slot_input refuse(struct slot *s, enum http_error e)
{
	tally_add(&s->worker->tally.http_malformed[e], 1);
	return slot_fail(s, outcome_of(e));
}

/* The server said that this response is its last.  Whose strategy lets the client move first does
 * so now (RFC 9112, 9.6), unless the server's FIN is there already; the others wait for it. */
static void last_by_server(struct slot *s, bool eof)
{
	struct client_worker *w = s->worker;

	if (!s->last && s->served_arrival + 1 < w->plan->o.requests)
		tally_add(&w->tally.http_ended_early, 1);
	s->last = true;
	if (s->fin_rides || closing_moves_first(&s->choice.closing->server))
		return;
	eof = eof || wire_peek(&s->wire, s->watch.fd, w->scratch, 1) == 0;
	s->left_to_us = !eof;
	s->choice.closing = closing_as_it_came(s->choice.closing, eof);
}

static void complete(struct slot *s, bool eof)
{
	struct client_tally *t = &s->worker->tally;

	client_tally_code(t, s->http.status);
	if (s->served > 0)
		tally_add(&t->http_reused, 1);
	if (!http_keeps_alive(&s->http))
		last_by_server(s, eof);
}

/* 1xx: counted, and the response is still to come.  Their heads count towards the limit of its
 * head, so there is an end to them. */
static bool skip_interim(struct slot *s)
{
	if (!http_parse_done(&s->http) || !http_is_interim(&s->http) ||
	    s->http.status == 101)
		return false;
	client_tally_code(&s->worker->tally, s->http.status);
	http_parse_after_interim(&s->http);
	return true;
}

/* What is before the response is counted; false where something was. */
static bool parse(struct slot *s, const unsigned char *got, size_t n, size_t *used)
{
	bool alone = true;

	*used = http_parse_feed(&s->http, got, n);
	while (skip_interim(s)) {
		alone = false;
		*used += http_parse_feed(&s->http, got + *used, n - *used);
	}
	return alone;
}

/* The same bytes as the response before need not be parsed again. */
static enum slot_input take(struct slot *s, const unsigned char *got, size_t n)
{
	struct http_known *known = &s->worker->known;
	bool whole;
	size_t used;

	if (http_known_is(known, &s->http, got, n)) {
		complete(s, false);
		return ON_RESPONSE;
	}
	whole = http_parse_waits(&s->http);
	whole &= parse(s, got, n, &used);
	s->in_left = http_missing(&s->http);
	if (http_parse_failed(&s->http))
		return refuse(s, (enum http_error)s->http.error);
	if (!http_parse_done(&s->http))
		return ON_NOTHING;
	if (s->http.status == 101)
		return refuse(s, HTTP_UNASKED);
	if (used < n)
		return refuse(s, HTTP_SURPLUS);
	if (whole)
		http_known_keep(known, &s->http, got, n);
	complete(s, false);
	return ON_RESPONSE;
}

static enum slot_input peek(struct slot *s, const unsigned char *got, size_t n)
{
	http_parse_feed(&s->http, got, n);
	if (http_parse_failed(&s->http))
		return refuse(s, (enum http_error)s->http.error);
	return ON_RESPONSE;
}

static bool eof(struct slot *s)
{
	http_parse_eof(&s->http);
	if (!http_parse_done(&s->http))
		return false;
	complete(s, true);
	return true;
}

/* What comes late is as wrong as what comes with the response; a 408 for an idle connection,
 * too. */
static enum slot_input unasked(struct slot *s)
{
	return refuse(s, HTTP_SURPLUS);
}

/* A response that was only looked at, for --close client-unread, has no status yet. */
static bool refused(const struct slot *s)
{
	return s->http.status >= 400;
}

const struct slot_proto slot_proto_http = {
	.prepare = prepare,
	.bytes = bytes,
	.take = take,
	.peek = peek,
	.eof = eof,
	.unasked = unasked,
	.refused = refused,
	.tells_truncated = true,
	.may_leave_closing = true,
};
