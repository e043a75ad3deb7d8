/* ends - what a host's sockets have at their other end: a row for each remote end that it connected to, one
 * more for each local address from which it did, and one for each local end that accepted.  Counted anew by
 * each dump, in a table that is allocated once; what finds no room there is counted together. */
#ifndef TWSTORM_BENCH_OBSERVE_ENDS_H
#define TWSTORM_BENCH_OBSERVE_ENDS_H

#include <stddef.h>
#include <stdint.h>
#include "bench/observe/fullness.h"
#include "common/base/err.h"
#include "common/base/keyed.h"
#include "common/kernel/sides.h"
#include "common/kernel/tcp_state.h"

#define ENDS_MAX 16384

enum ends_kind {
	ENDS_TO,   /* a remote end */
	ENDS_FROM, /* of a remote end: a local address */
	ENDS_AT,   /* a local end that accepted */
};

struct ends_key { /* compared as bytes: clear it before it is filled */
	struct endpoint end;
	unsigned char from[16]; /* of ENDS_FROM; of the family of `end` */
	uint32_t kind;
};

struct ends_row {
	struct ends_key key;
	struct tcp_states now, peak;
	struct tcp_states in_range; /* of now: those with a local port in the range */
	uint64_t sockets_peak,
		outside_peak; /* all; those with a port outside the range */
	uint64_t first_birth_ns,
		last_birth_ns; /* of TIME_WAIT of this dump, in the range */
	unsigned n_from;       /* of ENDS_TO: how many local addresses */
	uint64_t no_port;      /* of ENDS_TO: destroyed sockets that had no port */
	uint64_t no_port_ns;   /* when the first came */
	struct fullness full;
};

struct ends {
	struct ends_row *at; /* owned */
	size_t n;
	struct keyed keyed;                    /* of `at` */
	struct tcp_states beyond, beyond_peak; /* sockets that found no row */
};

int ends_init(struct ends *e, struct err *err);
void ends_done(struct ends *e);
/* The key's row, made if it is new; NULL when the table is full. */
struct ends_row *ends_row(struct ends *e, const struct ends_key *key);
/* Before a dump: nothing is counted; with `all` false what is in TIME_WAIT stays. */
void ends_clear(struct ends *e, bool all);
/* After a dump; `all` as above. */
void ends_peaks(struct ends *e, bool all);
/* Indices of the rows of a kind, the largest first; *n: how many there are.  For free(),
 * NULL without memory. */
uint32_t *ends_largest(const struct ends *e, enum ends_kind kind, size_t *n);
/* "198.18.0.11:9000", "[fd00::1]:9000"; of ENDS_FROM "198.18.0.12".  Returns buf. */
char *ends_print(const struct ends_key *key, char *buf, size_t size);

#endif
