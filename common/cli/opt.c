#include "common/cli/opt.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/near.h"
#include "common/cli/opt_help.h"

/* getopt_long()'s value of row i is this plus i, or the row's letter. */
#define KEY_ROW 0x1000

#define LONGEST_NAME 64

/* What every command has, after its own rows. */
static const struct opt extras[] = {
	{ .name = "help", .type = OPT_TEXT },
	{ .name = "version", .type = OPT_FLAG },
};
static const struct opt *const help_row = &extras[0], *const version_row = &extras[1];

/* One parse under way. */
struct parse {
	const struct opt_command *cmd; /* borrowed */
	char *fields;                  /* borrowed: the command's options struct */
	struct opt_result *result;     /* borrowed */
	struct err *err;               /* borrowed */
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

/* The row whose name is nearest to the typed one, if a third of it or less is wrong. */
static const struct opt *nearest(const struct opt_command *cmd, const char *typed)
{
	unsigned d, best = ((unsigned)strlen(typed) + 2) / 3 + 1;
	const struct opt *row, *found = NULL;
	size_t i;

	for (i = 0; (row = row_at(cmd, i)); i++) {
		d = row->name ? near_distance(typed, row->name) : UINT_MAX;
		if (d < best) {
			best = d;
			found = row;
		}
	}
	return found;
}

/* Lists the names that the typed one abbreviates in err; 0 if there are none. */
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
	if (!list[0])
		return 0;
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

/* What getopt_long() refused, the word before optind: '?' or ':' is what it returned, optopt the
 * option that it knows (or the unknown letter), 0 for a long name that it could not tell. */
static int refused(const struct opt_command *cmd, int code, const char *word,
		   struct err *err)
{
	const struct opt *row = optopt ? row_of_key(cmd, optopt) : NULL;
	char name[LONGEST_NAME + 1], metavar[120];
	int ret;

