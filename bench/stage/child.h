/* child - the processes of a lab: starts them in their host, reads what they say, knows
 * when one is ready and when one ended.  One poll() loop, run by the keeper, which reaps
 * everything in its PID namespace. */
#ifndef TWSTORM_BENCH_STAGE_CHILD_H
#define TWSTORM_BENCH_STAGE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "bench/stage/kept.h"
#include "bench/stage/last_words.h"
#include "common/base/err.h"

/* In the environment of a process and of all that it starts: its label. */
#define CHILD_MARK "TWSTORM_LAB_PART"
#define CHILD_LINE (64 << 10) /* a longer line is taken in pieces */

struct child_pipe {
	int fd; /* owned: -1 when closed */
	char *line; /* owned: what has come of it, `len` of `size` bytes; NULL = nothing yet */
	size_t len, size;
	bool goes_on; /* the beginning of this line was taken before */
};

struct child {
	const char *label;   /* borrowed: "server main" */
	const char *awaited; /* borrowed: the text that says it is ready; or NULL */
	bool third_party;
	bool shown; /* its stdout is told of, too */
	struct child_pipe out, err;
	struct kept kept;
	pid_t pid;  /* 0 = not started */
	int status; /* of wait4(), once ended, as what follows */
	uint64_t ended_ns;
	uint64_t user_us, system_us; /* CPU time, with that of what it waited for */
	uint64_t most_kb;            /* of memory, of the largest of them */
	bool ready, asked_to_end;
	bool ended; /* and what it said has been read; a pipe is still open if it left a
			 * process behind that has it */
	struct last_words words;      /* on stderr, and on stdout where we read it */
	struct last_words complaints; /* on stderr alone */
	char last[240]; /* its last line on stderr: why, if it failed; UTF-8 */
};

struct child_spec {
	const char *label;
	char *const *argv;
	bool third_party; /* argv[0] is looked for on PATH; otherwise it is this very program */
	bool no_caps; /* it holds no capability */
	bool shown;
	unsigned
		user; /* its uid and gid, in a user namespace of its own; 0 = as we are */
	int netns;    /* of its host */
	struct kept kept;  /* where what it says goes; fd -1 = nowhere */
	int relay;         /* where it may send documents (relay.h); 0 = nowhere */
	const char *about; /* borrowed: what they are about */
	int stdout_fd;     /* where its stdout goes; -1 = read here, line by line */
	/* A line of stdout that begins with this says that it is ready; a third party's may be
	 * on stderr as well and have it anywhere.  NULL = none. */
	const char *awaited;
};

struct children {
	struct child *at; /* borrowed: room for all */
	size_t n;
	int signals; /* owned: signalfd of SIGCHLD and of what the runner passes on */
	int leash;   /* borrowed */
	int caught;  /* the first of signals.h that came, or 0 */
	/* A line that a child wrote on stderr, made UTF-8. */
	void (*said)(const struct child *c, const char *line, void *arg);
	void *arg;
};

/* Blocks the signals it reads by signalfd. */
int children_init(struct children *cs, struct child *room, int leash, struct err *err);
/* -ENOENT if a third party's program is not installed.  The new child is cs->at[cs->n - 1]; n
 * is as it was if there is none. */
int child_start(struct children *cs, const struct child_spec *spec, struct err *err);
/* Waits for something to happen, until deadline_ns (clock_ns()) at most, and takes it in. */
void children_turn(struct children *cs, uint64_t deadline_ns);
void child_signal(struct child *c, int sig);

#endif
