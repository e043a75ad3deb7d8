/* wait - the only place where a probe waits: until a descriptor is ready, a time has
 * passed or a signal comes.  Signals are blocked elsewhere, so none is lost between a look at
 * the flag and the wait. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"
#include "common/base/signals.h"

static sigset_t mask_before;

int probe_signals_catch(struct err *err)
{
	sigset_t block;
	int r = signals_catch(err);

	if (r < 0)
		return r;
	signals_set(&block);
	sigprocmask(SIG_BLOCK, &block, &mask_before);
	return 0;
}

int probe_signals_end(void)
{
	sigprocmask(SIG_SETMASK, &mask_before, NULL); /* what is pending arrives here */
	return signals_got;
}

static bool told(const struct probe_run *run)
{
	const struct probe_options *o = run->options;

	return !o->quiet && (o->interval_ns || isatty(STDERR_FILENO));
}

static void tell(struct probe_run *run)
{
	run->told_ns = clock_ns();
	fprintf(stderr, "%6.1f s  %s\n",
		(double)(run->told_ns - run->begin_ns) / NS_PER_S, run->step);
}

void probe_step(struct probe_run *run, const char *step)
{
	run->step = step;
	if (run->r == 0 && told(run))
		tell(run);
}

/* When the wait must end for the next line of --interval; UINT64_MAX = never. */
static uint64_t next_line(const struct probe_run *run)
{
	const struct probe_options *o = run->options;

	return o->quiet || !o->interval_ns || !run->step ? UINT64_MAX
							 : run->told_ns + o->interval_ns;
}

static int poll_until(struct pollfd *fds, unsigned n, uint64_t when_ns)
{
	uint64_t now = clock_ns(), left = when_ns > now ? when_ns - now : 0;
	const struct timespec t = { (time_t)(left / NS_PER_S), (long)(left % NS_PER_S) };

	return ppoll(fds, n, &t, &mask_before);
}

int probe_poll(struct probe_run *run, struct pollfd *fds, unsigned n,
	       uint64_t deadline_ns)
{
	while (run->r == 0) {
		uint64_t line = next_line(run);
		int ready;

		if (clock_ns() >= line) {
			tell(run);
			line = next_line(run);
		}
		ready = poll_until(fds, n, line < deadline_ns ? line : deadline_ns);
		if (signals_got) {
			run->r = err_fill(&run->err, -EINTR, EXIT_CANNOT_RUN,
					  "interrupted by SIG%s",
					  sigabbrev_np(signals_got));
		} else if (ready == -1) {
			run->r = err_sys(&run->err, "poll");
		} else if (ready > 0 || clock_ns() >= deadline_ns) {
			return ready;
		}
	}
	return 0;
}

void probe_sleep(struct probe_run *run, uint64_t ns)
{
	probe_poll(run, NULL, 0, clock_ns() + ns);
}

bool probe_pause(struct probe_run *run, uint64_t deadline_ns)
{
	probe_sleep(run, NS_PER_MS);
	return run->r == 0 && clock_ns() < deadline_ns;
}
