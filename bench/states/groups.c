#include "bench/states/groups.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct states_key) == 24, "no padding: keys are compared as bytes");

struct states_groups *states_groups_new(struct err *err)
{
	struct states_groups *g = calloc(1, sizeof(*g));

	if (g && keyed_init(&g->keyed, STATES_GROUPS_MAX, sizeof(g->at[0]),
			    sizeof(g->at[0].key), err) == 0)
		return g;
	free(g);
	err_sys(err, "counting by key");
	return NULL;
}

void states_groups_free(struct states_groups *g)
{
	if (g)
		keyed_done(&g->keyed);
	free(g);
}

void states_groups_clear(struct states_groups *g)
{
	keyed_clear(&g->keyed);
	g->n = 0;
	g->over_limit = 0;
}

void states_groups_add(struct states_groups *g, const struct states_key *key,
		       unsigned state)
{
	size_t i = keyed_row(&g->keyed, g->at, g->n, key);

	if (i == SIZE_MAX) {
		g->over_limit++;
		return;
	}
	if (i == g->n)
		g->at[g->n++] = (struct states_group){ .key = *key };
	g->at[i].n[state]++;
	g->at[i].total++;
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
	char host[INET6_ADDRSTRLEN];

	if (key->family)
		inet_ntop(key->family, key->host, host, sizeof(host));
	if (key->family && key->port)
		snprintf(buf, STATES_KEY_TEXT,
			 key->family == AF_INET ? "%s:%u" : "[%s]:%u", host, key->port);
	else if (key->family)
		snprintf(buf, STATES_KEY_TEXT, "%s", host);
	else
		snprintf(buf, STATES_KEY_TEXT, "%u/%s", key->port,
			 key->is_client ? "client" : "server");
	return buf;
}
