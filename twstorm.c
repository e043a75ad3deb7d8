/* twstorm - main(): finds the command and runs it.  A command is a row. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/doctor/doctor.h"
#include "bench/lab/lab.h"
#include "bench/merge/merge.h"
#include "bench/report/report.h"
#include "bench/states/states.h"
#include "client/client.h"
#include "common/base/err.h"
#include "common/base/memory.h"
#include "common/base/near.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/cli/complete.h"
#include "common/cli/streams.h"
#include "common/ports/facts.h"
#include "common/result/result.h"
#include "server/run.h"

struct command {
	const char *name;
	const char *does;                  /* one line of `twstorm --help` */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

#define LIBEVENT_LINES 20

/* libevent writes to stderr what it runs into; in a loop that fails that has no end. */
static void on_libevent_says(int severity, const char *text)
{
	static atomic_uint said;
	unsigned n = atomic_fetch_add(&said, 1);

	(void)severity;
	if (n < LIBEVENT_LINES)
		fprintf(stderr, "twstorm: libevent: %.200s%s\n", text,
			n == LIBEVENT_LINES - 1 ? " (no more of these are shown)" : "");
	else
		atomic_store(&said, LIBEVENT_LINES); /* it never comes round */
}

static int help_main(int argc, char **argv);
static int version_main(int argc, char **argv);
static int complete_main(int argc, char **argv);

/* clang-format off */
static const struct command commands[] = {
	{ "server", "accepts, answers, and closes as each connection asks", server_main },
	{ "client", "makes the load; reports states, ports, errors, latency", client_main },
	{ "lab",    "storms and their remedies in private network namespaces", lab_main },
	{ "states", "live TCP state counts of this host", states_main },
	{ "merge",  "the results of many ranks as one", merge_main },
	{ "doctor", "what is wrong with this host, or by pasted ss, netstat", doctor_main },
	{ "report", "results as text, CSV, HTML; several side by side", report_main },
};

/* Known, but not listed among the commands. */
static const struct command others[] = {
	{ "help",      NULL, help_main },
	{ "--help",    NULL, help_main },
	{ "-h",        NULL, help_main },
	{ "-?",        NULL, help_main },
	{ "version",   NULL, version_main },
	{ "--version", NULL, version_main },
	{ "-V",        NULL, version_main },
	{ "--complete", NULL, complete_main },
};
/* clang-format on */

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char examples[] =
	"  twstorm lab run storm              ports run out, in private, in seconds\n"
	"  twstorm server &                   a server on 127.0.0.1:9000\n"
	"  twstorm client -t 127.0.0.1:9000   load for it\n"
	"  twstorm states                     who is in which TCP state, now\n";

static const char exit_codes[] =
	"Exit codes: 0 complete; 1 could not run; 2 usage; 3 an expectation failed;\n"
	"4 incomplete; 5 result not written; 6 not possible here; 128+N signal N.\n";

static void print_help(FILE *to)
{
	fputs("Usage: twstorm COMMAND [OPTION...]\n"
	      "Reproduces TCP TIME_WAIT storms and shows what really cures them.\n"
	      "\nCommands:\n",
	      to);
	for (size_t i = 0; i < N(commands); i++)
		fprintf(to, "  %-8s  %s\n", commands[i].name, commands[i].does);
	fprintf(to,
		"\n`twstorm COMMAND --help` explains a command; `twstorm --version`.\n"
		"\nExamples:\n%s\n%s",
		examples, exit_codes);
}

static const struct command *find(const struct command *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* NULL when nothing is near: less than half of it would be right. */
static const char *nearest(const char *name)
{
	const char *best = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < N(commands); i++) {
		unsigned d = near_distance(name, commands[i].name);

		if (d < least && 2 * d <= strlen(commands[i].name)) {
			least = d;
			best = commands[i].name;
		}
	}
	return best;
}

static int unknown(const char *name)
{
	const char *near = nearest(name);

	if (near)
		fprintf(stderr, "twstorm: there is no command '%s'; did you mean '%s'?\n",
			name, near);
	else
		fprintf(stderr,
			"twstorm: there is no %s '%s'; `twstorm --help` lists what there "
			"is\n",
			name[0] == '-' ? "option" : "command", name);
	return EXIT_USAGE;
}

static int help_main(int argc, char **argv)
{
	const struct command *c;
	char *words[3];

	if (argc < 2) {
		print_help(stdout);
		return EXIT_COMPLETE;
	}
	c = find(commands, N(commands), argv[1]);
	if (!c)
		return unknown(argv[1]);
	words[0] = argv[1];
	words[1] = (char[]){ "--help" };
	words[2] = NULL;
	return c->run(2, words);
}

static int version_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("twstorm " TWSTORM_VERSION);
	return EXIT_COMPLETE;
}

static void offer_commands(const struct complete *c)
{
	for (size_t i = 0; i < N(commands); i++)
		complete_name(c, commands[i].name, commands[i].does);
}

/* For the shells: --complete WORD... TYPED, the words after "twstorm" up to the cursor. */
static int complete_main(int argc, char **argv)
{
	const struct command *c = argc > 1 ? find(commands, N(commands), argv[1]) : NULL;
	struct complete at;

	complete_ask();
	if (complete_first(argc, argv, &at)) {
		offer_commands(&at);
		complete_name(&at, "help", "this, or of a command");
		complete_name(&at, "--help", "the commands");
		complete_name(&at, "--version", "the version");
	} else if (argc > 1 && strcmp(argv[1], "help") == 0) {
		if (complete_first(argc - 1, argv + 1, &at))
			offer_commands(&at);
	} else if (c && argc > 2) {
		return c->run(argc - 1, argv + 1);
	}
	return EXIT_COMPLETE;
}

/* Started with descriptors 0-2 closed, the first sockets would become stdin and stdout.
 * stdout is opened for reading only: nobody asked for silence, so a result written there is
 * reported as not written. */
static int reopen_standard_fds(void)
{
	static const int how[] = { O_RDWR, O_RDONLY, O_RDWR };

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", how[fd]) != fd)
			return -1;
	return 0;
}

/* Whatever the command, and also when a library calls exit(): text that did not reach stdout
 * is not a success. */
static void check_stdout(int status, void *arg)
{
	(void)arg;
	errno = 0;
	if (fflush(stdout) == EOF || ferror(stdout)) {
		if (status != 0)
			return;
		fprintf(stderr, "twstorm: standard output: %s\n",
			errno ? strerror(errno) : "not everything could be written");
		_exit(EXIT_NOT_WRITTEN);
	}
}

/* Other threads are at work and stay so: nothing is cleaned up. */
static void no_memory(void)
{
	fputs("twstorm: out of memory\n", stderr);
	_exit(EXIT_CANNOT_RUN);
}

int main(int argc, char **argv)
{
	const struct command *c;

	signals_ignore();
	event_set_log_callback(on_libevent_says);
	if (reopen_standard_fds() == -1) {
		fputs("twstorm: cannot open /dev/null\n", stderr);
		return EXIT_CANNOT_RUN;
	}
	streams_init();
	memory_init(no_memory);
	facts_of_client = client_facts;
	result_skeleton_of_client = client_skeleton;
	command_check_client = client_check;
	command_check_server = server_check;
	on_exit(check_stdout, NULL);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	c = find(commands, N(commands), argv[1]);
	if (!c)
		c = find(others, N(others), argv[1]);
	return c ? c->run(argc - 1, argv + 1) : unknown(argv[1]);
}
