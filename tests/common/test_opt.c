#include "common/cli/opt.h"
#include "common/cli/opt_help.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tests/check_main.h"

#define MAX_WORDS 12

static const char *const colours[] = { "red", "green", "blue", NULL };

struct options {
	uint64_t concurrency, connections, hold_ns, size;
	struct rate rate;
	const char *target;
	struct opt_texts headers;
	bool quiet, verbose;
	int colour;
	double share;
};

/* clang-format off */
#define AT(type, field) OPT_AT(type, struct options, field)
static const struct opt rows[] = {
	{ .help = "load" },
	{ "target", 't', OPT_TEXT, AT(const char *, target), NULL, "HOST:PORT[,...]", "where to", NULL },
	{ "concurrency", 'c', OPT_COUNT, AT(uint64_t, concurrency), "64", "N", "connections in flight", NULL },
	{ "connections", 'n', OPT_COUNT, AT(uint64_t, connections), NULL, "N", "how many in all", NULL },
	{ "rate", 'r', OPT_RATE, AT(struct rate, rate), NULL, "R", "arrivals a second", NULL },
	{ .help = "shape" },
	{ "hold-time", 0, OPT_DURATION, AT(uint64_t, hold_ns), "1.5s", "T", "stay open", NULL },
	{ "size", 's', OPT_SIZE, AT(uint64_t, size), "4k", "BYTES", "of a request", NULL },
	{ "header", 'H', OPT_TEXTS, AT(struct opt_texts, headers), NULL, "TEXT", "repeatable", NULL },
	{ "close", 0, OPT_CHOICE, AT(int, colour), "green", NULL, "how", colours },
	{ .help = "output" },
	{ "quiet", 'q', OPT_FLAG, AT(bool, quiet), NULL, NULL, "no progress", NULL },
	{ "verbose", 'v', OPT_FLAG, AT(bool, verbose), "yes", NULL, "more of it", NULL },
	{ "share", 0, OPT_PERCENT, AT(double, share), "1%", "PERCENT", "of a core", NULL },
	{ 0 },
};
/* clang-format on */

static const struct opt_command client = {
	.name = "client",
	.usage = "-t HOST:PORT[,...] [options]",
	.about = "Makes the load.",
	.examples = "  twstorm client -t 127.0.0.1:9000\n",
	.rows = rows,
};

/* Parses a line cut at its blanks. */
static int parse(const struct opt_command *cmd, const char *line, struct options *o,
		 struct opt_result *result, struct err *err)
{
	static char copy[400], *argv[MAX_WORDS + 1];
	char *word, *rest = copy;
	int argc = 0;

	snprintf(copy, sizeof(copy), "client %s", line);
	while ((word = strsep(&rest, " ")) && argc < MAX_WORDS)
		if (*word)
			argv[argc++] = word;
	argv[argc] = NULL;
	*o = (struct options){ 0 };
	*err = (struct err){ 0 };
	return opt_parse(cmd, argc, argv, o, result, err);
}

/* The line gives the same options as the fields written out, or the sentence. */
/* clang-format off */
static const struct {
	const char *what, *line, *dump;
} good[] = {
	{ "nothing: the defaults", "", "{}" },
	{ "a long option", "--concurrency 7", "{\"concurrency\": 7}" },
	{ "with =", "--concurrency=7", "{\"concurrency\": 7}" },
	{ "a short one", "-c 7", "{\"concurrency\": 7}" },
	{ "a short one, one word", "-c7", "{\"concurrency\": 7}" },
	{ "abbreviated", "--conc 7", "{\"concurrency\": 7}" },
	{ "abbreviated with =", "--conn=7k", "{\"connections\": 7000}" },
	{ "the last one wins", "-c 7 -c 8", "{\"concurrency\": 8}" },
	{ "a flag", "-q", "{\"quiet\": true}" },
	{ "a flag and more in one word", "-qc7", "{\"quiet\": true, \"concurrency\": 7}" },
	{ "a duration in seconds, - as _", "--hold-time 200ms", "{\"hold_time\": 0.2}" },
	{ "a size", "-s 1M", "{\"size\": 1048576}" },
	{ "a rate", "-r 20000/s", "{\"rate\": \"20000/s\"}" },
	{ "a percentage", "--share 0.5%", "{\"share\": 0.5}" },
	{ "all of it", "--share=100%", "{\"share\": 100.0}" },
	{ "a ramp", "-r 1/s..2/s", "{\"rate\": \"1/s..2/s\"}" },
	{ "a text", "-t 127.0.0.1:9000", "{\"target\": \"127.0.0.1:9000\"}" },
	{ "a text that begins with a dash", "-t -x", "{\"target\": \"-x\"}" },
	{ "texts", "-H a --header b -Hc", "{\"header\": [\"a\", \"b\", \"c\"]}" },
	{ "a choice", "--close blue", "{\"close\": \"blue\"}" },
	{ "-- at the end", "-q --", "{\"quiet\": true}" },
	{ "not UTF-8", "-t a\xff", "{\"target\": \"a?\"}" },
};
/* clang-format on */

