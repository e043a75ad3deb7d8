/* outcome - every way a connection can end.  Each connection started is counted in exactly
 * one outcome; the ledger adds them up. */
#ifndef TWSTORM_COMMON_TALK_OUTCOME_H
#define TWSTORM_COMMON_TALK_OUTCOME_H

/* X(NAME, "name in the result", "what happened") */
#define OUTCOME_LIST(X)                                                                  \
	X(COMPLETED, "completed", "all transactions done, closed as the strategy says")  \
	X(LEAKED, "leaked", "never closed by this side, as the strategy says")           \
	X(NO_PORT, "no_port", "no ephemeral port was left")                              \
	X(NO_SOURCE, "no_source_address",                                                \
	  "no address of this host can reach the target")                                \
	X(COLLISION, "collision", "another socket has the port that was to be bound")    \
	X(LOCAL, "local_error", "socket() or a socket option failed here")               \
	X(REFUSED, "refused", "the peer refused the connection")                         \
	X(CONNECT_ERROR, "connect_error", "connect() failed for another reason")         \
	X(CONNECT_TIMEOUT, "connect_timeout", "no answer to the SYN in time")            \
	X(SELF_CONNECTED, "self_connected",                                              \
	  "the socket connected to itself, for its port was the target's")               \
	X(HANDSHAKE, "handshake_failed",                                                 \
	  "connected, but the transport's handshake failed")                             \
	X(TLS_CERTIFICATE, "tls_certificate",                                            \
	  "a certificate was not trusted, the server's here (--cacert, --pin or -k"      \
	  " helps) or ours there (--cert)")                                              \
	X(NOT_TLS, "tls_not_tls",                                                        \
	  "the peer does not speak TLS: no byte of it came back")                        \
	X(PEER_SPEAKS_TLS, "peer_speaks_tls",                                            \
	  "an alert of TLS came back: the peer speaks TLS, and --tls was not said")      \
	X(TLS_VERSION, "tls_version", "the two ends have no version of TLS in common")   \
	X(TLS_RENEGOTIATION, "tls_renegotiation",                                        \
	  "the peer wanted a new handshake on an open connection, which is refused,"     \
	  " and did not go on without")                                                  \
	X(TLS_FLOOD, "tls_flood",                                                        \
	  "the peer sent message after message of TLS, and no data")                     \
	X(HANDSHAKE_TIMEOUT, "tls_handshake_timeout",                                    \
	  "connected, but the handshake of TLS was not over in time")                    \
	X(TIMEOUT, "transaction_timeout", "connected, but no complete response in time") \
	X(RESET, "reset", "the peer reset the connection when it should not")            \
	X(ABORTED_HERE, "aborted_here", "this host's own kernel ended the connection")   \
	X(EARLY_EOF, "early_eof", "the peer closed before its response was complete")    \
	X(TLS_TRUNCATED, "tls_truncated",                                                \
	  "a FIN without close_notify ended what may not have been a whole response")    \
	X(TRANSFER_ERROR, "transfer_error",                                              \
	  "send() or recv() failed for another reason")                                  \
	X(TRUNCATED, "truncated", "an HTTP response ended in its middle, by FIN or RST") \
	X(BAD_RESPONSE, "bad_response",                                                  \
	  "what came was no response in this protocol, or more than one")                \
	X(HEAD_TOO_LARGE, "head_too_large",                                              \
	  "the head of an HTTP response, with any 1xx before it, was over 16 KiB")       \
	X(BAD_CHUNK, "bad_chunk", "a chunk of an HTTP response was malformed")           \
	X(STALE, "closed_while_idle",                                                    \
	  "the server closed a connection that rested, pooled or in its hold")           \
	X(POOL_RACE, "pool_race",                                                        \
	  "the server closed a pooled connection just as it was used")                   \
	X(CUT_OFF, "cut_off", "still open when the run and its grace time were over")

enum outcome {
#define X(id, name, what) OUTCOME_##id,
	OUTCOME_LIST(X)
#undef X
		OUTCOMES,
};

const char *outcome_name(enum outcome o);
const char *outcome_what(enum outcome o);
/* What a failed connect() (or the error of a pending one) means.  EADDRNOTAVAIL has two causes,
 * which whoever called has to tell apart: it may be NO_SOURCE as well. */
enum outcome outcome_of_connect(int error);
/* What a transport found wrong (common/talk/transport.h), in its handshake or later. */
enum outcome outcome_of_fault(int result);
/* What a failed send() or recv() on an established connection means. */
enum outcome outcome_of_transfer(int error);

#endif
