/* counts (tls) - what is counted of the TLS of one thread's connections: written by that thread alone,
 * read by anybody (common/base/tally.h). */
#ifndef TWSTORM_COMMON_TLS_COUNTS_H
#define TWSTORM_COMMON_TLS_COUNTS_H

#include <jansson.h>
#include "common/base/tally.h"

#define TLS_NAMES 16 /* what comes after so many is counted as "other" */
#define TLS_NAME  96 /* bytes; a longer name is cut */

/* How often each name came. */
struct tls_names {
	struct {
		char name[TLS_NAME];
		tally_t n;
	} at[TLS_NAMES];
	tally_t used;
};

struct tls_counts {
	tally_t full, resumed, failed; /* handshakes */
	tally_t refused;               /* new ones on an open connection */
	tally_t sent, received;        /* close_notify */
	tally_t missing;               /* a FIN without a close_notify before it */
	tally_t tickets;               /* a client's: received; a server's: sent */
	struct tls_names version, cipher, alpn;
	struct tls_names reasons; /* of what failed, in OpenSSL's words */
};

void tls_names_add(struct tls_names *t, const char *name);
/* Where a name came more often than *n times: the one that came most, which stays valid as *t does, and how often. */
void tls_names_most(const struct tls_names *t, const char **most, uint64_t *n);
/* The sum of n of them as the object `tls` of a result.  of: the i-th. */
json_t *tls_counts_json(const struct tls_counts *(*of)(const void *arg, unsigned i),
			const void *arg, unsigned n);

#endif
