#include "common/opt.h"

#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* argp's key of row i is this plus i, or the row's letter: argp takes a key that can be a
 * character for a short option. */
#define KEY_ROW 0x1000

#define LONGEST_NAME 64

/* What every command has, after its own rows. */
static const struct opt extras[] = {
	{ .name = "help", .type = &opt_text },
	{ .name = "version", .type = &opt_flag },
};
static const struct opt *const help_row = &extras[0], *const version_row = &extras[1];

/* One parse under way, handed through argp to on_key(). */
struct parse {
	const struct opt_command *cmd; /* borrowed */
	char *fields;                  /* borrowed: the command's options struct */
	struct opt_result *result;     /* borrowed */
	struct err *err;               /* borrowed */
	int ret;                       /* negative once on_key() has filled *err */
};

static bool is_end(const struct opt *row)
{
	return !row->name && !row->help;
}

static size_t count_rows(const struct opt_command *cmd)
{
	size_t n = 0;

	while (!is_end(&cmd->rows[n]))
		n++;
	return n;
}

/* The i-th row, the extra ones after the command's; NULL after the last. */
static const struct opt *row_at(const struct opt_command *cmd, size_t i)
{
	size_t n = count_rows(cmd);

	if (i < n)
		return &cmd->rows[i];
	return i - n < sizeof(extras) / sizeof(*extras) ? &extras[i - n] : NULL;
}

static int key_of(const struct opt *row, size_t i)
{
	return row->letter ? row->letter : KEY_ROW + (int)i;
}

static const struct opt *row_of_key(const struct opt_command *cmd, int key)
{
	const struct opt *row;
	size_t i;

	for (i = 0; (row = row_at(cmd, i)); i++)
		if (row->name && key_of(row, i) == key)
			return row;
	return NULL;
}

/* Levenshtein's distance between two names, one row of the matrix at a time. */
static unsigned distance(const char *a, const char *b)
{
	unsigned cost[LONGEST_NAME + 1], diagonal, above, i, j, n = (unsigned)strlen(b);

	if (n > LONGEST_NAME)
		return UINT_MAX;
	for (j = 0; j <= n; j++)
		cost[j] = j;
	for (i = 1; a[i - 1]; i++) {
		diagonal = cost[0];
		cost[0] = i;
		for (j = 1; j <= n; j++) {
			above = cost[j];
			diagonal += a[i - 1] != b[j - 1];
			cost[j] = above < cost[j - 1] ? above + 1 : cost[j - 1] + 1;
			cost[j] = diagonal < cost[j] ? diagonal : cost[j];
			diagonal = above;
		}
	}
	return cost[n];
}

/* The row whose name is nearest to the typed one, if a third of it or less is wrong. */
static const struct opt *nearest(const struct opt_command *cmd, const char *typed)
{
	unsigned d, best = ((unsigned)strlen(typed) + 2) / 3 + 1;
	const struct opt *row, *found = NULL;
	size_t i;

	for (i = 0; (row = row_at(cmd, i)); i++) {
		d = row->name ? distance(row->name, typed) : UINT_MAX;
		if (d < best) {
			best = d;
			found = row;
		}
	}
	return found;
}

/* How many names the typed one abbreviates; *found is the (last) one.  A whole name is
 * itself alone. */
static unsigned match_long(const struct opt_command *cmd, const char *typed,
			   const struct opt **found)
{
	size_t i, len = strlen(typed);
	const struct opt *row;
	unsigned n = 0;

	for (i = 0; (row = row_at(cmd, i)); i++) {
		if (!row->name || strncmp(row->name, typed, len) != 0)
			continue;
		*found = row;
		if (!row->name[len])
			return 1;
		n++;
	}
	return n;
}

static int ambiguous(const struct opt_command *cmd, const char *typed, struct err *err)
{
	const struct opt *row;
	char list[200] = "";
	size_t i, len;

	for (i = 0; (row = row_at(cmd, i)); i++) {
		len = strlen(list);
		if (row->name && strncmp(row->name, typed, strlen(typed)) == 0)
			snprintf(list + len, sizeof(list) - len, "%s--%s",
				 len ? ", " : "", row->name);
	}
	return err_usage(err, "'--%.60s' is ambiguous, it could be %s", typed, list);
}

static int unknown_long(const struct opt_command *cmd, const char *typed, struct err *err)
{
	const struct opt *near = nearest(cmd, typed);

	if (near)
		return err_usage(err, "unknown option '--%.60s', did you mean --%s?",
				 typed, near->name);
	return err_usage(err, "unknown option '--%.60s', see --help", typed);
}

static int needs_value(const struct opt *row, struct err *err)
{
	return err_usage(err, "--%s needs a value, %s", row->name,
			 row->metavar ? row->metavar : "see --help");
}

/* Negative if a word of the form --NAME or --NAME=VALUE is wrong; 1 if it takes the next
 * word, 0 if not. */
static int fault_long(const struct opt_command *cmd, const char *word, bool has_next,
		      struct err *err)
{
	const char *equals = strchr(word, '=');
	const struct opt *row = NULL;
	char name[LONGEST_NAME + 1];
	unsigned matches;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	matches = match_long(cmd, name, &row);
	if (matches == 0)
		return unknown_long(cmd, name, err);
	if (matches > 1)
		return ambiguous(cmd, name, err);
	if (row->type->is_flag && equals)
		return err_usage(err, "--%s takes no value, '%.60s' given", row->name,
				 equals + 1);
	if (row->type->is_flag || equals || row == help_row)
		return 0;
	return has_next ? 1 : needs_value(row, err);
}

