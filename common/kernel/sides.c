/* sides - see sides.h. */
#include "common/kernel/sides.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel/sock_diag.h"

/* This file, and not the kernel's port filter, decides whose a socket is: `other` and the
 * listeners need every socket anyway, and the decision costs little beside the ~300 ns that
 * the kernel takes for each socket.  The bitmap of ports turns nearly all sockets away; the
 * rest is looked up among the sorted endpoints. */

int endpoint_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct endpoint));
}

struct endpoint endpoint_make(int family, const void *host, uint16_t port)
{
	struct endpoint e = { .port = port, .family = (uint16_t)family };

	memcpy(e.host, host, family == AF_INET ? 4 : 16);
	return e;
}

struct endpoint endpoint_of(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return endpoint_make(AF_INET, &a->in.sin_addr, addr_port(a));
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return endpoint_make(AF_INET, a->in6.sin6_addr.s6_addr + 12,
				     addr_port(a));
	return endpoint_make(AF_INET6, &a->in6.sin6_addr, addr_port(a));
}

bool endpoint_is_wildcard(const struct endpoint *e)
{
	static const unsigned char zero[16];

	return memcmp(e->host, zero, sizeof(zero)) == 0;
}

struct endpoint endpoint_of_target(const struct addr *a)
{
	struct endpoint e = endpoint_of(a);

	if (!endpoint_is_wildcard(&e))
		return e;
	if (e.family == AF_INET) {
		e.host[0] = 127;
		e.host[3] = 1;
	} else {
		e.host[15] = 1;
	}
	return e;
}

/* A listener on [::] hears IPv4 too, unless it is V6ONLY; then only sockets of ours are on
 * that port. */
static void add_wildcard(struct side *side, const struct endpoint *e)
{
	port_set_add(&side->any_v4, e->port);
	if (e->family == AF_INET6)
		port_set_add(&side->any_v6, e->port);
}

static int side_init(struct side *side, const struct addr_list *list, bool listening,
		     struct err *err)
{
	if (!list || !list->n)
		return 0;
	side->at = calloc(list->n, sizeof(*side->at));
	if (!side->at)
		return err_sys(err, "telling sides apart: %zu addresses", list->n);
	for (size_t i = 0; i < list->n; i++) {
		struct endpoint e = listening ? endpoint_of(&list->at[i])
					      : endpoint_of_target(&list->at[i]);

		if (endpoint_is_wildcard(&e)) {
			add_wildcard(side, &e);
			continue;
		}
		port_set_add(&side->port, e.port);
		side->at[side->n++] = e;
	}
	qsort(side->at, side->n, sizeof(*side->at), endpoint_compare);
	return 0;
}

static bool side_has(const struct side *side, int family, const unsigned char *host,
		     uint16_t port)
{
	struct endpoint e;

	if (port_set_has(family == AF_INET ? &side->any_v4 : &side->any_v6, port))
		return true;
	if (!port_set_has(&side->port, port))
		return false;
	e = endpoint_make(family, host, port);
	return bsearch(&e, side->at, side->n, sizeof(e), endpoint_compare) != NULL;
}

int sides_init(struct sides *s, const struct addr_list *targets,
	       const struct addr_list *listens, struct err *err)
{
	int r = side_init(&s->targets, targets, false, err);

	return r < 0 ? r : side_init(&s->listens, listens, true, err);
}

void sides_done(struct sides *s)
{
	free(s->targets.at);
	free(s->listens.at);
}

enum whose sides_whose(const struct sides *s, const struct sock_diag_row *row)
{
	if (side_has(&s->targets, row->family, row->remote, row->remote_port))
		return WHOSE_CLIENT;
	if (side_has(&s->listens, row->family, row->local, row->local_port))
		return WHOSE_SERVER;
	return WHOSE_OTHER;
}
