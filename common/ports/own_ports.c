/* own_ports - see own_ports.h. */
#include "common/ports/own_ports.h"

#include <stdlib.h>

#include "common/base/share.h"
#include "common/kernel/host.h"

int own_ports_make(struct own_ports *p, const struct host_ports *host, unsigned lo,
		   unsigned hi, struct err *err)
{
	*p = (struct own_ports){ .lo = (uint16_t)lo, .hi = (uint16_t)hi };
	p->at = calloc(hi - lo + 1, sizeof(*p->at));
	if (!p->at)
		return err_memory(err);
	for (unsigned port = lo; port <= hi; port++)
		if (!port_set_has(&host->reserved, (uint16_t)port))
			p->at[p->n++] = (uint16_t)port;
	return 0;
}

void own_ports_done(struct own_ports *p)
{
	free(p->at);
	p->at = NULL;
}

const uint16_t *own_ports_share(const struct own_ports *p, unsigned nth, unsigned workers,
				uint32_t *n)
{
	uint64_t before = 0;

	for (unsigned i = 0; i < nth; i++)
		before += share_of(p->n, i, workers);
	*n = (uint32_t)share_of(p->n, nth, workers);
	return p->at + before;
}
