/* reading - a scenario file while it is read: where we are in it, and the first fault.  The lines are scenario.c's, headers
 * read_header.c's, keys and the rows of tables read_key.c's. */
#ifndef TWSTORM_BENCH_SCENARIO_READING_H
#define TWSTORM_BENCH_SCENARIO_READING_H

#include <stdbool.h>
#include "bench/scenario/scenario.h"
#include "bench/text/text.h"

struct reading {
	struct scenario *sc;
	struct settings
		*list; /* of the section we are in: the scenario's or a variant's */
	struct setting section; /* its section and name; the key and value are not used */
	struct words columns;   /* of [variants ...]: its keys; none in another section */
	bool in_section;
	bool open;     /* a key of this section came before: an indented line goes on */
	unsigned line; /* number of the line we are at */
	unsigned fault_at; /* 0 = none yet */
	struct err *err;
};

/* Remembers the first fault only: what follows may be nonsense because of it. */
#define fault(r, ...)                                                                    \
	do {                                                                             \
		if (!(r)->fault_at) {                                                    \
			(r)->fault_at = (r)->line;                                       \
			scenario_fault((r)->sc, (r)->line, (r)->err, __VA_ARGS__);       \
		}                                                                        \
	} while (0)

/* "host client" to HOST and "client".  False, with a fault, if it is no section. */
bool reading_section(struct reading *r, const char *text, struct setting *s);
/* A line that begins with '['. */
void reading_header(struct reading *r, char *text);
/* The variant's section begins, or goes on further down. */
void reading_variant(struct reading *r, const char *name);
/* A line that is "KEY = VALUE", or in [variants ...] "NAME = VALUE | VALUE". */
void reading_key(struct reading *r, char *text);
/* Adds it to the list; what it owns is the list's then, or gone if there was no room. */
void reading_add(struct reading *r, struct setting *s);
/* Takes blanks off its end. */
void reading_trim(char *text);
/* The text up to the next '|' that stands alone, or up to its end: without blanks around it, NULL behind the last.  *rest goes
 * behind it. */
char *reading_cell(char **rest);

#endif
