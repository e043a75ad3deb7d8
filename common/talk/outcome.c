#include "common/talk/outcome.h"

#include <errno.h>

#include "common/talk/transport.h"

static const struct {
	const char *name, *what;
} outcomes[OUTCOMES] = {
#define X(id, name, what) [OUTCOME_##id] = { name, what },
	OUTCOME_LIST(X)
#undef X
};

const char *outcome_name(enum outcome o)
{
	return outcomes[o].name;
}

const char *outcome_what(enum outcome o)
{
	return outcomes[o].what;
}

enum outcome outcome_of_connect(int error)
{
	switch (error) {
	case EADDRNOTAVAIL:
		return OUTCOME_NO_PORT;
	case ECONNRESET: /* a SYN that a RST answers is ECONNREFUSED: it was open, and not seen so yet */
		return OUTCOME_RESET;
	case ECONNREFUSED:
		return OUTCOME_REFUSED;
	case ETIMEDOUT:
		return OUTCOME_CONNECT_TIMEOUT;
	case ECONNABORTED:
		return OUTCOME_ABORTED_HERE;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return OUTCOME_LOCAL;
	default:
		return OUTCOME_CONNECT_ERROR;
	}
}

enum outcome outcome_of_fault(int result)
{
	switch (result) {
	case TRANSPORT_CERTIFICATE:
		return OUTCOME_TLS_CERTIFICATE;
	case TRANSPORT_NOT_SPOKEN:
		return OUTCOME_NOT_TLS;
	case TRANSPORT_VERSION:
		return OUTCOME_TLS_VERSION;
	case TRANSPORT_ANEW:
		return OUTCOME_TLS_RENEGOTIATION;
	case TRANSPORT_FLOOD:
		return OUTCOME_TLS_FLOOD;
	default:
		return OUTCOME_HANDSHAKE;
	}
}

/* A RST in ESTABLISHED is ECONNRESET once; in CLOSE_WAIT it is EPIPE; for shutdown() it is ENOTCONN
 * (docs/kernel-facts.md#reset-errno).  Nothing that a peer sends gives ECONNABORTED (tcp_abort()). */
enum outcome outcome_of_transfer(int error)
{
	if (error == ECONNABORTED)
		return OUTCOME_ABORTED_HERE;
	if (error == ECONNRESET || error == EPIPE || error == ENOTCONN)
		return OUTCOME_RESET;
	return OUTCOME_TRANSFER_ERROR;
}
