#include "bench/states/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/states/followed.h"
#include "bench/states/tree.h"
#include "common/base/clock.h"
#include "common/base/signals.h"
#include "common/kernel/proc_net.h"

#define LOOK_NS        (20 * NS_PER_MS) /* between looks; more where one takes long */
#define SHARE          10 /* one part in so many of the time is spent on looks */
#define GRACE_NS       (10 * NS_PER_S) /* for a program that was told to end */
#define SETTLE_NS      (600 * NS_PER_MS)
#define SETTLE_LOOK_NS (20 * NS_PER_MS)

struct follow {
	struct sock_diag *diag;
	struct tree tree;
	struct seen seen;
	struct tcp_states now, peak; /* of this host */
	uint64_t begin_ns, end_ns, looks;
	bool none_left;             /* no process of the program is there any more */
	pid_t told[TREE_PROCESSES]; /* those that were told to end */
	size_t n_told;
	pid_t pid;
	int status, caught;
	bool ended;
	struct err *err;
};

/* ---- a look */

static int take_row(const struct sock_diag_row *row, void *arg)
{
	struct follow *f = arg;

	f->now.n[row->state]++;
	return seen_row(&f->seen, row, tree_has(&f->tree, row->inode), f->err);
}

/* The listeners first: they tell accepted connections from others. */
static int look(struct follow *f)
{
	struct sock_diag_query listeners = { .states = 1u << STATE_LISTEN };
	struct sock_diag_query all = { .states = SOCK_DIAG_ALL_STATES &
						 ~(1u << STATE_LISTEN) };
	int r = tree_look(&f->tree, f->err);

	memset(&f->now, 0, sizeof(f->now));
	seen_begin(&f->seen);
	r = r ? r : sock_diag_dump(f->diag, &listeners, take_row, f, f->err);
	r = r ? r : sock_diag_dump(f->diag, &all, take_row, f, f->err);
	if (r < 0)
		return r;
	seen_end_look(&f->seen);
	for (unsigned i = 0; i < TCP_STATE_MAX; i++)
		if (f->now.n[i] > f->peak.n[i])
			f->peak.n[i] = f->now.n[i];
	f->looks++;
	return 0;
}

/* ---- the program */

/* What it says on stdout goes to stderr: stdout has what is told of it. */
static int start(struct follow *f, char *const *argv, struct err *err)
{
	int pipe_[2], no = 0;

	if (pipe2(pipe_, O_CLOEXEC) == -1)
		return err_sys(err, "pipe");
	f->pid = fork();
	if (f->pid == 0) {
		signals_restore();
		if (dup2(STDERR_FILENO, STDOUT_FILENO) != -1)
			execvp(argv[0], argv);
		no = errno;
		_exit(write(pipe_[1], &no, sizeof(no)) == -1 ? 126 : 127);
	}
	close(pipe_[1]);
	if (f->pid > 0 && read(pipe_[0], &no, sizeof(no)) != sizeof(no))
		no = 0;
	close(pipe_[0]);
	if (f->pid == -1)
		return err_sys(err, "fork");
	if (!no)
		return 0;
	waitpid(f->pid, NULL, 0);
	if (no == ENOENT)
		return err_support(err, "the program %s is not here", argv[0]);
	return err_run(err, "%s cannot be run: %s", argv[0], strerror(no));
}

/* Also reaps what lost its parent; whether none is left: /proc/PID/task/TID/children may leave processes out while
 * others end. */
static void reap(struct follow *f)
{
	int status;
	pid_t pid;

	errno = 0;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == f->pid) {
			f->ended = true;
			f->status = status;
			f->end_ns = clock_ns();
		}
	f->none_left = pid == -1 && errno == ECHILD;
}

static bool is_told(const struct follow *f, pid_t pid)
{
	for (size_t i = 0; i < f->n_told; i++)
		if (f->told[i] == pid)
			return true;
	return false;
}

