/* neighbour - the frames by which hosts find each other's hardware address: ARP, and ICMPv6 of a link.  Chance spares them:
 * the kernel asks again only after a second, and until then no connection of any kind gets on. */
#ifndef TWSTORM_BENCH_WIRE_NEIGHBOUR_H
#define TWSTORM_BENCH_WIRE_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>

/* Of an Ethernet frame.  Pure: any bytes will do. */
bool is_of_neighbours(const unsigned char *frame, size_t len);

#endif
