#include "common/admin/admin_conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/admin/admin.h"

#define STREAM_BUFFER 65536 /* bytes that the kernel keeps for a reader of a stream */

/* Longer than any number of bytes, so the deadline ends a client that never stops. */
#define DRAIN_A_TURN 16

/* One that cannot be waited for is ended by its deadline. */
static void wait_for(struct admin_conn *c, short what)
{
	struct event_base *base = event_get_base(&c->io);

	event_del(&c->io);
	event_assign(&c->io, base, c->fd, what, event_get_callback(&c->io), c);
	event_add(&c->io, NULL);
}

static void limit_time(struct admin_conn *c)
{
	const struct timeval limit = { .tv_sec = ADMIN_TIMEOUT_S };

	event_add(&c->deadline, &limit);
}

/* ---- the request */

bool admin_conn_field(const struct admin_conn *c, const char *name, char *out,
		      size_t size)
{
	const char *at = c->request, *end = c->request + c->parsed, *eol;
	size_t n = strlen(name);

	for (; (eol = memchr(at, '\n', (size_t)(end - at))); at = eol + 1) {
		const char *from = at + n + 1;

		if ((size_t)(eol - at) <= n || at[n] != ':' ||
		    strncasecmp(at, name, n) != 0)
			continue;
		while (from < eol && (*from == ' ' || *from == '\t'))
			from++;
		while (eol > from && strchr(" \t\r", eol[-1]))
			eol--;
		if ((size_t)(eol - from) >= size)
			return false;
		memcpy(out, from, (size_t)(eol - from));
		out[eol - from] = '\0';
		return true;
	}
	return false;
}

static void next_request(struct admin_conn *c)
{
	c->step = ADMIN_READ;
	c->got -= c->parsed;
	memmove(c->request, c->request + c->parsed, c->got);
	c->parsed = 0;
	http_parse_request(&c->parse, c->target, sizeof(c->target));
	limit_time(c);
}

/* ---- the answer */

static void send_some(struct admin_conn *c)
{
	ssize_t n;

	n = send(c->fd, c->answer + c->sent, c->answer_len - c->sent, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN) {
		admin_conn_over(c->owner, c);
		return;
	}
	c->sent += n > 0 ? (size_t)n : 0;
	if (c->sent < c->answer_len) {
		wait_for(c, EV_WRITE);
		return;
	}
	free(c->answer);
	c->answer = NULL;
	if (c->stream) {
		c->step = ADMIN_STREAM;
		event_del(&c->deadline);
		wait_for(c, EV_READ);
		return;
	}
	if (c->last) {
		/* Unread bytes would make close() reset the connection, answer and all. */
		shutdown(c->fd, SHUT_WR);
		c->step = ADMIN_DRAIN;
		wait_for(c, EV_READ);
		return;
	}
	next_request(c);
	wait_for(c, EV_READ);
	if (c->got > 0)
		event_active(&c->io, EV_READ, 0); /* it came with the one before */
}

static char *compose(const struct admin_conn *c, const struct admin_answer *a,
		     size_t *len)
{
	char *out, length[48] = "Cache-Control: no-store";
	int n;

	if (!a->stream)
		snprintf(length, sizeof(length), "Content-Length: %zu", strlen(a->text));
	n = asprintf(&out, "HTTP/1.1 %s\r\nContent-Type: %s\r\n%s\r\n%s\r\n%s", a->status,
		     a->type, length,
		     c->last           ? "Connection: close\r\n"
		     : !c->parse.minor ? "Connection: keep-alive\r\n"
				       : "",
		     c->parse.method == HTTP_HEAD ? "" : a->text);
	*len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : out;
}

static void reply(struct admin_conn *c, struct admin_answer a)
{
	const int buffer = STREAM_BUFFER;

	c->stream = a.stream && c->parse.method != HTTP_HEAD;
	c->last |= a.stream; /* only its end says where it ends */
	if (c->stream)
		setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	c->answer = a.text ? compose(c, &a, &c->answer_len) : NULL;
	free(a.text);
	if (!c->answer) {
		admin_conn_over(c->owner, c);
		return;
	}
	c->sent = 0;
	c->step = ADMIN_WRITE;
	admin_conn_used(c->owner, c);
	send_some(c);
}