static const char defaults[] =
	"{\"target\": null, \"concurrency\": 64, \"connections\": 0, \"rate\": null,"
	" \"hold_time\": 1.5, \"size\": 4096, \"header\": [], \"close\": \"green\","
	" \"quiet\": false, \"verbose\": true, \"share\": 1.0}";

TEST_ROWS(parses_and_dumps, good)
{
	json_t *expected = json_loads(defaults, 0, NULL), *got;
	json_t *changes = json_loads(row->dump, 0, NULL);
	struct opt_result result;
	struct options o;
	struct err err;
	int ret = parse(&client, row->line, &o, &result, &err);

	ck_assert_msg(ret == 0, "%s: %s", row->what, err.text);
	ck_assert(!result.help_shown && result.n_words == 0);
	ck_assert_int_eq(json_object_update(expected, changes), 0);
	got = opt_dump(&client, &o);
	ck_assert_msg(json_equal(got, expected), "%s: %s", row->what, json_dumps(got, 0));
	json_decref(got);
	json_decref(changes);
	json_decref(expected);
	opt_done(&client, &o);
	opt_done(&client, &o);
}

/* clang-format off */
static const struct {
	const char *what, *line, *error;
} bad[] = {
	{ "no per cent sign", "--share 1", "--share: '1' is no percentage" },
	{ "none of it", "--share 0%", "--share: '0%' is no percentage" },
	{ "more than all", "--share 101%", "--share: '101%' is no percentage over 0 and up to 100" },
	{ "half a number", "--share 1.2.3%", "--share: '1.2.3%' is no percentage" },
	{ "only the sign", "--share %", "--share: '%' is no percentage" },
	{ "a bare number", "--hold-time 10", "--hold-time: '10' needs a unit, e.g. 10s" },
	{ "the long name for a short letter", "-c x", "--concurrency: 'x' is not a count, expected e.g. 64 or 20k" },
	{ "no such choice", "--close pink", "--close: 'pink' is not one of red, green, blue" },
	{ "letters in the wrong order", "--colse red", "unknown option '--colse', did you mean --close?" },
	{ "a letter missing, with =", "--conections=5", "unknown option '--conections', did you mean --connections?" },
	{ "nothing like it", "--frobnicate", "unknown option '--frobnicate', see --help" },
	{ "an unknown letter", "-Z", "unknown option '-Z', see --help" },
	{ "an unknown letter among others", "-qZc 5", "unknown option '-Z', see --help" },
	{ "an unknown letter after an argument like it", "-t -X -Z", "unknown option '-Z', see --help" },
	{ "ambiguous", "--con 5", "'--con' is ambiguous, it could be --concurrency, --connections" },
	{ "no value", "-q --rate", "--rate needs a value, R" },
	{ "no value, short", "-q -r", "--rate needs a value, R" },
	{ "no value, in one word", "-qr", "--rate needs a value, R" },
	{ "no value for a choice", "--close", "--close needs a value, red|green|blue" },
	{ "a value for a flag", "--quiet=yes", "--quiet takes no value, 'yes' given" },
	{ "a word", "-q 127.0.0.1:9000", "unexpected word '127.0.0.1:9000', see --help" },
	{ "a word after --", "-- -q", "unexpected word '-q', see --help" },
	{ "a lone dash", "-", "unexpected word '-', see --help" },
	{ "the first fault counts", "-c x --frobnicate", "--concurrency: 'x'" },
	{ "no such help", "--help=me", "--help: 'me' is unknown" },
};
/* clang-format on */

TEST_ROWS(refuses_with_one_sentence, bad)
{
	struct opt_result result;
	struct options o;
	struct err err;
	int ret = parse(&client, row->line, &o, &result, &err);

	ck_assert_msg(ret == -EINVAL && err.exit == EXIT_USAGE, "%s: %d", row->what, ret);
	ck_assert_msg(strncmp(err.text, row->error, strlen(row->error)) == 0, "%s: %s",
		      row->what, err.text);
	ck_assert(!result.help_shown);
	opt_done(&client, &o);
}

/* clang-format off */
static const struct {
	const char *what, *line, *words;
	bool quiet;
} positional[] = {
	{ "none", "-q", "", true },
	{ "one", "run", " run", false },
	{ "options between", "run -q storm -c 5", " run storm", true },
	{ "after --, whatever it looks like", "shell -- ls -q --frob", " shell ls -q --frob", false },
};
/* clang-format on */

