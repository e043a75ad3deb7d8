#include "bench/stage/stage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/stage/cell.h"
#include "bench/stage/keeper.h"
#include "bench/stage/kept.h"
#include "bench/stage/observers.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/signals.h"

static int make_file(int *fd, struct err *err)
{
	*fd = memfd_create("twstorm-result", MFD_CLOEXEC);
	return *fd == -1 ? err_sys(err, "memfd_create") : 0;
}

static int prepare(const struct plan *p, struct stage *s, struct err *err)
{
	int r = 0;

	s->report = mmap(NULL, sizeof(*s->report), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->report == MAP_FAILED) {
		s->report = NULL;
		return err_sys(err, "mmap");
	}
	s->report->r = -ECHILD;
	err_run(&s->report->err, "the lab's keeper died");
	for (size_t i = 0; r == 0 && i < p->n_procs; i++) {
		bool ours = p->procs[i].kind != SECTION_PROCESS;

		if (p->procs[i].kind != SECTION_SERVER)
			r = make_file(ours ? &s->json_fd[i] : &s->said_fd[i], err);
	}
	if (r == 0 && !s->shell && observers_any(p))
		r = make_file(&s->observed_fd, err);
	return r;
}

static void pass_on(struct stage *s, pid_t keeper, const siginfo_t *info)
{
	int sig = info->si_signo;
	enum signals_order order;

	if (sig == SIGCHLD)
		return;
	if (s->shell && hosts_from_terminal(info))
		return; /* what runs there got it as well, and it is for that alone */
	order = signals_note(sig);
	if (order != SIGNALS_SAME)
		kill(keeper, order == SIGNALS_FIRST ? sig : SIGKILL);
	s->caught = signals_got;
}

/* Passes signals on until the keeper is gone; with it went everything in the cell. */
static void wait_keeper(struct stage *s, pid_t keeper, const sigset_t *heard)
{
	siginfo_t info;

	if (signals_got) { /* before they were blocked */
		s->caught = signals_got;
		kill(keeper, s->caught);
	}
	while (waitpid(keeper, NULL, WNOHANG) == 0)
		if (sigwaitinfo(heard, &info) != -1)
			pass_on(s, keeper, &info);
	s->report->gone_ns = clock_ns();
}

static void make_empty(struct stage *s)
{
	*s = (struct stage){ 0 };
	for (size_t i = 0; i < PLAN_PROCS; i++)
		s->json_fd[i] = s->said_fd[i] = -1;
	s->observed_fd = -1;
}

int stage_run(const struct plan *p, const struct hosts_shell *shell, struct stage *out,
	      struct err *err)
{
	sigset_t heard, before;
	struct cell cell;
	int r;

	make_empty(out);
	out->plan = p;
	out->shell = shell;
	r = prepare(p, out, err);
	if (r < 0)
		return r;
	signals_set(&heard);
	sigaddset(&heard, SIGCHLD);
	sigprocmask(SIG_BLOCK, &heard, &before);
	fflush(NULL); /* or the keeper's copy of a buffer would be written as well */
	out->report->start_ns = clock_ns();
	r = cell_start(keeper_play, out, &cell, err);
	if (r == 0) {
		out->own_user = cell.own_user;
		wait_keeper(out, cell.pid, &heard);
		close(cell.leash);
		r = out->report->r;
		if (r < 0 && err)
			*err = out->report->err;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

json_t *stage_read(int fd)
{
	return file_json(fd);
}

_Static_assert(STAGE_SAID == KEPT_MOST, "all that is kept");

char *stage_said(const struct stage *s, size_t proc, size_t *len)
{
	const struct stage_proc *end = &s->report->procs[proc];

	if (s->said_fd[proc] != -1)
		return kept_read(s->said_fd[proc], end->said, len);
	*len = strlen(end->last);
	return text_dup(end->last);
}

void stage_done(struct stage *s)
{
	for (size_t i = 0; i < PLAN_PROCS; i++) {
		if (s->json_fd[i] != -1)
			close(s->json_fd[i]);
		if (s->said_fd[i] != -1)
			close(s->said_fd[i]);
	}
	if (s->observed_fd != -1)
		close(s->observed_fd);
	if (s->report)
		munmap(s->report, sizeof(*s->report));
	make_empty(s);
}
