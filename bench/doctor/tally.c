#include "bench/doctor/tally.h"

#include <stdlib.h>
#include <string.h>
#include "bench/doctor/seed.h"

#define FIRST_ROOM 32

static uint64_t hash(const struct tally_key *key)
{
	uint64_t h = doctor_seed(), v[sizeof(*key) / 8];

	memcpy(v, key, sizeof(v));
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		h = (h ^ v[i]) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	return h;
}

/* The slot of a key, or the free one where it belongs. */
static uint32_t *find(const struct tally_table *t, const struct tally_key *key)
{
	uint64_t at = hash(key);

	while (t->slot[at % t->slots] &&
	       memcmp(&t->at[t->slot[at % t->slots] - 1].key, key, sizeof(*key)) != 0)
		at++;
	return &t->slot[at % t->slots];
}

static void index_all(struct tally_table *t)
{
	memset(t->slot, 0, t->slots * sizeof(*t->slot));
	for (size_t i = 0; i < t->n; i++)
		*find(t, &t->at[i].key) = (uint32_t)i + 1;
}

static bool make_room(struct tally_table *t)
{
	size_t room = t->room ? 2 * t->room : FIRST_ROOM;
	struct tally_entry *at;
	uint32_t *slot;

	if (t->n < t->room)
		return true;
	at = realloc(t->at, room * sizeof(*at));
	if (at)
		t->at = at;
	slot = at ? malloc(2 * room * sizeof(*slot)) : NULL;
	if (!slot) {
		t->no_memory = true;
		return false;
	}
	free(t->slot);
	t->slot = slot;
	t->slots = 2 * room;
	t->room = room;
	index_all(t);
	return true;
}

void tally_add(struct tally_table *t, const struct tally_key *key, uint64_t n)
{
	uint32_t *slot = t->slots ? find(t, key) : NULL;

	if (slot && *slot) {
		t->at[*slot - 1].n += n;
		return;
	}
	if (!make_room(t))
		return;
	t->at[t->n] = (struct tally_entry){ *key, n, (uint32_t)t->n };
	*find(t, key) = (uint32_t)++t->n;
}

struct endpoint tally_end(const struct tally_key *key)
{
	struct endpoint e = { .port = key->port, .kind = key->a_kind };

	memcpy(e.host, key->a, sizeof(e.host));
	return e;
}

uint64_t tally_of(const struct tally_table *t, const struct tally_key *key)
{
	uint32_t *slot = t->slots ? find(t, key) : NULL;

	return slot && *slot ? t->at[*slot - 1].n : 0;
}

uint32_t tally_place(const struct tally_table *t, const struct tally_key *key)
{
	return t->slots ? *find(t, key) : 0;
}

static int by_number(const void *a, const void *b)
{
	const struct tally_entry *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return x->place < y->place ? -1 : x->place > y->place;
}

void tally_sort(struct tally_table *t)
{
	if (t->n)
		qsort(t->at, t->n, sizeof(*t->at), by_number);
}

void tally_thin(struct tally_table *t, size_t most)
{
	uint64_t least;
	size_t kept = 0;

	if (t->n < most)
		return;
	tally_sort(t);
	least = t->at[most / 2].n;
	while (kept < t->n && t->at[kept].n > least) {
		t->at[kept].n -= least;
		t->at[kept].place = (uint32_t)kept;
		kept++;
	}
	t->n = kept;
	index_all(t);
}

void tally_done(struct tally_table *t)
{
	free(t->at);
	free(t->slot);
	memset(t, 0, sizeof(*t));
}
