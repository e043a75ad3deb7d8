/* session - one connection's TLS: OpenSSL's SSL over a BIO of our own, which does the system calls, on
 * the readiness of whoever owns the descriptor. */
#include "common/tls/inside.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#define RECORD    SSL3_RT_MAX_PLAIN_LENGTH /* bytes of data in a record */
#define PEEK_MOST (4 * RECORD)             /* bytes that one look can see */
#define TLS_FIRST 0x16                     /* a record of the handshake */

struct session {
	SSL *ssl; /* owned */
	struct tls_thread *of;
	uint32_t peer;
	int fd;    /* of the call under way */
	int flags; /* of its send() */
	int error; /* errno of its system call; 0 = none failed */
	bool is_server;
	bool begun;        /* a byte has come */
	bool eof;          /* recv() has said 0 */
	bool told;         /* how the other end ended has been counted */
	bool drained;      /* the last look found nothing more */
	bool ticketed;     /* the tickets of the server are out, or there are none */
	bool looks;        /* what OpenSSL reads stays in the socket */
	size_t seen;       /* so many bytes that OpenSSL has are in the socket, too */
	size_t sending;    /* bytes of a send() that has to be made again */
	struct kept *kept; /* owned: what came first was not TLS */
};

/* What a connection that is not TLS began with; the session of transport_kept. */
struct kept {
	size_t at, n;
	unsigned char bytes[];
};

/* ---- the BIO */

/* OpenSSL has had them: the socket need not keep them any more.  1, or what recv() says. */
static ssize_t drop_seen(struct session *s)
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

static ssize_t take(struct session *s, char *to, size_t n)
{
	ssize_t r = drop_seen(s);

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
	s->kept = malloc(sizeof(*s->kept) + n);
	if (!s->kept)
		return false;
	s->kept->at = 0;
	s->kept->n = n;
	memcpy(s->kept->bytes, bytes, n);
	return true;
}

