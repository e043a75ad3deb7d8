/* arrivals - frames that came in at one end, some at a time, each with the moment at which the kernel had it: what a
 * frame waits in the socket's buffer is a part of its delay, not more. */
#ifndef TWSTORM_BENCH_WIRE_ARRIVALS_H
#define TWSTORM_BENCH_WIRE_ARRIVALS_H

#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include "bench/wire/line.h"
#include "common/base/err.h"

#define ARRIVALS 32 /* at a time */

struct arrivals {
	struct mmsghdr head[ARRIVALS];
	struct iovec piece[ARRIVALS];
	_Alignas(struct cmsghdr) char control[ARRIVALS]
					     [CMSG_SPACE(sizeof(struct timespec))];
	unsigned char bytes[ARRIVALS][LINE_FRAME_MAX];
};

struct arrival {
	const unsigned char *bytes; /* borrowed: until the next receive */
	size_t len;                 /* over LINE_FRAME_MAX: it was cut */
	uint64_t at_ns;             /* by clock_ns() */
};

/* Asks for the kernel's time of each frame.  0 or -errno. */
int arrivals_open(int fd, struct err *err);
/* Those that are there, at most ARRIVALS; how many. */
unsigned arrivals_receive(struct arrivals *a, int fd);
struct arrival arrivals_at(struct arrivals *a, unsigned i, uint64_t now_ns,
			   uint64_t now_wall_ns);

#endif
