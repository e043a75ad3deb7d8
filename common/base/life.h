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

struct life {
	uint8_t state[LIFE_STEPS],
		input[LIFE_STEPS]; /* a ring: what came in which state */
	uint8_t n;                 /* steps so far, modulo 256 */
};

static inline void life_step(struct life *l, unsigned state, unsigned input)
{
	l->state[l->n % LIFE_STEPS] = (uint8_t)state;
	l->input[l->n % LIFE_STEPS] = (uint8_t)input;
	l->n++;
}

/* Our bug, so as assert(): says what is broken and the last steps, oldest first, and aborts.  The
 * names are by number. */
_Noreturn void life_broken(const struct life *l, const char *what,
			   const char *const *states, const char *const *inputs);

#endif
