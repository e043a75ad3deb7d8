/* ledger - holds what we counted against itself and against the kernel: every connection in
 * exactly one outcome, every SYN an ActiveOpens, every FIN of ours a TIME_WAIT entry.  A
 * difference is explained by what is known about the kernel, or the ledger is not balanced. */
#ifndef TWSTORM_CLIENT_LEDGER_H
#define TWSTORM_CLIENT_LEDGER_H

#include <jansson.h>

struct client_record;
struct client_tally;

/* {balanced, explanation[], checks[{what, ours, kernel, ok}]}; new reference. */
json_t *ledger_json(const struct client_record *run, const struct client_tally *sum);

#endif
