/* complete - what a shell offers for the word at the cursor, from the same rows as parser and
 * help.  `twstorm --complete WORD... TYPED` asks; completions/ has a thin file for each shell.
 *
 * The answer has a line for each candidate: the whole word, a TAB, what the word means (or
 * nothing).  A candidate that ends in '=' is not finished.  A line that begins with a TAB asks
 * the shell for names of files as well: TAB, what stands before the name in the word, TAB, how
 * the name ends ("" = as it likes, "/" = directories only). */
#ifndef TWSTORM_COMMON_CLI_COMPLETE_H
#define TWSTORM_COMMON_CLI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

struct opt_command;

/* The place that is being completed. */
struct complete {
	char *const *words; /* borrowed: positional words in front of it */
	int n_words;        /* how many */
	const char *word;   /* borrowed: the word at the cursor */
	const char *typed;  /* into `word`: where the name begins */
	const char
		*listed;  /* into `word`: the list that the name is in; NULL = no list */
	const char *then; /* what follows a name, "=" or "" */
};

/* What a text may be: `arg` of an OPT_TEXT or OPT_TEXTS row, or a command's positional words. */
struct complete_values {
	/* Calls complete_name() and complete_files() for all there can be. */
	void (*offer)(const struct complete *c);
	bool list;        /* NAME[:WEIGHT][,...]: each name once */
	const char *then; /* what follows a name; NULL = nothing */
};

/* From now on commands do not run: they say what may stand at the cursor. */
void complete_ask(void);
bool complete_asked(void);
/* Of a table of commands: whether argv[1] is the word at the cursor, which is then in *out. */
bool complete_first(int argc, char **argv, struct complete *out);
/* What may be the last of argv's words; an exit code. */
int complete_command(const struct opt_command *cmd, int argc, char **argv);

/* Offers a name, if it begins as what was typed does (upper or lower case); `about` may be
 * NULL. */
void complete_name(const struct complete *c, const char *name, const char *about);
/* Asks for names of files that end so. */
void complete_files(const struct complete *c, const char *ending);

#endif
