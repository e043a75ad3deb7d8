#include "common/ports/taken.h"

#include <stdlib.h>
#include <string.h>

#include "common/kernel/port.h"
#include "common/ports/taken_list.h"

#define DIGITS 65536 /* a digit of the sort is 16 bits */

void taken_done(struct taken *t)
{
	free(t->at);
	*t = (struct taken){ 0 };
}

uint64_t taken_in_pools(const struct taken *t, uint32_t pools)
{
	struct port_set nobodys = { 0 };
	uint64_t n = 0;

	/* TAKEN_ALL_POOLS is sorted last. */
	for (size_t i = t->n; i-- > 0;) {
		const struct taken_port *p = &t->at[i];

		if (p->pool == TAKEN_ALL_POOLS) {
			port_set_add(&nobodys, p->port);
			n += pools;
		} else {
			n += !port_set_has(&nobodys, p->port);
		}
	}
	return n;
}

void taken_list_add(struct taken_list *l, uint32_t pool, uint16_t port, unsigned by,
		    double expires_s)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		struct taken_port *at = realloc(l->at, room * sizeof(*at));

		if (!at) {
			l->no_memory = true;
			return;
		}
		l->at = at;
		l->room = room;
	}
	l->at[l->n++] = (struct taken_port){ pool, port, (uint8_t)by, (float)expires_s };
}

static unsigned digit_port(const struct taken_port *p)
{
	return p->port;
}

static unsigned digit_low(const struct taken_port *p)
{
	return p->pool & 0xffff;
}

static unsigned digit_high(const struct taken_port *p)
{
	return p->pool >> 16;
}

/* A counting sort: 28,000 ports take 0.3 ms, where qsort() takes 4 ms. */
static void sort_by(struct taken_list *l, unsigned (*digit)(const struct taken_port *))
{
	uint32_t *before = calloc(DIGITS, sizeof(*before));
	struct taken_port *to = malloc((l->n + 1) * sizeof(*to));
	uint32_t sum = 0;

	if (!before || !to) {
		l->no_memory = true;
		free(before);
		free(to);
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		before[digit(&l->at[i])]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		sum += before[d];
		before[d] = sum - before[d];
	}
	for (size_t i = 0; i < l->n; i++)
		to[before[digit(&l->at[i])]++] = l->at[i];
	free(before);
	free(l->at);
	l->at = to;
	l->room = l->n + 1;
}

static bool all_same(const struct taken_list *l,
		     unsigned (*digit)(const struct taken_port *))
{
	for (size_t i = 1; i < l->n; i++)
		if (digit(&l->at[i]) != digit(&l->at[0]))
			return false;
	return true;
}

void taken_list_by_pool(struct taken_list *l)
{
	if (!all_same(l, digit_low))
		sort_by(l, digit_low);
	if (!all_same(l, digit_high))
		sort_by(l, digit_high);
}

void taken_list_by_port(struct taken_list *l)
{
	if (!all_same(l, digit_port))
		sort_by(l, digit_port);
}
