/* odd_transport - a transport that is as awkward as one can be: a handshake of several round trips;
 * who wants to send asks first and has to read the answer, so that the other has to write in order
 * to read; it takes what is in the socket and hands on a byte at a time; it says farewell; and
 * whoever goes past it finds other bytes on the wire.
 *
 * On the wire are records of two bytes, a kind and a value.  A test's own end speaks by the same
 * row, with odd_read() and the like; where it has to wait it calls odd_wait(). */
#ifndef TWSTORM_TESTS_ODD_TRANSPORT_H
#define TWSTORM_TESTS_ODD_TRANSPORT_H

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "common/talk/closing.h"
#include "common/talk/transport.h"

#define ODD_STEPS 6  /* of the handshake: the client's turn, the server's, ... */
#define ODD_PART  24 /* bytes sent for one permission; more than are read in a turn */
#define ODD_MASK  0x55

enum odd_kind { ODD_SHAKE = 1, ODD_ASK, ODD_YES, ODD_DATA, ODD_BYE };

struct odd { /* a session */
	bool is_server;
	unsigned step;
	unsigned char in[4 * ODD_PART], out[2 * ODD_PART];
	size_t n_in, n_out;
	int saying;  /* enum odd_kind; 0 = nothing, and it has not yet asked to write */
	bool queued; /* what it is saying is in `out` */
	bool asked, may_send; /* this end */
	bool owes; /* the other end has asked, and is to be answered before it is read */
	size_t sending; /* bytes of the caller that are in `out` */
};

/* What has happened, of all sessions; by whether the session is a server's. */
static atomic_uint odd_started[2], odd_stopped[2], odd_wrote_to_read[2],
	odd_read_to_write[2], odd_was_pending[2], odd_heard_bye[2];

static void (*odd_wait)(int fd, short what);

static inline int odd_flush(struct odd *o, int fd)
{
	while (o->n_out > 0) {
		ssize_t n = transport_result(
			send(fd, o->out, o->n_out, MSG_NOSIGNAL | MSG_DONTWAIT),
			TRANSPORT_WANTS_WRITE);

		if (n < 0)
			return (int)n;
		o->n_out -= (size_t)n;
		memmove(o->out, o->out + n, o->n_out);
	}
	return 0;
}

static inline void odd_queue(struct odd *o, enum odd_kind kind, unsigned value)
{
	assert(o->n_out + 2 <= sizeof(o->out));
	o->out[o->n_out++] = (unsigned char)kind;
	o->out[o->n_out++] = (unsigned char)value;
}

/* One record, for which it first wants a write. */
static inline int odd_say(struct odd *o, int fd, enum odd_kind kind, unsigned value)
{
	int r;

	if (o->saying == 0) {
		o->saying = (int)kind;
		return TRANSPORT_WANTS_WRITE;
	}
	assert(o->saying == (int)kind); /* the same call was made again */
	if (!o->queued)
		odd_queue(o, kind, value);
	o->queued = true;
	r = odd_flush(o, fd);
	if (r < 0)
		return r;
	o->saying = 0;
	o->queued = false;
	return 0;
}

/* > 0: a whole record is in. */
static inline ssize_t odd_fill(struct odd *o, int fd)
{
	while (o->n_in < 2) {
		ssize_t n = transport_result(
			recv(fd, o->in + o->n_in, sizeof(o->in) - o->n_in, MSG_DONTWAIT),
			TRANSPORT_WANTS_READ);

		if (n <= 0)
			return n;
		o->n_in += (size_t)n;
	}
	return 1;
}

static inline void odd_drop_record(struct odd *o)
{
	o->n_in -= 2;
	memmove(o->in, o->in + 2, o->n_in);
}

/* A record that is no data. */
static inline void odd_obey(struct odd *o, unsigned char kind)
{
	assert(kind == ODD_ASK || kind == ODD_YES || kind == ODD_BYE);
	if (kind == ODD_ASK)
		o->owes = true;
	if (kind == ODD_YES)
		o->may_send = true;
	if (kind == ODD_BYE)
		odd_heard_bye[o->is_server]++;
}

