#include "bench/observe/ends.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct ends_key) == 40, "no padding: keys are compared as bytes");

int ends_init(struct ends *e, struct err *err)
{
	*e = (struct ends){ .at = calloc(ENDS_MAX, sizeof(*e->at)) };
	if (!e->at || keyed_init(&e->keyed, ENDS_MAX, sizeof(*e->at), sizeof(e->at->key),
				 err) < 0) {
		ends_done(e);
		return err_memory(err);
	}
	return 0;
}

void ends_done(struct ends *e)
{
	free(e->at);
	e->at = NULL;
	keyed_done(&e->keyed);
}

struct ends_row *ends_row(struct ends *e, const struct ends_key *key)
{
	size_t i = keyed_row(&e->keyed, e->at, e->n, key);

	if (i == SIZE_MAX)
		return NULL;
	if (i == e->n) {
		e->at[i] = (struct ends_row){ .key = *key };
		e->n++;
	}
	return &e->at[i];
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

/* A port in TIME_WAIT may have been taken again since the last count of all: then it would count twice. */
static uint64_t total(const struct tcp_states *s, bool all)
{
	return tcp_states_total(s) - (all ? 0 : s->n[STATE_TIME_WAIT]);
}

void ends_peaks(struct ends *e, bool all)
{
	tcp_states_peak(&e->beyond_peak, &e->beyond);
	for (size_t i = 0; i < e->n; i++) {
		struct ends_row *row = &e->at[i];
		uint64_t sockets = total(&row->now, all);

		tcp_states_peak(&row->peak, &row->now);
		raise_to(&row->sockets_peak, sockets);
		raise_to(&row->outside_peak, sockets - total(&row->in_range, all));
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
