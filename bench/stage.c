#include "bench/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/cell.h"
#include "bench/child.h"
#include "bench/netns.h"
#include "bench/sysctl.h"
#include "common/clock.h"

#define READY_NS  (10 * NS_PER_S) /* for a server to say that it listens */
#define GRACE_NS  (10 * NS_PER_S) /* for a client told to end, to write its result */
#define READY_SAY "listening on "

/* What the keeper works with. */
struct keeper {
	const struct plan *plan;
	struct stage *stage;
	struct stage_report *report;
	struct netns net;
	struct children children;
	struct child room[PLAN_PROCS];
	char *labels[PLAN_PROCS];
	size_t proc_of[PLAN_PROCS]; /* child to place in the plan */
};

/* ---- inside: the keeper */

/* The clients' lines are the run's live display; anything else is named. */
static void relay(const struct child *c, const char *line, void *arg)
{
	struct keeper *k = arg;
	const struct plan_proc *proc = &k->plan->procs[k->proc_of[c - k->room]];
	size_t clients = 0;

	for (size_t i = 0; i < k->plan->n_procs; i++)
		clients += k->plan->procs[i].kind == SECTION_CLIENT;
	if (proc->kind == SECTION_CLIENT && clients == 1)
		fprintf(stderr, "  %s\n", line);
	else
		fprintf(stderr, "  %s: %s\n", c->label, line);
}

/* Both ends read it: the server's admin port is not on loopback, so it asks for one. */
static int write_token(struct err *err)
{
	unsigned char random[16];
	FILE *f;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return err_sys(err, "getrandom");
	umask(077);
	f = fopen(PLAN_TOKEN, "we");
	if (!f)
		return err_sys(err, "%s", PLAN_TOKEN);
	for (size_t i = 0; i < sizeof(random); i++)
		fprintf(f, "%02x", random[i]);
	fputc('\n', f);
	return fclose(f) == 0 ? 0 : err_sys(err, "%s", PLAN_TOKEN);
}

static int build(struct keeper *k, struct err *err)
{
	int r = netns_build(k->plan, &k->net, err);

	r = r ? r : sysctl_write_all(k->plan, &k->net, err);
	k->report->built_ns = clock_ns();
	return r ? r : write_token(err);
}

static int start_one(struct keeper *k, size_t i, struct err *err)
{
	const struct plan_proc *proc = &k->plan->procs[i];
	struct child_spec spec = {
		.label = k->labels[i],
		.argv = proc->argv.at,
		.netns = k->net.host[proc->host - k->plan->hosts],
		.stdout_fd = k->stage->json_fd[i],
		.awaited = proc->kind == SECTION_SERVER ? READY_SAY : NULL,
	};
	int r;

	k->proc_of[k->children.n] = i;
	r = child_start(&k->children, &spec, err);
	k->report->procs[i].started = r == 0;
	return r;
}

static int start_all(struct keeper *k, enum section kind, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < k->plan->n_procs; i++)
		if (k->plan->procs[i].kind == kind)
			r = start_one(k, i, err);
	return r;
}

static int not_ready(const struct child *c, struct err *err)
{
	if (!c->ended)
		return err_run(err, "%s did not say '%s...' within %llu s", c->label,
			       READY_SAY, READY_NS / NS_PER_S);
	if (WIFEXITED(c->status))
		err_run(err, "%s ended with code %d before it was ready%s%s", c->label,
			WEXITSTATUS(c->status), *c->last ? ": " : "", c->last);
	else
		err_run(err, "%s was killed by signal %d before it was ready", c->label,
			WTERMSIG(c->status));
	if (WIFEXITED(c->status) && WEXITSTATUS(c->status) == EXIT_USAGE && err)
		err->exit = EXIT_USAGE; /* the scenario's args are wrong */
	return -EINVAL;
}

static int wait_ready(struct keeper *k, struct err *err)
{
	uint64_t deadline = clock_ns() + READY_NS;

	for (size_t i = 0; i < k->children.n; i++) {
		struct child *c = &k->room[i];

		while (!c->ready && !c->ended && !k->children.caught &&
		       clock_ns() < deadline)
			children_turn(&k->children, deadline);
		/* Its last words may come after its end. */
		while (c->ended && c->err.fd != -1 && clock_ns() < deadline)
			children_turn(&k->children, deadline);
		if (!c->ready && !k->children.caught)
			return not_ready(c, err);
	}
	return 0;
}

static bool all_ended(struct keeper *k, enum section kind)
{
	for (size_t i = 0; i < k->children.n; i++) {
		struct child *c = &k->room[i];

		if (k->plan->procs[k->proc_of[i]].kind == kind &&
		    (!c->ended || c->err.fd != -1))
			return false;
	}
	return true;
}

static void signal_all(struct keeper *k, enum section kind, int sig)
{
	for (size_t i = 0; i < k->children.n; i++)
		if (k->plan->procs[k->proc_of[i]].kind == kind)
			child_signal(&k->room[i], sig);
}