static inline int odd_start(struct wire *w, int fd, bool is_server)
{
	struct odd *o = w->session;
	const int one = 1; /* or each small record would wait for an ACK */

	if (!o) {
		w->session = o = calloc(1, sizeof(*o));
		o->is_server = is_server;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		odd_started[is_server]++;
	}
	for (; o->step < ODD_STEPS; o->step++) {
		ssize_t r;

		if (o->step % 2 == is_server) {
			r = odd_say(o, fd, ODD_SHAKE, o->step);
			if (r < 0)
				return (int)r;
			continue;
		}
		r = odd_fill(o, fd);
		if (r <= 0)
			return r ? (int)r : -ECONNRESET;
		if (o->in[0] != ODD_SHAKE || o->in[1] != o->step)
			return -EPROTO;
		odd_drop_record(o);
	}
	return 0;
}

/* The answer without which nothing more is read. */
static inline int odd_answer(struct odd *o, int fd)
{
	int r = odd_say(o, fd, ODD_YES, 0);

	if (r == TRANSPORT_WANTS_WRITE)
		odd_wrote_to_read[o->is_server]++;
	if (r == 0)
		o->owes = false;
	return r;
}

static inline ssize_t odd_receive(struct wire *w, int fd, void *to, size_t n)
{
	struct odd *o = w->session;

	assert(n > 0);
	for (;;) {
		ssize_t r = o->owes ? odd_answer(o, fd) : 0;
		unsigned char kind, value;

		if (r == 0)
			r = odd_fill(o, fd);
		if (r <= 0)
			return r;
		kind = o->in[0];
		value = o->in[1];
		odd_drop_record(o);
		if (kind == ODD_DATA) {
			*(unsigned char *)to = value ^ ODD_MASK;
			return 1;
		}
		odd_obey(o, kind);
		if (kind == ODD_BYE && w->ends_at_farewell)
			return 0;
	}
}

/* Nothing of a response that stays unread was taken from the socket before. */
static inline ssize_t odd_peek(struct wire *w, int fd, void *to, size_t n)
{
	struct odd *o = w->session;
	unsigned char seen[2];

	assert(n > 0 && o->n_in == 0);
	for (;;) {
		ssize_t r = o->owes ? odd_answer(o, fd) : 0;

		if (r == 0)
			r = transport_result(
				recv(fd, seen, sizeof(seen), MSG_PEEK | MSG_DONTWAIT),
				TRANSPORT_WANTS_READ);
		if (r <= 0)
			return r;
		if (r == 1)
			return TRANSPORT_WANTS_READ;
		if (seen[0] == ODD_DATA) {
			*(unsigned char *)to = seen[1] ^ ODD_MASK;
			return 1;
		}
		r = recv(fd, seen, sizeof(seen), MSG_DONTWAIT);
		assert(r == 2);
		odd_obey(o, seen[0]);
	}
}

/* Asks, and reads until it may. */
static inline int odd_permission(struct odd *o, int fd)
{
	ssize_t r = o->asked ? 0 : odd_say(o, fd, ODD_ASK, 0);

	if (r < 0)
		return (int)r;
	o->asked = true;
	while (!o->may_send) {
		r = odd_fill(o, fd);
		if (r == TRANSPORT_WANTS_READ)
			odd_read_to_write[o->is_server]++;
		if (r <= 0)
			return r ? (int)r : -EPIPE;
		odd_obey(o, o->in[0]);
		odd_drop_record(o);
	}
	return 0;
}

