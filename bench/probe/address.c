/* address - which address is the host's own, where none is given. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include "bench/probe/address.h"

static bool is_candidate(const struct ifaddrs *i)
{
	return i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
	       !(i->ifa_flags & IFF_LOOPBACK);
}

int probe_first_address(struct addr *out, struct err *err)
{
	struct ifaddrs *list, *i;
	int r = 0;

	if (getifaddrs(&list) == -1)
		return err_sys(err, "this host's addresses");
	for (i = list; i && !is_candidate(i);)
		i = i->ifa_next;
	*out = (struct addr){ .len = sizeof(out->in) };
	if (i)
		memcpy(&out->in, i->ifa_addr, sizeof(out->in));
	else
		r = err_run(err, "this host has no IPv4 address but loopback");
	freeifaddrs(list);
	return r;
}
