#include "bench/stage/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include "bench/stage/rtnl.h"
#include "common/kernel/netlink.h"

#define LO_INDEX     1
#define WIRE_MTU     65535 /* a cable takes what a host sends, jumbo frames too */
#define BRIDGE_INDEX 100
#define ETH_INDEX    100

/* The namespace the calling thread has just made: its descriptor, and a netlink socket that
 * stays in it. */
static int fresh(int *fd, struct mnl_socket **nl, struct err *err)
{
	int r;

	if (unshare(CLONE_NEWNET) == -1) {
		if (errno == ENOSPC)
			return err_support(err, "no more network namespaces "
						"(user.max_net_namespaces)");
		if (errno == EPERM || errno == EINVAL)
			return err_support(err,
					   "this system does not let us make a network "
					   "namespace");
		return err_sys(err, "make a network namespace");
	}
	*fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*fd == -1)
		return err_sys(err, "/proc/self/ns/net");
	r = netlink_open(NETLINK_ROUTE, nl, err);
	return r ? r : rtnl_up(*nl, LO_INDEX, err);
}

/* Of a host whose frames are impaired: a wire will carry them from its port to here. */
static int plug_in_wire(size_t i, struct mnl_socket *bridge, int fd, struct err *err)
{
	char near[16], far[16];
	struct rtnl_veth v = { .name = far,
			       .peer_name = near,
			       .index = NETNS_FAR_INDEX + (int)i,
			       .peer_index = NETNS_NEAR_INDEX + (int)i,
			       .master = BRIDGE_INDEX,
			       .peer_netns = fd,
			       .one_segment = true };
	int r;

	snprintf(near, sizeof(near), "near%u", (unsigned)i);
	snprintf(far, sizeof(far), "far%u", (unsigned)i);
	r = rtnl_add_veth(bridge, &v, err);
	r = r ? r : rtnl_up(bridge, v.index, err);
	return r ? r : rtnl_up(bridge, v.peer_index, err);
}

static int plug_in(const struct plan *p, struct netns *n, struct mnl_socket *bridge,
		   struct mnl_socket *host, struct err *err)
{
	size_t i = n->n_hosts;
	const struct plan_host *h = &p->hosts[i];
	bool bridged = !p->wire && !impair_is_set(&h->impair);
	char name[16];
	struct rtnl_veth v = {
		.name = name,
		.peer_name = "eth0",
		.index = NETNS_PORT_INDEX + (int)i,
		.peer_index = ETH_INDEX,
		.master = bridged ? BRIDGE_INDEX : 0,
		.mtu = p->wire ? WIRE_MTU : 0,
		.peer_netns = n->host[i],
		/* Chance, and a rate, are of packets as a network has them. */
		.one_segment = !bridged && !p->wire
	};
	int r;

	snprintf(name, sizeof(name), "port%u", (unsigned)i);
	r = rtnl_add_veth(bridge, &v, err);
	for (size_t a = 0; r == 0 && a < h->n_addresses; a++)
		r = rtnl_add_address(host, ETH_INDEX, &h->addresses[a], err);
	r = r ? r : rtnl_up(bridge, v.index, err);
	r = r ? r : rtnl_up(host, ETH_INDEX, err);
	if (r == 0 && !bridged && !p->wire)
		r = plug_in_wire(i, bridge, n->bridge, err);
	return r;
}

static int add_host(const struct plan *p, struct netns *n, struct mnl_socket *bridge,
		    struct err *err)
{
	size_t i = n->n_hosts;
	struct mnl_socket *nl = NULL;
	int r = fresh(&n->host[i], &nl, err);

	r = r ? r : plug_in(p, n, bridge, nl, err);
	if (nl)
		mnl_socket_close(nl);
	n->n_hosts++;
	return r;
}

int netns_build(const struct plan *p, struct netns *out, struct err *err)
{
	struct mnl_socket *bridge = NULL;
	int r;

	*out = (struct netns){ 0 };
	r = fresh(&out->bridge, &bridge, err);
	if (!p->wire) {
		r = r ? r : rtnl_add_bridge(bridge, "lab0", BRIDGE_INDEX, err);
		r = r ? r : rtnl_up(bridge, BRIDGE_INDEX, err);
	}
	while (r == 0 && out->n_hosts < p->n_hosts)
		r = add_host(p, out, bridge, err);
	if (bridge)
		mnl_socket_close(bridge);
	return r;
}

int netns_enter(const struct netns *n, size_t host, struct err *err)
{
	return setns(n->host[host], CLONE_NEWNET) == -1 ? err_sys(err, "enter a host")
							: 0;
}
