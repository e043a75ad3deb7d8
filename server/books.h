/* books - what the server counts of each client run that asks for it: a run is known at the
 * admin address by a key that the client made up, and to the workers by a number, given out here, that
 * its connections name (common/talk/proto_raw.h).  The main thread's alone; the workers count
 * by the number, whoever has it, and what was counted before is taken off here. */
#ifndef TWSTORM_SERVER_BOOKS_H
#define TWSTORM_SERVER_BOOKS_H

#include <stdint.h>

#define BOOKS_KEY 32 /* longest key + 1 */
/* A number whose run has not asked for so long, and has no connection, may be another's. */
#define BOOKS_KEPT_S 60

struct books;
struct server_run;
struct server_tally;

struct books *books_new(void);    /* NULL = out of memory */
void books_free(struct books *b); /* NULL-safe */
/* The number of the run with that key, which asks now; a run that was not known is given one.
 * 0: all are taken. */
unsigned books_number(struct books *b, const struct server_run *run, const char *key,
		      uint64_t now_ns);
/* What the run with that number has counted since it has it, of all workers. */
void books_sum(const struct books *b, const struct server_run *run, unsigned number,
	       struct server_tally *sum);

#endif
