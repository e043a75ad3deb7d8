/* tls_asks - a server of HTTPS that wants a new handshake (TLS 1.2, a HelloRequest) when it has the request, and answers all the same.  One
 * connection at a time.
 *
 *     tls_asks PEM     says "listening on 127.0.0.1:PORT"; PEM has a certificate and its key */
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/tools/listen_anywhere.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* What comes after the answer is not for OpenSSL: it would not go on after the alert that refuses. */
static void serve(SSL *ssl, int fd)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	char text[4096];

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1 || SSL_read(ssl, text, sizeof(text)) <= 0)
		return;
	if (SSL_renegotiate(ssl) != 1 || SSL_do_handshake(ssl) != 1)
		die("SSL_renegotiate");
	SSL_write(ssl, answer, sizeof(answer) - 1);
	while (recv(fd, text, sizeof(text), 0) > 0)
		;
}

int main(int argc, char **argv)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int listener, fd;

	if (argc != 2 || !ctx) {
		fprintf(stderr, "usage: tls_asks PEM\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	if (SSL_CTX_use_certificate_chain_file(ctx, argv[1]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, argv[1], SSL_FILETYPE_PEM) != 1)
		die(argv[1]);
	listener = listen_anywhere("tls_asks");
	while ((fd = accept(listener, NULL, NULL)) != -1) {
		SSL *ssl = SSL_new(ctx);

		serve(ssl, fd);
		SSL_free(ssl);
		close(fd);
	}
	return 1;
}
