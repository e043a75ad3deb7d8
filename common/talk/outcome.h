/* outcome - every way a connection can end.  Each connection started is counted in exactly
 * one outcome; the ledger adds them up. */
#ifndef TWSTORM_COMMON_TALK_OUTCOME_H
#define TWSTORM_COMMON_TALK_OUTCOME_H

#include <stdbool.h>

/* X(NAME, "name in the result", "what happened", the peer is to blame) */
#define OUTCOME_LIST(X)                                                                  \
	X(COMPLETED, "completed", "all transactions done, closed as the strategy says",  \
	  0)                                                                             \
	X(LEAKED, "leaked", "never closed by this side, as the strategy says", 0)        \
	X(NO_PORT, "no_port", "no ephemeral port was left", 0)                           \
	X(LOCAL, "local_error", "socket() or a socket option failed here", 0)            \
	X(REFUSED, "refused", "the peer refused the connection", 1)                      \
	X(CONNECT_ERROR, "connect_error", "connect() failed for another reason", 1)      \
	X(CONNECT_TIMEOUT, "connect_timeout", "no answer to the SYN in time", 1)         \
	X(HANDSHAKE, "handshake_failed",                                                 \
	  "connected, but the transport's handshake failed", 1)                          \
	X(TIMEOUT, "transaction_timeout", "connected, but no complete response in time", \
	  1)                                                                             \
	X(RESET, "reset", "the peer reset the connection when it should not", 1)         \
	X(EARLY_EOF, "early_eof", "the peer closed before its response was complete", 1) \
	X(TRANSFER_ERROR, "transfer_error",                                              \
	  "send() or recv() failed for another reason", 1)                               \
	X(TRUNCATED, "truncated", "an HTTP response ended in its middle, by FIN or RST", \
	  1)                                                                             \
	X(BAD_RESPONSE, "bad_response",                                                  \
	  "what came was no response in this protocol, or more than one", 0)             \
	X(HEAD_TOO_LARGE, "head_too_large",                                              \
	  "the head of an HTTP response, with any 1xx before it, was over 16 KiB", 0)    \
	X(BAD_CHUNK, "bad_chunk", "a chunk of an HTTP response was malformed", 0)        \
	X(STALE, "closed_while_idle",                                                    \
	  "the server closed a connection that rested, pooled or in its hold", 0)        \
	X(POOL_RACE, "pool_race",                                                        \
	  "the server closed a pooled connection just as it was used", 0)                \
	X(CUT_OFF, "cut_off", "still open when the run and its grace time were over", 0)

enum outcome {
#define X(id, name, what, peer) OUTCOME_##id,
	OUTCOME_LIST(X)
#undef X
		OUTCOMES,
};

const char *outcome_name(enum outcome o);
const char *outcome_what(enum outcome o);
/* Refused, reset, silent: signs that the peer is gone. */
bool outcome_is_peers(enum outcome o);
/* What a failed connect() (or the error of a pending one) means. */
enum outcome outcome_of_connect(int error);
/* What a failed send() or recv() on an established connection means. */
enum outcome outcome_of_transfer(int error);

#endif
