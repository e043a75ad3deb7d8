/* addr - socket addresses, IPv6 everywhere IPv4 is.  Decides also which are nobody else's
 * (loopback, private, benchmarking), which the client's safety interlock asks. */
#ifndef TWSTORM_COMMON_KERNEL_ADDR_H
#define TWSTORM_COMMON_KERNEL_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "common/base/err.h"

#define ADDR_TEXT 64 /* room for any printed address with port */

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
};

uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
bool addr_same_host(const struct addr *a, const struct addr *b); /* address, not port */
bool addr_is_wildcard(const struct addr *a);                     /* 0.0.0.0 or :: */
/* 127/8, ::1 and v4-mapped 127/8: where tcp_tw_reuse=2 applies (docs/kernel-facts.md#reuse). */
bool addr_is_loopback(const struct addr *a);
/* Loopback, RFC 1918, RFC 4193 (fc00::/7), link-local, 198.18.0.0/15 (RFC 2544). */
bool addr_is_ours_to_load(const struct addr *a);
/* True if the address belongs to this network namespace (any interface). */
bool addr_is_local(const struct addr *a);
/* "198.18.0.1:9000", "[::1]:9000"; without the port "198.18.0.1", "::1".  Return buf. */
char *addr_print(const struct addr *a, char *buf, size_t size);
char *addr_print_host(const struct addr *a, char *buf, size_t size);

#endif
