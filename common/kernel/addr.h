/* addr - socket addresses: lists of targets and sources as typed, resolved once, IPv6
 * everywhere IPv4 is.  Decides also which addresses are nobody else's (loopback, private,
 * benchmarking), which the client's safety interlock asks. */
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

struct addr_list {
	struct addr *at; /* owned */
	size_t n;
};

/* "HOST:PORT", "HOST:LO-HI", "[v6]:PORT", comma separated.  Names are resolved here, once
 * (first address of getaddrinfo).  Port 0 is refused unless allow_port0.  At most 65536
 * entries.  0 or -errno (EXIT_USAGE) with a sentence naming the part at fault. */
int addr_parse_list(const char *text, bool allow_port0, struct addr_list *out,
		    struct err *err);
/* Source addresses: "ADDR", "ADDR/LEN" (its host addresses; network and broadcast left out
 * for IPv4 shorter than /31), comma separated; numeric only; port 0.  At most 65536. */
int addr_parse_sources(const char *text, struct addr_list *out, struct err *err);
void addr_list_done(struct addr_list *list);
/* How many of its entries differ (address and port); list->n if memory is out. */
size_t addr_list_distinct(const struct addr_list *list);

uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
bool addr_same_host(const struct addr *a, const struct addr *b); /* address, not port */
bool addr_is_wildcard(const struct addr *a);                     /* 0.0.0.0 or :: */
/* 127/8, ::1 and v4-mapped 127/8: where tcp_tw_reuse=2 applies (tcp_twsk_unique()). */
bool addr_is_loopback(const struct addr *a);
/* Loopback, RFC 1918, RFC 4193 (fc00::/7), link-local, 198.18.0.0/15 (RFC 2544). */
bool addr_is_ours_to_load(const struct addr *a);
/* True if the address belongs to this network namespace (any interface). */
bool addr_is_local(const struct addr *a);
/* "198.18.0.1:9000", "[::1]:9000"; without the port "198.18.0.1", "::1".  Return buf. */
char *addr_print(const struct addr *a, char *buf, size_t size);
char *addr_print_host(const struct addr *a, char *buf, size_t size);

#endif
