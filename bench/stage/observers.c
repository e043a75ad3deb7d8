#include "bench/stage/observers.h"

#include <stdlib.h>

#include "common/base/clock.h"

bool observers_any(const struct plan *p)
{
	for (size_t i = 0; i < p->n_hosts; i++)
		if (p->hosts[i].observe)
			return true;
	return false;
}

static uint64_t longest_ns(const struct plan *p)
{
	uint64_t most = 0;

	for (size_t i = 0; i < p->n_hosts; i++)
		if (p->hosts[i].observe && p->hosts[i].count_on_ns > most)
			most = p->hosts[i].count_on_ns;
	return most;
}

void observers_count_on(const struct plan *p, const struct companion *o,
			struct children *cs)
{
	uint64_t until = clock_ns() + longest_ns(p);

	observe_load_ended(o);
	while (!cs->caught && clock_ns() < until)
		children_turn(cs, until);
}

int observers_start(const struct plan *p, const struct netns *n, int out_fd,
		    struct companion *out, struct err *err)
{
	char *about = plan_label(p, plan_main(p));
	struct observe_plan plan = {
		.out = out_fd, .relay = p->relay, .about = about, .quiet = p->quiet
	};
	int r;

	_Static_assert(OBSERVE_HOSTS >= PLAN_HOSTS, "each host may be observed");
	for (size_t i = 0; i < p->n_hosts; i++) {
		const struct plan_host *h = &p->hosts[i];

		if (!h->observe)
			continue;
		plan.host[plan.n++] = (struct observe_host){
			.name = h->name,
			.netns = n->host[i],
			.only = h->observed.n ? &h->observed : NULL,
			.count_on_ns = h->count_on_ns,
			.failures = h->observe_failures,
		};
	}
	r = observe_start(&plan, out, err);
	free(about);
	return r;
}
