/* probe_kit - what probes are made of.  A probe is a row of a table: options, the figures it will
 * report, and a function that measures them.  probe.c has the table and the command line,
 * result the document, wait the waiting, sock and pump the sockets.
 *
 * A probe runs on one thread.  All its descriptors are non-blocking and all its waiting is
 * in probe_poll(), so a signal ends it at any moment.
 *
 * The first failure of a run stays, in run->r and run->err, and whatever wait, sock, pump and
 * raw are asked for after it does nothing and returns 0 (-1 for a descriptor).  So a probe is
 * the list of its steps, and looks at run->r only where it would otherwise report a figure. */
#ifndef TWSTORM_BENCH_PROBE_PROBE_KIT_H
#define TWSTORM_BENCH_PROBE_PROBE_KIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/addr.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/kernel/host.h"
#include "common/cli/opt.h"
#include "common/kernel/proc_net.h"

struct probe_run;

/* What every probe has; first in each probe's options struct. */
struct probe_options {
	struct probe_run *run;        /* that they are the options of, borrowed */
	const char *address, *output; /* borrowed from argv */
	struct opt_texts expect;
	uint64_t interval_ns;
	int format;
	bool quiet;
};
extern const char *const probe_formats[];

#define PROBE_FIELD(type, f) OPT_AT(type, struct probe_options, f)
/* clang-format off */
/* The rows that end every probe's table; _AT: with a default address (NULL = the host's first
 * that is not loopback) and what it is. */
#define PROBE_ROWS \
	PROBE_ROWS_AT("127.0.0.1", "where both ends are: loopback or 198.18.0.0/15")
#define PROBE_ROWS_AT(where, is)                                                           \
	{ .help = "result" },                                                              \
	{ "address", 0, OPT_TEXT, PROBE_FIELD(const char *, address), where, "ADDR",      \
	  is, NULL },                                                                      \
	{ "expect", 0, OPT_TEXTS, PROBE_FIELD(struct opt_texts, expect), NULL,            \
	  "'CONDITION'", "fail (exit 3) unless true of the result; repeatable", NULL },  \
	{ "output", 'o', OPT_TEXT, PROBE_FIELD(const char *, output), NULL, "FILE",       \
	  "write the result as JSON; - = stdout", NULL },                                  \
	{ "format", 0, OPT_CHOICE, PROBE_FIELD(int, format), "text", NULL,                \
	  "what to print on stdout", probe_formats },                                      \
	{ "interval", 0, OPT_DURATION, PROBE_FIELD(uint64_t, interval_ns), "0", "T",      \
	  "a plain progress line this often", NULL },                                      \
	{ "quiet", 'q', OPT_FLAG, PROBE_FIELD(bool, quiet), NULL, NULL, "no progress", NULL }, \
	{ 0 }
/* clang-format on */

struct probe {
	const char *name;           /* "old-duplicate"; its section is "old_duplicate" */
	struct opt_command command; /* rows end with PROBE_ROWS */
	size_t options_size;        /* of the struct that begins with probe_options */
	/* Paths of the figures in its section ("time_wait", "latency_us.min"), NULL-ended:
	 * null in the result until run() sets them. */
	const char *const *figures;
	/* Refuses options and addresses that the rows alone cannot, EXIT_USAGE. */
	int (*check)(const struct probe_run *run, struct err *err);
	/* Measures.  Where run->r is not 0 at its end, the result is incomplete. */
	void (*run)(struct probe_run *run);
	/* The section for people; NULL = a line a figure. */
	void (*text)(FILE *to, const json_t *section);
};

/* The parts of a row that every probe's file has: an options struct, rows, figures, check() and
 * measure(). */
#define PROBE_PARTS(title, words, sentence, lines)                                       \
	.name = title, .options_size = sizeof(struct options), .figures = figures,       \
	.check = check, .run = measure,                                                  \
	.command = {                                                                     \
		.name = "lab",                                                           \
		.usage = "probe " title " " words,                                       \
		.about = sentence,                                                       \
		.examples = lines,                                                       \
		.rows = rows,                                                            \
		.man = "lab-probe",                                                      \
		.speaker = "lab probe",                                                  \
	}

/* X(name): probe_name is the row of a probe, in a file of its own. */
#define PROBES(X) X(old_duplicate) X(reconnect) X(rebind) X(lengths) X(hold_states)
#define X(name)   extern const struct probe probe_##name;
PROBES(X)
#undef X

#define PROBE_PATIENCE (5 * NS_PER_S) /* for what takes the kernel some milliseconds */

/* Both ends of one connection: owned descriptors, -1 = none. */
struct probe_pair {
	int client, server;
	bool reuseaddr; /* SO_REUSEADDR at the client's end */
	struct addr
		from; /* the client's; port 0: any, and the same when it is opened again */
	uint64_t connect_ns; /* from the call of connect() to established */
};

/* One run of one probe. */
struct probe_run {
	const struct probe *probe; /* borrowed */
	void *options;             /* owned by probe.c; begins with probe_options */
	struct addr address;       /* --address, port 0 */
	int r;                     /* 0, or -errno of the first failure */
	struct err err;            /* its sentence */
	int listener;              /* owned: -1 = none */
	struct addr server;        /* the listener's */
	struct probe_pair pair;    /* closed with the run */
	json_t *section;           /* owned: the figures */
	char finding[200];         /* what they mean, a sentence; "" = none yet */
	char **argv;               /* borrowed */
	int argc;
	struct host host;
	struct kernel_counters before,
		delta; /* of this namespace; delta.known = 0: never read */
	uint64_t begin_ns, begin_wall_ns, over_ns;
	uint64_t told_ns;  /* when progress was told last */
	const char *step;  /* what it is doing, for progress */
	int signal;        /* that ended it, or 0 */
	bool until_signal; /* a signal is the end it was told to wait for */
};

#endif
