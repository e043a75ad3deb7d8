#include "bench/stage/trust.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "common/tls/tls.h"

#define AUTHORITY PLAN_TLS "/ca.crt"

/* What OpenSSL and Go, curl, requests look into for whom to trust. */
static const char *const askers[] = { "SSL_CERT_FILE", "CURL_CA_BUNDLE",
				      "REQUESTS_CA_BUNDLE" };

static bool names(const struct plan_proc *proc, const char *path)
{
	for (size_t i = 0; i < proc->argv.n; i++)
		if (strstr(proc->argv.at[i], path))
			return true;
	for (size_t i = 0; i < proc->n_files; i++)
		if (strstr(proc->files[i].text, path))
			return true;
	return false;
}

static bool is_named(const struct plan *p, const char *path)
{
	for (size_t i = 0; i < p->n_procs; i++)
		if (names(&p->procs[i], path))
			return true;
	return false;
}

/* "DNS:server,IP:198.18.0.11"; heap. */
static char *names_of(const struct plan_host *h)
{
	struct words w = { 0 };
	char *text;

	words_add(&w, text_printf("DNS:%s", h->name));
	for (size_t i = 0; i < h->n_addresses; i++)
		words_add(&w, text_printf("IP:%s", h->addresses[i].text));
	text = words_join(&w, ",");
	words_done(&w);
	return text;
}

/* Those of a host that are named, heap texts; returns how many: 2 at most. */
static size_t list_host(const struct plan *p, const struct plan_host *h,
			struct tls_host *out)
{
	size_t n = 0;

	for (int rsa = 0; rsa < 2; rsa++) {
		char *file =
			text_printf(PLAN_TLS "/%s%s.pem", h->name, rsa ? "-rsa" : "");

		if (is_named(p, file))
			out[n++] = (struct tls_host){ h->name, names_of(h), file, rsa };
		else
			free(file);
	}
	return n;
}

int trust_make(const struct plan *p, struct err *err)
{
	struct tls_host hosts[2 * PLAN_HOSTS];
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < p->n_hosts; i++)
		n += list_host(p, &p->hosts[i], &hosts[n]);
	if (n > 0 && mkdir(PLAN_TLS, 0755) == -1)
		r = err_sys(err, PLAN_TLS);
	if (n > 0 && r == 0)
		r = tls_authority_make(AUTHORITY, hosts, n, err);
	for (size_t i = 0; n > 0 && r == 0 && i < sizeof(askers) / sizeof(*askers); i++)
		setenv(askers[i], AUTHORITY, 1);
	for (size_t i = 0; i < n; i++) {
		free((char *)hosts[i].names);
		free((char *)hosts[i].file);
	}
	return r;
}
