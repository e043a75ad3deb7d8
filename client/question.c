#include "client/question.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/container.h"
#include "common/talk/closing.h"

#define PIECE 16384 /* read at a time: other sockets of the loop have their turn */

static void hang_up(struct question *q, enum closing_finish finish)
{
	int fd = q->watch.fd;

	if (fd == -1)
		return;
	q->hangups++;
	watch_closing(&q->watch);
	closing_finish_fd(fd, finish);
}

/* A connection that failed leaves no TIME_WAIT behind, which the ledger would have to explain. */
static void finish_question(struct question *q, int r)
{
	q->asking = false;
	if (r < 0)
		hang_up(q, FINISH_RST);
	else if (!http_keeps_alive(&q->http))
		hang_up(q, FINISH_CLOSE);
	else
		watch_wait(&q->watch, EV_READ); /* its FIN */
	q->answered(q, r);
}

static int make_room(struct question *q)
{
	size_t room = q->room ? 2 * q->room : PIECE;
	char *more;

	if (q->len < q->room)
		return 0;
	if (q->room >= QUESTION_MAX)
		return -EMSGSIZE;
	more = realloc(q->content, room);
	if (!more)
		return -ENOMEM;
	q->content = more;
	q->room = room;
	return 0;
}

/* The last n bytes that the parser took. */
static int keep_content(struct question *q, const char *bytes, size_t n)
{
	int r = 0;

	while (n > 0 && (r = make_room(q)) == 0) {
		size_t part = q->room - q->len < n ? q->room - q->len : n;

		memcpy(q->content + q->len, bytes, part);
		q->len += part;
		bytes += part;
		n -= part;
	}
	return r;
}

/* One byte at a time while chunks may come, whose content has other bytes between. */
static size_t step(const struct question *q, size_t n)
{
	return q->http.head_done && !q->http.chunked ? n : 1;
}

/* 0: not yet complete; 1: complete; or -errno. */
static int take_bytes(struct question *q, const char *bytes, size_t n)
{
	size_t at = 0;

	while (at < n && !http_parse_done(&q->http)) {
		uint64_t before = q->http.body;
		size_t used = http_parse_feed(&q->http, bytes + at, step(q, n - at));
		int r;

		at += used;
		if (http_parse_failed(&q->http))
			return -EPROTO;
		r = keep_content(q, bytes + at - (q->http.body - before),
				 (size_t)(q->http.body - before));
		if (r < 0)
			return r;
		if (http_parse_done(&q->http) && http_is_interim(&q->http))
			http_parse_after_interim(&q->http);
	}
	if (!http_parse_done(&q->http))
		return 0;
	return at < n ? -EPROTO : 1;
}

static int take_eof(struct question *q)
{
	http_parse_eof(&q->http);
	return http_parse_done(&q->http) ? 1 : -ENODATA;
}

static int receive(struct question *q)
{
	char bytes[PIECE];
	ssize_t n = recv(q->watch.fd, bytes, sizeof(bytes), 0);

	if (n == -1)
		return errno == EAGAIN ? 0 : -errno;
	return n == 0 ? take_eof(q) : take_bytes(q, bytes, (size_t)n);
}

/* 0: not yet all of it; 1: all; or -errno, also that of connect(). */
static int send_some(struct question *q)
{
	ssize_t n = send(q->watch.fd, q->request + q->sent, q->n_request - q->sent,
			 MSG_NOSIGNAL);

	if (n == -1)
		return errno == EAGAIN ? 0 : -errno;
	q->sent += (size_t)n;
	return q->sent == q->n_request;
}

static void go_on(struct question *q)
{
	bool sending = q->sent < q->n_request;
	int r = sending ? send_some(q) : receive(q);

	if (r < 0 || (r > 0 && !sending))
		finish_question(q, r < 0 ? r : 0);
	else
		watch_wait(&q->watch, sending && r == 0 ? EV_WRITE : EV_READ);
}

static void on_ready(struct watch *watch)
{
	struct question *q = container_of(watch, struct question, watch);
	char byte;

	if (q->asking)
		go_on(q);
	else if (recv(watch->fd, &byte, 1, 0) == -1 && errno == EAGAIN)
		watch_wait(watch, EV_READ);
	else
		hang_up(q, FINISH_CLOSE); /* closed meanwhile, or it talks unasked */
}

void question_init(struct question *q, struct loop *l, const struct admin_addr *to,
		   void (*answered)(struct question *q, int r))
{
	memset(q, 0, sizeof(*q));
	q->to = *to;
	q->answered = answered;
	watch_init(&q->watch, l, on_ready);
}

void question_done(struct question *q)
{
	watch_rest(&q->watch);
	hang_up(q, FINISH_CLOSE);
	free(q->content);
	q->content = NULL;
}

static int connect_to(struct question *q)
{
	int fd = admin_addr_connect(&q->to);

	if (fd < 0)
		return fd;
	watch_open(&q->watch, fd);
	q->connects++;
	return 0;
}

void question_ask(struct question *q, const char *request)
{
	int r = 0;

	q->n_request = (size_t)snprintf(q->request, sizeof(q->request), "%s", request);
	q->sent = q->len = 0;
	q->asking = true;
	http_parse_response(&q->http, false);
	if (q->watch.fd == -1)
		r = connect_to(q);
	if (r < 0)
		finish_question(q, r);
	else
		go_on(q);
}

void question_drop(struct question *q)
{
	q->asking = false;
	hang_up(q, FINISH_RST);
}

const char *question_error(int error)
{
	switch (error) {
	case ETIMEDOUT:
		return "it took too long";
	case EPROTO:
		return "what came is no HTTP";
	case EMSGSIZE:
		return "the answer is over 1 MiB";
	case ENODATA:
		return "it closed before its answer was complete";
	default:
		return strerror(error);
	}
}
