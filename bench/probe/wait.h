/* wait - progress, and waiting that a signal ends. */
#ifndef TWSTORM_BENCH_PROBE_WAIT_H
#define TWSTORM_BENCH_PROBE_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"

struct probe_run;

/* What is being done now: a progress line unless -q; a literal. */
void probe_step(struct probe_run *run, const char *step);
/* Catches the signals of signals.h, which then arrive in probe_poll() alone; after the end they
 * arrive anywhere. */
int probe_signals_catch(struct err *err);
int probe_signals_end(void); /* the signal that came, or 0 */
/* poll() until deadline_ns: how many are ready, 0 = time is up, or the run has failed, as it
 * does by a signal: -EINTR. */
int probe_poll(struct probe_run *run, struct pollfd *fds, unsigned n,
	       uint64_t deadline_ns);
void probe_sleep(struct probe_run *run, uint64_t ns);
/* Sleeps between two looks at something that has to come before deadline_ns; returns
 * whether there is time for another look. */
bool probe_pause(struct probe_run *run, uint64_t deadline_ns);

#endif
