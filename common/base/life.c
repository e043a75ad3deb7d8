#include "common/base/life.h"

#include <stdio.h>
#include <stdlib.h>

void life_broken(struct life l, const char *what, const char *const *states,
		 const char *const *inputs, unsigned n_inputs)
{
	fprintf(stderr, "twstorm: broken rule: %s; the last steps were", what);
	for (unsigned i = LIFE_STEPS; i-- > 0;) {
		unsigned number = l.steps >> 8 * i & 0xff;

		if (number)
			fprintf(stderr, " %s:%s", states[number / n_inputs],
				inputs[number % n_inputs]);
	}
	fprintf(stderr, "\n");
	abort();
}
