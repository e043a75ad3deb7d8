/* conn_raw - the server's end of the raw protocol (common/talk/proto_raw.h). */
#include <string.h>

#include "common/talk/closing.h"
#include "server/conn_proto.h"
#include "server/worker.h"

const unsigned char conn_bytes[RAW_MARK + CONN_ZEROS] = { RAW_MARK_BYTES };

static bool begins(unsigned char first)
{
	return first == RAW_MAGIC;
}

static void begin(struct conn *p)
{
	p->raw.got = 0;
}

/* Checks a header that has come whole. */
static enum conn_input take_header(struct conn *p)
{
	const struct server_plan *plan = p->worker->plan;

	if (raw_decode(p->raw.head, &p->header) != RAW_OK)
		return conn_fail(p, END_BAD_HEADER);
	if (p->header.request > plan->max_request ||
	    p->header.response > plan->max_response ||
	    p->header.hold_ms > plan->max_hold_ms ||
	    (p->header.flags & RAW_LINGER && p->header.seconds > plan->max_linger_s))
		return conn_fail(p, END_TOO_LARGE);
	p->closing = closing_by_number(p->header.strategy);
	p->finish = (uint8_t)p->closing->server.finish;
	p->body_left = p->header.request;
	conn_name_run(p, p->header.run);
	return ON_NOTHING;
}

/* Feeds n received bytes to the header, then to the body; more than one request at a time is
 * not in the protocol. */
static enum conn_input take(struct conn *p, const unsigned char *bytes, size_t n,
			    size_t *used)
{
	size_t lacks = RAW_HEADER - p->raw.got, part = n < lacks ? n : lacks;
	enum conn_input in;

	(void)used;
	p->begun = true;
	if (lacks > 0) {
		memcpy(p->raw.head + p->raw.got, bytes, part);
		p->raw.got += (uint8_t)part;
		n -= part;
		if (p->raw.got < RAW_HEADER)
			return ON_NOTHING;
		in = take_header(p);
		if (in != ON_NOTHING)
			return in;
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

	if (p->closing->server.half && p->worker->plan->economy.fastopen)
		return false;
	return (p->header.flags & both) == both && p->header.hold_ms == 0 &&
	       closing_response_may_fin(p->closing);
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

const struct conn_proto conn_proto_raw = {
	.begins = begins,
	.begin = begin,
	.take = take,
	.response = response,
	.send = send_some,
};
