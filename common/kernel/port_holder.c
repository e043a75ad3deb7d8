#include "common/kernel/port_holder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/kernel/sides.h"
#include "common/kernel/sock_diag.h"

struct look {
	struct endpoint at, to; /* to.family 0 = whatever the remote end is */
	bool v6only;
	struct port_holder *found;
};

/* A wildcard of IPv6 is one of IPv4 as well, unless the socket is of IPv6 alone; of others' sockets
 * the dump does not tell. */
static bool shares_address(const struct look *l, const struct endpoint *theirs)
{
	bool all = endpoint_is_wildcard(&l->at),
	     all_theirs = endpoint_is_wildcard(theirs);

	if (l->at.family != theirs->family)
		return l->at.family == AF_INET6 ? all && !l->v6only : all_theirs;
	return all || all_theirs ||
	       memcmp(theirs->host, l->at.host, sizeof(theirs->host)) == 0;
}

static struct addr address(int family, const void *host, uint16_t port)
{
	struct addr a = { .len = family == AF_INET ? sizeof(a.in) : sizeof(a.in6) };

	a.sa.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		memcpy(&a.in.sin_addr, host, sizeof(a.in.sin_addr));
	else
		memcpy(&a.in6.sin6_addr, host, sizeof(a.in6.sin6_addr));
	addr_set_port(&a, port);
	return a;
}

static int note(const struct sock_diag_row *row, void *arg)
{
	const struct look *l = arg;
	struct port_holder *found = l->found;
	struct endpoint local = endpoint_make(row->family, row->local, row->local_port);
	struct endpoint remote =
		endpoint_make(row->family, row->remote, row->remote_port);

	if (local.port != l->at.port || !shares_address(l, &local) ||
	    (l->to.family && endpoint_compare(&l->to, &remote) != 0))
		return 0;
	if (found->connections + found->others == 0) {
		found->local = address(row->family, row->local, row->local_port);
		found->remote = address(row->family, row->remote, row->remote_port);
		found->state = row->state;
		found->expires_ms = row->expires_ms;
	}
	found->connections += row->remote_port != 0;
	found->others += row->remote_port == 0;
	return 0;
}

int port_holder_find(const struct addr *at, const struct addr *to, bool v6only,
		     struct port_holder *out, struct err *err)
{
	struct look l = { .at = endpoint_of(at), .v6only = v6only, .found = out };
	const struct sock_diag_query q = {
		.states = SOCK_DIAG_ALL_STATES | SOCK_DIAG_BOUND,
		.local = { { addr_port(at), addr_port(at) } },
		.n_local = 1,
	};
	struct sock_diag *diag;
	int r = sock_diag_open(&diag, err);

	*out = (struct port_holder){ 0 };
	if (r < 0)
		return r;
	if (to)
		l.to = endpoint_of_target(to);
	r = sock_diag_dump(diag, &q, note, &l, err);
	sock_diag_close(diag);
	return r;
}

static void describe(const struct port_holder *h, char *text, size_t size)
{
	char from[ADDR_TEXT], to[ADDR_TEXT], left[40] = "";

	addr_print(&h->local, from, sizeof(from));
	addr_print(&h->remote, to, sizeof(to));
	if (h->state == STATE_TIME_WAIT)
		snprintf(left, sizeof(left), ", %" PRIu32 " s left",
			 (h->expires_ms + 999) / 1000);
	snprintf(text, size, "%s to %s (%s%s)", from, to, tcp_state_name(h->state), left);
}

void port_holder_tell(const struct addr *at, struct err *err)
{
	struct port_holder h;
	char first[200];
	size_t len;

	if (!err || port_holder_find(at, NULL, true, &h, NULL) < 0 ||
	    h.connections == 0 || h.others > 0)
		return;
	describe(&h, first, sizeof(first));
	len = strlen(err->text);
	len += (size_t)snprintf(err->text + len, sizeof(err->text) - len,
				": nobody listens there, but the connection %s has the "
				"port",
				first);
	if (h.connections > 1 && len < sizeof(err->text))
		snprintf(err->text + len, sizeof(err->text) - len, ", and %u more do%s",
			 h.connections - 1, h.connections == 2 ? "es" : "");
}
