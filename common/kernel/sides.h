/* sides - whose a socket is: the client's side of a load (its remote end is a target), the
 * server's (its local end is one that is listened on), or neither. */
#ifndef TWSTORM_COMMON_KERNEL_SIDES_H
#define TWSTORM_COMMON_KERNEL_SIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/kernel/addr_list.h"
#include "common/kernel/port.h"
#include "common/base/err.h"

struct endpoint {
	unsigned char host[16]; /* IPv4: the first 4 */
	uint16_t port;
	uint16_t family;
};

struct endpoint endpoint_make(int family, const void *host, uint16_t port);
/* A v4-mapped address is an IPv4 one. */
struct endpoint endpoint_of(const struct addr *a);
/* The same, but the wildcard is the loopback address: connect() to it goes there. */
struct endpoint endpoint_of_target(const struct addr *a);
bool endpoint_is_wildcard(const struct endpoint *e);
int endpoint_compare(const void *a, const void *b); /* for qsort(), bsearch() */

struct side {
	struct endpoint *at; /* owned, sorted */
	size_t n;
	struct port_set port;           /* of the endpoints */
	struct port_set any_v4, any_v6; /* of wildcards: every address of the family */
};

struct sides {
	struct side targets, listens;
};

struct sock_diag_row;
enum whose { WHOSE_CLIENT, WHOSE_SERVER, WHOSE_OTHER, WHOSE_ALL };

/* The lists are only read; NULL = no such side here.  A wildcard target is the loopback
 * address, a wildcard listener every address. */
int sides_init(struct sides *s, const struct addr_list *targets,
	       const struct addr_list *listens, struct err *err);
void sides_done(struct sides *s);
enum whose sides_whose(const struct sides *s, const struct sock_diag_row *row);

#endif
