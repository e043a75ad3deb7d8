/* tally (server) - what a server worker counts, and every way an accepted connection can
 * end.  Written by its worker alone, read by anybody (common/tally.h). */
#ifndef TWSTORM_SERVER_TALLY_H
#define TWSTORM_SERVER_TALLY_H

#include "common/tally.h"

/* X(name): totals.name in the server's result */
#define SERVER_TALLY_LIST(X)                                                             \
	X(accepted)                                                                      \
	X(requests)                                                                      \
	X(responses)                                                                     \
	X(closes)                                                                        \
	X(bytes_received) /* headers included */                                         \
	X(bytes_sent)     /* taken by the kernel */                                      \
	X(bytes_missing)  /* of requests: announced, never arrived */                    \
	X(bytes_unsent)   /* of responses: the kernel never took them */                 \
	X(accept_pauses)  /* out of descriptors or at --max-connections */               \
	X(open)           /* gauge */                                                    \
	X(leaked)         /* gauge: kept open on purpose by server-leak */

/* X(NAME, "name in the result") : each accepted connection is in one of them, or open */
#define SERVER_END_LIST(X)                                                               \
	X(SERVED, "served")                 /* closed as its strategy says */            \
	X(CONNECT_ONLY, "connect_only")     /* closed by the client, no request */       \
	X(RESET_AS_ASKED, "reset_as_asked") /* by the client, as the strategy says */    \
	X(RESET, "reset")                   /* by the client, unasked */                 \
	X(TRUNCATED, "truncated")           /* EOF inside a request */                   \
	X(BAD_HEADER, "bad_header")         /* answered with RST */                      \
	X(TOO_LARGE, "too_large")           /* over the server's caps; RST */            \
	X(IDLE, "idle_timeout")                                                          \
	X(LEAK_OVER, "leaked") /* server-leak, let go at last */                         \
	X(CUT_OFF, "cut_off")  /* open when the server stopped */

enum server_end {
#define X(id, name) END_##id,
	SERVER_END_LIST(X)
#undef X
		SERVER_ENDS,
};

struct server_tally {
#define X(name) tally_t name;
	SERVER_TALLY_LIST(X)
#undef X
	tally_t ended[SERVER_ENDS];
	struct tally_errnos accept_errors, transfer_errors;
};

const char *server_end_name(enum server_end end);

#endif
