/* Two ends that speak TLS, and somebody between them who carries their bytes in parts of any length, changes them, and puts alerts and
 * ends among them, in whatever state an end is.  What an end is given is always the beginning of what the other was told to
 * send, and each result is one of the transport's.
 *
 * The first byte says what is spoken; then come pairs: what is done, and how much of it. */
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/kernel/addr_list.h"
#include "common/tls/tls.h"
#include "tests/fuzz/fuzz.h"

#define MOST 4096 /* bytes of a send, or that are carried at once */

struct end {
	struct tls_thread *of;
	struct wire wire;
	int fd, between; /* its socket, and what is at the other end of that */
	bool open, over, said;
	size_t sent, pending, got;
	uint8_t change; /* what becomes of the next byte that is carried to it */
};

/* By version and whether sessions are resumed: made once. */
static struct tls_thread *made[4][2];

static void make(int which)
{
	static const struct addr nowhere = { .in = { .sin_family = AF_INET } };
	static const struct addr_list peers = { (struct addr *)&nowhere, 1 };
	struct tls_options o = { .insecure = true,
				 .resume = which & 2,
				 .tickets = which & 2 ? 2 : 0,
				 .min = which & 1 ? TLS_1_3 : TLS_1_2,
				 .max = which & 1 ? TLS_1_3 : TLS_1_2 };
	struct tls *t;

	if (tls_client_make(&o, NULL, &peers, &t, NULL) < 0)
		abort();
	made[which][0] = tls_thread_new(t);
	if (tls_server_make(&o, &peers, &t, NULL) < 0)
		abort();
	made[which][1] = tls_thread_new(t);
}

static bool open_end(struct end *e, int which, bool is_server)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == -1)
		return false;
	if (!made[which][is_server])
		make(which);
	*e = (struct end){ .of = made[which][is_server],
			   .wire = { .by = &transport_tls, .of = made[which][is_server] },
			   .fd = fds[0],
			   .between = fds[1] };
	return true;
}

static void close_end(struct end *e)
{
	wire_stop(&e->wire);
	close(e->fd);
	close(e->between);
}

static uint8_t nth_byte(const struct end *of, const struct end *ends, size_t i)
{
	return (uint8_t)(i * 31 + (of == ends));
}

/* Once a connection has failed its owner only closes it. */
static void judge(struct end *e, ssize_t r)
{
	if (r >= 0 || transport_wants(r))
		return;
	if (r < TRANSPORT_FLOOD || (r < -4095 && r > TRANSPORT_WANTS_READ))
		abort();
	e->over = true;
}

static bool is_tls(const struct end *e)
{
	return e->wire.by == &transport_tls;
}

/* What came is what the other end was told to send. */
static void compare(const struct end *e, const struct end *ends, const uint8_t *bytes,
		    size_t n)
{
	const struct end *other = e == ends ? ends + 1 : ends;

	if (!is_tls(e))
		return;
	if (e->got + n > other->sent + other->pending)
		abort();
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != nth_byte(other, ends, e->got + i))
			abort();
}

static void step(struct end *e, struct end *ends)
{
	uint8_t bytes[MOST];
	ssize_t r;

	if (!e->open) {
		r = transport_tls.start(&e->wire, e->fd, e != ends);
		e->open = r == 0;
		judge(e, r);
		return;
	}
	r = wire_receive(&e->wire, e->fd, bytes, sizeof(bytes));
	judge(e, r);
	if (r <= 0)
		return;
	compare(e, ends, bytes, (size_t)r);
	e->got += (size_t)r;
}

static void look(struct end *e, struct end *ends)
{
	uint8_t bytes[MOST];
	ssize_t r;

	if (!e->open || !is_tls(e))
		return;
	r = wire_peek(&e->wire, e->fd, bytes, sizeof(bytes));
	judge(e, r);
	if (r > 0)
		compare(e, ends, bytes, (size_t)r);
}

static void say(struct end *e, struct end *ends, size_t n)
{
	uint8_t bytes[MOST];
	ssize_t r;

	if (!e->open || e->said)
		return;
	if (!e->pending)
		e->pending = n;
	for (size_t i = 0; i < e->pending; i++)
		bytes[i] = nth_byte(e, ends, e->sent + i);
	r = wire_send(&e->wire, e->fd, bytes, e->pending, 0, NULL, 0);
	judge(e, r);
	if (r > (ssize_t)e->pending)
		abort();
	if (r > 0) {
		e->sent += (size_t)r;
		e->pending = 0;
	}
}

static void carry(const struct end *from, struct end *to, size_t n)
{
	uint8_t bytes[MOST];
	ssize_t r = recv(from->between, bytes, n, MSG_DONTWAIT);

	if (r <= 0)
		return;
	bytes[0] ^= to->change;
	to->change = 0;
	send(to->between, bytes, (size_t)r, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void alert(const struct end *to, uint8_t what)
{
	const uint8_t record[] = { 0x15, 3, 3, 0, 2, what & 128 ? 2 : 1, what & 127 };

	send(to->between, record, sizeof(record), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void farewell(struct end *e, uint8_t how)
{
	if (!e->open || e->said || !is_tls(e))
		return;
	e->said = true;
	judge(e, transport_tls.farewell(&e->wire, e->fd, how & 1 ? MSG_MORE : 0));
	if (how & 2)
		shutdown(e->fd, SHUT_WR);
}

static void act(struct end *ends, uint8_t what, uint8_t how)
{
	struct end *e = &ends[what & 1], *other = &ends[!(what & 1)];

	switch (what >> 1 & 7) {
	case 0:
		carry(other, e, MOST);
		break;
	case 1:
		carry(other, e, how + 1);
		break;
	case 2:
		alert(e, how);
		break;
	case 3:
		e->change = how;
		break;
	case 4:
		if (how == 255)
			shutdown(e->between, SHUT_WR);
		break;
	case 5:
		if (!e->over)
			say(e, ends, 16 * (size_t)how + 1);
		break;
	case 6:
		if (!e->over)
			farewell(e, how);
		break;
	case 7:
		if (!e->over && how == 255 && e == ends)
			look(e, ends);
		break;
	}
	if (!e->over)
		step(e, ends);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct end ends[2];
	int which = size ? data[0] & 3 : 0;

	if (strcmp(transport_tls.name, "tls") != 0 || !size)
		return 0;
	if (!open_end(&ends[0], which, false) || !open_end(&ends[1], which, true))
		abort();
	for (size_t i = 1; i + 1 < size && i < 512; i += 2)
		act(ends, data[i], data[i + 1]);
	close_end(&ends[0]);
	close_end(&ends[1]);
	return 0;
}