	if (code == ':') {
		opt_metavar(row, metavar, sizeof(metavar));
		return err_usage(err, "--%s needs a value, %s", row->name, metavar);
	}
	if (row)
		return err_usage(err, "--%s takes no value, '%.60s' given", row->name,
				 strchr(word, '=') + 1);
	if (optopt)
		return err_usage(err, "unknown option '-%c', see --help", optopt);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	ret = ambiguous(cmd, name, err);
	return ret < 0 ? ret : unknown_long(cmd, name, err);
}

/* A command has fewer rows than there are bits. */
static void note_given(struct parse *p, const struct opt *row)
{
	size_t i = (size_t)(row - p->cmd->rows);

	assert(i < 128);
	p->result->given[i / 64] |= 1ull << i % 64;
}

static bool row_given(const struct opt_result *parsed, size_t i)
{
	return parsed->given[i / 64] >> i % 64 & 1;
}

bool opt_given(const struct opt_command *cmd, const struct opt_result *parsed,
	       const char *name)
{
	for (size_t i = 0; !is_end(&cmd->rows[i]); i++)
		if (cmd->rows[i].name && strcmp(cmd->rows[i].name, name) == 0)
			return row_given(parsed, i);
	return false;
}

const char *opt_group_given(const struct opt_command *cmd,
			    const struct opt_result *parsed, const char *title)
{
	bool inside = false;

	for (size_t i = 0; !is_end(&cmd->rows[i]); i++) {
		const struct opt *row = &cmd->rows[i];

		if (!row->name)
			inside = strcmp(row->help, title) == 0;
		else if (inside && strcmp(row->name, title) != 0 && row_given(parsed, i))
			return row->name;
	}
	return NULL;
}

static int take_option(struct parse *p, const struct opt *row, const char *arg)
{
	if (row != help_row && row != version_row) {
		note_given(p, row);
		return err_prefix(opt_value_parse(row->type, arg, p->fields + row->at,
						  row->arg, p->err),
				  p->err, "--%s", row->name);
	}
	if (row == version_row)
		puts("twstorm " TWSTORM_VERSION);
	else if (arg && strcmp(arg, "all") != 0)
		return err_usage(p->err,
				 "--help: '%.60s' is unknown, only --help and "
				 "--help=all are",
				 arg);
	else
		opt_help(p->cmd, arg, stdout);
	p->result->help_shown = true;
	return 0;
}

static void set_defaults(const struct opt_command *cmd, char *fields)
{
	const struct opt *row;
	int ret;

	for (row = cmd->rows; !is_end(row); row++) {
		if (!row->name || !row->value)
			continue;
		ret = opt_value_parse(row->type, row->value, fields + row->at, row->arg,
				      NULL);
		assert(ret >= 0); /* our row, our bug */
		(void)ret;
	}
}

/* getopt_long()'s own tables of the rows, owned by the caller. */
struct getopt_tables {
	struct option *longs;
	char *shorts;
};

static int make_tables(const struct opt_command *cmd, struct getopt_tables *t)
{
	size_t i, n = count_rows(cmd) + sizeof(extras) / sizeof(*extras);
	struct option *o = t->longs = calloc(n + 1, sizeof(*o));
	char *c = t->shorts = calloc(2 * n + 2, 1);
	const struct opt *row;

	if (!o || !c)
		return -ENOMEM;
	*c++ = ':'; /* say nothing, and tell a missing value from an unknown option */
	for (i = 0; i < n; i++) {
		row = row_at(cmd, i);
		if (!row->name)
			continue;
		o->name = row->name;
		o->val = key_of(row, i);
		o->has_arg = row == help_row         ? optional_argument
			     : row->type == OPT_FLAG ? no_argument
						     : required_argument;
		o++;
		if (row->letter) {
			*c++ = (char)row->letter;
			if (row->type != OPT_FLAG)
				*c++ = ':';
		}
	}
	return 0;
}

static int take_all(struct parse *p, const struct getopt_tables *t, int argc, char **argv)
{
	int code, ret = 0;

	opterr = 0;
	optind = 0; /* glibc: begin anew, whoever called it before */
	while (ret == 0 && !p->result->help_shown) {
		code = getopt_long(argc, argv, t->shorts, t->longs, NULL);
		if (code == -1)
			break;
		if (code == '?' || code == ':')
			ret = refused(p->cmd, code, argv[optind - 1], p->err);
		else
			ret = take_option(p, row_of_key(p->cmd, code), optarg);
	}
	if (ret < 0 || p->result->help_shown)
		return ret;
	p->result->words = argv + optind;
	p->result->n_words = argc - optind;
	if (p->result->n_words > 0 && !p->cmd->positional)
		return err_usage(p->err, "unexpected word '%.60s', see --help",
				 p->result->words[0]);
	return 0;
}

int opt_parse(const struct opt_command *cmd, int argc, char **argv, void *options,
	      struct opt_result *result, struct err *err)
{
	struct parse p = { .cmd = cmd, .fields = options, .result = result, .err = err };
	struct getopt_tables tables;
	int ret;

	*result = (struct opt_result){ .argc = argc, .argv = argv };
	set_defaults(cmd, options);
	if (make_tables(cmd, &tables) < 0)
		ret = err_memory(err);
	else
		ret = take_all(&p, &tables, argc, argv);
	free(tables.longs);
	free(tables.shorts);
	if (ret == 0 && cmd->complete && !result->help_shown)
		ret = cmd->complete(options, result, err);
	if (ret == 0 && cmd->check && !result->help_shown)
		ret = cmd->check(options, result, err);
	return ret;
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
		json_object_set_new(config, name,
				    opt_value_dump(row->type,
						   (const char *)options + row->at,
						   row->arg));
	}
	return config;
}

void opt_done(const struct opt_command *cmd, void *options)
{
	const struct opt *row;

	for (row = cmd->rows; !is_end(row); row++)
		if (row->name && row->type == OPT_TEXTS) {
			struct opt_texts *texts = (void *)((char *)options + row->at);

			free(texts->at);
			*texts = (struct opt_texts){ 0 };
		}
}
