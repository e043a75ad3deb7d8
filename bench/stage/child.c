#include "bench/stage/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <limits.h>
#include <unistd.h>
#include "bench/stage/caps.h"
#include "bench/stage/cell.h"
#include "bench/stage/shown.h"
#include "common/base/clock.h"
#include "common/base/relay.h"
#include "common/base/signals.h"
#include "common/base/utf8.h"

#define POLLED_MAX 80 /* two pipes for each process a plan can have, and two more */
#define LAST_READS 64 /* four times what a pipe holds */

int children_init(struct children *cs, struct child *room, int leash, struct err *err)
{
	sigset_t set;

	*cs = (struct children){ .at = room, .leash = leash };
	signals_set(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	cs->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return cs->signals == -1 ? err_sys(err, "signalfd") : 0;
}

/* ---- starting */

/* By its name where that is still the same file, so that ps(1) shows "twstorm"; else by the
 * link that cannot miss. */
static void exec_self(char *const *argv)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct stat named, running;

	path[len > 0 ? len : 0] = '\0';
	if (len > 0 && stat(path, &named) == 0 && stat("/proc/self/exe", &running) == 0 &&
	    named.st_ino == running.st_ino && named.st_dev == running.st_dev)
		execv(path, argv);
	execv("/proc/self/exe", argv);
}

/* What a new process could not do, with errno. */
struct trouble {
	bool as_user; /* become another user; otherwise: start */
	int no;
};

/* In the new process; an error goes to the parent through `pipe`. */
static void become(const struct child_spec *spec, int out, int err_fd, int pipe)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct trouble t = { .as_user = false };

	if (null != -1 && setns(spec->netns, CLONE_NEWNET) == 0 && dup2(null, 0) == 0 &&
	    dup2(out, 1) == 1 && dup2(err_fd, 2) == 2) {
		signals_restore(); /* what is ignored stays so through exec */
		t.as_user = spec->user && cell_become_user(spec->user) < 0;
		setenv(CHILD_MARK, spec->label, 1);
		if (spec->third_party && !t.as_user)
			execvp(spec->argv[0], spec->argv);
		else if (!t.as_user && cell_close_files() == 0) {
			if (spec->no_caps)
				caps_drop();
			if (spec->relay)
				relay_bequeath(spec->relay, spec->about);
			exec_self(spec->argv);
		}
	}
	t.no = errno;
	if (write(pipe, &t, sizeof(t)) == -1)
		_exit(126);
	_exit(127);
}

static int wait_exec(const struct child_spec *spec, int pipe, struct err *err)
{
	struct trouble t;

	if (read(pipe, &t, sizeof(t)) != sizeof(t))
		return 0; /* closed by exec */
	errno = t.no;
	if (t.as_user)
		return err_sys(err, "start %s as user %u", spec->label, spec->user);
	return err_sys(err, "start %s", spec->label);
}

enum { OUT, ERR, TROUBLE, PIPES };

/* Those of its output are read here, and never block; one that goes elsewhere is not opened. */
static int open_pipes(int pipes[PIPES][2], const struct child_spec *spec)
{
	memset(pipes, 0xff, PIPES * sizeof(*pipes)); /* -1 */
	for (int i = spec->stdout_fd == -1 ? OUT : ERR; i < PIPES; i++)
		if (pipe2(pipes[i], O_CLOEXEC) == -1 ||
		    (i != TROUBLE && fcntl(pipes[i][0], F_SETFL, O_NONBLOCK) == -1))
			return -1;
	return 0;
}

static void close_pipes(int pipes[PIPES][2])
{
	for (int i = 0; i < PIPES; i++)
		for (int end = 0; end < 2; end++)
			if (pipes[i][end] != -1)
				close(pipes[i][end]);
}

