/* opt_type - the types that an option can have: how text becomes a field, and a field JSON. */
#ifndef TWSTORM_COMMON_CLI_OPT_TYPE_H
#define TWSTORM_COMMON_CLI_OPT_TYPE_H

#include <jansson.h>
#include <stddef.h>
#include "common/base/err.h"
#include "common/base/units.h"

/* By the type of the field: */
enum opt_type {
	OPT_COUNT = 1, /* uint64_t */
	OPT_SIZE,      /* uint64_t, bytes */
	OPT_DURATION,  /* uint64_t, ns; dumped as seconds */
	OPT_RATE,      /* struct rate; dumped as typed, null = no limit */
	OPT_PERCENT,   /* double: "1%"; over 0, up to 100 */
	OPT_TEXT,      /* const char *, borrowed from argv or the row */
	OPT_TEXTS,     /* struct opt_texts: repeatable */
	OPT_FLAG,      /* bool; takes no argument */
	OPT_CHOICE,    /* int; arg: names[], NULL-ended */
};

struct opt_texts {
	const char **at; /* owned; freed by opt_done() */
	size_t n;
};

/* 0, or -errno with EXIT_USAGE and a sentence. */
int opt_value_parse(enum opt_type type, const char *text, void *field, const void *arg,
		    struct err *err);
/* New reference. */
json_t *opt_value_dump(enum opt_type type, const void *field, const void *arg);

#endif
