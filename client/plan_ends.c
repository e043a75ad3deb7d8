#include "client/plan_ends.h"

#include "client/plan.h"

/* The safety interlock: a load generator aimed at somebody else's machine is an attack. */
int plan_check_targets(const struct client_plan *p, struct err *err)
{
	const struct addr_list *targets = &p->targets;
	char text[ADDR_TEXT];

	for (size_t i = 0; i < targets->n && !p->o.own_target; i++)
		if (!addr_is_ours_to_load(&targets->at[i]))
			return err_usage(err,
					 "%s is neither loopback nor private nor in "
					 "198.18.0.0/15; if it is yours to load, say "
					 "--i-own-this-target",
					 addr_print(&targets->at[i], text, sizeof(text)));
	return 0;
}

/* Each target is to be reached from each source. */
static int check_families(const struct client_plan *p, const struct addr *source,
			  struct err *err)
{
	char text[ADDR_TEXT], target[ADDR_TEXT];

	for (size_t i = 0; i < p->targets.n; i++)
		if (source->sa.sa_family != p->targets.at[i].sa.sa_family)
			return err_usage(
				err,
				"--source %s and the target %s are not of one "
				"address family",
				addr_print_host(source, text, sizeof(text)),
				addr_print(&p->targets.at[i], target, sizeof(target)));
	return 0;
}

int plan_check_sources(const struct client_plan *p, struct err *err)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < p->sources.n; i++) {
		const struct addr *s = &p->sources.at[i];
		int r = check_families(p, s, err);

		if (r < 0)
			return r;
		if (!addr_is_local(s))
			return err_usage(err,
					 "--source %s is not an address of this host",
					 addr_print_host(s, text, sizeof(text)));
	}
	return 0;
}

/* Machines take turns: rank r has every ranks-th source, if there are enough. */
void plan_share_sources(struct client_plan *p)
{
	size_t kept = 0;

	if (p->sources.n < p->ranks || p->sources.n == 0)
		return;
	for (size_t i = p->rank; i < p->sources.n; i += p->ranks)
		p->sources.at[kept++] = p->sources.at[i];
	p->sources.n = kept;
	p->own_sources = p->ranks > 1;
}
