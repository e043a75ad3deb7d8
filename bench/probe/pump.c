/* pump - moves many bytes over one connection, both ways at once, with both ends in
 * this thread.  What the bytes are does not matter: dots. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "bench/probe/pump.h"
#include "bench/probe/wait.h"

#define CHUNK (256 * 1024)

struct flow {
	int from, to;
	uint64_t to_send, to_read; /* bytes left */
};

static bool retry(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void send_some(struct probe_run *run, struct flow *f, char *buf)
{
	size_t want = f->to_send < CHUNK ? f->to_send : CHUNK;
	ssize_t n = want ? send(f->from, buf, want, MSG_NOSIGNAL) : 0;

	if (n >= 0)
		f->to_send -= (uint64_t)n;
	else if (!retry())
		run->r = err_sys(&run->err, "sending %llu bytes more",
				 (unsigned long long)f->to_send);
}

static void read_some(struct probe_run *run, struct flow *f, char *buf)
{
	size_t want = f->to_read < CHUNK ? f->to_read : CHUNK;
	ssize_t n = want ? recv(f->to, buf, want, 0) : 0;

	if (n == 0 && want)
		run->r = err_run(&run->err, "the connection ended %llu bytes early",
				 (unsigned long long)f->to_read);
	else if (n >= 0)
		f->to_read -= (uint64_t)n;
	else if (!retry())
		run->r = err_sys(&run->err, "reading %llu bytes more",
				 (unsigned long long)f->to_read);
}

static short wanted(const struct flow *out, const struct flow *in)
{
	return (short)((out->to_send ? POLLOUT : 0) | (in->to_read ? POLLIN : 0));
}

void probe_pump(struct probe_run *run, const struct probe_pair *p, uint64_t to_server,
		uint64_t to_client, uint64_t timeout_ns)
{
	const int a = p->client, b = p->server;
	struct flow f[2] = { { a, b, to_server, to_server },
			     { b, a, to_client, to_client } };
	static char out[CHUNK], in[CHUNK];
	uint64_t deadline = clock_ns() + timeout_ns;

	memset(out, '.', sizeof(out));
	while (run->r == 0 && (f[0].to_read || f[1].to_read)) {
		struct pollfd fds[2] = { { .fd = a, .events = wanted(&f[0], &f[1]) },
					 { .fd = b, .events = wanted(&f[1], &f[0]) } };

		if (probe_poll(run, fds, 2, deadline) == 0 && run->r == 0) {
			errno = ETIMEDOUT;
			run->r = err_sys(&run->err, "moving %llu and %llu bytes",
					 (unsigned long long)to_server,
					 (unsigned long long)to_client);
		}
		for (int i = 0; run->r == 0 && i < 2; i++) {
			send_some(run, &f[i], out);
			if (run->r == 0)
				read_some(run, &f[i], in);
		}
	}
}
