#include "common/cli/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "common/cli/opt.h"

static bool asked;

void complete_ask(void)
{
	asked = true;
}

bool complete_asked(void)
{
	return asked;
}

bool complete_first(int argc, char **argv, struct complete *out)
{
	if (!asked || argc != 2)
		return false;
	*out = (struct complete){ .word = argv[1], .typed = argv[1], .then = "" };
	return true;
}

/* ---- what is offered */

/* Whether the list has the name already, in front of what is being typed. */
static bool is_listed(const struct complete *c, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = c->listed; at && at < c->typed; at += strcspn(at, ",") + 1)
		if (strncasecmp(at, name, len) == 0 && strchr(":=,", at[len]))
			return true;
	return false;
}

/* Names in a file may have any byte; a line of the answer cannot hold a TAB or a newline. */
static bool fits_a_line(const char *text)
{
	return !text[strcspn(text, "\t\n")];
}

void complete_name(const struct complete *c, const char *name, const char *about)
{
	if (strncasecmp(name, c->typed, strlen(c->typed)) != 0 || is_listed(c, name) ||
	    !fits_a_line(name))
		return;
	printf("%.*s%s%s\t%s\n", (int)(c->typed - c->word), c->word, name, c->then,
	       about && fits_a_line(about) ? about : "");
}

void complete_files(const struct complete *c, const char *ending)
{
	printf("\t%.*s\t%s\n", (int)(c->typed - c->word), c->word, ending);
}

/* ---- values */

static void offer_values(struct complete *c, const struct complete_values *values)
{
	const char *comma = values->list ? strrchr(c->typed, ',') : NULL;

	c->then = values->then ? values->then : "";
	c->listed = values->list ? c->typed : NULL;
	c->typed = comma ? comma + 1 : c->typed;
	values->offer(c);
}

/* The value of this row begins at c->typed. */
static void offer_value_of(struct complete *c, const struct opt *row)
{
	const char *is = row->metavar ? row->metavar : "";
	const char *const *names = row->arg;

	if (row->type == OPT_CHOICE)
		for (; *names; names++)
			complete_name(c, *names, NULL);
	else if ((row->type == OPT_TEXT || row->type == OPT_TEXTS) && row->arg)
		offer_values(c, row->arg);
	else if (strcmp(is, "FILE") == 0 || strcmp(is, "DIR") == 0)
		complete_files(c, *is == 'D' ? "/" : "");
}

/* ---- options */

static bool is_end(const struct opt *row)
{
	return !row->name && !row->help;
}

/* The row that getopt_long() finds for a name: the name itself, or the only name that begins so.  NULL if there is none. */
static const struct opt *row_of_name(const struct opt_command *cmd, const char *name,
				     size_t len)
{
	const struct opt *row, *found = NULL;

	for (row = cmd->rows; !is_end(row); row++) {
		if (!row->name || strncmp(row->name, name, len) != 0)
			continue;
		if (strlen(row->name) == len)
			return row;
		if (found)
			return NULL;
		found = row;
	}
	return found;
}

static const struct opt *row_of_letter(const struct opt_command *cmd, int letter)
{
	const struct opt *row;

	for (row = cmd->rows; !is_end(row); row++)
		if (row->name && letter && row->letter == letter)
			return row;
	return NULL;
}

/* The option in this word that takes a value; NULL if the word has no such option.  *value is where the value begins in the
 * word, or NULL if the next word is the value. */
static const struct opt *row_with_value(const struct opt_command *cmd, const char *word,
					const char **value)
{
	const struct opt *row;
	size_t len;

	*value = NULL;
	if (word[0] == '-' && word[1] == '-') {
		len = strcspn(word + 2, "=");
		row = len ? row_of_name(cmd, word + 2, len) : NULL;
		if (word[2 + len])
			*value = word + 2 + len + 1;
		return row && row->type != OPT_FLAG ? row : NULL;
	}
	while (word[0] && (row = row_of_letter(cmd, *++word)))
		if (row->type != OPT_FLAG) {
			*value = word[1] ? word + 1 : NULL;
			return row;
		}
	return NULL;
}

static void offer_options(struct complete *c, const struct opt_command *cmd)
{
	const struct opt *row;
	char name[80];

	for (row = cmd->rows; !is_end(row); row++) {
		if (!row->name)
			continue;
		snprintf(name, sizeof(name), "-%c", row->letter);
		if (row->letter && !c->word[1])
			complete_name(c, name, row->help);
		snprintf(name, sizeof(name), "--%s", row->name);
		complete_name(c, name, row->help);
	}
	complete_name(c, "--help", "what fits a screen");
	if (strncmp(c->word, "--help", 6) == 0)
		complete_name(c, "--help=all", "a line for each option");
	complete_name(c, "--version", "the version");
}

static void offer_word(struct complete *c, const struct opt_command *cmd)
{
	const char *value;
	const struct opt *row = row_with_value(cmd, c->word, &value);

	if (row && value) {
		c->typed = value;
		offer_value_of(c, row);
	} else if (row &&
		   c->word[1] !=
			   '-') { /* a short option has no more letters to complete */
		complete_name(c, c->word, row->help);
	} else {
		offer_options(c, cmd);
	}
}

/* ---- the words before */

/* Where the words in front of the cursor lead to. */
struct place {
	const struct opt *row; /* whose value the next word is, or NULL */
	char **words;          /* owned: the positional words so far */
	int n_words;
	bool words_only; /* after "--" */
};

static void take_word(struct place *p, const struct opt_command *cmd, char *word)
{
	const char *value;

	if (p->row) {
		p->row = NULL;
	} else if (!p->words_only && strcmp(word, "--") == 0) {
		p->words_only = true;
	} else if (!p->words_only && word[0] == '-' && word[1]) {
		p->row = row_with_value(cmd, word, &value);
		p->row = value ? NULL : p->row;
	} else {
		p->words[p->n_words++] = word;
	}
}

int complete_command(const struct opt_command *cmd, int argc, char **argv)
{
	struct place place = { .words = calloc((size_t)argc + 1, sizeof(char *)) };
	struct complete c = { .words = place.words, .then = "" };

	if (!place.words || argc < 2) {
		free(place.words);
		return EXIT_CANNOT_RUN;
	}
	for (int i = 1; i < argc - 1; i++)
		take_word(&place, cmd, argv[i]);
	c.word = c.typed = argv[argc - 1];
	c.n_words = place.n_words;
	if (place.row)
		offer_value_of(&c, place.row);
	else if (c.word[0] == '-' && !place.words_only)
		offer_word(&c, cmd);
	else if (cmd->words)
		offer_values(&c, cmd->words);
	free(place.words);
	return EXIT_COMPLETE;
}
