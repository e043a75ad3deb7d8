#include "common/base/life.h"

#include <stdio.h>
#include <stdlib.h>

void life_broken(const struct life *l, const char *what, const char *const *states,
		 const char *const *inputs)
{
	fprintf(stderr, "twstorm: broken rule: %s; the last steps were", what);
	for (unsigned i = 0; i < LIFE_STEPS; i++) {
		unsigned at = (l->n + i) % LIFE_STEPS;

		if (l->input[at]) /* 0 is no input: that place was never used */
			fprintf(stderr, " %s:%s", states[l->state[at]],
				inputs[l->input[at]]);
	}
	fprintf(stderr, "\n");
	abort();
}
