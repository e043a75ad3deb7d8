/* settings - from options to an end's settings, which are const from then on. */
#include "common/tls/inside.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const int versions[] = { [TLS_1_2] = TLS1_2_VERSION, [TLS_1_3] = TLS1_3_VERSION };

/* ---- what an option says */

static int refused(struct err *err, const char *option, const char *value)
{
	return err_usage(err, "--%s %.100s: OpenSSL says: %s", option, value,
			 tls_words());
}

static int bad_file(struct err *err, const char *option, const char *file)
{
	return err_run(err, "--%s %.200s: %s", option, file, tls_words());
}

/* Of a directory OpenSSL only says that it does not begin as PEM does. */
static int check_file(const char *option, const char *file, struct err *err)
{
	struct stat st;

	if (!file)
		return 0;
	if (stat(file, &st) == -1)
		return err_sys(err, "--%s %.200s", option, file);
	return S_ISDIR(st.st_mode)
		       ? err_run(err, "--%s %.200s is a directory", option, file)
		       : 0;
}

static int check_files(const struct tls_options *o, struct err *err)
{
	int r = check_file("cert", o->cert, err);

	r = r ? r : check_file("key", o->key, err);
	return r ? r : check_file("cacert", o->cacert, err);
}

static int no_password(char *buf, int size, int writes, void *asked)
{
	(void)buf;
	(void)size;
	(void)writes;
	*(bool *)asked = true;
	return -1;
}

/* One file may have both. */
static int use_cert(SSL_CTX *ctx, const struct tls_options *o, struct err *err)
{
	const char *key = o->key ? o->key : o->cert;
	bool asked = false; /* for a password */

	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	SSL_CTX_set_default_passwd_cb_userdata(ctx, &asked);
	if (SSL_CTX_use_certificate_chain_file(ctx, o->cert) != 1)
		return bad_file(err, "cert", o->cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1)
		return 0;
	if (asked) {
		ERR_clear_error();
		return err_run(
			err,
			"--%s %.200s: the key is encrypted, and nobody is asked for "
			"its password",
			o->key ? "key" : "cert", key);
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
		ERR_clear_error();
		return err_run(err, "--key %.150s is not the key of --cert %.150s", key,
			       o->cert);
	}
	return bad_file(err, o->key ? "key" : "cert", key);
}

/* "http/1.1,h2": each with its length in front. */
static int set_alpn(SSL_CTX *ctx, const char *text, struct err *err)
{
	unsigned char list[256];
	size_t at = 0;

	do {
		size_t n = strcspn(text, ",");

		if (n == 0 || n > 100 || at + 1 + n > sizeof(list))
			return err_usage(err, "--alpn takes names of protocols with a "
					      "comma between them, as in http/1.1");
		list[at++] = (unsigned char)n;
		memcpy(list + at, text, n);
		at += n;
		text += n + (text[n] == ',');
	} while (*text);
	return SSL_CTX_set_alpn_protos(ctx, list, (unsigned)at) == 0
		       ? 0
		       : refused(err, "alpn", text);
}

/* 64 hex digits; colons are allowed. */
static int set_pin(struct tls *t, const char *text, struct err *err)
{
	unsigned n = 0;

	for (const char *at = text; *at; at++) {
		int digit =
			isdigit((unsigned char)*at) ? *at - '0' : (*at | 0x20) - 'a' + 10;

		if (*at == ':')
			continue;
		if (!isxdigit((unsigned char)*at) || n == 2 * TLS_PIN)
			return err_usage(err, "--pin takes the SHA-256 of a certificate: "
					      "64 hex digits");
		t->pin[n / 2] = (unsigned char)(t->pin[n / 2] << 4 | digit);
		n++;
	}
	if (n < 2 * TLS_PIN)
		return err_usage(err, "--pin has %u hex digits, and a SHA-256 has 64", n);
	t->pinned = true;
	return 0;
}

