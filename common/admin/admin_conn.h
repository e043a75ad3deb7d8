/* admin_conn - one HTTP connection of the admin listener.  Its owner only says what is answered.
 * Bounded in all it may take: a request by ADMIN_REQUEST bytes, the time from its first byte
 * to the end of its answer, as the time without a request, by ADMIN_TIMEOUT_S. */
#ifndef TWSTORM_COMMON_ADMIN_CONN_H
#define TWSTORM_COMMON_ADMIN_CONN_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include "common/talk/http_parse.h"

#define ADMIN_REQUEST   8192 /* head and content */
#define ADMIN_TIMEOUT_S 10

struct admin;

struct admin_answer {
	const char *status; /* "200 OK", further fields may follow, each after \r\n */
	const char *type;   /* of the content */
	char *text;         /* owned, malloc(); NULL = no memory for it */
	bool stream; /* more follows by admin_conn_send(), until that says `last` */
};

struct admin_conn {
	TAILQ_ENTRY(admin_conn) link; /* its owner's */
	struct admin *owner;          /* borrowed: its owner */
	struct event io, deadline;    /* embedded */
	int fd;                       /* owned */
	enum admin_step { ADMIN_READ, ADMIN_WRITE, ADMIN_STREAM, ADMIN_DRAIN } step;
	bool last;   /* after this answer the connection ends */
	bool stream; /* this answer goes on */
	struct http_parse parse;
	char target[64];
	char request[ADMIN_REQUEST];
	size_t got, parsed;
	char *answer; /* owned: head and content; NULL = none */
	size_t answer_len, sent;
};

/* Takes over fd; NULL when memory is out, and fd is closed. */
struct admin_conn *admin_conn_new(struct admin *owner, struct event_base *base, int fd);
void admin_conn_free(struct admin_conn *c);
/* A field of the request being answered, without blanks around it, copied; is there one? */
bool admin_conn_field(const struct admin_conn *c, const char *name, char *out,
		      size_t size);
/* More of an answer that goes on.  Not done where the text before has not been taken yet: a reader that
 * takes nothing for ADMIN_TIMEOUT_S is left.  The connection may be over after it. */
void admin_conn_send(struct admin_conn *c, const char *text, bool last);

#endif
