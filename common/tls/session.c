/* session - one connection's TLS: OpenSSL's SSL over a BIO of our own (bio.c), on the readiness of whoever owns
 * the descriptor. */
#include "common/tls/session.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

/* ---- a session's beginning and end */

int tls_on_ticket(SSL *ssl, SSL_SESSION *session)
{
	struct session *s = SSL_get_app_data(ssl);

	tally_add(&s->of->counts.tickets, 1);
	return tls_ticket_keep(s->of, s->peer, session);
}

/* SSL_OP_NO_RENEGOTIATION answers with an alert that is no more than a warning: who
 * insists ends the connection. */
void tls_on_event(const SSL *ssl, int event, int what)
{
	struct session *s = SSL_get_app_data(ssl);

	if (event == SSL_CB_ACCEPT_LOOP || event == SSL_CB_CONNECT_LOOP)
		s->events++;
	if (event != SSL_CB_WRITE_ALERT ||
	    what != (SSL3_AL_WARNING << 8 | SSL_AD_NO_RENEGOTIATION))
		return;
	s->events++;
	s->refused = true;
	tally_add(&s->of->counts.refused, 1);
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
	s->events = 0;
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
	if (s->events > EVENTS_MOST) {
		tls_names_add(&s->of->counts.reasons, "messages, and no data");
		return TRANSPORT_FLOOD;
	}
	what = tls_fault(s->ssl, &words);
	tls_names_add(&s->of->counts.reasons, words);
	return what == TRANSPORT_FAILED && s->refused ? TRANSPORT_ANEW : what;
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
		r = tls_take(s, nothing, sizeof(nothing));
		s->eof = r == 0;
	}
	return s->eof ? 0 : transport_result(r, TRANSPORT_WANTS_READ);
}

static bool is_ended(const struct session *s)
{
	return SSL_get_shutdown(s->ssl) & SSL_RECEIVED_SHUTDOWN;
}

/* That call, which returned r <= 0, has seen the other end's end.  OpenSSL says of a fatal alert, too, that a
 * shutdown was received. */
static bool ends(const struct session *s, int r)
{
	return is_ended(s) && SSL_get_error(s->ssl, r) == SSL_ERROR_ZERO_RETURN;
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
	if (s->kept) {
		struct kept *kept = s->kept;

		s->kept = NULL;
		tls_kept_take_over(w, kept);
		return 0;
	}
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
	return ends(s, r) ? read_to_end(w, s) : result_of(s, r);
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
	if (!ends(s, r))
		return result_of(s, r);
	tell_end(w, s);
	tls_drop_seen(s); /* all of it was farewell, and what is before it */
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