int child_start(struct children *cs, const struct child_spec *spec, struct err *err)
{
	struct child *c = &cs->at[cs->n];
	int pipes[PIPES][2], r = 0;
	pid_t pid = -1;

	*c = (struct child){ .label = spec->label,
			     .awaited = spec->awaited,
			     .third_party = spec->third_party,
			     .shown = spec->shown,
			     .kept = spec->kept };
	c->out.fd = c->err.fd = -1;
	if (open_pipes(pipes, spec) == -1)
		r = err_sys(err, "start %s: pipe", spec->label);
	else if ((pid = fork()) == -1)
		r = err_sys(err, "start %s: fork", spec->label);
	if (pid == 0)
		become(spec, spec->stdout_fd == -1 ? pipes[OUT][1] : spec->stdout_fd,
		       pipes[ERR][1], pipes[TROUBLE][1]);
	if (r == 0) {
		cs->n++;
		c->pid = pid;
		c->out.fd = pipes[OUT][0];
		c->err.fd = pipes[ERR][0];
		close(pipes[TROUBLE][1]);
		pipes[OUT][0] = pipes[ERR][0] = pipes[TROUBLE][1] = -1;
		r = wait_exec(spec, pipes[TROUBLE][0], err);
	}
	close_pipes(pipes);
	return r;
}

void child_signal(struct child *c, int sig)
{
	if (c->ended || c->pid <= 0)
		return;
	c->asked_to_end = true;
	kill(c->pid, sig);
}

/* ---- listening */

static bool says_ready(const struct child *c, const struct child_pipe *p)
{
	if (!c->awaited || c->ready)
		return false;
	if (c->third_party)
		return strstr(p->line, c->awaited) != NULL;
	return p == &c->out && strncmp(p->line, c->awaited, strlen(c->awaited)) == 0;
}

static void take_nuls_out(char *line, size_t len)
{
	for (char *nul; (nul = memchr(line, '\0', len));)
		*nul = '?';
	line[len] = '\0';
}

/* No more than fits, no character in two. */
static void keep_last(struct child *c, const char *line)
{
	size_t len = utf8_cut(line, sizeof(c->last) - 1);

	memcpy(c->last, line, len);
	c->last[len] = '\0';
}

/* ended: by a line's end; otherwise the line goes on, and its beginning is what is kept of it. */
static void take_line(struct children *cs, struct child *c, struct child_pipe *p,
		      bool ended)
{
	bool begins = !p->goes_on;
	char *line;

	p->goes_on = !ended;
	kept_add(&c->kept, p->line, p->len);
	kept_add(&c->kept, "\n", ended);
	take_nuls_out(p->line, p->len);
	line = c->shown ? shown_as_left(p->line) : p->line;
	utf8_tame(line, true);
	p->len = 0;
	if (begins && (p == &c->err || c->third_party))
		last_words_add(&c->words, line);
	if (begins && p == &c->err)
		last_words_add(&c->complaints, line);
	if (says_ready(c, p)) {
		c->ready = true;
		return;
	}
	if (p != &c->err && !c->shown)
		return; /* its stdout is a result of its own, not ours to show */
	if (begins && p == &c->err)
		keep_last(c, line);
	if (cs->said)
		cs->said(c, line, cs->arg);
}

/* Room for one more byte and a NUL behind it; false if there is none. */
static bool has_room(struct child_pipe *p)
{
	size_t size = p->size ? 2 * p->size : 512;
	char *line;

	if (p->len + 1 < p->size)
		return true;
	line = size > CHILD_LINE ? NULL : realloc(p->line, size);
	if (!line)
		return false;
	p->line = line;
	p->size = size;
	return true;
}

static void take_byte(struct children *cs, struct child *c, struct child_pipe *p,
		      char byte)
{
	bool room = has_room(p);

	if (byte == '\n' && p->line) {
		take_line(cs, c, p, true);
	} else if (room) {
		p->line[p->len++] = byte;
	} else if (p->line) {
		take_line(cs, c, p, false);
		p->line[p->len++] = byte;
	}
}

