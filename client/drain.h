/* drain - how TIME_WAIT went away again: the moments at which the series saw fewer of the
 * client's sockets in it.  The kernel ends them in bursts, some seconds apart. */
#ifndef TWSTORM_CLIENT_DRAIN_H
#define TWSTORM_CLIENT_DRAIN_H

#include <jansson.h>
#include "client/series.h"

struct drain {
	bool known;             /* the client's states were counted */
	unsigned steps;         /* falls; those less than half a second apart are one */
	double began_s, last_s; /* the beginnings of the first and the last one */
	double ended_s;         /* the last count that was lower than the one before */
};

void drain_find(const struct series *s, struct drain *out);
/* New reference; what did not happen is null. */
json_t *drain_json(const struct drain *d);

#endif
