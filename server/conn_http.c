/* conn_http - the server's end of HTTP/1.
 *
 * The one rule: the response says "Connection: close" if, and only if, the server moves first.
 * Without close=STRATEGY in the query the request's version and Connection field decide. */
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "common/talk/closing.h"
#include "server/conn_proto.h"
#include "server/worker.h"

/* Memory from the worker's, of which there are as many as were ever needed at a time; NULL = no memory. */
static struct conn_http *new_request(struct conn *p)
{
	struct conn_http *h = SLIST_FIRST(&p->worker->free_https);

	if (h)
		SLIST_REMOVE_HEAD(&p->worker->free_https, free_link);
	else
		h = malloc(sizeof(*h));
	p->http = h;
	return h;
}

static void done(struct conn *p)
{
	if (p->http)
		SLIST_INSERT_HEAD(&p->worker->free_https, p->http, free_link);
	p->http = NULL;
}

/* What the reply means for the connection, in the raw header's terms. */
static enum conn_input settle(struct conn *p)
{
	const struct http_reply *r = &p->http->reply;

	p->closing = r->closing;
	p->finish = (uint8_t)r->closing->server.finish;
	p->header = (struct raw_header){ .strategy = (uint8_t)closing_number(r->closing),
					 .flags = r->last ? RAW_LAST : 0,
					 .hold_ms = r->hold_ms };
	p->body_left = 0;
	return r->delay_ms ? ON_LATER : ON_REQUEST;
}

/* The connection's end is counted by what was wrong, whatever the client does then. */
static enum conn_input refuse(struct conn *p, enum http_page page)
{
	bool large = page == PAGE_HEAD_TOO_LARGE || page == PAGE_BODY_TOO_LARGE ||
		     page == PAGE_TARGET_TOO_LONG;

	http_reply_refuse(page, &p->http->reply);
	p->end = large ? END_TOO_LARGE : END_BAD_HEADER;
	return settle(p);
}

static bool is_last_http(const struct http_last *last, const unsigned char *bytes,
			 size_t n)
{
	return n == last->n && memcmp(bytes, last->bytes, n) == 0;
}

static void keep_last(struct http_last *last, const struct conn_http *h,
		      const unsigned char *bytes, size_t n)
{
	if (n > sizeof(last->bytes))
		return;
	last->n = n;
	last->run = h->parse.run;
	last->reply = h->reply;
	memcpy(last->bytes, bytes, n);
}

/* By the parser, which has begun. */
static enum conn_input take_more(struct conn *p, const unsigned char *bytes, size_t n,
				 size_t *used)
{
	const struct server_plan *plan = p->worker->plan;
	const struct http_limits max = { plan->max_response, plan->max_hold_ms };
	struct conn_http *h = p->http;
	enum http_page page;

	*used = http_parse_feed(&h->parse, bytes, n);
	p->begun = h->parse.begun;
	if (http_parse_failed(&h->parse))
		return refuse(p, http_page_of((enum http_error)h->parse.error));
	if (!h->parse.head_done)
		return ON_NOTHING;
	if (http_refused_by_head(&h->parse, plan->max_request, &page))
		return refuse(p, page);
	p->body_left = http_missing(&h->parse);
	if (!http_parse_done(&h->parse))
		return ON_NOTHING;
	http_reply_make(&h->parse, h->target, &max, &h->reply);
	conn_name_run(p, h->parse.run);
	return settle(p);
}

/* The bytes of the worker's last request have its answer.  What was refused is no such request: its
 * end is counted by what was wrong. */
static enum conn_input take(struct conn *p, const unsigned char *bytes, size_t n,
			    size_t *used)
{
	struct http_last *last = &p->worker->last_http;
	enum conn_input in;

	if (p->http)
		return take_more(p, bytes, n, used);
	if (!new_request(p))
		return conn_fail(p, END_TOO_LARGE);
	if (is_last_http(last, bytes, n)) {
		p->begun = true;
		p->http->reply = last->reply;
		conn_name_run(p, last->run);
		return settle(p);
	}
	http_parse_request(&p->http->parse, p->http->target, sizeof(p->http->target));
	in = take_more(p, bytes, n, used);
	if (http_parse_done(&p->http->parse) && *used == n && p->end == END_SERVED)
		keep_last(last, p->http, bytes, n);
	return in;
}

static uint64_t response(struct conn *p)
{
	struct conn_http *h = p->http;

	CONN_COUNT(p, http_requests, 1);
	if (http_page_status((enum http_page)h->reply.page) >= 400)
		CONN_COUNT(p, http_errors, 1);
	http_head_make(&p->worker->head, &h->reply);
	h->head_len = p->worker->head.len;
	h->total = h->head_len + (h->reply.to_head ? 0 : h->reply.length);
	return h->total;
}

static struct iovec content(const struct conn *p, uint64_t from)
{
	const struct http_reply *r = &p->http->reply;
	uint64_t left = p->http->total - p->http->head_len - from;

	if (r->text)
		return (struct iovec){ (char *)r->text + from, (size_t)left };
	return (struct iovec){ (unsigned char *)conn_bytes + RAW_MARK,
			       left < conn_part(p) ? (size_t)left : conn_part(p) };
}

/* Head and content in one call. */
static ssize_t send_some(struct conn *p)
{
	const struct conn_http *h = p->http;
	uint64_t done = h->total - p->response_left;
	struct http_head *head = &p->worker->head;
	struct iovec parts[2];
	struct msghdr msg = { .msg_iov = parts };

	if (done < h->head_len) {
		http_head_make(head, &h->reply);
		parts[msg.msg_iovlen++] =
			(struct iovec){ head->text + done, (size_t)(h->head_len - done) };
		done = h->head_len;
	}
	parts[msg.msg_iovlen++] = content(p, done - h->head_len);
	return wire_send_parts(&p->wire, p->watch.fd, &msg);
}

const struct conn_proto conn_proto_http = {
	.take = take,
	.response = response,
	.send = send_some,
	.done = done,
};
