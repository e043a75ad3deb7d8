/* ledger - holds what we counted against itself, the kernel and the server: every connection in
 * exactly one outcome, every SYN an ActiveOpens, every FIN of ours a TIME_WAIT entry.  The
 * kernel counts a whole namespace, so what others may have had of a count is taken from it first,
 * at least and at most: a surplus of others covers no deficit of ours.  A comparison that they
 * make impossible is listed, and does not unbalance the ledger. */
#ifndef TWSTORM_CLIENT_LEDGER_H
#define TWSTORM_CLIENT_LEDGER_H

#include <jansson.h>

#include "client/books_server.h"
#include "client/record.h"

/* What the ledger has to know beside the run and our counts. */
struct ledger_facts {
	struct books_server server;
	bool rfc1337; /* net.ipv4.tcp_rfc1337: no RST ends a TIME_WAIT here */
};

/* {balanced, explanation[], not_compared[{what, reason}], checks[{what, ours, kernel, ok}]}; new
 * reference. */
json_t *ledger_json(const struct client_record *run, const struct client_tally *sum,
		    const struct ledger_facts *facts);

#endif
