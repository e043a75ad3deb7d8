/* series - what happened over time: a row of figures at even steps, in bounded memory.  When
 * the rows are used up every second one is dropped and the step doubles. */
#ifndef TWSTORM_CLIENT_SERIES_H
#define TWSTORM_CLIENT_SERIES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/tcp_state.h"

#define SERIES_ROWS 1200

struct series_row {
	double t;                                      /* seconds since the run began */
	uint64_t connects_ok, transactions_ok, errors; /* so far */
	uint64_t ports_in_use;
	struct tcp_states client, server;
	bool has_client, has_server;
};

struct series {
	struct series_row *row; /* owned */
	unsigned n;
	uint64_t step_ns, next_ns; /* of the next row, since the run began */
};

int series_init(struct series *s, uint64_t step_ns, struct err *err);
void series_done(struct series *s);
/* Is a row due at t_ns since the run began? */
bool series_due(const struct series *s, uint64_t t_ns);
void series_add(struct series *s, const struct series_row *row, uint64_t t_ns);
/* New reference.  What is estimated between two counts is no more than any count found: ports_most. */
json_t *series_json(const struct series *s, uint64_t ports_most);

#endif
