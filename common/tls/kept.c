/* kept - a connection that began with something else than TLS: first the bytes that were read of it, then
 * TCP. */
#include "common/tls/session.h"

#include <stdlib.h>
#include <string.h>

struct kept {
	size_t at, n;
	unsigned char bytes[];
};

struct kept *tls_kept_new(const void *bytes, size_t n)
{
	struct kept *k = malloc(sizeof(*k) + n);

	if (!k)
		return NULL;
	k->at = 0;
	k->n = n;
	memcpy(k->bytes, bytes, n);
	return k;
}

static void kept_stop(struct wire *w)
{
	free(w->session);
}

static ssize_t kept_receive(struct wire *w, int fd, void *to, size_t n)
{
	struct kept *k = w->session;

	(void)fd;
	if (n > k->n - k->at)
		n = k->n - k->at;
	memcpy(to, k->bytes + k->at, n);
	k->at += n;
	if (k->at == k->n) {
		wire_stop(w);
		w->by = &transport_tcp;
	}
	return (ssize_t)n;
}

static bool kept_pending(const struct wire *w)
{
	(void)w;
	return true;
}

/* A server's, which never peeks. */
static const struct transport transport_kept = {
	.name = "tcp",
	.takes = MSG_MORE | MSG_FASTOPEN,
	.receive = kept_receive,
	.pending = kept_pending,
	.stop = kept_stop,
};

void tls_kept_take_over(struct wire *w, struct kept *kept)
{
	wire_stop(w);
	w->session = kept;
	w->by = &transport_kept;
}
