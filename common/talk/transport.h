/* transport - how bytes go over a connected socket: a row of functions.  The row for TCP is empty:
 * where a row has no function the system call is made directly.  What strategies are about - socket(), connect(), shutdown(), SO_LINGER, close()
 * - is done on the descriptor by its owner. */
#ifndef TWSTORM_COMMON_TALK_TRANSPORT_H
#define TWSTORM_COMMON_TALK_TRANSPORT_H

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include "common/base/system_call.h"

/* Results below every -errno: nothing yet; call again once the descriptor is readable, or
 * writable.  A transport may have to write in order to read, and to read in order to write. */
#define TRANSPORT_WANTS_READ  (-5001)
#define TRANSPORT_WANTS_WRITE (-5002)
/* What is wrong is the transport's, and no errno. */
#define TRANSPORT_FAILED      (-5003) /* for a reason that only the transport knows */
#define TRANSPORT_CERTIFICATE (-5004) /* one end does not trust the other's certificate */
#define TRANSPORT_NOT_SPOKEN  (-5005) /* the other end does not speak it */
#define TRANSPORT_VERSION     (-5006) /* the ends have no version in common */
#define TRANSPORT_ANEW        (-5007) /* it failed after a new handshake had been refused */
#define TRANSPORT_FLOOD                                                                  \
	(-5008) /* the other end sends its messages without end, and no data */

struct wire { /* embedded in what owns the descriptor, which goes with each call */
	const struct transport *by; /* borrowed */
	void *of; /* borrowed, the transport's: what the wires of a thread share; NULL = nothing */
	void *session; /* owned, the transport's: start() makes it; NULL = none */
	uint32_t peer; /* the number of the other end among the transport's peers */
	bool cut;      /* the other end's FIN came without the farewell before it */
	bool ends_at_farewell; /* receive() is to take the other end's farewell for its end */
};

struct transport {
	const char *name;
	/* Of MSG_MORE and MSG_FASTOPEN, what send() can honour; the others are not given to it.
	 * Without the second connect() goes alone.  With the first a FIN may follow the last bytes
	 * at once, so there can be no farewell(). */
	int takes;
	/* The next step of the handshake, once connected: 0 = it is over; a WANTS; -errno, or what is
	 * wrong, here and below.  The row may put another row in its place (w->by). */
	int (*start)(struct wire *w, int fd, bool is_server);
	/* Bytes (> 0); 0 = the other end's FIN has come, its farewell alone is no end: who closes first
	 * decides who has TIME_WAIT; a WANTS; -errno. */
	ssize_t (*receive)(struct wire *w, int fd, void *to, size_t n);
	/* The same, and leaves in the socket what it has seen, so that close() sends a RST. */
	ssize_t (*peek)(struct wire *w, int fd, void *to, size_t n);
	/* What sendmsg() is given, with a name if flags have MSG_FASTOPEN.  Bytes taken; a WANTS, then
	 * the same bytes come again; -errno. */
	ssize_t (*send)(struct wire *w, int fd, const struct msghdr *what, int flags);
	/* Says that an orderly end comes, before the FIN: 0; a WANTS; -errno.  With MSG_MORE among
	 * the flags the FIN follows at once, and both leave in one segment. */
	int (*farewell)(struct wire *w, int fd, int flags);
	/* Does something wait inside, for which receive() needs no socket? */
	bool (*pending)(const struct wire *w);
	/* Frees the session; the descriptor may be gone already. */
	void (*stop)(struct wire *w);
};

extern const struct transport transport_tcp;

/* The row's send(), of bytes in one place. */
ssize_t wire_send_by(struct wire *w, int fd, const void *from, size_t n, int flags,
		     const struct sockaddr *to, socklen_t to_len);

/* What a result waits for: EV_READ, EV_WRITE; 0 = it is no WANTS. */
static inline short transport_wants(ssize_t result)
{
	if (result == TRANSPORT_WANTS_READ)
		return EV_READ;
	return result == TRANSPORT_WANTS_WRITE ? EV_WRITE : 0;
}

/* Is a result what the transport found wrong, and no errno? */
static inline bool transport_is_fault(ssize_t result)
{
	return result <= TRANSPORT_FAILED;
}

/* Of a SYSTEM_CALL() that wants what `wants` says when it returns -EAGAIN. */
static inline ssize_t transport_answer(ssize_t n, int wants)
{
	return n == -EAGAIN ? wants : n;
}

/* The same of a call of the C library. */
static inline ssize_t transport_result(ssize_t n, int wants)
{
	return transport_answer(n == -1 ? -errno : n, wants);
}

static inline ssize_t wire_receive(struct wire *w, int fd, void *to, size_t n)
{
	if (w->by->receive)
		return w->by->receive(w, fd, to, n);
	return transport_answer(SYSTEM_CALL(recvfrom, fd, to, n, 0, NULL, NULL),
				TRANSPORT_WANTS_READ);
}

static inline ssize_t wire_peek(struct wire *w, int fd, void *to, size_t n)
{
	if (w->by->peek)
		return w->by->peek(w, fd, to, n);
	return transport_answer(SYSTEM_CALL(recvfrom, fd, to, n, MSG_PEEK, NULL, NULL),
				TRANSPORT_WANTS_READ);
}

/* to: NULL, or with MSG_FASTOPEN where to connect meanwhile. */
static inline ssize_t wire_send(struct wire *w, int fd, const void *from, size_t n,
				int flags, const struct sockaddr *to, socklen_t to_len)
{
	if (w->by->send)
		return wire_send_by(w, fd, from, n, flags & w->by->takes, to, to_len);
	return transport_answer(
		SYSTEM_CALL(sendto, fd, from, n, MSG_NOSIGNAL | flags, to, to_len),
		TRANSPORT_WANTS_WRITE);
}

/* Of several places. */
static inline ssize_t wire_send_parts(struct wire *w, int fd, const struct msghdr *what)
{
	if (w->by->send)
		return w->by->send(w, fd, what, 0);
	return transport_answer(SYSTEM_CALL(sendmsg, fd, what, MSG_NOSIGNAL),
				TRANSPORT_WANTS_WRITE);
}

static inline bool wire_pending(const struct wire *w)
{
	return w->by->pending && w->by->pending(w);
}

/* However the connection ended. */
static inline void wire_stop(struct wire *w)
{
	if (!w->session)
		return;
	w->by->stop(w);
	w->session = NULL;
}

#endif
