/* lives - how long a port stays taken once its connection is closed: at least, and at most. */
#ifndef TWSTORM_COMMON_PORTS_LIVES_H
#define TWSTORM_COMMON_PORTS_LIVES_H

#include <stdbool.h>
#include "common/ports/ports.h"
#include "common/ports/holding.h"

/* TIME_WAIT begins when the last FIN or its ACK has come, and an ACK may be delayed by so much. */
#define LIVES_LATE_S 0.1

/* The kernel takes TIME_WAIT ports again for these connections. */
bool lives_reuse(const struct ports_facts *f);
/* When no port is free bind() picks one that is in use, at random (ip_autobind_reuse);
 * connect() may then succeed with it. */
bool lives_are_luck(const struct ports_facts *f, enum port_life life);
/* Seconds that a port is kept by `life`, which may be HUGE_VAL; the longest or the shortest. */
double lives_kept_s(const struct ports_facts *f, enum port_life life, bool longest);
/* All of them, for a simulation. */
void lives_set(const struct ports_facts *f, bool longest, struct lives *out);
/* How much later than asked for a timer of the kernel ends, at most. */
double lives_timer_slack_s(double after_s, double tick_s);

#endif
