/* checksum - of the TCP segments that we write ourselves: to renew a TIME_WAIT, and for a
 * probe to send an old one again. */
#ifndef TWSTORM_BENCH_HOLD_CHECKSUM_H
#define TWSTORM_BENCH_HOLD_CHECKSUM_H

#include <netinet/in.h>
#include <stdint.h>

/* The checksum of the segment between these two addresses (RFC 9293, 3.1), its own checksum
 * field taken as 0; in the order it is stored. */
uint16_t checksum_tcp(const struct in_addr *from, const struct in_addr *to,
		      const unsigned char *segment, unsigned len);

#endif
