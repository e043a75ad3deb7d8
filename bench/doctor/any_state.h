/* any_state - TCP states as tools of all systems, ages and languages write them. */
#ifndef TWSTORM_BENCH_DOCTOR_ANY_STATE_H
#define TWSTORM_BENCH_DOCTOR_ANY_STATE_H

#include <stdbool.h>

/* The state that the whole word names; 0 = none.  *windows is set where Windows alone writes it so; may be NULL. */
unsigned any_state(const char *word, bool *windows);
/* The state whose name in netstat begins so, cut off by a column or the end; 0 = none, or several. */
unsigned any_state_cut(const char *word);

#endif
