/* ticket - the sessions that a client's thread can resume, by peer. */
#include "common/tls/inside.h"

#include <stdlib.h>

#define TICKETS_MOST 4096 /* of one peer; the others are dropped */

SSL_SESSION *tls_ticket_take(struct tls_thread *of, uint32_t peer)
{
	struct tls_stack *t = of->tickets ? &of->tickets[peer] : NULL;
	SSL_SESSION *s;

	if (!t || t->n == 0)
		return NULL;
	s = t->at[t->n - 1];
	if (SSL_SESSION_get_protocol_version(s) >= TLS1_3_VERSION)
		t->n--;
	else
		SSL_SESSION_up_ref(s);
	return s;
}

static bool has_room(struct tls_stack *t)
{
	unsigned size = t->size ? 2 * t->size : 16;
	SSL_SESSION **at;

	if (t->n < t->size)
		return true;
	at = t->size < TICKETS_MOST ? realloc(t->at, size * sizeof(SSL_SESSION *)) : NULL;
	if (!at)
		return false;
	t->at = at;
	t->size = size;
	return true;
}

bool tls_ticket_keep(struct tls_thread *of, uint32_t peer, SSL_SESSION *session)
{
	struct tls_stack *t = of->tickets ? &of->tickets[peer] : NULL;

	if (!t)
		return false;
	/* A session of 1.2 serves as long as the server knows it: one, the latest, is enough. */
	if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION && t->n == 1) {
		SSL_SESSION_free(t->at[0]);
		t->n = 0;
	}
	if (!has_room(t))
		return false;
	t->at[t->n++] = session;
	return true;
}

struct tls_thread *tls_thread_new(const struct tls *t)
{
	struct tls_thread *of = calloc(1, sizeof(*of));

	if (!of)
		return NULL;
	of->tls = t;
	if (!t->resume)
		return of;
	of->tickets = calloc(t->peers.n, sizeof(*of->tickets));
	if (of->tickets)
		return of;
	free(of);
	return NULL;
}

void tls_thread_free(struct tls_thread *of)
{
	for (size_t i = 0; of && of->tickets && i < of->tls->peers.n; i++) {
		struct tls_stack *t = &of->tickets[i];

		while (t->n > 0)
			SSL_SESSION_free(t->at[--t->n]);
		free(t->at);
	}
	if (of)
		free(of->tickets);
	free(of);
}

struct tls_counts *tls_thread_counts(struct tls_thread *of)
{
	return &of->counts;
}