static void refuse(struct admin_conn *c, const char *status, const char *text)
{
	c->last = true;
	reply(c, (struct admin_answer){ status, "text/plain", strdup(text), false });
}

void admin_conn_send(struct admin_conn *c, const char *text, bool last)
{
	if (c->step != ADMIN_STREAM)
		return;
	c->answer = strdup(text);
	if (!c->answer)
		return;
	c->answer_len = strlen(text);
	c->sent = 0;
	c->stream = !last;
	c->step = ADMIN_WRITE;
	limit_time(c);
	admin_conn_used(c->owner, c);
	send_some(c);
}

/* ---- the steps */

static void take_bytes(struct admin_conn *c)
{
	c->parsed +=
		http_parse_feed(&c->parse, c->request + c->parsed, c->got - c->parsed);
	if (http_parse_failed(&c->parse)) {
		refuse(c, "400 Bad Request", "this is no HTTP/1 request\n");
	} else if (http_parse_done(&c->parse) && c->parse.method > HTTP_HEAD) {
		c->last = !http_keeps_alive(&c->parse);
		reply(c, (struct admin_answer){
				 "405 Method Not Allowed\r\nAllow: GET, HEAD",
				 "text/plain", strdup("only GET and HEAD\n"), false });
	} else if (http_parse_done(&c->parse)) {
		c->last = !http_keeps_alive(&c->parse);
		reply(c, admin_answer(c->owner, c));
	} else if (c->got == sizeof(c->request) ||
		   http_missing(&c->parse) > sizeof(c->request)) {
		refuse(c, "413 Content Too Large", "the request is too large\n");
	} else {
		wait_for(c, EV_READ);
	}
}

static void read_some(struct admin_conn *c)
{
	bool waiting = c->got > c->parsed; /* more of what came with the last one */
	ssize_t n = 0;

	if (!waiting) {
		n = recv(c->fd, c->request + c->got, sizeof(c->request) - c->got, 0);
		if (n == -1 && errno == EAGAIN) {
			wait_for(c, EV_READ);
			return;
		}
		if (n <= 0) {
			admin_conn_over(c->owner, c);
			return;
		}
		if (c->got == 0)
			limit_time(c);
	}
	c->got += (size_t)n;
	take_bytes(c);
}

static void drain(struct admin_conn *c)
{
	ssize_t n = 1;

	for (int i = 0; i < DRAIN_A_TURN && n > 0; i++)
		n = recv(c->fd, c->request, sizeof(c->request), 0);
	if (n > 0 || (n == -1 && errno == EAGAIN))
		wait_for(c, EV_READ);
	else
		admin_conn_over(c->owner, c);
}

/* What the reader of a stream sends is of no interest, except its end. */
static void hear(struct admin_conn *c)
{
	ssize_t n = recv(c->fd, c->request, sizeof(c->request), 0);

	if (n > 0 || (n == -1 && errno == EAGAIN))
		wait_for(c, EV_READ);
	else
		admin_conn_over(c->owner, c);
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
	static void (*const steps[])(struct admin_conn * c) = {
		[ADMIN_READ] = read_some,
		[ADMIN_WRITE] = send_some,
		[ADMIN_STREAM] = hear,
		[ADMIN_DRAIN] = drain,
	};
	struct admin_conn *c = arg;

	(void)fd;
	(void)what;
	steps[c->step](c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct admin_conn *c = arg;

	(void)fd;
	(void)what;
	admin_conn_over(c->owner, c);
}

struct admin_conn *admin_conn_new(struct admin *owner, struct event_base *base, int fd)
{
	struct admin_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->owner = owner;
	c->fd = fd;
	event_assign(&c->io, base, fd, EV_READ, on_io, c);
	event_assign(&c->deadline, base, -1, 0, on_deadline, c);
	next_request(c);
	if (event_add(&c->io, NULL) == -1) {
		admin_conn_free(c);
		return NULL;
	}
	return c;
}

void admin_conn_free(struct admin_conn *c)
{
	event_del(&c->io);
	event_del(&c->deadline);
	close(c->fd);
	free(c->answer);
	free(c);
}
