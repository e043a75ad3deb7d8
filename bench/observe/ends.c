#include "bench/observe/ends.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "common/base/clock.h"

#define SLOTS (2 * ENDS_MAX)

_Static_assert(sizeof(struct ends_key) == 40, "no padding: keys are compared as bytes");

int ends_init(struct ends *e, struct err *err)
{
	*e = (struct ends){ .at = calloc(ENDS_MAX, sizeof(*e->at)),
			    .slot = calloc(SLOTS, sizeof(*e->slot)) };
	if (!e->at || !e->slot) {
		ends_done(e);
		return err_memory(err);
	}
	if (getrandom(&e->seed, sizeof(e->seed), GRND_NONBLOCK) != sizeof(e->seed))
		e->seed = clock_ns();
	return 0;
}

void ends_done(struct ends *e)
{
	free(e->at);
	free(e->slot);
	e->at = NULL;
	e->slot = NULL;
}

/* splitmix64's mixing of each word into the next. */
static uint64_t hash(const struct ends *e, const struct ends_key *key)
{
	uint64_t word[sizeof(*key) / 8], h = e->seed;

	memcpy(word, key, sizeof(word));
	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++) {
		h += word[i] + 0x9e3779b97f4a7c15ull;
		h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
		h = (h ^ h >> 27) * 0x94d049bb133111ebull;
		h ^= h >> 31;
	}
	return h;
}

struct ends_row *ends_row(struct ends *e, const struct ends_key *key)
{
	struct ends_row *row;
	uint64_t i = hash(e, key) % SLOTS;

	for (; e->slot[i]; i = (i + 1) % SLOTS) {
		row = &e->at[e->slot[i] - 1];
		if (memcmp(&row->key, key, sizeof(*key)) == 0)
			return row;
	}
	if (e->n == ENDS_MAX)
		return NULL;
	row = &e->at[e->n++];
	e->slot[i] = (uint32_t)e->n;
	*row = (struct ends_row){ .key = *key };
	return row;
}

static void clear(struct tcp_states *s, bool all)
{
	uint64_t waiting = s->n[STATE_TIME_WAIT];

	*s = (struct tcp_states){ 0 };
	if (!all)
		s->n[STATE_TIME_WAIT] = waiting;
}

void ends_clear(struct ends *e, bool all)
{
	clear(&e->beyond, all);
	for (size_t i = 0; i < e->n; i++) {
		clear(&e->at[i].now, all);
		clear(&e->at[i].in_range, all);
		if (all)
			e->at[i].first_birth_ns = e->at[i].last_birth_ns = 0;
	}
}

static void raise_to(uint64_t *peak, uint64_t now)
{
	if (*peak < now)
		*peak = now;
}

void ends_peaks(struct ends *e)
{
	tcp_states_peak(&e->beyond_peak, &e->beyond);
	for (size_t i = 0; i < e->n; i++) {
		struct ends_row *row = &e->at[i];
		uint64_t total = tcp_states_total(&row->now);

		tcp_states_peak(&row->peak, &row->now);
		raise_to(&row->sockets_peak, total);
		raise_to(&row->outside_peak, total - tcp_states_total(&row->in_range));
	}
}

static int compare(const void *pa, const void *pb, void *rows)
{
	const struct ends_row *a = (struct ends_row *)rows + *(const uint32_t *)pa;
	const struct ends_row *b = (struct ends_row *)rows + *(const uint32_t *)pb;

	if (a->sockets_peak != b->sockets_peak)
		return a->sockets_peak < b->sockets_peak ? 1 : -1;
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

uint32_t *ends_largest(const struct ends *e, enum ends_kind kind, size_t *n)
{
	uint32_t *list = calloc(e->n ? e->n : 1, sizeof(*list));

	*n = 0;
	if (!list)
		return NULL;
	for (size_t i = 0; i < e->n; i++)
		if (e->at[i].key.kind == kind)
			list[(*n)++] = (uint32_t)i;
	qsort_r(list, *n, sizeof(*list), compare, e->at);
	return list;
}

char *ends_print(const struct ends_key *key, char *buf, size_t size)
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(key->end.family, key->kind == ENDS_FROM ? key->from : key->end.host,
		  host, sizeof(host));
	if (key->kind == ENDS_FROM)
		snprintf(buf, size, "%s", host);
	else
		snprintf(buf, size, key->end.family == AF_INET ? "%s:%u" : "[%s]:%u",
			 host, key->end.port);
	return buf;
}