/* Each process once: a second SIGTERM may mean more than the first. */
static void tell_to_end(struct follow *f)
{
	for (size_t i = 0; i < f->tree.n; i++)
		if (f->n_told < TREE_PROCESSES && !is_told(f, f->tree.pid[i])) {
			f->told[f->n_told++] = f->tree.pid[i];
			kill(f->tree.pid[i], SIGTERM);
		}
}

static void rest(uint64_t ns)
{
	struct pollfd woken = { .fd = signals_got ? -1 : signals_fd(), .events = POLLIN };
	struct timespec t = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };

	ppoll(&woken, 1, &t, NULL);
}

/* A signal is for all that the program has started. */
static void pass_on(struct follow *f, uint64_t *kill_ns)
{
	uint64_t now = clock_ns();

	if (signals_got && !f->caught) {
		f->caught = signals_got;
		*kill_ns = now + GRACE_NS;
	}
	if (f->caught && now > *kill_ns)
		tree_signal(&f->tree, SIGKILL);
	else if (f->caught)
		tell_to_end(f);
}

/* The program has ended, and what it closed is not in its last state yet. */
static int settle(struct follow *f)
{
	uint64_t until_ns = clock_ns() + SETTLE_NS;
	int r;

	do {
		r = look(f);
		if (r < 0 || !seen_ending(&f->seen))
			return r;
		rest(SETTLE_LOOK_NS);
	} while (clock_ns() < until_ns);
	return 0;
}

/* Until the program has ended; until all of its processes have, where they were told to. */
static int watch(struct follow *f)
{
	uint64_t kill_ns = 0;
	int r = 0;

	for (;;) {
		uint64_t began = clock_thread_cpu_ns(), took;

		reap(f);
		r = look(f);
		if (r < 0 || (f->ended && (!f->caught || f->none_left)))
			return r;
		pass_on(f, &kill_ns);
		took = clock_thread_cpu_ns() - began;
		rest(took * SHARE > LOOK_NS ? took * SHARE : LOOK_NS);
	}
}

/* ---- the whole */

static int code_of(const struct follow *f)
{
	if (f->caught)
		return 128 + f->caught;
	return WIFSIGNALED(f->status) ? EXIT_INCOMPLETE : EXIT_COMPLETE;
}

static int run(struct follow *f, char *const *argv, const struct follow_teller *teller,
	       struct err *err)
{
	struct followed out = { .argv = argv, .seen = &f->seen };
	struct kernel_counters now;
	int r = look(f); /* there is no process below this one yet */

	out.before = f->peak = f->now;
	r = r ? r : host_read(&out.host, err);
	r = r ? r : proc_net_counters(PROC_ROOT, &out.counters, err);
	f->begin_ns = clock_ns();
	out.began_wall_ns = clock_wall_ns();
	r = r ? r : start(f, argv, err);
	r = r ? r : watch(f);
	r = r ? r : settle(f);
	r = r ? r : proc_net_counters(PROC_ROOT, &now, err);
	if (r < 0)
		return r;
	kernel_counters_diff(&now, &out.counters, &out.counters);
	out.took_ns = f->end_ns - f->begin_ns;
	out.status = f->status;
	out.caught = f->caught;
	out.left_behind = f->tree.n;
	out.looks = f->looks;
	out.end = f->now;
	out.peak = f->peak;
	r = teller->tell(&out, teller->arg, err);
	return r ? r : code_of(f);
}

int follow(char *const *argv, const struct follow_teller *teller, struct err *err)
{
	static struct follow f; /* too large for a stack */
	int r = sock_diag_open(&f.diag, err);

	f.err = err;
	r = r ? r : tree_begin(&f.tree, err);
	r = r ? r : seen_init(&f.seen, err);
	r = r ? r : signals_catch(err);
	if (r == 0)
		r = run(&f, argv, teller, err);
	seen_done(&f.seen);
	tree_done(&f.tree);
	sock_diag_close(f.diag);
	return r;
}
