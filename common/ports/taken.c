#include "common/ports/taken.h"

#include <stdlib.h>
#include <string.h>

#include "common/kernel/port.h"
#include "common/ports/taken_list.h"

#define DIGITS 256

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

bool taken_list_room(struct taken_list *l, size_t n)
{
	size_t room = 2 * l->room > n ? 2 * l->room : n;
	struct taken_port *at;

	if (n <= l->room)
		return true;
	if (room < 64)
		room = 64;
	at = realloc(l->at, room * sizeof(*at));
	if (!at)
		return false;
	l->at = at;
	l->room = room;
	return true;
}

void taken_list_add(struct taken_list *l, uint32_t pool, uint16_t port, unsigned by,
		    double expires_s)
{
	if (taken_list_room(l, l->n + 1))
		l->at[l->n++] =
			(struct taken_port){ pool, port, (uint8_t)by, (float)expires_s };
	else
		l->no_memory = true;
}

/* ---- counting sorts, by 8 bits at a time: 28,000 ports take a tenth of what qsort() does */

static uint32_t key_port(const struct taken_port *p)
{
	return p->port;
}

static uint32_t key_pool(const struct taken_port *p)
{
	return p->pool;
}

static unsigned digit_of(uint32_t key, unsigned shift)
{
	return key >> shift & (DIGITS - 1);
}

static void sort_digit(struct taken_list *l, struct taken_port *to,
		       uint32_t (*key)(const struct taken_port *), unsigned shift)
{
	size_t before[DIGITS] = { 0 }, sum = 0;

	for (size_t i = 0; i < l->n; i++)
		before[digit_of(key(&l->at[i]), shift)]++;
	for (unsigned d = 0; d < DIGITS; d++) {
		sum += before[d];
		before[d] = sum - before[d];
	}
	for (size_t i = 0; i < l->n; i++)
		to[before[digit_of(key(&l->at[i]), shift)]++] = l->at[i];
}

static bool has_digits(const struct taken_list *l,
		       uint32_t (*key)(const struct taken_port *), unsigned shift)
{
	for (size_t i = 1; i < l->n; i++)
		if (digit_of(key(&l->at[i]), shift) != digit_of(key(&l->at[0]), shift))
			return true;
	return false;
}

/* Sorted copies go to the spare list's memory and back; each keeps what it has then. */
static void sort_by(struct taken_list *l, uint32_t (*key)(const struct taken_port *),
		    struct taken_list *spare)
{
	if (!taken_list_room(spare, l->n)) {
		l->no_memory = true;
		return;
	}
	for (unsigned shift = 0; shift < 32; shift += 8) {
		struct taken_list from = *l;

		if (!has_digits(l, key, shift))
			continue;
		sort_digit(l, spare->at, key, shift);
		l->at = spare->at;
		l->room = spare->room;
		spare->at = from.at;
		spare->room = from.room;
	}
}

void taken_list_by_pool(struct taken_list *l, struct taken_list *spare)
{
	sort_by(l, key_pool, spare);
}

void taken_list_by_port(struct taken_list *l, struct taken_list *spare)
{
	sort_by(l, key_port, spare);
}