static void wait_all(struct keeper *k, enum section kind, uint64_t deadline,
		     bool stop_if_caught)
{
	while (!all_ended(k, kind) && clock_ns() < deadline &&
	       !(stop_if_caught && k->children.caught))
		children_turn(&k->children, deadline);
}

/* Tells them, waits a while, and then does not ask any more. */
static void end_all(struct keeper *k, enum section kind, int sig)
{
	signal_all(k, kind, sig);
	wait_all(k, kind, clock_ns() + GRACE_NS, false);
	if (all_ended(k, kind))
		return;
	signal_all(k, kind, SIGKILL);
	wait_all(k, kind, clock_ns() + GRACE_NS, false);
}

static void run_clients(struct keeper *k)
{
	wait_all(k, SECTION_CLIENT, clock_ns() + k->plan->seconds * NS_PER_S, true);
	if (all_ended(k, SECTION_CLIENT))
		return;
	k->report->timed_out = !k->children.caught;
	end_all(k, SECTION_CLIENT, k->children.caught ? k->children.caught : SIGTERM);
}

static void report_ends(struct keeper *k)
{
	for (size_t i = 0; i < k->children.n; i++) {
		const struct child *c = &k->room[i];
		struct stage_proc *to = &k->report->procs[k->proc_of[i]];

		to->status = c->status;
		to->ended = c->ended;
		to->by_itself = c->ended && !c->asked_to_end;
		memcpy(to->last, c->last, sizeof(to->last));
	}
}

static int play(struct keeper *k, const struct cell_inside *inside, struct err *err)
{
	int r = cell_settle(inside, err);

	r = r ? r : children_init(&k->children, k->room, inside->leash, err);
	r = r ? r : build(k, err);
	k->children.said = relay;
	k->children.arg = k;
	r = r ? r : start_all(k, SECTION_SERVER, err);
	r = r ? r : wait_ready(k, err);
	if (r == 0 && !k->children.caught)
		r = start_all(k, SECTION_CLIENT, err);
	if (r == 0)
		run_clients(k);
	end_all(k, SECTION_SERVER, SIGTERM);
	report_ends(k);
	k->report->finished_ns = clock_ns();
	return r;
}

static int keeper_main(const struct cell_inside *inside, void *arg)
{
	struct stage *stage = arg;
	static struct keeper
		k; /* too large for a stack, and there is one in this process */

	k.stage = stage;
	k.report = stage->report;
	k.plan = stage->plan;
	for (size_t i = 0; i < k.plan->n_procs; i++)
		k.labels[i] = text_printf("%s %s", section_names[k.plan->procs[i].kind],
					  k.plan->procs[i].name);
	k.report->r = play(&k, inside, &k.report->err);
	return 0;
}

/* ---- outside: the runner */

static int prepare(const struct plan *p, struct stage *s, struct err *err)
{
	s->report = mmap(NULL, sizeof(*s->report), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->report == MAP_FAILED) {
		s->report = NULL;
		return err_sys(err, "mmap");
	}
	s->report->r = -ECHILD;
	err_run(&s->report->err, "the lab's keeper died");
	for (size_t i = 0; i < p->n_procs; i++) {
		if (p->procs[i].kind != SECTION_CLIENT)
			continue;
		s->json_fd[i] = memfd_create("twstorm-result", MFD_CLOEXEC);
		if (s->json_fd[i] == -1)
			return err_sys(err, "memfd_create");
	}
	return 0;
}

/* Passes signals on until the keeper is gone; with it went everything in the cell. */
static void wait_keeper(struct stage *s, pid_t keeper, const sigset_t *heard)
{
	while (waitpid(keeper, NULL, WNOHANG) == 0) {
		int sig = sigwaitinfo(heard, NULL);

		if (sig != SIGINT && sig != SIGTERM)
			continue;
		kill(keeper, s->caught ? SIGKILL : sig);
		s->caught = sig;
	}
	s->report->gone_ns = clock_ns();
}

int stage_run(const struct plan *p, struct stage *out, struct err *err)
{
	sigset_t heard, before;
	struct cell cell;
	int r;

	*out = (struct stage){ .plan = p };
	for (size_t i = 0; i < PLAN_PROCS; i++)
		out->json_fd[i] = -1;
	r = prepare(p, out, err);
	if (r < 0)
		return r;
	sigemptyset(&heard);
	sigaddset(&heard, SIGINT);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGCHLD);
	sigprocmask(SIG_BLOCK, &heard, &before);
	fflush(NULL); /* or the keeper's copy of a buffer would be written as well */
	out->report->start_ns = clock_ns();
	r = cell_start(keeper_main, out, &cell, err);
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

void stage_done(struct stage *s)
{
	for (size_t i = 0; i < PLAN_PROCS; i++)
		if (s->json_fd[i] > 0)
			close(s->json_fd[i]);
	if (s->report)
		munmap(s->report, sizeof(*s->report));
	*s = (struct stage){ 0 };
}