static inline ssize_t odd_send(struct wire *w, int fd, const struct msghdr *what,
			       int flags)
{
	struct odd *o = w->session;
	int r = o->sending ? 0 : odd_permission(o, fd);
	ssize_t n;

	assert(flags == 0 && !what->msg_name); /* the row takes none */
	if (r < 0)
		return r;
	if (!o->sending)
		for (size_t i = 0; i < what->msg_iovlen; i++) {
			const unsigned char *from = what->msg_iov[i].iov_base;

			for (size_t k = 0; k < what->msg_iov[i].iov_len; k++)
				if (o->sending < ODD_PART) {
					odd_queue(o, ODD_DATA, from[k] ^ ODD_MASK);
					o->sending++;
				}
		}
	r = odd_flush(o, fd);
	if (r < 0)
		return r;
	n = (ssize_t)o->sending;
	o->sending = 0;
	o->asked = o->may_send = false;
	return n;
}

static inline int odd_farewell(struct wire *w, int fd, int flags)
{
	(void)flags;
	return odd_say(w->session, fd, ODD_BYE, 0);
}

static inline bool odd_pending(const struct wire *w)
{
	const struct odd *o = w->session;

	if (o->n_in >= 2)
		odd_was_pending[o->is_server]++;
	return o->n_in >= 2;
}

static inline void odd_stop(struct wire *w)
{
	odd_stopped[((struct odd *)w->session)->is_server]++;
	free(w->session);
}

static const struct transport transport_odd = {
	.name = "odd",
	.start = odd_start,
	.receive = odd_receive,
	.peek = odd_peek,
	.send = odd_send,
	.farewell = odd_farewell,
	.pending = odd_pending,
	.stop = odd_stop,
};

#define NUMBER(close, what, wanted)                                                      \
	ck_assert_msg((what) == (wanted), "%s: " #what " is %llu, not %llu", close,      \
		      (unsigned long long)(what), (unsigned long long)(wanted))

/* The test's own end.  The call again and again, until it is no WANTS. */
#define ODD_UNTIL_DONE(r, call, fd)                                                      \
	while (transport_wants((r) = (call)))                                            \
	odd_wait(fd, transport_wants(r))

static inline struct wire odd_open(int fd, bool is_server)
{
	struct wire w = { .by = &transport_odd };
	int r;

	ODD_UNTIL_DONE(r, odd_start(&w, fd, is_server), fd);
	assert(r == 0);
	return w;
}

/* False at the other's end, or a reset, before n bytes are there. */
static inline bool odd_read(struct wire *w, int fd, void *to, size_t n)
{
	for (size_t got = 0; got < n; got++) {
		ssize_t r;

		ODD_UNTIL_DONE(r, odd_receive(w, fd, (char *)to + got, 1), fd);
		if (r <= 0)
			return false;
	}
	return true;
}

static inline void odd_write(struct wire *w, int fd, const void *from, size_t n)
{
	for (size_t sent = 0; sent < n;) {
		struct iovec part = { (char *)from + sent, n - sent };
		const struct msghdr what = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t r;

		ODD_UNTIL_DONE(r, odd_send(w, fd, &what, 0), fd);
		assert(r > 0);
		sent += (size_t)r;
	}
}

/* Closes fd as that side of a strategy does; a leak is the caller's, who gets it back. */
static inline int odd_leave(struct wire *w, int fd, const struct closing_side *side,
			    const struct closing_side *peer)
{
	bool first = closing_moves_first(side), says = closing_says_farewell(side, peer);
	char byte;
	int r = 0;

	if (says && first)
		ODD_UNTIL_DONE(r, odd_farewell(w, fd, MSG_MORE), fd);
	assert(r == 0);
	if (side->half)
		shutdown(fd, SHUT_WR);
	while (side->wait_eof && odd_read(w, fd, &byte, 1))
		;
	if (says && !first)
		ODD_UNTIL_DONE(r, odd_farewell(w, fd, MSG_MORE), fd);
	assert(r == 0);
	wire_stop(w);
	if (side->finish == FINISH_KEEP)
		return fd;
	closing_finish_fd(fd, side->finish);
	return -1;
}

#endif
