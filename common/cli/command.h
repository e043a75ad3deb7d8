/* command - what every command does with its command line: parse, help, check, run, and say on
 * stderr what went wrong. */
#ifndef TWSTORM_COMMON_CLI_COMMAND_H
#define TWSTORM_COMMON_CLI_COMMAND_H

#include "common/cli/opt.h"

/* An exit code, or -errno with a sentence that is still to be said. */
typedef int command_run(void *options, const struct opt_result *parsed, struct err *err);

/* Runs a command, or answers complete_asked(), and returns its exit code.  *options is zeroed, of the type that the rows are
 * for; what opt_parse() allocates in it is freed. */
int command_main(const struct opt_command *command, command_run *run, int argc,
		 char **argv, void *options);
/* Says "twstorm SPEAKER: " and the sentence on stderr; returns its exit code. */
int command_failed(const char *speaker, const struct err *err);

#endif
