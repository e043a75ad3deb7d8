#include "bench/states/groups.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "common/base/clock.h"

#define SLOTS (2 * STATES_GROUPS_MAX)

_Static_assert(sizeof(struct states_key) == 24, "no padding: keys are compared as bytes");

struct states_groups *states_groups_new(struct err *err)
{
	struct states_groups *g = calloc(1, sizeof(*g));

	if (!g) {
		err_sys(err, "counting by key");
		return NULL;
	}
	if (getrandom(&g->seed, sizeof(g->seed), GRND_NONBLOCK) != sizeof(g->seed))
		g->seed = clock_ns();
	return g;
}

void states_groups_clear(struct states_groups *g)
{
	memset(g->slot, 0, sizeof(g->slot));
	g->n = 0;
	g->over_limit = 0;
}

/* splitmix64's mixing of each word into the next. */
static uint64_t hash(const struct states_groups *g, const struct states_key *key)
{
	uint64_t word[3], h = g->seed;

	memcpy(word, key, sizeof(word));
	for (unsigned i = 0; i < 3; i++) {
		h += word[i] + 0x9e3779b97f4a7c15ull;
		h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
		h = (h ^ h >> 27) * 0x94d049bb133111ebull;
		h ^= h >> 31;
	}
	return h;
}

/* The key's group, made if it is new; NULL when the table is full. */
static struct states_group *find(struct states_groups *g, const struct states_key *key)
{
	struct states_group *group;
	uint64_t i = hash(g, key) % SLOTS;

	for (; g->slot[i]; i = (i + 1) % SLOTS) {
		group = &g->at[g->slot[i] - 1];
		if (memcmp(&group->key, key, sizeof(*key)) == 0)
			return group;
	}
	if (g->n == STATES_GROUPS_MAX)
		return NULL;
	group = &g->at[g->n++];
	g->slot[i] = (uint32_t)g->n;
	*group = (struct states_group){ .key = *key };
	return group;
}

void states_groups_add(struct states_groups *g, const struct states_key *key,
		       unsigned state)
{
	struct states_group *group = find(g, key);

	if (!group) {
		g->over_limit++;
		return;
	}
	group->n[state]++;
	group->total++;
}

static int compare(const void *pa, const void *pb)
{
	const struct states_group *a = pa, *b = pb;

	if (a->total != b->total)
		return a->total < b->total ? 1 : -1;
	if (a->key.port != b->key.port)
		return a->key.port < b->key.port ? -1 : 1;
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

void states_groups_sort(struct states_groups *g)
{
	qsort(g->at, g->n, sizeof(g->at[0]), compare);
}

char *states_key_print(const struct states_key *key, char buf[STATES_KEY_TEXT])
{
	if (key->family)
		inet_ntop(key->family, key->host, buf, STATES_KEY_TEXT);
	else
		snprintf(buf, STATES_KEY_TEXT, "%u/%s", key->port,
			 key->is_client ? "client" : "server");
	return buf;
}
