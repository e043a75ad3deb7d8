#include "bench/wire/neighbour.h"

#include <linux/if_ether.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>

#define TYPE_AT 12 /* of an Ethernet header */
#define NEXT_AT 6  /* of an IPv6 header: what comes next */
#define IPV6    40

bool is_of_neighbours(const unsigned char *frame, size_t len)
{
	const unsigned char *ip = frame + ETH_HLEN;
	unsigned type = len > ETH_HLEN ? frame[TYPE_AT] << 8 | frame[TYPE_AT + 1] : 0;

	if (type == ETH_P_ARP)
		return true;
	if (type != ETH_P_IPV6 || len <= ETH_HLEN + IPV6)
		return false;
	/* On a cable of the lab only reports to multicast routers (MLD) have a hop-by-hop header. */
	if (ip[NEXT_AT] == IPPROTO_HOPOPTS)
		return true;
	return ip[NEXT_AT] == IPPROTO_ICMPV6 && ip[IPV6] >= ND_ROUTER_SOLICIT &&
	       ip[IPV6] <= ND_REDIRECT;
}
