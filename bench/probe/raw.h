/* raw - sees single TCP segments of this host's own connections, and sends one again: a
 * raw IPv4 socket, which needs CAP_NET_RAW.  It keeps only SYNs and segments whose data
 * begins with PROBE_RAW_MARK, so bulk data beside them costs nothing. */
#ifndef TWSTORM_BENCH_PROBE_RAW_H
#define TWSTORM_BENCH_PROBE_RAW_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/probe/probe_kit.h"

#define PROBE_RAW_MARK "OLD-"
#define PROBE_RAW_MAX  256 /* bytes of a segment that is kept, its header included */

struct probe_segment {
	unsigned char bytes[PROBE_RAW_MAX]; /* header and data, network order */
	unsigned len, header_len;
	uint32_t seq, ack;
	uint16_t from_port, to_port;
	bool syn;
};

/* For segments to the run's address; its fd.  EXIT_NO_SUPPORT without CAP_NET_RAW. */
int probe_raw_open(struct probe_run *run);
/* The next one from port to port that is a SYN or not, as asked; others are dropped. */
void probe_raw_next(struct probe_run *run, int fd, uint16_t from, uint16_t to, bool syn,
		    struct probe_segment *out);
/* Sends it to the run's address once more, byte for byte except for its checksum: of a packet
 * that never leaves the host it was never computed. */
void probe_raw_inject(struct probe_run *run, int fd, const struct probe_segment *s);

#endif
