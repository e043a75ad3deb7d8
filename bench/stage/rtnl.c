#include "bench/stage/rtnl.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>
#include "bench/stage/refusal.h"
#include "common/kernel/netlink.h"

struct request {
	struct mnl_socket *nl; /* borrowed */
	struct nlmsghdr *head;
	char buf[1024]; /* a request of ours is below 300 bytes */
};

static void *begin(struct request *q, struct mnl_socket *nl, uint16_t type,
		   uint16_t flags, size_t header)
{
	q->nl = nl;
	q->head = mnl_nlmsg_put_header(q->buf);
	q->head->nlmsg_type = type;
	q->head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return mnl_nlmsg_put_extra_header(q->head, header);
}

static struct ifinfomsg *begin_link(struct request *q, struct mnl_socket *nl,
				    uint16_t flags, int index)
{
	struct ifinfomsg *link = begin(q, nl, RTM_NEWLINK, flags, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = index;
	return link;
}

/* Sends the request and waits for its acknowledgement; errno is the kernel's answer. */
static int talk(struct request *q)
{
	_Alignas(struct nlmsghdr) char answer[8192];
	const struct nlmsghdr *ack;
	size_t left;
	ssize_t n;

	if (mnl_socket_sendto(q->nl, q->head, q->head->nlmsg_len) == -1)
		return -1;
	n = netlink_receive(q->nl, answer, sizeof(answer), NULL);
	left = n < 0 ? 0 : (size_t)n;
	ack = netlink_first(answer, left);
	errno = n < 0                                   ? (int)-n
		: ack && ack->nlmsg_type == NLMSG_ERROR ? netlink_errno(ack)
							: EPROTO;
	return errno ? -1 : 0;
}

/* EOPNOTSUPP: the kernel was built without the kind, or may not load its module for us. */
static int no_link(const char *kind, struct err *err)
{
	char why[REFUSAL_TEXT];

	if (errno == EOPNOTSUPP || errno == ENODEV)
		return err_support(err, "this kernel has no %s interfaces (modprobe %s?)",
				   kind, kind);
	if (errno == EPERM || errno == EACCES) {
		refusal_why("/proc", errno, why);
		return err_support(err,
				   "no right to make a %s interface in a network "
				   "namespace of our own: %s",
				   kind, why);
	}
	return err_sys(err, "make a %s interface", kind);
}

int rtnl_add_bridge(struct mnl_socket *nl, const char *name, int index, struct err *err)
{
	struct request q;
	struct nlattr *info;

	begin_link(&q, nl, NLM_F_CREATE | NLM_F_EXCL, index);
	mnl_attr_put_strz(q.head, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(q.head, IFLA_LINKINFO);
	mnl_attr_put_strz(q.head, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(q.head, info);
	return talk(&q) == -1 ? no_link("bridge", err) : 0;
}

int rtnl_add_veth(struct mnl_socket *nl, const struct rtnl_veth *v, struct err *err)
{
	struct request q;
	struct nlattr *info, *data, *peer;
	struct ifinfomsg *far;

	begin_link(&q, nl, NLM_F_CREATE | NLM_F_EXCL, v->index);
	mnl_attr_put_strz(q.head, IFLA_IFNAME, v->name);
	if (v->master)
		mnl_attr_put_u32(q.head, IFLA_MASTER, (uint32_t)v->master);
	if (v->one_segment)
		mnl_attr_put_u32(q.head, IFLA_GSO_MAX_SEGS, 1);
	if (v->mtu)
		mnl_attr_put_u32(q.head, IFLA_MTU, v->mtu);
	info = mnl_attr_nest_start(q.head, IFLA_LINKINFO);
	mnl_attr_put_strz(q.head, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(q.head, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(q.head, VETH_INFO_PEER);
	far = mnl_nlmsg_put_extra_header(q.head, sizeof(*far));
	far->ifi_index = v->peer_index;
	mnl_attr_put_strz(q.head, IFLA_IFNAME, v->peer_name);
	mnl_attr_put_u32(q.head, IFLA_NET_NS_FD, (uint32_t)v->peer_netns);
	if (v->one_segment)
		mnl_attr_put_u32(q.head, IFLA_GSO_MAX_SEGS, 1);
	mnl_attr_nest_end(q.head, peer);
	mnl_attr_nest_end(q.head, data);
	mnl_attr_nest_end(q.head, info);
	return talk(&q) == -1 ? no_link("veth", err) : 0;
}

int rtnl_up(struct mnl_socket *nl, int index, struct err *err)
{
	struct request q;
	struct ifinfomsg *link = begin_link(&q, nl, 0, index);

	link->ifi_change = link->ifi_flags = IFF_UP;
	return talk(&q) == -1 ? err_sys(err, "bring interface %d up", index) : 0;
}

int rtnl_add_address(struct mnl_socket *nl, int index, const struct plan_address *a,
		     struct err *err)
{
	size_t len = a->family == AF_INET ? 4 : 16;
	struct request q;
	struct ifaddrmsg *msg;

	msg = begin(&q, nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(*msg));
	msg->ifa_family = (unsigned char)a->family;
	msg->ifa_prefixlen = (unsigned char)a->prefix;
	msg->ifa_index = (unsigned)index;
	msg->ifa_flags = a->family == AF_INET6 ? IFA_F_NODAD : 0; /* usable at once */
	mnl_attr_put(q.head, IFA_LOCAL, len, a->bytes);
	mnl_attr_put(q.head, IFA_ADDRESS, len, a->bytes);
	return talk(&q) == -1 ? err_sys(err, "give a host the address %s", a->text) : 0;
}

int rtnl_add_route(struct mnl_socket *nl, const struct plan_route *route, struct err *err)
{
	size_t len = route->via.family == AF_INET ? 4 : 16;
	struct request q;
	struct rtmsg *msg;

	msg = begin(&q, nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof(*msg));
	msg->rtm_family = (unsigned char)route->via.family;
	msg->rtm_dst_len = (unsigned char)route->to.prefix;
	msg->rtm_table = RT_TABLE_MAIN;
	msg->rtm_protocol = RTPROT_STATIC;
	msg->rtm_type = RTN_UNICAST;
	if (route->to.prefix)
		mnl_attr_put(q.head, RTA_DST, len, route->to.bytes);
	mnl_attr_put(q.head, RTA_GATEWAY, len, route->via.bytes);
	return talk(&q) == -1
		       ? err_sys(err, "give a host a route via %s", route->via.text)
		       : 0;
}