/* The same for -c, -cN or several flags as one word, -qv. */
static int fault_short(const struct opt_command *cmd, const char *word, bool has_next,
		       struct err *err)
{
	const struct opt *row;
	const char *c;

	for (c = word + 1; *c; c++) {
		row = row_of_key(cmd, (unsigned char)*c);
		if (!row)
			return err_usage(err, "unknown option '-%c', see --help", *c);
		if (row->type->is_flag)
			continue;
		if (c[1])
			return 0;
		return has_next ? 1 : needs_value(row, err);
	}
	return 0;
}

/* Finds the first word that getopt_long() below argp refused, which argp does not tell:
 * fills *err.  Options keep their order whatever argp has permuted. */
static int find_fault(const struct opt_command *cmd, char **argv, struct err *err)
{
	int ret;

	for (argv++; *argv && strcmp(*argv, "--") != 0; argv++) {
		if ((*argv)[0] != '-' || !(*argv)[1])
			continue;
		ret = (*argv)[1] == '-' ? fault_long(cmd, *argv, argv[1], err)
					: fault_short(cmd, *argv, argv[1], err);
		if (ret < 0)
			return ret;
		argv += ret;
	}
	return err_usage(err, "cannot make sense of the options, see --help");
}

static int show_help(struct parse *p, const char *arg)
{
	if (arg && strcmp(arg, "all") != 0)
		return err_usage(p->err,
				 "--help: '%.60s' is unknown, only --help and "
				 "--help=all are",
				 arg);
	opt_help(p->cmd, arg, stdout);
	p->result->help_shown = true;
	return 0;
}

static int show_version(struct parse *p)
{
	puts("twstorm " TWSTORM_VERSION);
	p->result->help_shown = true;
	return 0;
}

static int set_field(struct parse *p, const struct opt *row, const char *arg)
{
	int ret = row->type->parse(arg, p->fields + row->at, row->arg, p->err);

	if (ret < 0)
		err_prefix(p->err, "--%s", row->name);
	return ret < 0 ? ret : 0;
}

/* argp calls this for each option and word, with keys of its own besides. */
static error_t on_key(int key, char *arg, struct argp_state *state)
{
	struct parse *p = state->input;
	const struct opt *row = row_of_key(p->cmd, key);

	if (key == ARGP_KEY_ARG && !p->cmd->positional)
		p->ret = err_usage(p->err, "unexpected word '%.60s', see --help", arg);
	else if (!row)
		return ARGP_ERR_UNKNOWN;
	else if (row == help_row)
		p->ret = show_help(p, arg);
	else if (row == version_row)
		p->ret = show_version(p);
	else
		p->ret = set_field(p, row, arg);
	if (p->result->help_shown)
		return ECANCELED; /* the rest of the line does not matter any more */
	return -p->ret;
}

static void set_defaults(const struct opt_command *cmd, char *fields)
{
	const struct opt *row;
	int ret;

	for (row = cmd->rows; !is_end(row); row++) {
		if (!row->name || !row->value)
			continue;
		ret = row->type->parse(row->value, fields + row->at, row->arg, NULL);
		assert(ret >= 0); /* our row, our bug */
		(void)ret;
	}
}

/* argp's own table of the rows; owned by the caller, NULL without memory. */
static struct argp_option *make_argp_options(const struct opt_command *cmd)
{
	size_t i, n = count_rows(cmd) + sizeof(extras) / sizeof(*extras);
	struct argp_option *options = calloc(n + 1, sizeof(*options)), *o = options;
	const struct opt *row;

	for (i = 0; options && i < n; i++) {
		row = row_at(cmd, i);
		if (!row->name)
			continue;
		o->name = row->name;
		o->key = key_of(row, i);
		o->arg = row->type->is_flag ? NULL : "VALUE";
		o->flags = row == help_row ? OPTION_ARG_OPTIONAL : 0;
		o++;
	}
	return options;
}

static int run_argp(struct parse *p, int argc, char **argv)
{
	struct argp_option *options = make_argp_options(p->cmd);
	struct argp argp = { .options = options, .parser = on_key };
	int code, first_word = argc;

	if (!options)
		return err_sys(p->err, "options");
	code = argp_parse(&argp, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT,
			  &first_word, p);
	free(options);
	if (p->ret < 0)
		return p->ret;
	if (p->result->help_shown)
		return 0;
	if (code != 0)
		return find_fault(p->cmd, argv, p->err);
	p->result->words = argv + first_word;
	p->result->n_words = argc - first_word;
	return 0;
}

int opt_parse(const struct opt_command *cmd, int argc, char **argv, void *options,
	      struct opt_result *result, struct err *err)
{
	struct parse p = { .cmd = cmd, .fields = options, .result = result, .err = err };

	*result = (struct opt_result){ 0 };
	set_defaults(cmd, options);
	return run_argp(&p, argc, argv);
}

static void json_name(const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s", name);
	for (; *buf; buf++)
		if (*buf == '-')
			*buf = '_';
}

json_t *opt_dump(const struct opt_command *cmd, const void *options)
{
	json_t *config = json_object();
	char name[LONGEST_NAME + 1];
	const struct opt *row;

	for (row = cmd->rows; !is_end(row); row++) {
		if (!row->name)
			continue;
		json_name(row->name, name, sizeof(name));
		json_object_set_new(
			config, name,
			row->type->dump((const char *)options + row->at, row->arg));
	}
	return config;
}

void opt_done(const struct opt_command *cmd, void *options)
{
	const struct opt *row;

	for (row = cmd->rows; !is_end(row); row++)
		if (row->name && row->type->done)
			row->type->done((char *)options + row->at);
}
