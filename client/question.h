/* question - one HTTP GET at a time at one admin address, on the caller's loop, over a connection that is
 * kept for the next one.  Bounded in bytes: heads by http_parse, content by QUESTION_MAX.  Reads
 * no clock: the caller drops a question that takes too long.  What an answer means is
 * server_link's. */
#ifndef TWSTORM_CLIENT_QUESTION_H
#define TWSTORM_CLIENT_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include "common/kernel/admin_addr.h"
#include "common/talk/http_parse.h"
#include "common/loop/loop.h"

#define QUESTION_MAX  (1 << 20) /* bytes of an answer's content */
#define QUESTION_ROOM 1024      /* bytes of a request */

struct question {
	struct watch watch; /* embedded; holds the fd, owned */
	struct admin_addr to;
	/* 0: answered, with http.status and content[len].  Else -errno: of the socket, or
	 * -EPROTO: that is no HTTP, -EMSGSIZE: too long, -ENODATA: it ended before its end.
	 * It may ask again. */
	void (*answered)(struct question *q, int r);
	char request[QUESTION_ROOM];
	size_t n_request, sent;
	struct http_parse http;
	char *content; /* owned */
	size_t len, room;
	unsigned connects; /* calls of connect(), so far */
	unsigned hangups;  /* connections that are over, so far */
	bool asking;
};

void question_init(struct question *q, struct loop *l, const struct admin_addr *to,
		   void (*answered)(struct question *q, int r));
void question_done(struct question *q);
/* A whole request, "GET ..." to the blank line; not while q->asking.  What fails at once is
 * told by answered() before this returns. */
void question_ask(struct question *q, const char *request);
/* Ends the question unanswered, and its connection with RST. */
void question_drop(struct question *q);
/* What the positive errno means that a question ended with. */
const char *question_error(int error);

#endif
