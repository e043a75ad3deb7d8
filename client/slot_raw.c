/* slot_raw - the client's end of the raw protocol (common/talk/proto_raw.h): a header and zeros go
 * out, a number of bytes comes back, and by the first of them it is known whose they are. */
#include "client/slot_proto.h"
#include "common/base/clock.h"
#include "common/talk/closing.h"
#include "common/talk/proto_raw.h"

/* Bytes of the response that is asked for. */
static uint64_t response(const struct slot *s)
{
	if (s->goodbye)
		return s->choice.closing->needs_response ? 1 : 0;
	return s->worker->plan->o.response_size;
}

static bool prepare(struct slot *s)
{
	s->out_size = RAW_HEADER + (s->goodbye ? 0 : s->worker->plan->o.request_size);
	s->in_left = response(s);
	return s->in_left > 0;
}

static void write_header(const struct slot *s, uint8_t flags)
{
	const struct client_plan *plan = s->worker->plan;
	const struct closing *c = s->choice.closing;
	bool server_first = closing_moves_first(&c->server);
	struct raw_header h = {
		.strategy = (uint8_t)closing_number(c),
		.flags = (uint8_t)(flags | (plan->o.fin_with_data ? RAW_FIN_RIDES : 0)),
		.response = (uint32_t)s->in_left,
		.request = (uint32_t)(s->goodbye ? 0 : plan->o.request_size),
	};

	if (server_first || c->server.finish == FINISH_KEEP)
		h.hold_ms = (uint32_t)((plan->o.hold_ns + NS_PER_MS - 1) / NS_PER_MS);
	if (server_first && plan->linger != LINGER_NONE) {
		h.flags |= plan->linger == LINGER_CLOSE ? RAW_LINGER : RAW_LINGER2;
		h.seconds = (int8_t)plan->linger_seconds;
	}
	h.run = plan->run;
	raw_encode(&h, s->worker->out);
}

/* What differs between the headers of a run is the strategy and these flags: most are as the last one. */
static void prepare_header(const struct slot *s)
{
	struct client_worker *w = s->worker;
	uint8_t flags = (uint8_t)(s->last * RAW_LAST | s->goodbye * RAW_GOODBYE);

	if (w->out_closing == s->choice.closing && w->out_flags == flags)
		return;
	write_header(s, flags);
	w->out_closing = s->choice.closing;
	w->out_flags = flags;
}

/* The header and zeros after it, or only zeros once the header is out. */
static struct slot_bytes bytes(const struct slot *s, uint64_t done)
{
	struct client_worker *w = s->worker;
	size_t most;

	if (done >= RAW_HEADER)
		return slot_zeros(s);
	prepare_header(s);
	most = sizeof(w->out) - done;
	return (struct slot_bytes){ w->out + done,
				    s->out_left < most ? (size_t)s->out_left : most };
}

/* Another protocol's bytes, or more of them than were asked for, are no response. */
static enum slot_input take(struct slot *s, const unsigned char *got, size_t n)
{
	if (n > s->in_left || !raw_is_response(response(s) - s->in_left, got, n))
		return slot_fail(s, OUTCOME_BAD_RESPONSE);
	s->in_left -= n;
	return s->in_left == 0 ? ON_RESPONSE : ON_NOTHING;
}

static enum slot_input peek(struct slot *s, const unsigned char *got, size_t n)
{
	if (n > s->in_left || !raw_is_response(0, got, n))
		return slot_fail(s, OUTCOME_BAD_RESPONSE);
	return ON_RESPONSE;
}

static bool eof(struct slot *s)
{
	(void)s;
	return false;
}

/* With --requests 0 no protocol is spoken, and the server may say what it likes. */
static enum slot_input unasked(struct slot *s)
{
	return s->worker->plan->o.requests ? slot_fail(s, OUTCOME_BAD_RESPONSE)
					   : ON_NOTHING;
}

const struct slot_proto slot_proto_raw = {
	.prepare = prepare,
	.bytes = bytes,
	.take = take,
	.peek = peek,
	.eof = eof,
	.unasked = unasked,
};
