/* opt - a command's options as rows.  One row is everything about an option: name, type,
 * default (as text, parsed like the user's), help.  From the rows come the getopt_long(3) parser,
 * the --help screen, what a shell completes (complete.h) and the "config" object of a result,
 * so they cannot disagree. */
#ifndef TWSTORM_COMMON_CLI_OPT_H
#define TWSTORM_COMMON_CLI_OPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "common/base/err.h"
#include "common/cli/complete.h"
#include "common/cli/opt_type.h"

struct opt {
	const char *name; /* long, without dashes; NULL and a help = group title */
	int letter;       /* short option or 0 */
	enum opt_type type;
	size_t at;           /* offsetof the field in the command's options struct */
	const char *value;   /* default as text; NULL = leave the field as it is (zero) */
	const char *metavar; /* "N", "HOST:PORT[,...]"; NULL = a choice's names */
	const char *help;    /* one short line */
	const void *arg; /* of a choice: its names; of a text: complete_values or NULL */
};

/* A wrong field type does not compile: OPT_AT(uint64_t, struct options, field). */
#define OPT_AT(type, s, field)                                                           \
	(offsetof(s, field) + 0 * sizeof((type *)0 == &((s *)0)->field))

struct opt_result {
	int argc; /* the whole command line, borrowed */
	char **argv;
	char **words; /* positional words, borrowed from argv */
	int n_words;
	uint64_t given
		[2]; /* bit i: row i of the command was on the command line, see opt_given() */
	bool help_shown; /* --help or --version was printed on stdout: return EXIT_COMPLETE */
};

struct opt_command {
	const char *name;       /* "client" */
	const char *usage;      /* "-t HOST:PORT[,...] [options]" */
	const char *about;      /* one sentence */
	const char *examples;   /* lines, each indented by two blanks */
	const struct opt *rows; /* ended by a row of zeros */
	/* what --help=all says below the options; NULL = nothing */
	void (*more)(FILE *out);
	bool positional;                     /* words without a dash are allowed */
	const struct complete_values *words; /* what those may be; NULL = not known */
	const char *man;     /* "lab-probe" has twstorm-lab-probe(1); NULL = name */
	const char *speaker; /* "lab probe", in front of messages; NULL = name */
	/* Gives options that were not on the command line another value than their row's, after
	 * the parse and before check(); NULL = none.  0 or EXIT_USAGE. */
	int (*complete)(void *options, const struct opt_result *parsed, struct err *err);
	/* Refuses what the rows alone cannot, with EXIT_USAGE; NULL = nothing more. */
	int (*check)(const void *options, const struct opt_result *parsed,
		     struct err *err);
};

/* Sets the defaults, then parses and checks argv[1..] (argv[0] is the command's name), as GNU tools do:
 * abbreviations, options after words, `--` ends them; argv's pointers may be permuted.  0 or
 * a negative errno with one sentence, "twstorm client: --duration: ...", and EXIT_USAGE.
 * opt_done() frees after success and failure alike. */
int opt_parse(const struct opt_command *cmd, int argc, char **argv, void *options,
	      struct opt_result *result, struct err *err);
/* Whether the option of that long name was on the command line. */
bool opt_given(const struct opt_command *cmd, const struct opt_result *parsed,
	       const char *name);
/* The first option of the group with that title which was on the command line, except for the one that has the
 * group's name: the others need it.  NULL = none was. */
const char *opt_group_given(const struct opt_command *cmd,
			    const struct opt_result *parsed, const char *title);
/* Every option's effective value: {"concurrency": 64, ...}; new reference. */
json_t *opt_dump(const struct opt_command *cmd, const void *options);
/* Frees what opt_parse() allocated in *options. */
void opt_done(const struct opt_command *cmd, void *options);

#endif
