/* What a stranger sends to the server: the first byte says how it is cut up and how it ends,
 * the rest is sent to a conn, whose connection must always come to an end. */
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "server/conn.h"
#include "server/worker.h"
#include "tests/fuzz/fuzz.h"

static struct server_worker *the_worker(void)
{
	static struct server_plan plan = { .transport = &transport_tcp,
					   .workers = 1,
					   .idle_timeout_ns = NS_PER_S,
					   .max_request = 4096,
					   .max_response = 4096,
					   .max_hold_ms = 1 };
	static struct server_worker *w;
	struct err err;

	if (w)
		return w;
	w = calloc(1, sizeof(*w));
	if (!w || server_worker_init(w, &plan, 0, &err) < 0)
		abort();
	return w;
}

static void turn(struct server_worker *w)
{
	w->now_ns = clock_ns();
	loop_turn(&w->loop, w->now_ns, 0);
}

static void send_in_parts(struct server_worker *w, int fd, const uint8_t *data,
			  size_t size, size_t part)
{
	while (size > 0) {
		size_t n = part && part < size ? part : size;

		if (send(fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)n)
			return;
		data += n;
		size -= n;
		turn(w);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct addr from = { .in = { .sin_family = AF_INET, .sin_port = 40000 } };
	struct server_worker *w = the_worker();
	struct conn *p;
	int fds[2];

	if (size < 1 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == -1)
		return 0;
	p = server_worker_take(w);
	tally_set(&w->tally.open, tally_get(&w->tally.open) + 1);
	conn_accept(p, fds[0], &from);
	send_in_parts(w, fds[1], data + 1, size - 1, data[0] & 15);
	if (data[0] & 16)
		shutdown(fds[1], SHUT_WR);
	turn(w);
	close(fds[1]);
	turn(w);
	while (p->state == CONN_LINGER) /* a closing thread has it */
		loop_turn(&w->loop, clock_ns(), clock_ns() + NS_PER_MS);
	conn_end(p, END_CUT_OFF);
	if (p->state != CONN_FREE)
		abort();
	if (tally_get(&w->tally.open) != 0)
		abort();
	return 0;
}
