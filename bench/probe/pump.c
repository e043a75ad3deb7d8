/* pump - moves many bytes over one connection, both ways at once, with both ends in
 * this thread.  What the bytes are does not matter: dots. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/pump.h"
#include "bench/probe/wait.h"

#define CHUNK (256 * 1024)

struct flow {
	int from, to;
	uint64_t to_send, to_read; /* bytes left */
};

static bool retry(ssize_t n)
{
	return n == -1 && (errno == EAGAIN || errno == EINTR);
}

static int send_some(struct flow *f, char *buf, struct err *err)
{
	size_t want = f->to_send < CHUNK ? f->to_send : CHUNK;
	ssize_t n = want ? send(f->from, buf, want, MSG_NOSIGNAL) : 0;

	if (retry(n))
		return 0;
	if (n == -1)
		return err_sys(err, "sending %llu bytes more",
			       (unsigned long long)f->to_send);
	f->to_send -= (uint64_t)n;
	return 0;
}

static int read_some(struct flow *f, char *buf, struct err *err)
{
	size_t want = f->to_read < CHUNK ? f->to_read : CHUNK;
	ssize_t n = want ? recv(f->to, buf, want, 0) : 0;

	if (retry(n))
		return 0;
	if (n == -1)
		return err_sys(err, "reading %llu bytes more",
			       (unsigned long long)f->to_read);
	if (n == 0 && want)
		return err_run(err, "the connection ended %llu bytes early",
			       (unsigned long long)f->to_read);
	f->to_read -= (uint64_t)n;
	return 0;
}

static short wanted(const struct flow *out, const struct flow *in)
{
	return (short)((out->to_send ? POLLOUT : 0) | (in->to_read ? POLLIN : 0));
}

int probe_pump(struct probe_run *run, int a, int b, uint64_t a_to_b, uint64_t b_to_a,
	       uint64_t deadline_ns, struct err *err)
{
	struct flow f[2] = { { a, b, a_to_b, a_to_b }, { b, a, b_to_a, b_to_a } };
	static char out[CHUNK], in[CHUNK];
	int r = 1;

	memset(out, '.', sizeof(out));
	while (r > 0 && (f[0].to_read || f[1].to_read)) {
		struct pollfd p[2] = { { .fd = a, .events = wanted(&f[0], &f[1]) },
				       { .fd = b, .events = wanted(&f[1], &f[0]) } };

		r = probe_poll(run, p, 2, deadline_ns, err);
		if (r == 0) {
			errno = ETIMEDOUT;
			return err_sys(err, "moving %llu and %llu bytes",
				       (unsigned long long)a_to_b,
				       (unsigned long long)b_to_a);
		}
		for (int i = 0; r > 0 && i < 2; i++) {
			int one = send_some(&f[i], out, err);

			if (one == 0)
				one = read_some(&f[i], in, err);
			r = one < 0 ? one : r;
		}
	}
	return r < 0 ? r : 0;
}
