/* addr_list - lists of socket addresses, as typed: targets and sources, resolved once. */
#ifndef TWSTORM_COMMON_KERNEL_ADDR_LIST_H
#define TWSTORM_COMMON_KERNEL_ADDR_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/addr.h"

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
/* The same of what is to be connected to: a name stands for all of its addresses, up to 256, and port
 * 0 is refused. */
int addr_parse_targets(const char *text, struct addr_list *out, struct err *err);
/* Whether a part of such a list is a name, which may mean another address on another host. */
bool addr_list_has_name(const char *text);
void addr_list_done(struct addr_list *list);
/* How many of its entries differ (address and port); list->n if memory is out. */
size_t addr_list_distinct(const struct addr_list *list);
/* A number for each entry, from 0 on, the same for equal ones (address and port), and how many
 * differ; free() it.  NULL = out of memory. */
uint32_t *addr_list_numbers(const struct addr_list *list, uint32_t *distinct);

#endif
