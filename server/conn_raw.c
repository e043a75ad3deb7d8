/* conn_raw - the server's end of the raw protocol (common/talk/proto_raw.h). */
#include <string.h>

#include "common/talk/closing.h"
#include "server/conn_proto.h"
#include "server/worker.h"

const unsigned char conn_bytes[RAW_MARK + CONN_ZEROS] = { RAW_MARK_BYTES };

/* Reads a header that has come whole into the worker's last one, which that of most requests is. */
static enum conn_input read_header(struct server_worker *w, struct conn *p,
				   const unsigned char head[RAW_HEADER])
{
	const struct server_plan *plan = w->plan;
	struct raw_header h;

	if (raw_decode(head, &h) != RAW_OK)
		return conn_fail(p, END_BAD_HEADER);
	if (h.request > plan->max_request || h.response > plan->max_response ||
	    h.hold_ms > plan->max_hold_ms ||
	    (h.flags & RAW_LINGER && h.seconds > plan->max_linger_s))
		return conn_fail(p, END_TOO_LARGE);
	memcpy(w->last.head, head, RAW_HEADER);
	w->last.says = h;
	w->last.closing = closing_by_number(h.strategy);
	return ON_NOTHING;
}

static enum conn_input take_header(struct conn *p, const unsigned char head[RAW_HEADER])
{
	struct server_worker *w = p->worker;

	if (memcmp(head, w->last.head, RAW_HEADER) != 0 &&
	    read_header(w, p, head) != ON_NOTHING)
		return ON_GIVE_UP;
	p->header = w->last.says;
	p->closing = w->last.closing;
	p->finish = (uint8_t)p->closing->server.finish;
	p->body_left = p->header.request;
	conn_name_run(p, p->header.run);
	return ON_NOTHING;
}

/* Puts a header together that comes in pieces; how many of the bytes are its own. */
static size_t add_piece(struct conn_raw *r, const unsigned char *bytes, size_t n)
{
	size_t lacks = RAW_HEADER - r->got, part = n < lacks ? n : lacks;

	memcpy(r->head + r->got, bytes, part);
	r->got += (uint8_t)part;
	return part;
}

/* Feeds n received bytes to the header, then to the body; more than one request at a time is
 * not in the protocol. */
static enum conn_input take(struct conn *p, const unsigned char *bytes, size_t n,
			    size_t *used)
{
	struct conn_raw *r = &p->raw;
	const unsigned char *head = bytes;

	(void)used;
	p->begun = true;
	if (r->got < RAW_HEADER) {
		if (r->got == 0 && n >= RAW_HEADER) {
			r->got = RAW_HEADER;
			n -= RAW_HEADER;
		} else {
			n -= add_piece(r, bytes, n);
			head = r->head;
		}
		if (r->got < RAW_HEADER)
			return ON_NOTHING;
		if (take_header(p, head) != ON_NOTHING)
			return ON_GIVE_UP;
	}
	if (n > p->body_left)
		return conn_fail(p, END_BAD_HEADER);
	p->body_left -= n;
	return p->body_left == 0 ? ON_REQUEST : ON_NOTHING;
}

static uint64_t response(struct conn *p)
{
	return p->header.response;
}

/* --fin-with-data: the closing move comes right after the response, in one segment with it.
 * With Fast Open shutdown() may come before the handshake is over, and then it pushes nothing:
 * the response would wait for the client's delayed ACK. */
static bool fin_rides(const struct conn *p)
{
	const uint8_t both = RAW_LAST | RAW_FIN_RIDES;

	if ((p->header.flags & both) != both || p->header.hold_ms != 0)
		return false;
	if (p->closing->server.half && p->worker->plan->economy.fastopen)
		return false;
	return closing_response_may_fin(p->closing);
}

/* Its last part waits for the FIN if that is to ride. */
static ssize_t send_some(struct conn *p)
{
	size_t most = conn_part(p);
	bool all = p->response_left <= most;
	uint64_t sent = p->header.response - p->response_left;

	return wire_send(&p->wire, p->watch.fd,
			 conn_bytes + (sent < RAW_MARK ? sent : RAW_MARK),
			 all ? (size_t)p->response_left : most,
			 all && fin_rides(p) ? MSG_MORE : 0, NULL, 0);
}

static void done(struct conn *p)
{
	p->raw.got = 0;
}

const struct conn_proto conn_proto_raw = {
	.take = take,
	.response = response,
	.send = send_some,
	.done = done,
};
