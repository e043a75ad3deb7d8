/* anonymize - a text with other addresses: each the same wherever it stands, in whatever form.  Loopback
 * and wildcard addresses stay, and ports. */
#ifndef TWSTORM_BENCH_DOCTOR_ANONYMIZE_H
#define TWSTORM_BENCH_DOCTOR_ANONYMIZE_H

#include <stddef.h>
#include <stdio.h>
#include "common/base/err.h"

struct anonymizer; /* which address became which */

struct anonymizer *anonymizer_new(struct err *err); /* NULL: out of memory */
void anonymizer_free(struct anonymizer *a);
/* Writes a line with its addresses and the names of hosts replaced.  0, or -errno: more different
 * addresses than can be kept apart. */
int anonymize_line(struct anonymizer *a, const char *line, size_t len, FILE *to,
		   struct err *err);
/* All of these files ("-" = standard input), on stdout; 0 or -errno. */
int anonymize_files(char *const *paths, int n, struct err *err);

#endif
