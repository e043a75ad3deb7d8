/* bio - how OpenSSL's bytes go: by send() and recv() on the connection's own descriptor, and, for a look, in a
 * way that leaves them in the socket. */
#include "common/tls/session.h"

#include <string.h>
#include <sys/socket.h>

#define PEEK_MOST (4 * RECORD) /* bytes that one look can see */
#define TLS_FIRST 0x16         /* a record of the handshake */

ssize_t tls_drop_seen(struct session *s)
{
	char nothing[256];

	while (s->seen > 0) {
		ssize_t r =
			recv(s->fd, nothing,
			     s->seen < sizeof(nothing) ? s->seen : sizeof(nothing), 0);

		if (r <= 0)
			return r;
		s->seen -= (size_t)r;
	}
	return 1;
}

ssize_t tls_take(struct session *s, void *to, size_t n)
{
	ssize_t r = tls_drop_seen(s);

	return r <= 0 ? r : recv(s->fd, to, n, 0);
}

/* Behind what was seen before; EAGAIN where nothing more has come. */
static ssize_t look(struct session *s, char *to, size_t n)
{
	static _Thread_local char all[PEEK_MOST];
	size_t most = s->seen + n < PEEK_MOST ? s->seen + n : PEEK_MOST;
	ssize_t r = recv(s->fd, all, most, MSG_PEEK);

	if (r <= 0)
		return r;
	if ((size_t)r <= s->seen) {
		errno = EAGAIN;
		return -1;
	}
	n = (size_t)r - s->seen;
	memcpy(to, all + s->seen, n);
	s->seen = (size_t)r;
	return (ssize_t)n;
}

/* What does not begin as TLS is kept for the row that takes over. */
static bool is_other(struct session *s, const char *bytes, size_t n)
{
	if (s->begun || !s->is_server || (unsigned char)bytes[0] == TLS_FIRST)
		return false;
	s->kept = tls_kept_new(bytes, n);
	return s->kept != NULL;
}

static int bio_read(BIO *b, char *to, int n)
{
	struct session *s = BIO_get_data(b);
	ssize_t r;

	BIO_clear_retry_flags(b);
	if (s->events > EVENTS_MOST)
		return -1;
	r = s->looks ? look(s, to, (size_t)n) : tls_take(s, to, (size_t)n);
	if (r > 0) {
		if (is_other(s, to, (size_t)r))
			return -1;
		s->begun = true;
		return (int)r;
	}
	if (r == 0)
		s->eof = true;
	else if (errno == EAGAIN)
		BIO_set_retry_read(b);
	else
		s->error = errno;
	return (int)r;
}

static int bio_write(BIO *b, const char *from, int n)
{
	struct session *s = BIO_get_data(b);
	ssize_t r = send(s->fd, from, (size_t)n, MSG_NOSIGNAL | s->flags);

	BIO_clear_retry_flags(b);
	if (r == -1 && errno == EAGAIN)
		BIO_set_retry_write(b);
	else if (r == -1)
		s->error = errno;
	return (int)r;
}

static long bio_ctrl(BIO *b, int what, long n, void *arg)
{
	const struct session *s = BIO_get_data(b);

	(void)n;
	(void)arg;
	if (what == BIO_CTRL_EOF)
		return s && s->eof;
	return what == BIO_CTRL_FLUSH;
}

BIO_METHOD *tls_by_socket(void)
{
	BIO_METHOD *m =
		BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "a socket");

	if (!m || !BIO_meth_set_read(m, bio_read) || !BIO_meth_set_write(m, bio_write) ||
	    !BIO_meth_set_ctrl(m, bio_ctrl)) {
		BIO_meth_free(m);
		return NULL;
	}
	return m;
}
