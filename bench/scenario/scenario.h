/* scenario - a scenario file: INI text to a list of settings, each with its line, so that
 * whatever is wrong with one, found here or later, is reported as FILE:LINE.  It knows the
 * sections and how variants override; what a key means is plan's to say.
 *
 *   [scenario]       about = ...            one line for `lab list`
 *   [host NAME]      address = ..., sysctl.net.ipv4.NAME = ...
 *   [server NAME]    host = NAME, args = ...
 *   [client NAME]    host = NAME, args = ...
 *   [probe NAME]     host = NAME, args = ...      of `twstorm lab probe`
 *   [process NAME]   host = NAME, command = ...   anybody's program
 *                    [server|client|probe|process NAME on HOST] says the host as well
 *   [expect]         SHORT PHRASE = CONDITION
 *   [compare]        SHORT PHRASE = CONDITION     the same between results
 *   [columns]        TITLE = FORMULA              of the table over all variants
 *   [verdict]        WORD = CONDITION             the first that holds
 *   [cost]           PHRASE = CONDITION           what it costs, each that holds
 *   [variant NAME]   SECTION.KEY = VALUE    overrides, e.g. client main.args = ...
 *   [variants KEY | KEY]   NAME = VALUE | VALUE   a variant in each row
 *
 * A key may be continued on indented lines; "KEY+ = more" appends to what is there. */
#ifndef TWSTORM_BENCH_SCENARIO_SCENARIO_H
#define TWSTORM_BENCH_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include "bench/scenario/settings.h"
#include "common/base/err.h"

struct scenario {
	char *name;               /* owned: the file's name without .ini */
	char *path;               /* owned: as it is shown in messages */
	struct settings settings; /* of all variants */
	char **variants; /* owned, in the file's order; at least one: `name` if none is given */
	struct settings *overrides; /* owned: each variant's */
	size_t n_variants;
	bool has_variants; /* whether the file has any [variant ...] */
};

/* What a file may have: far more than people write, and little enough to be read at once. */
#define SCENARIO_BYTES    (1 << 20)
#define SCENARIO_VARIANTS 1000
#define SCENARIO_KEYS     1000       /* outside of variants, and in each */
#define SCENARIO_VALUE    (16 << 10) /* characters of one value */
#define SCENARIO_ALL      (4 << 20) /* what its variants come to, each with all it inherits */

/* EXIT_USAGE with the file, and FILE:LINE where that is known. */
int scenario_load(const char *path, struct scenario *out, struct err *err);
/* The same of a text, whatever it contains; `path` is what messages call it. */
int scenario_read(const char *text, size_t len, const char *path, struct scenario *out,
		  struct err *err);
void scenario_done(struct scenario *sc);

/* "FILE:LINE: " and the sentence; EXIT_USAGE; returns -EINVAL. */
int scenario_fault(const struct scenario *sc, unsigned line, struct err *err,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
