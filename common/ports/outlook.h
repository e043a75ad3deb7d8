/* outlook - what two simulations of a run say together: one in which ports stay taken as long as
 * they can, one in which they come free as soon as they can.  Where both say the same, that is
 * predicted; else nothing is, and a reason is given. */
#ifndef TWSTORM_COMMON_PORTS_OUTLOOK_H
#define TWSTORM_COMMON_PORTS_OUTLOOK_H

#include <stdbool.h>
#include "common/ports/ports.h"
#include "common/ports/simulate.h"

struct outlook {
	const struct ports_facts *f;
	const struct ports_prediction *budget;
	struct sim_result longest, shortest;
	bool blind; /* a closed loop whose rate is not known: only the order was simulated */
	bool crowd;    /* places for as many open connections as there are ports */
	bool doubtful; /* by a rate that was measured the ports last; not if it grew */
};

int outlook_make(const struct ports_facts *f, const struct ports_prediction *budget,
		 uint64_t most_events, struct outlook *out, struct err *err);
/* Sets the moment or the reason. */
void outlook_tell(const struct outlook *look, struct ports_prediction *out);

#endif
