#include "common/kernel/port_holder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/kernel/sides.h"
#include "common/kernel/sock_diag.h"

struct look {
	struct endpoint at;
	unsigned connections, others; /* others: they listen, or are only bound */
	char first[200];              /* of the connections */
};

static void print_end(int family, const void *host, uint16_t port, char text[ADDR_TEXT])
{
	struct addr a = { .sa.sa_family = (sa_family_t)family };

	if (family == AF_INET)
		memcpy(&a.in.sin_addr, host, sizeof(a.in.sin_addr));
	else
		memcpy(&a.in6.sin6_addr, host, sizeof(a.in6.sin6_addr));
	addr_set_port(&a, port);
	addr_print(&a, text, ADDR_TEXT);
}

static void describe(const struct sock_diag_row *row, char *text, size_t size)
{
	char from[ADDR_TEXT], to[ADDR_TEXT], left[40] = "";

	print_end(row->family, row->local, row->local_port, from);
	print_end(row->family, row->remote, row->remote_port, to);
	if (row->state == STATE_TIME_WAIT)
		snprintf(left, sizeof(left), ", %" PRIu32 " s left",
			 (row->expires_ms + 999) / 1000);
	snprintf(text, size, "%s to %s (%s%s)", from, to, tcp_state_name(row->state),
		 left);
}

static int note(const struct sock_diag_row *row, void *arg)
{
	struct look *l = arg;
	struct endpoint e = endpoint_make(row->family, row->local, row->local_port);

	if (e.family != l->at.family ||
	    (memcmp(e.host, l->at.host, sizeof(e.host)) != 0 &&
	     !endpoint_is_wildcard(&e) && !endpoint_is_wildcard(&l->at)))
		return 0;
	if (row->remote_port == 0)
		l->others++;
	else if (l->connections++ == 0)
		describe(row, l->first, sizeof(l->first));
	return 0;
}

void port_holder_tell(const struct addr *at, struct err *err)
{
	struct look l = { .at = endpoint_of(at) };
	const struct sock_diag_query q = {
		.states = SOCK_DIAG_ALL_STATES | SOCK_DIAG_BOUND,
		.local = { { addr_port(at), addr_port(at) } },
		.n_local = 1,
	};
	struct sock_diag *diag;
	size_t len;

	if (!err || sock_diag_open(&diag, NULL) < 0)
		return;
	if (sock_diag_dump(diag, &q, note, &l, NULL) == 0 && l.connections > 0 &&
	    l.others == 0) {
		len = strlen(err->text);
		len += (size_t)snprintf(err->text + len, sizeof(err->text) - len,
					": nobody listens there, but the connection %s "
					"has the port",
					l.first);
		if (l.connections > 1 && len < sizeof(err->text))
			snprintf(err->text + len, sizeof(err->text) - len,
				 ", and %u more do%s", l.connections - 1,
				 l.connections == 2 ? "es" : "");
	}
	sock_diag_close(diag);
}
