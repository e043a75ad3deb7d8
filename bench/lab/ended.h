/* ended - what a process of the lab came to, as JSON: its exit code or signal, what it cost, what it
 * said last, which errno that names, and who has the port that it could not have. */
#ifndef TWSTORM_BENCH_LAB_ENDED_H
#define TWSTORM_BENCH_LAB_ENDED_H

#include <jansson.h>
#include "bench/stage/stage.h"

#define ENDED_LINES 10 /* of what it said last */

/* New reference: {exit_code, signal, wall_s, cpu_s, user_s, system_s, max_rss_kb, errno, last,
 * lines[], said_bytes, left_behind, killed, held_by}; null where it is not known.  Of a process that was told to
 * end there is neither exit code nor signal. */
json_t *ended_json(const struct stage *s, size_t proc);
/* The same with nothing known, to check paths by. */
json_t *ended_skeleton(void);
/* {NAME: ended_json()} of each [process] that was started; NULL if the plan has none. */
json_t *ended_processes(const struct stage *s);
#define ENDED_PORT 320
/* "; port 80 is held by a socket that listens at 0.0.0.0:80", or "" where no port was in use, or the
 * last line says it itself.  Returns buf. */
char *ended_port(const struct stage_proc *end, char buf[ENDED_PORT]);

#endif
