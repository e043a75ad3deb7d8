#include "common/base/near.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define LONGEST 255

static unsigned min2(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned near_distance(const char *typed, const char *known)
{
	unsigned row[3][LONGEST + 1], *now = row[0];
	size_t i, j, n = strlen(known);

	if (n > LONGEST)
		return UINT_MAX;
	for (j = 0; j <= n; j++)
		now[j] = (unsigned)j;
	for (i = 1; typed[i - 1]; i++) {
		const unsigned *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

		now = row[i % 3];
		now[0] = (unsigned)i;
		for (j = 1; j <= n; j++) {
			now[j] = min2(min2(up[j], now[j - 1]) + 1,
				      up[j - 1] + (typed[i - 1] != known[j - 1]));
			if (i > 1 && j > 1 && typed[i - 1] == known[j - 2] &&
			    typed[i - 2] == known[j - 1])
				now[j] = min2(now[j], up2[j - 2] + 1);
		}
	}
	return now[n];
}
