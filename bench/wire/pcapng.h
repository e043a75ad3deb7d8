/* pcapng - frames as a file that Wireshark and tcpdump read (draft-ietf-opsawg-pcapng).  Checksums are as the kernel hands
 * frames over: offload has not filled them in. */
#ifndef TWSTORM_BENCH_WIRE_PCAPNG_H
#define TWSTORM_BENCH_WIRE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The section and its one interface, Ethernet with times in ns. */
void pcapng_begin(FILE *to);
/* A frame that was carried, at CLOCK_REALTIME. */
void pcapng_frame(FILE *to, uint64_t wall_ns, const void *frame, size_t len);

#endif
