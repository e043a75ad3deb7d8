/* opt_type - the types that an option can have. */
#ifndef TWSTORM_COMMON_CLI_OPT_TYPE_H
#define TWSTORM_COMMON_CLI_OPT_TYPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "common/base/err.h"
#include "common/base/units.h"

/* How text becomes a field and a field becomes JSON. */
struct opt_type {
	int (*parse)(const char *text, void *field, const void *arg, struct err *err);
	json_t *(*dump)(const void *field, const void *arg); /* new reference */
	void (*done)(void *field); /* frees what parse() allocated; NULL = nothing */
	bool is_flag;              /* takes no argument */
};
extern const struct opt_type opt_count;    /* uint64_t */
extern const struct opt_type opt_size;     /* uint64_t, bytes */
extern const struct opt_type opt_duration; /* uint64_t, ns; dumped as seconds */
extern const struct opt_type opt_rate;  /* struct rate; dumped as text, null = no limit */
extern const struct opt_type opt_text;  /* const char *, borrowed from argv or the row */
extern const struct opt_type opt_texts; /* struct opt_texts: repeatable */
extern const struct opt_type opt_percent; /* double: "1%"; over 0, up to 100 */
extern const struct opt_type opt_flag;    /* bool */
extern const struct opt_type opt_choice;  /* int; arg: names[], NULL-ended */

struct opt_texts {
	const char **at; /* owned; freed by opt_done() */
	size_t n;
};

#endif
