/* life - the last steps of something that lives by a table of rules, kept so that the
 * message about a broken rule can say what led to it. */
#ifndef TWSTORM_COMMON_BASE_LIFE_H
#define TWSTORM_COMMON_BASE_LIFE_H

#include <stdint.h>

/* For the lists of states and inputs, X(NAME) each. */
#define LIFE_NAME(name)       #name,
#define LIFE_INPUT(name)      ON_##name,
#define LIFE_INPUT_NAME(name) "ON_" #name,

#define LIFE_STEPS 8

/* The numbers of the last steps, a byte each, the newest lowest: where its rule is in the table, so
 * state * inputs + input.  0, an input that is none, is no step. */
struct life {
	uint64_t steps;
};

static inline void life_step(struct life *l, unsigned number)
{
	l->steps = l->steps << 8 | number;
}

/* Our bug, so as assert(): says what is broken and the last steps, oldest first, and aborts.  The
 * names are by number; there are n_inputs. */
_Noreturn void life_broken(struct life l, const char *what, const char *const *states,
			   const char *const *inputs, unsigned n_inputs);

#endif
