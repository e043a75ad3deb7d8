/* tls_pair - the least that a short connection over TLS costs with OpenSSL: a bare epoll client and a bare epoll server, 16 bytes there and
 * a byte back, over OpenSSL's own socket BIO.  What twstorm does is measured against it (cases/tls_figures).
 *
 *     tls_pair server PORT PEM
 *     tls_pair client PORT CONCURRENCY CONNECTIONS     prints the client's CPU time a connection in us
 *
 * 127.0.0.1 only.  PEM has a certificate and its key; the client trusts any. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define BATCH 256

struct peer {
	SSL *ssl; /* NULL: the listener */
	int fd;
	bool open;
};

static struct sockaddr_in at;
static SSL_CTX *ctx;
static int ep;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void watch(struct peer *p)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = p };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, p->fd, &e) == -1)
		die("epoll_ctl");
}

static struct peer *new_peer(int fd, bool is_server)
{
	struct peer *p = calloc(1, sizeof(*p));
	const int one = 1;

	if (!p || fd == -1 || !(p->ssl = SSL_new(ctx)) || !SSL_set_fd(p->ssl, fd))
		die("a connection");
	p->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (is_server)
		SSL_set_accept_state(p->ssl);
	else
		SSL_set_connect_state(p->ssl);
	return p;
}

static void end(struct peer *p)
{
	SSL_set_shutdown(p->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(p->ssl);
	close(p->fd);
	free(p);
}

/* ---- server */

static void serve(struct peer *p)
{
	char text[64];
	int r;

	if (!p->open && SSL_do_handshake(p->ssl) != 1) {
		if (SSL_get_error(p->ssl, -1) != SSL_ERROR_WANT_READ)
			end(p);
		return;
	}
	p->open = true;
	while ((r = SSL_read(p->ssl, text, sizeof(text))) > 0)
		SSL_write(p->ssl, text, 1);
	if (SSL_get_error(p->ssl, r) != SSL_ERROR_WANT_READ)
		end(p);
}

static void accept_all(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
		struct peer *p = new_peer(fd, true);

		watch(p);
	}
}

__attribute__((noreturn)) static void run_server(const char *pem)
{
	struct peer listener = {
		.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
	};
	struct epoll_event events[BATCH];

	if (SSL_CTX_use_certificate_chain_file(ctx, pem) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, pem, SSL_FILETYPE_PEM) != 1)
		die(pem);
	if (bind(listener.fd, (struct sockaddr *)&at, sizeof(at)) == -1 ||
	    listen(listener.fd, 1024) == -1)
		die("listen");
	watch(&listener);
	puts("listening");
	fflush(stdout);
	for (;;)
		for (int i = 0, n = epoll_wait(ep, events, BATCH, -1); i < n; i++) {
			struct peer *p = events[i].data.ptr;

			if (p->ssl)
				serve(p);
			else
				accept_all(p->fd);
		}
}

/* ---- client */

static void launch(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct peer *p;

	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1 && errno != EINPROGRESS)
		die("connect");
	p = new_peer(fd, false);
	SSL_do_handshake(p->ssl); /* on one host TCP's handshake is over */
	watch(p);
}

/* True when the connection is over. */
static bool go_on(struct peer *p)
{
	char text[64] = "sixteen bytes...";
	int r;

	if (!p->open) {
		r = SSL_do_handshake(p->ssl);
		if (r != 1 && SSL_get_error(p->ssl, r) != SSL_ERROR_WANT_READ)
			die("handshake");
		if (r != 1)
			return false;
		p->open = true;
		SSL_write(p->ssl, text, 16);
	}
	r = SSL_read(p->ssl, text, sizeof(text));
	if (r <= 0 && SSL_get_error(p->ssl, r) != SSL_ERROR_WANT_READ)
		die("read");
	if (r <= 0)
		return false;
	SSL_shutdown(p->ssl);
	end(p);
	return true;
}

static int run_client(long concurrency, long connections)
{
	struct epoll_event events[BATCH];
	struct rusage use;
	long begun = 0, over = 0;

	while (begun < concurrency && begun < connections) {
		launch();
		begun++;
	}
	while (over < connections)
		for (int i = 0, n = epoll_wait(ep, events, BATCH, -1); i < n; i++) {
			if (!go_on(events[i].data.ptr))
				continue;
			over++;
			if (begun < connections) {
				launch();
				begun++;
			}
		}
	getrusage(RUSAGE_SELF, &use);
	printf("%.1f\n", ((double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
			  (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec)) /
				 (double)connections);
	return 0;
}

int main(int argc, char **argv)
{
	bool is_server = argc == 4 && strcmp(argv[1], "server") == 0;

	if (!is_server && (argc != 5 || strcmp(argv[1], "client") != 0)) {
		fprintf(stderr, "usage: tls_pair server PORT PEM | client PORT "
				"CONCURRENCY CONNECTIONS\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	at = (struct sockaddr_in){ .sin_family = AF_INET,
				   .sin_port = htons((uint16_t)atoi(argv[2])),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ep = epoll_create1(EPOLL_CLOEXEC);
	ctx = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
	if (ep == -1 || !ctx)
		die("epoll, OpenSSL");
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (is_server)
		run_server(argv[3]);
	return run_client(atol(argv[3]), atol(argv[4]));
}
