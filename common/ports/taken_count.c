#include "common/ports/taken_count.h"

static bool has_no_end(const struct taken_port *p)
{
	return p->by == TAKEN_SOCKET || p->by == TAKEN_KEPT;
}

static bool is_nobodys(const struct taken_port *p)
{
	return p->pool == TAKEN_ALL_POOLS && p->by == TAKEN_SOCKET;
}

uint64_t taken_nobodys(const struct taken *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += is_nobodys(&t->at[i]);
	return n;
}

uint64_t taken_most(const struct taken *t, bool for_ever)
{
	uint64_t n = 0, most = 0, shared = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct taken_port *p = &t->at[i];

		if (i && p->pool != t->at[i - 1].pool)
			n = 0;
		if (is_nobodys(p) || (for_ever && !has_no_end(p)))
			continue;
		shared += p->pool == TAKEN_ALL_POOLS;
		n += p->pool != TAKEN_ALL_POOLS;
		most = n > most ? n : most;
	}
	return most + shared;
}
