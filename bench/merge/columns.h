/* columns - what the series of ranks have for each second, as numbers: a row of `ranks[].seconds`. */
#ifndef TWSTORM_BENCH_MERGE_COLUMNS_H
#define TWSTORM_BENCH_MERGE_COLUMNS_H

#include <jansson.h>
#include <stdint.h>
#include "common/kernel/tcp_state.h"

enum {
	T,
	CONNECTS,
	TRANSACTIONS,
	ERRORS,
	PORTS,
	CLIENT, /* whether it was counted; CLIENT + 6: how many were in TIME_WAIT */
	SERVER = CLIENT + TCP_STATE_MAX
};
#define COLUMNS (SERVER + TCP_STATE_MAX)
#define UNKNOWN (-1)

struct second {
	int64_t n[COLUMNS];
};

/* "connects_ok", "client", "client.TIME_WAIT", ... */
const char *column_name(unsigned c, char buf[32]);
/* A count, or UNKNOWN where that is none. */
int64_t column_count(const json_t *v);

#endif
