/* none - in place of the other files of common/tls/ where there is no OpenSSL. */
#include "common/tls/tls.h"

#include <stddef.h>

const struct transport transport_tls = { .name = "none" };

static int refuse(struct err *err)
{
	return err_support(err, "--tls: this twstorm was built without OpenSSL (Debian "
				"package libssl-dev), and cannot speak TLS");
}

int tls_client_make(const struct tls_options *o, const char *name,
		    const struct addr_list *peers, struct tls **out, struct err *err)
{
	(void)o;
	(void)name;
	(void)peers;
	(void)out;
	return refuse(err);
}

int tls_server_make(const struct tls_options *o, const struct addr_list *listens,
		    struct tls **out, struct err *err)
{
	(void)o;
	(void)listens;
	(void)out;
	return refuse(err);
}

int tls_authority_make(const char *file, const struct tls_host *hosts, size_t n,
		       struct err *err)
{
	(void)file;
	(void)hosts;
	(void)n;
	return refuse(err);
}

void tls_free(struct tls *t)
{
	(void)t;
}

const char *tls_fingerprint(const struct tls *t)
{
	(void)t;
	return "";
}

struct tls_thread *tls_thread_new(const struct tls *t)
{
	(void)t;
	return NULL;
}

void tls_thread_free(struct tls_thread *of)
{
	(void)of;
}

struct tls_counts *tls_thread_counts(struct tls_thread *of)
{
	(void)of;
	return NULL;
}