TEST_ROWS(hands_back_words_where_they_are_allowed, positional)
{
	struct opt_command lab = client;
	struct opt_result result;
	char words[200] = "";
	struct options o;
	struct err err;
	int i;

	lab.positional = true;
	ck_assert_int_eq(parse(&lab, row->line, &o, &result, &err), 0);
	for (i = 0; i < result.n_words; i++)
		strcat(strcat(words, " "), result.words[i]);
	ck_assert_ptr_null(result.words[i]);
	ck_assert_msg(strcmp(words, row->words) == 0, "%s:%s", row->what, words);
	ck_assert(o.quiet == row->quiet);
	opt_done(&lab, &o);
}

static char *help_text(const struct opt_command *cmd, bool all)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	opt_help(cmd, all, out);
	fclose(out);
	return text;
}

TEST(help_groups_the_options)
{
	char *text = help_text(&client, false);

	ck_assert_str_eq(text,
			 "Usage: twstorm client -t HOST:PORT[,...] [options]\n"
			 "Makes the load.\n"
			 "\n"
			 "load      -t, --target HOST:PORT[,...]  -c, --concurrency N\n"
			 "          -n, --connections N  -r, --rate R\n"
			 "shape     --hold-time T  -s, --size BYTES  -H, --header TEXT\n"
			 "          --close red|green|blue\n"
			 "output    -q, --quiet  -v, --verbose  --share PERCENT\n"
			 "help      --help[=all]  --version\n"
			 "\n"
			 "Examples:\n"
			 "  twstorm client -t 127.0.0.1:9000\n"
			 "\n"
			 "Each option is explained in twstorm-client(1); --help=all has "
			 "a line each.\n");
	free(text);
}

TEST(help_all_has_a_line_for_each)
{
	char *text = help_text(&client, true);

	ck_assert(strstr(text, "\nload:\n  -t, --target HOST:PORT[,...]    where to\n"));
	ck_assert(strstr(
		text, "  -c, --concurrency N             connections in flight (64)\n"));
	ck_assert(strstr(text, "\n\noutput:\n  -q, --quiet "));
	ck_assert(strstr(text, "  --version "));
	free(text);
}

/* As many options as the client has fit 24 lines of 79 columns. */
TEST(help_fits_a_screen)
{
	static char names[45][24];
	struct opt many[45 + 6] = { 0 };
	struct opt_command cmd = client;
	char *text, *line, *rest;
	int i, lines = 0;

	for (i = 0; i < 50; i++) {
		many[i] = (struct opt){ .help = "a group" };
		if (i % 10 == 0)
			continue;
		snprintf(names[i - i / 10 - 1], sizeof(names[0]), "%.*s", 5 + i % 9,
			 "some-option-name");
		many[i] = rows[2];
		many[i].letter = i % 3 ? 0 : 'a' + i / 3;
		many[i].name = names[i - i / 10 - 1];
	}
	cmd.rows = many;
	text = rest = help_text(&cmd, false);
	while ((line = strsep(&rest, "\n")) && rest) {
		ck_assert_msg(strlen(line) <= 79, "%s", line);
		lines++;
	}
	ck_assert_int_le(lines, 24);
	free(text);
}

/* What a line prints on stdout. */
static void run_line(const char *line, char *buf, size_t size)
{
	struct opt_result result;
	FILE *out = stdout;
	struct options o;
	struct err err;

	memset(buf, 0, size);
	stdout = fmemopen(buf, size, "w");
	ck_assert_int_eq(parse(&client, line, &o, &result, &err), 0);
	fclose(stdout);
	stdout = out;
	ck_assert(result.help_shown);
	opt_done(&client, &o);
}

static const struct {
	const char *what, *line, *output; /* it begins so */
} shown[] = {
	{ "help", "--help", "Usage: twstorm client -t HOST:PORT[,...] [options]\n" },
	{ "help, abbreviated", "--hel", "Usage: twstorm client " },
	{ "help before anything wrong", "--help -Z", "Usage: twstorm client " },
	{ "all the help", "--help=all", "Usage: twstorm client " },
	{ "the version", "--version", "twstorm " TWSTORM_VERSION "\n" },
	{ "the version, abbreviated", "-q --vers", "twstorm " TWSTORM_VERSION "\n" },
};

TEST_ROWS(shows_help_and_version, shown)
{
	char buf[4096];

	run_line(row->line, buf, sizeof(buf));
	ck_assert_msg(strncmp(buf, row->output, strlen(row->output)) == 0, "%s: %s",
		      row->what, buf);
}

CHECK_MAIN("opt")