static void close_pipe(struct child_pipe *p)
{
	close(p->fd);
	free(p->line);
	*p = (struct child_pipe){ .fd = -1 };
}

/* Reads what is in the pipe, at most one buffer; returns whether there was anything. */
static bool take_bytes(struct children *cs, struct child *c, struct child_pipe *p)
{
	char buf[4096];
	ssize_t n = read(p->fd, buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++)
		take_byte(cs, c, p, buf[i]);
	if (n > 0 || (n == -1 && (errno == EINTR || errno == EAGAIN))) {
		kept_flush(&c->kept);
		return n > 0;
	}
	if (p->len)
		take_line(cs, c, p, true);
	kept_flush(&c->kept);
	close_pipe(p);
	return false;
}

/* A process that has ended has all its output in its pipes by now.  A process that it
 * left behind may still hold the pipes open and write to them. */
static void take_last_words(struct children *cs, struct child *c)
{
	struct child_pipe *pipes[] = { &c->out, &c->err };

	for (size_t i = 0; i < sizeof(pipes) / sizeof(*pipes); i++) {
		for (int n = 0; n < LAST_READS && pipes[i]->fd != -1; n++)
			if (!take_bytes(cs, c, pipes[i]))
				break;
		if (pipes[i]->len)
			take_line(cs, c, pipes[i], true);
	}
	kept_flush(&c->kept);
}

static uint64_t us_of(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static void take_end(struct children *cs, pid_t pid, int status, const struct rusage *use)
{
	for (size_t i = 0; i < cs->n; i++) {
		struct child *c = &cs->at[i];

		if (c->pid != pid || c->ended)
			continue;
		take_last_words(cs, c);
		c->ended = true;
		c->status = status;
		c->ended_ns = clock_ns();
		c->user_us = us_of(use->ru_utime);
		c->system_us = us_of(use->ru_stime);
		c->most_kb = (uint64_t)use->ru_maxrss;
	}
}

/* Also reaps what third parties left behind: this is process 1 of the namespace. */
static void take_signals(struct children *cs)
{
	struct signalfd_siginfo si;
	struct rusage use;
	int status;
	pid_t pid;

	while (read(cs->signals, &si, sizeof(si)) == sizeof(si))
		if (si.ssi_signo != SIGCHLD)
			cs->caught = (int)si.ssi_signo;
	while ((pid = wait4(-1, &status, WNOHANG, &use)) > 0)
		take_end(cs, pid, status, &use);
}

static int until_ms(uint64_t deadline_ns)
{
	uint64_t now = clock_ns(), ms;

	if (deadline_ns <= now)
		return 0;
	ms = (deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

void children_turn(struct children *cs, uint64_t deadline_ns)
{
	struct pollfd fds[POLLED_MAX] = { { .fd = cs->signals, .events = POLLIN },
					  { .fd = cs->leash, .events = POLLIN } };
	struct child_pipe *pipes[POLLED_MAX];
	struct child *owner[POLLED_MAX];
	nfds_t n = 2;

	for (size_t i = 0; i < cs->n; i++)
		for (int which = 0; which < 2; which++) {
			struct child_pipe *p = which ? &cs->at[i].err : &cs->at[i].out;

			if (p->fd == -1 || n == POLLED_MAX)
				continue;
			owner[n] = &cs->at[i];
			pipes[n] = p;
			fds[n++] = (struct pollfd){ .fd = p->fd, .events = POLLIN };
		}
	if (poll(fds, n, until_ms(deadline_ns)) <= 0)
		return;
	if (fds[1].revents)
		_exit(EXIT_CANNOT_RUN); /* the runner is gone: so is the whole namespace */
	for (nfds_t i = 2; i < n; i++)
		if (fds[i].revents)
			take_bytes(cs, owner[i], pipes[i]);
	if (fds[0].revents)
		take_signals(cs);
}