static int bio_read(BIO *b, char *to, int n)
{
	struct session *s = BIO_get_data(b);
	ssize_t r = s->looks ? look(s, to, (size_t)n) : take(s, to, (size_t)n);

	BIO_clear_retry_flags(b);
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

/* ---- a session's beginning and end */

int tls_on_ticket(SSL *ssl, SSL_SESSION *session)
{
	struct session *s = SSL_get_app_data(ssl);

	tally_add(&s->of->counts.tickets, 1);
	return tls_ticket_keep(s->of, s->peer, session);
}

/* Whose certificate it is to be, for a client. */
static bool name_server(const struct session *s)
{
	const struct tls *t = s->of->tls;
	const struct addr *a = &t->peers.at[s->peer];
	X509_VERIFY_PARAM *p = SSL_get0_param(s->ssl);

	if (t->name && SSL_set_tlsext_host_name(s->ssl, t->name) != 1)
		return false;
	if (!t->verifies)
		return true;
	if (t->name)
		return X509_VERIFY_PARAM_set1_host(p, t->name, 0) == 1;
	return a->sa.sa_family == AF_INET
		       ? X509_VERIFY_PARAM_set1_ip(
				 p, (const unsigned char *)&a->in.sin_addr, 4) == 1
		       : X509_VERIFY_PARAM_set1_ip(
				 p, (const unsigned char *)&a->in6.sin6_addr, 16) == 1;
}

static bool begin_client(struct session *s)
{
	SSL_SESSION *known = tls_ticket_take(s->of, s->peer);

	if (known) {
		SSL_set_session(s->ssl, known);
		SSL_SESSION_free(known);
	}
	SSL_set_connect_state(s->ssl);
	return name_server(s);
}

static bool begin_server(struct session *s)
{
	SSL_set_accept_state(s->ssl);
	return true;
}

/* NULL: out of memory. */
static struct session *begin(struct wire *w, int fd, bool is_server)
{
	struct session *s = calloc(1, sizeof(*s));
	const int one = 1; /* or the second flight waits for the ACK of the first */
	BIO *bio;

	if (!s)
		return NULL;
	w->session = s;
	s->of = w->of;
	s->peer = w->peer;
	s->is_server = is_server;
	s->ssl = SSL_new(s->of->tls->ctx);
	bio = s->ssl ? BIO_new(s->of->tls->by_socket) : NULL;
	if (!bio)
		return NULL;
	BIO_set_data(bio, s);
	BIO_set_init(bio, 1);
	SSL_set_bio(s->ssl, bio, bio);
	SSL_set_app_data(s->ssl, s);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return (is_server ? begin_server(s) : begin_client(s)) ? s : NULL;
}

/* A session that ended without close_notify is not to be resumed, thinks OpenSSL; but how a
 * connection ends is what is tried here. */
static void stop(struct wire *w)
{
	struct session *s = w->session;

	if (s->ssl)
		SSL_set_shutdown(s->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(s->ssl);
	free(s->kept);
	free(s);
}

/* ---- what comes of a call */

static void call(struct session *s, int fd)
{
	s->fd = fd;
	s->error = 0;
	ERR_clear_error();
}

/* Of a call of OpenSSL that returned r <= 0, but not of the other end's end. */
static int result_of(struct session *s, int r)
{
	const char *words;
	int what = SSL_get_error(s->ssl, r);

	if (what == SSL_ERROR_WANT_READ)
		return TRANSPORT_WANTS_READ;
	if (what == SSL_ERROR_WANT_WRITE)
		return TRANSPORT_WANTS_WRITE;
	if (s->error) {
		ERR_clear_error();
		return -s->error;
	}
	what = tls_fault(s->ssl, &words);
	tls_names_add(&s->of->counts.reasons, words);
	return what;
}

/* The other end has said farewell, or only TCP's end came. */
static void tell_end(struct wire *w, struct session *s)
{
	if (s->told)
		return;
	s->told = true;
	w->cut = s->eof;
	tally_add(s->eof ? &s->of->counts.missing : &s->of->counts.received, 1);
}

/* After the farewell nothing but TCP's end can come. */
static ssize_t read_to_end(struct wire *w, struct session *s)
{
	char nothing[256];
	ssize_t r = 1;

	tell_end(w, s);
	if (w->ends_at_farewell)
		return 0;
	while (!s->eof && r > 0) {
		r = take(s, nothing, sizeof(nothing));
		s->eof = r == 0;
	}
	return s->eof ? 0 : transport_result(r, TRANSPORT_WANTS_READ);
}

static bool is_ended(const struct session *s)
{
	return SSL_get_shutdown(s->ssl) & SSL_RECEIVED_SHUTDOWN;
}

/* ---- the row */

static void count_handshake(struct session *s)
{
	struct tls_counts *c = &s->of->counts;
	const unsigned char *alpn;
	char text[TLS_NAME];
	unsigned n;

	tally_add(SSL_session_reused(s->ssl) ? &c->resumed : &c->full, 1);
	tls_names_add(&c->version, SSL_get_version(s->ssl));
	tls_names_add(&c->cipher, SSL_get_cipher_name(s->ssl));
	SSL_get0_alpn_selected(s->ssl, &alpn, &n);
	if (n == 0)
		return;
	snprintf(text, sizeof(text), "%.*s", (int)n, alpn);
	tls_names_add(&c->alpn, text);
}

static int hand_over(struct wire *w, struct session *s);

static int failed(struct session *s, int r)
{
	tally_add(&s->of->counts.failed, 1);
	if (r > TRANSPORT_WANTS_READ)
		tls_names_add(&s->of->counts.reasons, strerror(-r));
	return r;
}

static int tls_start(struct wire *w, int fd, bool is_server)
{
	struct session *s = w->session ? w->session : begin(w, fd, is_server);
	int r;

	if (!s)
		return -ENOMEM;
	call(s, fd);
	r = SSL_do_handshake(s->ssl);
	if (r == 1) {
		s->ticketed = !is_server || SSL_version(s->ssl) < TLS1_3_VERSION;
		count_handshake(s);
		return 0;
	}
	if (s->kept)
		return hand_over(w, s);
	if (s->eof)
		return failed(s, -ECONNRESET);
	r = result_of(s, r);
	return transport_wants(r) ? r : failed(s, r);
}

static ssize_t tls_receive(struct wire *w, int fd, void *to, size_t n)
{
	struct session *s = w->session;
	int r;

	call(s, fd);
	if (is_ended(s))
		return read_to_end(w, s);
	r = SSL_read(s->ssl, to, n < INT_MAX ? (int)n : INT_MAX);
	s->drained = r <= 0;
	if (r > 0)
		return r;
	return is_ended(s) ? read_to_end(w, s) : result_of(s, r);
}

/* OpenSSL reads, and the socket keeps what it reads. */
static ssize_t tls_peek(struct wire *w, int fd, void *to, size_t n)
{
	struct session *s = w->session;
	char byte;
	int r;

	call(s, fd);
	s->looks = true;
	r = SSL_peek(s->ssl, to, n < INT_MAX ? (int)n : INT_MAX);
	s->looks = false;
	if (r > 0)
		return r;
	if (!is_ended(s))
		return result_of(s, r);
	tell_end(w, s);
	drop_seen(s); /* all of it was farewell, and what is before it */
	return transport_result(recv(fd, &byte, 1, MSG_PEEK), TRANSPORT_WANTS_READ);
}

/* Not after the handshake: a client that only connects would leave them unread, and its close() would
 * send a RST. */
static int send_tickets(struct session *s)
{
	unsigned n = s->of->tls->tickets;
	int r;

	while (n > 0 && SSL_new_session_ticket(s->ssl) == 1)
		n--;
	tally_add(&s->of->counts.tickets, s->of->tls->tickets - n);
	s->flags = MSG_MORE; /* the response follows */
	r = SSL_do_handshake(s->ssl);
	s->flags = 0;
	s->ticketed = true;
	return r == 1 ? 0 : result_of(s, r);
}

/* As much of the parts as a record holds: in one place, which is `room` if there are several. */
static const void *gather(const struct msghdr *what, char room[RECORD], size_t *n)
{
	*n = 0;
	if (what->msg_iovlen == 1) {
		*n = what->msg_iov[0].iov_len < RECORD ? what->msg_iov[0].iov_len
						       : RECORD;
		return what->msg_iov[0].iov_base;
	}
	for (size_t i = 0; i < what->msg_iovlen; i++) {
		size_t most = RECORD - *n;
		size_t len =
			what->msg_iov[i].iov_len < most ? what->msg_iov[i].iov_len : most;

		memcpy(room + *n, what->msg_iov[i].iov_base, len);
		*n += len;
	}
	return room;
}

static ssize_t tls_send(struct wire *w, int fd, const struct msghdr *what, int flags)
{
	static _Thread_local char room[RECORD];
	struct session *s = w->session;
	const void *from;
	size_t n;
	int r = 0;

	(void)flags; /* the row takes none */
	from = gather(what, room, &n);
	call(s, fd);
	if (!s->ticketed)
		r = send_tickets(s);
	if (r < 0)
		return r;
	r = SSL_write(s->ssl, from, (int)(s->sending ? s->sending : n));
	if (r <= 0)
		r = result_of(s, r);
	s->sending = transport_wants(r) ? (s->sending ? s->sending : n) : 0;
	return r;
}

static int tls_farewell(struct wire *w, int fd, int flags)
{
	struct session *s = w->session;
	int r;

	call(s, fd);
	s->flags = flags;
	r = SSL_shutdown(s->ssl);
	s->flags = 0;
	if (r < 0)
		return result_of(s, r);
	tally_add(&s->of->counts.sent, 1);
	return 0;
}

/* OpenSSL may have a part of a record, for which only the socket has the rest. */
static bool tls_pending(const struct wire *w)
{
	const struct session *s = w->session;

	return !s->drained && SSL_has_pending(s->ssl);
}

const struct transport transport_tls = {
	.name = "tls",
	.start = tls_start,
	.receive = tls_receive,
	.peek = tls_peek,
	.send = tls_send,
	.farewell = tls_farewell,
	.pending = tls_pending,
	.stop = stop,
};

/* ---- what is not TLS: first the bytes that were read, then TCP */

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

static int hand_over(struct wire *w, struct session *s)
{
	struct kept *kept = s->kept;

	s->kept = NULL;
	wire_stop(w);
	w->session = kept;
	w->by = &transport_kept;
	return 0;
}
