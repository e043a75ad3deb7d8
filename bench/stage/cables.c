#include "bench/stage/cables.h"

/* A trace's cable joins the first two hosts; others lie between a host and the bridge. */
static void plan_wire(const struct plan *p, const struct netns *n,
		      struct stage_report *report, struct wire_plan *out)
{
	*out = (struct wire_plan){ .netns = n->bridge,
				   .load = &report->wire_load,
				   .trace = p->wire };
	if (p->wire) {
		out->n = 1;
		out->cable[0].impair = p->wire->order.impair;
		out->cable[0].stats = &p->wire->trace->stats;
		for (int e = 0; e < ENDS; e++) {
			out->host[e] = n->host[e];
			out->cable[0].interface[e] = NETNS_PORT_INDEX + e;
		}
		return;
	}
	for (size_t i = 0; i < p->n_hosts; i++)
		if (impair_is_set(&p->hosts[i].impair))
			out->cable[out->n++] = (struct wire_cable){
				.interface = { NETNS_PORT_INDEX + (int)i,
					       NETNS_NEAR_INDEX + (int)i },
				.impair = p->hosts[i].impair,
				.stats = &report->wire[i],
			};
}

int cables_start(const struct plan *p, const struct netns *n, struct stage_report *report,
		 struct companion *out, struct err *err)
{
	struct wire_plan plan;

	*out = COMPANION_NONE;
	plan_wire(p, n, report, &plan);
	return plan.n ? wire_start(&plan, out, err) : 0;
}
