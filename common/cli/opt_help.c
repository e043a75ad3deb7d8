#include "common/cli/opt_help.h"

#include <string.h>
#include "common/base/wrap.h"

#define INDENT 10 /* where the options of the compact form begin */
#define COLUMN 34 /* where the help texts of the long form begin */

void opt_metavar(const struct opt *row, char *buf, size_t size)
{
	const char *const *names = row->arg;
	size_t len = 0;

	snprintf(buf, size, "%s", row->metavar ? row->metavar : "VALUE");
	if (row->metavar || row->type != OPT_CHOICE)
		return;
	for (; *names && len < size; names++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "|" : "",
					*names);
}

/* "-c, --concurrency N" */
static void print_option(const struct opt *row, char *buf, size_t size)
{
	char metavar[120] = "";

	if (row->type != OPT_FLAG) {
		metavar[0] = ' ';
		opt_metavar(row, metavar + 1, sizeof(metavar) - 1);
	}
	if (row->letter)
		snprintf(buf, size, "-%c, --%s%s", row->letter, row->name, metavar);
	else
		snprintf(buf, size, "--%s%s", row->name, metavar);
}

static void begin_group(struct wrap *w, FILE *out, const char *title)
{
	wrap_begin(w, out, fprintf(out, "%-*s", INDENT, title));
}

static void print_compact(const struct opt_command *cmd, FILE *out)
{
	struct wrap w = { 0 };
	const struct opt *row;
	char token[160];

	for (row = cmd->rows; row->name || row->help; row++) {
		if (!row->name) {
			fputs(w.column ? "\n" : "", out);
			begin_group(&w, out, row->help);
			continue;
		}
		if (!w.column)
			begin_group(&w, out, "options");
		print_option(row, token, sizeof(token));
		wrap_text(&w, token);
	}
	fputs(w.column ? "\n" : "", out);
	begin_group(&w, out, "help");
	wrap_text(&w, "--help[=all]");
	wrap_text(&w, "--version");
	fputc('\n', out);
}

#define HELP_INDENT 8 /* of an explanation that does not fit beside its option */

static void print_line(const char *option, const char *help, const char *value, FILE *out)
{
	char text[256];

	snprintf(text, sizeof(text), value ? "%s (%s)" : "%s", help, value);
	wrap_words(out, fprintf(out, "  %-*s  ", COLUMN - 4, option), HELP_INDENT, text);
}

static void print_all(const struct opt_command *cmd, FILE *out)
{
	const struct opt *row;
	char option[160];

	for (row = cmd->rows; row->name || row->help; row++) {
		if (!row->name) {
			fprintf(out, "%s%s:\n", row == cmd->rows ? "" : "\n", row->help);
			continue;
		}
		print_option(row, option, sizeof(option));
		print_line(option, row->help ? row->help : "", row->value, out);
	}
	fputs("\nhelp:\n", out);
	print_line("--help[=all]", "what fits a screen, or this", NULL, out);
	print_line("--version", "the version", NULL, out);
	if (cmd->more)
		cmd->more(out);
}

void opt_help(const struct opt_command *cmd, bool all, FILE *out)
{
	fprintf(out, "Usage: twstorm %s %s\n%s\n\n", cmd->name, cmd->usage, cmd->about);
	if (all)
		print_all(cmd, out);
	else
		print_compact(cmd, out);
	if (cmd->examples)
		fprintf(out, "\nExamples:\n%s", cmd->examples);
	if (cmd->examples && *cmd->examples &&
	    cmd->examples[strlen(cmd->examples) - 1] != '\n')
		fputc('\n', out);
	if (!all)
		fprintf(out,
			"\nEach option is explained in twstorm-%s(1); "
			"--help=all has a line each.\n",
			cmd->man ? cmd->man : cmd->name);
}
