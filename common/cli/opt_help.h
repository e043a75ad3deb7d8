/* opt_help - what --help shows, from a command's rows. */
#ifndef TWSTORM_COMMON_CLI_OPT_HELP_H
#define TWSTORM_COMMON_CLI_OPT_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "common/cli/opt.h"

/* What an option takes, as --help shows it: "N", or a choice's names, "auto|early|late". */
void opt_metavar(const struct opt *row, char *buf, size_t size);
/* What --help prints: the rows grouped, compactly, on one screen, with the examples; or, for
 * --help=all, a line for each. */
void opt_help(const struct opt_command *cmd, bool all, FILE *out);

#endif
