#include "common/talk/transport.h"

#include <sys/uio.h>

const struct transport transport_tcp = {
	.name = "tcp",
	.takes = MSG_MORE | MSG_FASTOPEN,
};

ssize_t wire_send_by(struct wire *w, int fd, const void *from, size_t n, int flags,
		     const struct sockaddr *to, socklen_t to_len)
{
	struct iovec part = { (void *)from, n };
	const struct msghdr what = { .msg_name = (void *)to,
				     .msg_namelen = to_len,
				     .msg_iov = &part,
				     .msg_iovlen = 1 };

	return w->by->send(w, fd, &what, flags);
}
