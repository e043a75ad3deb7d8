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

/* Refuses a command line of `twstorm client` or `twstorm server` (argv[0] is that word) that will be
 * refused on any host: EXIT_USAGE with the command's own sentence, its name in front.  0 also where
 * nothing can be said here.  twstorm.c sets them, since no other part knows the two; NULL in tests. */
typedef int command_check(int argc, char **argv, struct err *err);
extern command_check *command_check_client, *command_check_server;

#endif
