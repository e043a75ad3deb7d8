/* probe_kit - what probes are made of.  A probe is a row of a table: options, the figures it will
 * report, and a function that measures them.  probe.c has the table and the command line,
 * result.c the document, wait.c the waiting, sock.c the sockets.
 *
 * A probe runs on one thread.  All its descriptors are non-blocking and all its waiting is
 * in probe_poll() and probe_sleep(), so a signal ends it at any moment. */
#ifndef TWSTORM_BENCH_PROBE_PROBE_KIT_H
#define TWSTORM_BENCH_PROBE_PROBE_KIT_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/addr.h"
#include "common/base/err.h"
#include "common/kernel/host.h"
#include "common/cli/opt.h"
#include "common/kernel/proc_net.h"

#define PROBE_SCHEMA "twstorm.probe/1"

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
	{ "address", 0, &opt_text, PROBE_FIELD(const char *, address), where, "ADDR",      \
	  is, NULL },                                                                      \
	{ "expect", 0, &opt_texts, PROBE_FIELD(struct opt_texts, expect), NULL,            \
	  "'CONDITION'", "fail (exit 3) unless true of the result; repeatable", NULL },  \
	{ "output", 'o', &opt_text, PROBE_FIELD(const char *, output), NULL, "FILE",       \
	  "write the result as JSON; - = stdout", NULL },                                  \
	{ "format", 0, &opt_choice, PROBE_FIELD(int, format), "text", "text|json",         \
	  "what to print on stdout", probe_formats },                                      \
	{ "interval", 0, &opt_duration, PROBE_FIELD(uint64_t, interval_ns), "0", "T",      \
	  "a plain progress line this often", NULL },                                      \
	{ "quiet", 'q', &opt_flag, PROBE_FIELD(bool, quiet), NULL, NULL, "no progress", NULL }, \
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
	/* Measures.  0, or -errno with a sentence: then the result is incomplete. */
	int (*run)(struct probe_run *run, struct err *err);
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

/* One row for each, a file for each. */
extern const struct probe probe_old_duplicate, probe_reconnect, probe_rebind,
	probe_lengths, probe_hold_states;

/* One run of one probe. */
struct probe_run {
	const struct probe *probe; /* borrowed */
	void *options;             /* owned by probe.c; begins with probe_options */
	struct addr address;       /* --address, port 0 */
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

/* ---- address.c */

/* The host's first IPv4 address that is not loopback; port 0. */
int probe_first_address(struct addr *out, struct err *err);

/* ---- result.c */

/* Sets a figure named in probe->figures; `value` is stolen. */
void probe_set(struct probe_run *run, const char *figure, json_t *value);
void probe_set_count(struct probe_run *run, const char *figure, uint64_t n);
void probe_set_bool(struct probe_run *run, const char *figure, bool is);
/* "ok" for 0, otherwise the errno's name, "EADDRINUSE". */
void probe_set_errno(struct probe_run *run, const char *figure, int no);
/* The sentence that the result begins with. */
void probe_finding(struct probe_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* run->section with every figure null. */
json_t *probe_section(const struct probe *probe);
/* The document; `why` is NULL when it is complete.  *failed: expectations that are not true. */
json_t *probe_json(const struct probe_run *run, const struct err *why, unsigned *failed);
/* The same for people. */
void probe_text(FILE *to, const struct probe *probe, const json_t *doc);

/* ---- wait.c */

/* What is being done now: a progress line unless -q; a literal. */
void probe_step(struct probe_run *run, const char *step);
/* Catches the signals of signals.h, which then arrive in probe_poll() alone; after the end they
 * arrive anywhere. */
int probe_signals_catch(struct err *err);
int probe_signals_end(void); /* the signal that came, or 0 */
/* poll() until deadline_ns: how many are ready, 0 = time is up, -EINTR after a signal. */
int probe_poll(struct probe_run *run, struct pollfd *fds, unsigned n,
	       uint64_t deadline_ns, struct err *err);
int probe_sleep(struct probe_run *run, uint64_t ns, struct err *err);

/* ---- sock.c */

/* A TCP socket of the address' family, non-blocking; its fd or -errno. */
int probe_socket(const struct addr *at, bool reuseaddr, struct err *err);
/* The same, bound to `at` and listening; *at gets the port. */
int probe_listen(struct addr *at, bool reuseaddr, struct err *err);
/* Waits until it is connected: 0, the errno of connect() as a positive number, ETIMEDOUT
 * when the deadline came first, or -errno. */
int probe_connect(struct probe_run *run, int fd, const struct addr *to,
		  uint64_t deadline_ns, struct err *err);
int probe_accept(struct probe_run *run, int listener, uint64_t deadline_ns,
		 struct err *err);
/* Both ends of one connection: owned descriptors, -1 = none. */
struct probe_pair {
	int client, server;
	uint64_t connect_ns; /* from the call of connect() to established */
};
#define PROBE_NO_PAIR ((struct probe_pair){ .client = -1, .server = -1 })
/* Connects from *from (port 0 = any: it gets the number) to the listener and accepts.  0, the
 * errno of bind() or connect() as a positive number, ETIMEDOUT, or -errno. */
int probe_pair_open(struct probe_run *run, int listener, const struct addr *to,
		    struct addr *from, bool reuseaddr, uint64_t deadline_ns,
		    struct probe_pair *out, struct err *err);
void probe_pair_close(struct probe_pair *pair);
/* All n bytes at once, which an empty send buffer takes, or -errno. */
int probe_send(int fd, const char *bytes, size_t n, struct err *err);
/* Reads until `want` bytes are there, the peer's FIN, or the deadline: how many, or -errno. */
int probe_read(struct probe_run *run, int fd, char *buf, size_t want,
	       uint64_t deadline_ns, struct err *err);
/* Sends one byte by `from` and reads it by `to`. */
int probe_exchange(struct probe_run *run, int from, int to, struct err *err);
/* Waits for the peer's FIN, which must be the next thing to read. */
int probe_wait_eof(struct probe_run *run, int fd, struct err *err);
/* Waits until of the sockets between a port and a peer's (0 = any) none is in another state
 * than TIME_WAIT; *time_wait: how many the port's side has.  0, or -ETIMEDOUT. */
int probe_wait_settled(struct probe_run *run, uint16_t port, uint16_t peer,
		       uint64_t *time_wait, struct err *err);
/* close(*fd) unless it is negative (none, or an error), and makes it -1. */
void probe_close(int *fd);

/* ---- pump.c */

/* Moves so many bytes each way at once, all of them read, by the deadline or -ETIMEDOUT. */
int probe_pump(struct probe_run *run, int a, int b, uint64_t a_to_b, uint64_t b_to_a,
	       uint64_t deadline_ns, struct err *err);

#endif
