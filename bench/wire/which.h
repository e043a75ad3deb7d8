/* which - which segments of a connection are meant: "fin from client, 1st", "last ack". */
#ifndef TWSTORM_BENCH_WIRE_WHICH_H
#define TWSTORM_BENCH_WIRE_WHICH_H

#include "bench/wire/step.h"
#include "common/base/err.h"

struct which {
	uint8_t with, without; /* flags */
	bool data;             /* with data only */
	bool last_ack;         /* the first ACK of the FIN of an end in LAST_ACK */
	int from;              /* enum end; -1 = either */
	unsigned nth;          /* from 1; 0 = each */
	unsigned seen;         /* so far */
};

/* KIND [from client|server][, Nth], KIND one of syn, syn+ack, ack, data, fin, rst, any, last ack; without Nth: the
 * first.  `ack` is a segment with nothing but that. -EINVAL with EXIT_USAGE. */
int which_parse(const char *text, struct which *out, struct err *err);
/* Counts the step if it is of that kind; true if it is the one that is meant. */
bool which_is(struct which *w, const struct step *s);

#endif
