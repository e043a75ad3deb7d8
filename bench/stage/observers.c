#include "bench/stage/observers.h"

bool observers_any(const struct plan *p)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		if (p->hosts[i].observe)
			return true;
	return false;
}

int observers_start(const struct plan *p, const struct netns *n, int out_fd,
		    struct observe_process *out, struct err *err)
{
	struct observe_plan plan = { .out = out_fd, .quiet = p->quiet };

	_Static_assert(OBSERVE_HOSTS >= PLAN_HOSTS, "each host may be observed");
	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct plan_host *h = &p->hosts[i];

		if (!h->observe)
			continue;
		plan.host[plan.n++] = (struct observe_host){
			.name = h->name,
			.netns = n->host[i],
			.only = h->observed.n ? &h->observed : NULL,
			.failures = h->observe_failures,
		};
	}
	return observe_start(&plan, out, err);
}
