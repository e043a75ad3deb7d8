#include "bench/wire/arrivals.h"

#include <string.h>
#include "common/base/clock.h"

#define CLOCK_STEP_NS (10 * NS_PER_S) /* no frame waits for so long: the clock was set */

int arrivals_open(int fd, struct err *err)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0)
		return 0;
	return err_sys(err, "SO_TIMESTAMPNS for the wire");
}

unsigned arrivals_receive(struct arrivals *a, int fd)
{
	int n;

	for (unsigned i = 0; i < ARRIVALS; i++) {
		a->piece[i] = (struct iovec){ a->bytes[i], LINE_FRAME_MAX };
		a->head[i].msg_hdr =
			(struct msghdr){ .msg_iov = &a->piece[i],
					 .msg_iovlen = 1,
					 .msg_control = a->control[i],
					 .msg_controllen = sizeof(a->control[i]) };
	}
	n = recvmmsg(fd, a->head, ARRIVALS, MSG_DONTWAIT | MSG_TRUNC, NULL);
	return n > 0 ? (unsigned)n : 0;
}

/* The frame's time stamp on the monotonic clock.  The kernel stamps with the wall clock; the difference of the two readings is
 * the offset. */
static uint64_t stamp(struct msghdr *m, uint64_t now_ns, uint64_t now_wall_ns)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec t;
	uint64_t at_ns;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
		return now_ns;
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	at_ns = (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
	return at_ns < now_wall_ns && now_wall_ns - at_ns < CLOCK_STEP_NS
		       ? now_ns - (now_wall_ns - at_ns)
		       : now_ns;
}

struct arrival arrivals_at(struct arrivals *a, unsigned i, uint64_t now_ns,
			   uint64_t now_wall_ns)
{
	return (struct arrival){
		.bytes = a->bytes[i],
		.len = a->head[i].msg_len,
		.at_ns = stamp(&a->head[i].msg_hdr, now_ns, now_wall_ns),
	};
}
