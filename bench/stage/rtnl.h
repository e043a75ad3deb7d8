/* rtnl - the few rtnetlink requests a lab needs, through libmnl: a bridge, veth pairs whose
 * far end is born in another network namespace, addresses, links up.  No ip(8).
 * Interfaces get the numbers we ask for, so nothing has to be looked up. */
#ifndef TWSTORM_BENCH_STAGE_RTNL_H
#define TWSTORM_BENCH_STAGE_RTNL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include "bench/scenario/plan.h"
#include "common/base/err.h"

int rtnl_add_bridge(struct mnl_socket *nl, const char *name, int index, struct err *err);

struct rtnl_veth {
	const char *name, *peer_name;
	int index, peer_index; /* of the interfaces to be */
	int master;            /* index of the bridge that `name` joins; 0 = none */
	unsigned mtu;          /* of `name`; 0 = the kernel's */
	int peer_netns;        /* descriptor of the namespace of `peer_name` */
	bool one_segment; /* no segmentation offload: a frame is a packet of the MTU at most */
};
int rtnl_add_veth(struct mnl_socket *nl, const struct rtnl_veth *v, struct err *err);
int rtnl_up(struct mnl_socket *nl, int index, struct err *err);
int rtnl_add_address(struct mnl_socket *nl, int index, const struct plan_address *a,
		     struct err *err);
/* To a network; `to` with prefix 0 is the default route. */
int rtnl_add_route(struct mnl_socket *nl, const struct plan_route *route,
		   struct err *err);

#endif
