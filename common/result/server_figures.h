/* server_figures - the names in the server's figures ("twstorm.server/1") that the client's
 * result takes over: one list for the counters, one for how an accepted connection ends. */
#ifndef TWSTORM_COMMON_RESULT_SERVER_FIGURES_H
#define TWSTORM_COMMON_RESULT_SERVER_FIGURES_H

/* X(name): totals.name in the server's result */
#define SERVER_TALLY_LIST(X)                                                             \
	X(accepted)                                                                      \
	X(requests)                                                                      \
	X(responses)                                                                     \
	X(http_requests) /* of the requests: those by HTTP */                            \
	X(http_errors)   /* of these: answered with 4xx or 5xx */                        \
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
	X(HANDSHAKE, "handshake_failed")    /* of a transport that has one */            \
	X(RESET_AS_ASKED, "reset_as_asked") /* by the client, as the strategy says */    \
	X(RESET, "reset")                   /* by the client, unasked */                 \
	X(TRUNCATED, "truncated")           /* EOF inside a request */                   \
	X(BAD_HEADER, "bad_header")         /* answered with RST; in HTTP with 4xx */    \
	X(TOO_LARGE, "too_large")           /* over the server's caps; the same */       \
	X(IDLE, "idle_timeout")                                                          \
	X(LEFT, "left_in_hold")   /* closed by the client, before the server's turn */   \
	X(MADE_ROOM, "made_room") /* for another address: one held over half */          \
	X(LEAK_OVER, "leaked")    /* server-leak, let go at last */                      \
	X(CUT_OFF, "cut_off")     /* open when the server stopped */

#endif