/* The certificate that was named, whoever signed it. */
static int is_pinned(X509_STORE_CTX *store, void *arg)
{
	const struct tls *t = arg;
	X509 *cert = X509_STORE_CTX_get0_cert(store);
	unsigned char digest[TLS_PIN];

	if (cert && X509_digest(cert, EVP_sha256(), digest, NULL) == 1 &&
	    memcmp(digest, t->pin, TLS_PIN) == 0) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

/* ---- both ends */

/* What is not said is as OpenSSL's own configuration says. */
static int set_common(struct tls *t, const struct tls_options *o, struct err *err)
{
	SSL_CTX *ctx = t->ctx;
	int r = check_files(o, err);

	if (r < 0)
		return r;
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_info_callback(ctx, tls_on_event);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_min_proto_version(ctx, versions[o->min]);
	SSL_CTX_set_max_proto_version(ctx, versions[o->max]);
	if (o->ciphers && SSL_CTX_set_cipher_list(ctx, o->ciphers) != 1)
		return refused(err, "ciphers", o->ciphers);
	if (o->tls13_ciphers && SSL_CTX_set_ciphersuites(ctx, o->tls13_ciphers) != 1)
		return refused(err, "tls13-ciphers", o->tls13_ciphers);
	if (o->groups && SSL_CTX_set1_groups_list(ctx, o->groups) != 1)
		return refused(err, "groups", o->groups);
	if (o->cacert && SSL_CTX_load_verify_locations(ctx, o->cacert, NULL) != 1)
		return bad_file(err, "cacert", o->cacert);
	return o->cert ? use_cert(ctx, o, err) : 0;
}

/* On failure nothing is made. */
static int make(const SSL_METHOD *method, struct tls **out, struct err *err)
{
	struct tls *t = calloc(1, sizeof(*t));

	if (!t)
		return err_memory(err);
	t->ctx = SSL_CTX_new(method);
	t->by_socket = tls_by_socket();
	if (t->ctx && t->by_socket) {
		*out = t;
		return 0;
	}
	tls_free(t);
	return err_run(err, "OpenSSL cannot be used: %s", tls_words());
}

static int done(int r, struct tls *t, struct tls **out)
{
	*out = r < 0 ? NULL : t;
	if (r < 0)
		tls_free(t);
	return r;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->by_socket);
	free(t);
}

const char *tls_fingerprint(const struct tls *t)
{
	return t->fingerprint;
}

/* ---- the client */

static int set_trust(struct tls *t, const struct tls_options *o, struct err *err)
{
	int r = o->pin ? set_pin(t, o->pin, err) : 0;

	if (r < 0)
		return r;
	if (t->pinned)
		SSL_CTX_set_cert_verify_callback(t->ctx, is_pinned, t);
	else if (!o->cacert && !o->insecure)
		SSL_CTX_set_default_verify_paths(t->ctx);
	t->verifies = !o->insecure && !t->pinned;
	SSL_CTX_set_verify(t->ctx, o->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	return 0;
}

int tls_client_make(const struct tls_options *o, const char *name,
		    const struct addr_list *peers, struct tls **out, struct err *err)
{
	struct tls *t;
	int r = make(TLS_client_method(), &t, err);

	if (r < 0)
		return r;
	t->name = o->sni ? o->sni : name;
	t->peers = *peers;
	t->resume = o->resume;
	SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_CLIENT |
						       SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(t->ctx, tls_on_ticket);
	r = set_common(t, o, err);
	r = r ? r : set_trust(t, o, err);
	if (r == 0 && o->alpn)
		r = set_alpn(t->ctx, o->alpn, err);
	return done(r, t, out);
}

/* ---- the server */

/* Its own certificate, which a client can be told to trust. */
static int set_own(struct tls *t, const struct tls_options *o,
		   const struct addr_list *listens, struct err *err)
{
	FILE *to;

	if (!o->cert && !tls_cert_make(t->ctx, listens))
		return err_run(err, "OpenSSL makes no certificate: %s", tls_words());
	tls_cert_fingerprint(SSL_CTX_get0_certificate(t->ctx), t->fingerprint);
	if (!o->save_cert)
		return 0;
	to = fopen(o->save_cert, "we");
	if (!to)
		return err_write(err, "--save-cert %.200s", o->save_cert);
	if (PEM_write_X509(to, SSL_CTX_get0_certificate(t->ctx)) != 1 || fflush(to)) {
		fclose(to);
		return err_write(err, "--save-cert %.200s", o->save_cert);
	}
	fclose(to);
	return 0;
}

/* With --cacert each client is to have a certificate. */
static void ask_clients(SSL_CTX *ctx, const char *cacert)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(cacert));
}

/* Of what a client offers the server speaks this one; it goes on without an answer if that is not offered. */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *len,
		       const unsigned char *offered, unsigned n, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl;
	(void)arg;
	return SSL_select_next_proto((unsigned char **)out, len, ours, sizeof(ours) - 1,
				     offered, n) == OPENSSL_NPN_NEGOTIATED
		       ? SSL_TLSEXT_ERR_OK
		       : SSL_TLSEXT_ERR_NOACK;
}

int tls_server_make(const struct tls_options *o, const struct addr_list *listens,
		    struct tls **out, struct err *err)
{
	static const unsigned char id[] = "twstorm";
	struct tls *t;
	int r = make(TLS_server_method(), &t, err);

	if (r < 0)
		return r;
	t->tickets = (unsigned)o->tickets;
	SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(t->ctx, id, sizeof(id) - 1);
	SSL_CTX_set_num_tickets(t->ctx, 0); /* session.c sends them */
	SSL_CTX_set_alpn_select_cb(t->ctx, choose_alpn, NULL);
	if (o->tickets == 0)
		SSL_CTX_set_options(t->ctx, SSL_OP_NO_TICKET);
	r = set_common(t, o, err);
	if (r == 0 && o->cacert)
		ask_clients(t->ctx, o->cacert);
	return done(r ? r : set_own(t, o, listens, err), t, out);
}
