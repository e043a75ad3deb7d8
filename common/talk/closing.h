/* closing - the close strategies: who closes first and how.  One table of const rows, read
 * by both ends, so client and server always agree.  A strategy is two short scripts:
 *
 *     wait --hold if this side moves first -> shutdown(SHUT_WR) if half
 *          -> read to EOF if wait_eof -> finish: close(), RST by SO_LINGER{1,0}, or keep
 *
 * Adding a strategy is one row here and one row in tests/common/test_closing.c: who else has
 * to know it asks this table. */
#ifndef TWSTORM_COMMON_TALK_CLOSING_H
#define TWSTORM_COMMON_TALK_CLOSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/base/system_call.h"

enum closing_finish {
	FINISH_CLOSE, /* close(): FIN, or RST where unread data is left */
	FINISH_RST,   /* SO_LINGER{1,0}, then close(): RST, unsent data is dropped */
	FINISH_KEEP,  /* the descriptor is leaked until the hold or the run ends */
};

/* What a side says before its FIN, where the transport has a farewell (TLS: close_notify). */
enum closing_farewell {
	FAREWELL_WITH_FIN, /* in one segment with the FIN, if the peer still reads */
	FAREWELL_ALONE,    /* at once, and then the FIN */
	FAREWELL_ANSWERS,  /* even if the peer has closed, whose kernel then sends RST */
	FAREWELL_NONE,
};

/* What one side does once the last response is through. */
struct closing_side {
	bool leaves_unread;         /* does not read the (last) response */
	bool half;                  /* shutdown(SHUT_WR) first */
	bool wait_eof;              /* then reads until the peer's FIN */
	bool ends_at_farewell;      /* ... or until its farewell */
	enum closing_finish finish; /* then this */
	enum closing_farewell farewell;
};

/* How long the client's local port stays taken once the connection is over; what decides
 * whether, and how fast, ports run out. */
enum port_life {
	PORT_FREE_AT_ONCE, /* RST, or TIME_WAIT on the other side */
	PORT_TIME_WAIT,    /* TIME_WAIT here: 60 s, or less with tcp_tw_reuse */
	PORT_FIN_WAIT2,    /* FIN_WAIT2 here: tcp_fin_timeout, never reused */
	PORT_HELD,         /* CLOSE_WAIT here: as long as the program keeps it */
	PORT_LIVES,
};

struct closing {
	const char *name;
	const char *what; /* one line for the help, the README and the man page */
	struct closing_side client, server;
	bool together;           /* both sides close at one agreed moment */
	bool peer_expects_reset; /* the side that does not finish first sees ECONNRESET */
	bool connect_only;   /* possible with --requests 0: the server needs no header */
	bool needs_response; /* needs --response-size >= 1 */
	bool needs_farewell; /* is another strategy where the transport has no farewell */
	const char *time_wait; /* on whom it is left, beside `what` */
	/* How often each end enters TIME_WAIT, or FIN_WAIT2 without a descriptor, which the
	 * kernel counts alike (TcpExt.TW, TWKilled). */
	struct closing_span {
		uint8_t least, most;
	} client_entries, server_entries;
	enum port_life client_port;
};

/* The number on the wire is the index; 0 is never used, so a zeroed header is refused. */
#define CLOSINGS_MAX 16
extern const struct closing closings[];
extern const unsigned n_closings;

/* NULL where there is no such name or number. */
const struct closing *closing_by_name(const char *name);
const struct closing *closing_by_number(unsigned number);
static inline unsigned closing_number(const struct closing *c)
{
	return (unsigned)(c - closings);
}
/* True if this side's move (half, close, RST) comes before the peer's. */
static inline bool closing_moves_first(const struct closing_side *side)
{
	return side->half || !side->wait_eof;
}

bool closing_sends_rst(const struct closing_side *side);
/* The strategy that a connection ends by, whose response was read, if this side of the two moves
 * first, whoever was to: with a FIN, and with a RST where the client's end was to be one. */
const struct closing *closing_as_it_came(const struct closing *c, bool server_first);
/* The states that a side goes through, "ESTABLISHED FIN_WAIT1 ..."; "RST" is CLOSED at once.
 * A way that does not end in CLOSED or RST ends where the sockets stay. */
const char *closing_way(const struct closing *c, const struct closing_side *side);
/* A transport's farewell goes before this side's FIN where the peer reads to its end; where the peer
 * has closed it is answered with RST. */
bool closing_says_farewell(const struct closing_side *side,
			   const struct closing_side *peer);
/* ... and with these flags: MSG_MORE, or 0. */
int closing_farewell_flags(const struct closing_side *side);

/* --fin-with-data: can the client's FIN go with its last request, and the server's with its
 * last response?  A RST cannot, it would overtake the data. */
bool closing_request_may_fin(const struct closing *c);
bool closing_response_may_fin(const struct closing *c);

/* "client-fin, client-half and client-rst": the names of those that is() is true of (NULL =
 * all); `last` (" and ", ", ") stands before the last of them. */
void closing_list(bool (*is)(const struct closing *), const char *last, char *buf,
		  size_t size);

/* --close "client-fin:90,client-rst:10": a weighted mix; a single name has weight 1. */
#define CLOSING_MIX_MAX 16
struct closing_mix {
	struct {
		const struct closing *closing;
		unsigned weight;
	} part[CLOSING_MIX_MAX];
	unsigned n, total; /* weights and total are divided by their common factor */
	uint64_t stride;   /* see closing_mix_at() */
};
int closing_mix_parse(const char *text, struct closing_mix *out, struct err *err);
/* The k-th connection's strategy: exact shares, spread evenly (no random numbers). */
const struct closing *closing_mix_at(const struct closing_mix *mix, uint64_t k);
/* Share (0..1) of connections whose client port has that life. */
double closing_mix_share(const struct closing_mix *mix, enum port_life life);

/* SO_LINGER{1,0}, then close(). */
int closing_reset_fd(int fd);
/* Closes fd as `finish` says, with SO_LINGER{1,0} for FINISH_RST; FINISH_KEEP is the
 * caller's.  Returns 0 or -errno of what failed; fd is gone either way. */
static inline int closing_finish_fd(int fd, enum closing_finish finish)
{
	if (finish == FINISH_RST)
		return closing_reset_fd(fd);
	return (int)SYSTEM_CALL(close, fd);
}

#endif
